"""A piece as a file to keep: never shown inside the site, never able to run anything."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from victims.models import Evidence


def as_download(piece: Evidence, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=piece.media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, piece.name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
