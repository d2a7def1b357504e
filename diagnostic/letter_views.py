"""A letter to read, copy, print or download. The same answers serve the visitor's journey and a dossier."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from diagnostic import content, letters
from diagnostic.conditions import Scene
from diagnostic.letters import Written
from diagnostic.outcome import outcome_of
from guichet.lib import documents

PDF, TEXT = "pdf", "texte"
MEDIA = {PDF: ("application/pdf", "lettre.pdf"), TEXT: ("text/plain; charset=utf-8", "lettre.txt")}


@require_safe
def letter(request: HttpRequest, letter: str, form: str = "") -> HttpResponse:
    if form not in ("", *MEDIA):
        raise Http404
    outcome = outcome_of(request)
    known = outcome.catalogue if outcome else content.published()
    found = known.letters.get(letter)
    if found is None:
        raise Http404
    if outcome is None:
        return HttpResponseRedirect(reverse("diagnostic:start") + "?perdu")
    told = outcome.resolution
    scene = Scene(told.scene_facts, told.audience, outcome.plan.severity)
    written = letters.write(found, scene, moment=told.moment, amount=told.amount, now=outcome.now)
    if form:
        return as_file(written, form)
    base = reverse("diagnostic:letter", args=[letter])
    return page(request, written, base=base, back=reverse("diagnostic:result"))


def page(request: HttpRequest, written: Written, *, base: str, back: str, here: str = "") -> HttpResponse:
    context = {"letter": written, "pdf": f"{base}{PDF}/", "text": f"{base}{TEXT}/", "back": back, "here": here}
    return render(request, "diagnostic/letter.html", context)


def as_file(written: Written, form: str) -> HttpResponse:
    """The name of the file says nothing of the matter."""
    media, name = MEDIA[form]
    body = pdf(written) if form == PDF else ("\ufeff" + written.text).encode()
    response = HttpResponse(body, content_type=media)
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    return response


def pdf(written: Written) -> bytes:
    return documents.render(
        "letter",
        {
            "title": "Lettre",
            "sender": written.sender,
            "to": written.to,
            "place_and_date": written.place_and_date,
            "subject": written.subject,
            "body": written.body,
            "enclosures": written.enclosures,
        },
    )
