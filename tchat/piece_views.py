"""The pieces of a dossier, for who may read it: listed, opened one by one as files, each time under trace."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.views.decorators.http import require_safe

from guichet.lib.crypto import CannotOpen
from tchat.console_views import for_agents
from tchat.services.reading import note_reading
from victims.downloads import as_download, as_preview
from victims.models import Dossier, Evidence
from victims.rules import can_read_dossier
from victims.services import previews
from victims.services.evidence import Closed, read_piece
from victims.services.scanning import is_awaited


def _readable(agent, dossier: uuid.UUID) -> Dossier:
    found = Dossier.objects.filter(pk=dossier).first()
    if found is None or not can_read_dossier(agent, found):
        raise Http404
    return found


@require_safe
@for_agents
def pieces(request: HttpRequest, dossier: uuid.UUID) -> HttpResponse:
    found = _readable(request.user, dossier)
    note_reading(agent=request.user, verb="pièces lues", dossier=found, target=found.reference)
    listed = [
        {
            "piece": each,
            "awaited": is_awaited(each),
            "url": resolve_url("console:dossier_piece", found.pk, each.pk),
            "preview": previews.has_preview(each) and resolve_url("console:preview", found.pk, each.pk),
        }
        for each in found.pieces.order_by("added_at", "pk")
    ]
    return render(request, "console/pieces.html", {"dossier": found, "pieces": listed, "here": "dossiers"})


@require_safe
@for_agents
def piece(request: HttpRequest, dossier: uuid.UUID, piece: uuid.UUID) -> HttpResponse:
    found = _readable(request.user, dossier)
    evidence = found.pieces.filter(pk=piece).first()
    if evidence is None:
        raise Http404
    return serve(request, evidence, back=resolve_url("console:pieces", found.pk), here="dossiers")


@require_safe
@for_agents
def preview(request: HttpRequest, dossier: uuid.UUID, piece: uuid.UUID) -> HttpResponse:
    """The small image of a piece, under trace: the victim reads who saw it."""
    evidence = _readable(request.user, dossier).pieces.select_related("dossier").filter(pk=piece).first()
    if evidence is None:
        raise Http404
    return as_preview(previews.shown(piece=evidence, actor=request.user.audit_name))


def serve(request: HttpRequest, evidence: Evidence, *, back: str, here: str) -> HttpResponse:
    """As a file to keep; what is in quarantine, infected or still at the antivirus is not given to an agent."""
    page = {"piece": evidence, "back": back, "here": here}
    if is_awaited(evidence):
        return render(request, "console/closed_piece.html", {**page, "awaited": True}, status=403)
    try:
        content = read_piece(piece=evidence, actor=request.user.audit_name)
    except Closed:
        return render(request, "console/closed_piece.html", page, status=403)
    except (CannotOpen, OSError):
        return render(request, "console/damaged.html", page, status=500)
    return as_download(evidence, content)
