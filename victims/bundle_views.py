"""« Emporter mon dossier »: the bundle, for who it is about."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from victims.downloads import as_archive
from victims.gate import with_dossier
from victims.services.bundle import Bundle, file_name
from victims.services.dossiers import VICTIM


@require_GET
@with_dossier
def take(request: HttpRequest) -> HttpResponse:
    return as_archive(request, Bundle(dossier=request.dossier, actor=VICTIM).parts(), file_name(request.dossier))
