"""The pieces of a dossier: told what can be sent, sent with a plain form of several files, listed with a journal."""

from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from guichet.lib import ratelimit
from victims import tasks
from victims.enums import EvidenceKind
from victims.gate import with_dossier
from victims.journal import custody_of
from victims.models import Evidence
from victims.services import deposits
from victims.vault import limits
from victims.vault.exceptions import WORDS, Refused
from victims.vault.filetypes import BY_MEDIA_TYPE, TOLD
from victims.vault.handler import SealedFile, SealedUploadHandler
from victims.vault.names import clean_name
from victims.vault.sensitive import SENSITIVE, is_sensitive

HOUR = 3600
NONE_CHOSEN = "Choisissez au moins un fichier."
TOO_HEAVY = "Cet envoi est trop lourd. Envoyez moins de fichiers à la fois : 20 Mo chacun, 100 Mo en tout."
TOO_MANY = "Trop de fichiers à la fois. Envoyez-les en plusieurs fois."


@csrf_exempt  # the token is in the body: access, rate and size are looked at first, then the token
@require_http_methods(["GET", "HEAD", "POST"])
@with_dossier
def pieces(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    wait = ratelimit.wait_before("pieces", str(request.dossier.pk), allowed=60, seconds=HOUR)
    if wait:
        return _too_often(request, wait)
    if int(request.META.get("CONTENT_LENGTH") or 0) > limits.REQUEST_LIMIT:
        return _page(request, errors=[("", TOO_HEAVY)], status=413)
    request.upload_handlers = [SealedUploadHandler(request)]
    try:
        return _receive(request)
    except TooManyFilesSent:
        return _page(request, errors=[("", TOO_MANY)], status=422)


@csrf_protect
def _receive(request: HttpRequest) -> HttpResponse:
    """Each good file is kept; each other one is told, with the reason."""
    kept, errors = [], []
    for sent in request.FILES.getlist("files"):
        try:
            kept.append(_kept(request, sent))
        except Refused as refusal:
            errors.append((clean_name(sent.name), refusal.words))
        finally:
            sent.close()
    tasks.scan_soon([piece.pk for piece in kept])
    if kept and not errors:
        return redirect(f"{resolve_url('dossier:pieces')}?ajout={len(kept)}#ajout")
    return _page(request, errors=errors or [("", NONE_CHOSEN)], added=len(kept), status=422)


def _kept(request: HttpRequest, sent: SealedFile) -> Evidence:
    if sent.too_big:
        raise Refused("too-big")
    return deposits.keep_file(dossier=request.dossier, name=sent.name, content=sent.read())


def _page(request: HttpRequest, *, errors=(), added: int = 0, status: int = 200) -> HttpResponse:
    dossier = request.dossier
    found = list(dossier.pieces.order_by("-added_at", "pk"))
    journal = custody_of(dossier, found)
    asked = request.GET.get("ajout", "")
    sensitive = is_sensitive(dossier.diagnosis)
    page = {
        "rows": [_row(piece, journal[str(piece.pk)]) for piece in found],
        "room": deposits.room_of(dossier),
        "errors": errors,
        "added": added or (int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0),
        "types": TOLD,
        "limits": limits,
        "too_big": WORDS["too-big"],
        "sensitive": SENSITIVE if sensitive else None,
        "here": "dossier",
    }
    return render(request, "dossier/_vault.html" if request.htmx else "dossier/pieces.html", page, status=status)


def _row(piece: Evidence, journal: list) -> dict:
    file_type = BY_MEDIA_TYPE.get(piece.media_type) if piece.kind == EvidenceKind.FILE else None
    return {"piece": piece, "type": file_type.label if file_type else piece.get_kind_display(), "journal": journal}


def _too_often(request: HttpRequest, wait: int) -> HttpResponse:
    minutes = -(-wait // 60)
    page = {"wait": "une minute" if minutes == 1 else f"{minutes} minutes", "here": "dossier"}
    response = render(request, "dossier/upload_wait.html", page, status=429)
    response.headers["Retry-After"] = str(wait)
    return response
