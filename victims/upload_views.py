"""The pieces of a dossier: told what can be sent, sent with a plain form of several files, listed with a journal."""

from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from guichet.lib import ratelimit
from victims import tasks
from victims.enums import EvidenceKind
from victims.gate import actor_of, with_companion
from victims.journal import custody_of
from victims.models import Dossier, Evidence
from victims.services import deposits, previews, removals
from victims.vault import limits
from victims.vault.exceptions import WORDS, Refused
from victims.vault.filetypes import BY_MEDIA_TYPE, TOLD
from victims.vault.handler import SealedFile, SealedUploadHandler
from victims.vault.names import clean_name
from victims.vault.sensitive import SENSITIVE, is_sensitive

HOUR = 3600
MANDATE = "mandat"
NONE_CHOSEN = "Choisissez au moins un fichier."
TOO_HEAVY = "Cet envoi est trop lourd. Envoyez moins de fichiers à la fois : 20 Mo chacun, 100 Mo en tout."
TOO_MANY = "Trop de fichiers à la fois. Envoyez-les en plusieurs fois."
NOT_READ = "L’envoi est arrivé incomplet, ou le nom d’un fichier est trop long. Raccourcissez le nom, puis recommencez."


@csrf_exempt  # the token is in the body: access, rate and size are looked at first, then the token
@require_http_methods(["GET", "HEAD", "POST"])
@with_companion
def pieces(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    return receive(request, _answered)


def receive(request: HttpRequest, answer) -> HttpResponse:
    """Rate and size, then the token, then the files. `answer(request, kept=, errors=, status=)` gives the page."""
    wait = ratelimit.wait_before("pieces", str(request.dossier.pk), allowed=60, seconds=HOUR)
    if wait:
        return _too_often(request, wait)
    if int(request.META.get("CONTENT_LENGTH") or 0) > limits.REQUEST_LIMIT:
        return answer(request, kept=[], errors=[("", TOO_HEAVY)], status=413)
    request.upload_handlers = [SealedUploadHandler(request)]
    try:
        return csrf_protect(_receive)(request, answer)
    except TooManyFilesSent:
        return answer(request, kept=[], errors=[("", TOO_MANY)], status=422)
    except MultiPartParserError:
        return answer(request, kept=[], errors=[("", NOT_READ)], status=422)


def _receive(request: HttpRequest, answer) -> HttpResponse:
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
        return answer(request, kept=kept, errors=[], status=200)
    return answer(request, kept=kept, errors=errors or [("", NONE_CHOSEN)], status=422)


def _answered(request: HttpRequest, *, kept: list, errors: list, status: int) -> HttpResponse:
    if not errors:
        back = f"suite={MANDATE}&" if for_mandate(request) else ""
        return redirect(f"{resolve_url('dossier:pieces')}?{back}ajout={len(kept)}#ajout")
    return _page(request, errors=errors, added=len(kept), status=status)


def for_mandate(request: HttpRequest) -> bool:
    """Sent here by the complaint, to add the document that it wants."""
    return request.GET.get("suite") == MANDATE


def _kept(request: HttpRequest, sent: SealedFile) -> Evidence:
    if sent.too_big:
        raise Refused("too-big")
    return deposits.keep_file(dossier=request.dossier, name=sent.name, content=sent.read(), actor=actor_of(request))


def _page(request: HttpRequest, *, errors=(), added: int = 0, status: int = 200) -> HttpResponse:
    dossier = request.dossier
    found = list(dossier.pieces.order_by("-added_at", "pk"))
    journal = custody_of(dossier, found)
    mine = removals.removable(dossier.pieces) if not request.companion else Evidence.objects.none()
    removable = set(mine.values_list("pk", flat=True))
    asked = request.GET.get("ajout", "")
    page = {
        "rows": [_row(piece, journal[str(piece.pk)], piece.pk in removable) for piece in found],
        "removed": removals.removed_from(dossier),
        "just_removed": request.GET.get("retrait") == "1",
        "errors": errors,
        "added": added or (int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0),
        **told_before(dossier),
        "for_mandate": for_mandate(request),
        "here": "dossier",
    }
    return render(request, "dossier/_vault.html" if request.htmx else "dossier/pieces.html", page, status=status)


def told_before(dossier: Dossier) -> dict:
    """What a person reads before choosing a file."""
    return {
        "room": deposits.room_of(dossier),
        "types": TOLD,
        "limits": limits,
        "too_big": WORDS["too-big"],
        "sensitive": SENSITIVE if is_sensitive(dossier.diagnosis) else None,
    }


def _row(piece: Evidence, journal: list, removable: bool) -> dict:
    file_type = BY_MEDIA_TYPE.get(piece.media_type) if piece.kind == EvidenceKind.FILE else None
    return {
        "piece": piece,
        "type": file_type.label if file_type else piece.get_kind_display(),
        "journal": journal,
        "removable": removable,
        "preview": previews.has_preview(piece),
    }


def _too_often(request: HttpRequest, wait: int) -> HttpResponse:
    minutes = -(-wait // 60)
    page = {"wait": "une minute" if minutes == 1 else f"{minutes} minutes", "here": "dossier"}
    response = render(request, "dossier/upload_wait.html", page, status=429)
    response.headers["Retry-After"] = str(wait)
    return response
