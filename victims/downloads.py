"""A piece as a file to keep: never shown inside the site, never able to run anything."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from victims.models import Evidence


def as_download(piece: Evidence, content: bytes) -> HttpResponse:
    return _kept(HttpResponse(content, content_type=piece.media_type), piece.name)


def as_preview(image: bytes | None) -> HttpResponse:
    """A small image that we drew, for a list of our own pages; no image is no page, and no error to read."""
    if image is None:
        return HttpResponse(status=404)
    response = HttpResponse(image, content_type="image/jpeg")
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return _alone(response)


def as_archive(request: HttpRequest, parts: Iterator[bytes], name: str) -> StreamingHttpResponse:
    """A zip sent as it is made: never whole in memory, under either server."""
    body = _awaited(parts) if isinstance(request, ASGIRequest) else parts
    return _kept(StreamingHttpResponse(body, content_type="application/zip"), name)


async def _awaited(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    following = sync_to_async(next)
    while (part := await following(parts, None)) is not None:
        yield part


def _kept(response, name: str):
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    return _alone(response)


def _alone(response):
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
