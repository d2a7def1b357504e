"""The victim takes back a file sent by mistake: asked first, then done. Nobody else may, companions included."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.views.decorators.http import require_http_methods

from victims.enums import EvidenceKind
from victims.gate import with_dossier
from victims.models import Evidence
from victims.services import removals


@require_http_methods(["GET", "HEAD", "POST"])
@with_dossier
def remove(request: HttpRequest, piece_id) -> HttpResponse:
    mine = Evidence.objects.select_related("dossier").filter(dossier=request.dossier, kind=EvidenceKind.FILE)
    piece = get_object_or_404(mine, pk=piece_id)
    possible = removals.is_removable(piece)
    if request.method == "POST":
        try:
            removals.remove_file(piece=piece)
        except removals.NotRemovable:
            possible = False
        else:
            return redirect(f"{resolve_url('dossier:pieces')}?retrait=1#retrait")
    page = {"piece": piece, "possible": possible, "here": "dossier"}
    return render(request, "dossier/remove_piece.html", page, status=200 if possible else 409)
