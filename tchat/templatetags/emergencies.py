"""{% emergencies %}: what nobody took yet, at the top of every page of the console, whatever its view shows."""

from django import template

from guichet.accounts.rules import can_use_console
from tchat import console
from tchat.console_views import is_muted
from tchat.emergency_views import watch_mark

register = template.Library()


@register.inclusion_tag("console/_alerts.html", takes_context=True)
def emergencies(context) -> dict:
    request = context["request"]
    if not can_use_console(request.user):
        return {}
    found, muted = console.emergencies(request.user), is_muted(request)
    page = {"emergencies": found, "mark": watch_mark(found, muted=muted), "muted": muted}
    return page | {"user": request.user, "csrf_token": context["csrf_token"]}
