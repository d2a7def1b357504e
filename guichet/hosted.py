"""Async views that may wait, served beside Django's own chain: nothing is held for them while they do.

Under Django's handler every request keeps a thread and its database connection until it has answered. Here a view is
a task on the loop; when the browser has gone, it is cancelled; its answer bears the headers of the house.
"""

import asyncio
import io
import logging

from csp.middleware import CSPMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware

from guichet.middleware import HeadersMiddleware

log = logging.getLogger("guichet.hosted")
DRESSERS = (SecurityMiddleware, HeadersMiddleware, CSPMiddleware)


def hosted(view):
    """The ASGI application of one async view; the request has no body, no session and no user."""

    async def application(scope, receive, send):
        request = ASGIRequest(scope, io.BytesIO())
        asked = asyncio.ensure_future(_answer(view, request, scope["url_route"]["kwargs"]))
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({asked, gone}, return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                await _send(dressed(request, asked.result()), send)
        finally:
            asked.cancel()
            gone.cancel()
            await asyncio.gather(asked, gone, return_exceptions=True)

    return application


async def _answer(view, request, kwargs: dict) -> HttpResponse:
    try:
        return await view(request, **kwargs)
    except Exception:
        log.exception("not answered")
        return HttpResponse(status=500)


async def _gone(receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def dressed(request, response: HttpResponse) -> HttpResponse:
    answer = lambda request: response  # noqa: E731 (the innermost of the chain)
    for dresser in reversed(DRESSERS):
        answer = dresser(answer)
    return answer(request)


async def _send(response: HttpResponse, send) -> None:
    headers = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in response.items()]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
