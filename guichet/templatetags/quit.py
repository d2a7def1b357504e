from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def quit_url() -> str:
    """The neutral outside page that « Quitter vite » opens."""
    return settings.GUICHET_QUIT_URL
