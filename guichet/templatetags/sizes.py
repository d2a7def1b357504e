from django import template

from guichet.lib import text

register = template.Library()


@register.filter
def readable_size(octets: int) -> str:
    return text.readable_size(octets)
