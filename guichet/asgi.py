"""Pages and websockets from one daphne on a laptop; in production daphne only gets `/ws/`: sockets, and what waits."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guichet.settings")
django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 (apps must be loaded first)
from channels.security.websocket import WebsocketDenier  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from diagnostic.editing import live  # noqa: E402
from guichet.bodies import Pages  # noqa: E402
from guichet.hosted import hosted  # noqa: E402
from guichet.origins import is_ours  # noqa: E402
from tchat.routing import waiting_urlpatterns, websocket_urlpatterns  # noqa: E402

pages = Pages()
sockets = URLRouter(websocket_urlpatterns)
waits = [path(route, hosted(view)) for route, view in waiting_urlpatterns]
requests = URLRouter([*waits, re_path("", pages)])
live.watch()


async def websockets(scope, receive, send):
    """Before anything else: a page of another site, or an address that we do not have, opens nothing."""
    if not is_ours(scope):
        return await WebsocketDenier()(scope, receive, send)
    try:
        return await sockets(scope, receive, send)
    except ValueError as error:
        if "No route found" not in str(error):
            raise
        return await WebsocketDenier()(scope, receive, send)


application = ProtocolTypeRouter({"http": requests, "websocket": websockets})
