"""The same door for a script: a file sent part by part, that goes on where it was cut. Answers are small JSON.

Access, rate and announced length are looked at before the body; then the CSRF token, in its header.
"""

import functools
import uuid

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from guichet.lib import ratelimit
from victims import tasks
from victims.gate import actor_of
from victims.models import Upload
from victims.services import uploads
from victims.services.access import COOKIE, access_of_token
from victims.vault import limits
from victims.vault.exceptions import Refused

HOUR = 3600
WORDS_LIMIT = 8 * 1024
CLOSED = "Votre dossier est fermé sur cet appareil. Rouvrez-le, puis recommencez."
GONE = "Cet envoi n’existe plus. Choisissez le fichier de nouveau."
SLOWER = "Beaucoup d’envois en peu de temps. Cela reprendra dans un instant."


class BeginForm(forms.Form):
    name = forms.CharField(max_length=1000)
    size = forms.IntegerField(min_value=0, max_value=2**31)
    sha256 = forms.RegexField(r"^[0-9a-f]{64}\Z", required=False)


class FinishForm(forms.Form):
    sha256 = forms.RegexField(r"^[0-9a-f]{64}\Z", required=False)


def _said(status: int, **data) -> JsonResponse:
    return JsonResponse(data, status=status)


def door(*, allowed: int, longest: int):
    """What is asked of a request before its body is read."""

    def wrap(view):
        protected = csrf_protect(_refusals(view))

        @csrf_exempt
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            access = access_of_token(request.COOKIES.get(COOKIE, ""), companions=True)
            request.dossier, request.companion = (access.dossier, access.companion) if access else (None, None)
            if access is None:
                return _said(401, error=CLOSED)
            if request.method == "GET":
                return protected(request, *args, **kwargs)
            wait = ratelimit.wait_before(view.__name__, str(request.dossier.pk), allowed=allowed, seconds=HOUR)
            if wait:
                response = _said(429, error=SLOWER, wait=wait)
                response.headers["Retry-After"] = str(wait)
                return response
            if int(request.META.get("CONTENT_LENGTH") or 0) > longest:
                return _said(413, error=Refused("too-big").words)
            return protected(request, *args, **kwargs)

        return guarded

    return wrap


def _refusals(view):
    """Exceptions of the services, as answers."""

    @functools.wraps(view)
    def answered(*args, **kwargs) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except uploads.WrongOffset as wrong:
            return _said(409, received=wrong.received)
        except Refused as refusal:
            return _said(422, error=refusal.words, code=refusal.code)
        except Upload.DoesNotExist:
            return _said(404, error=GONE)

    return answered


def _found(request: HttpRequest, upload_id: uuid.UUID) -> Upload:
    upload = uploads.find(dossier=request.dossier, upload_id=upload_id)
    if upload is None:
        raise Upload.DoesNotExist
    return upload


@require_POST
@door(allowed=300, longest=WORDS_LIMIT)
def begin_upload(request: HttpRequest) -> HttpResponse:
    form = BeginForm(request.POST)
    if not form.is_valid():
        return _said(400, error=Refused("damaged").words)
    upload = uploads.begin(dossier=request.dossier, **form.cleaned_data)
    return _said(
        201,
        url=resolve_url("dossier:upload", upload.pk),
        finish=resolve_url("dossier:upload_end", upload.pk),
        received=upload.received,
        part=limits.PART_ADVISED,
    )


@require_http_methods(["GET", "PUT", "DELETE"])
@door(allowed=3000, longest=limits.PART_LIMIT)
def upload_part(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """GET: where to go on. PUT: the next bytes, with their place in `Upload-Offset`. DELETE: given up."""
    upload = _found(request, upload_id)
    if request.method == "GET":
        return _said(200, received=upload.received, size=upload.size)
    if request.method == "DELETE":
        uploads.discard(upload)
        return HttpResponse(status=204)
    offset = request.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdigit() and len(offset) < 10):
        return _said(400, received=upload.received)
    upload = uploads.add_part(upload=upload, offset=int(offset), data=request.body)
    return _said(200, received=upload.received)


@require_POST
@door(allowed=600, longest=WORDS_LIMIT)
def end_upload(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    form = FinishForm(request.POST)
    if not form.is_valid():
        return _said(400, error=Refused("wrong-hash").words)
    found = _found(request, upload_id)
    piece = uploads.finish(upload=found, sha256=form.cleaned_data["sha256"], actor=actor_of(request))
    tasks.scan_soon([piece.pk])
    return _said(200, name=piece.name, sha256=piece.sha256)
