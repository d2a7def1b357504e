from django import template

register = template.Library()


@register.filter
def at(places: dict, key: str):
    """The figure of that place; a dash where the other source has none."""
    return places.get(key, "–")
