"""The prevention pages. Nothing of the visitor is kept, and a page that was read lately makes no statement."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from diagnostic.editing.rules import can_edit
from diagnostic.phones import linker_of
from diagnostic.prevention import current, markup, sheets
from diagnostic.prevention import kit as papers
from diagnostic.prevention.current import Notice
from diagnostic.prevention.enums import Level
from diagnostic.prevention.feeds import chosen_by
from diagnostic.prevention.forms import FilterForm, SearchForm
from diagnostic.prevention.library import NOTICE, PRACTICE, SHEET, THEME, Library, Practice, library
from diagnostic.prevention.models import SheetText
from diagnostic.prevention.search import Document
from diagnostic.prevention.sheets import Sheet
from guichet.territory.departements import departement_name

HERE = "prevention"
FIRST_ALERTS = 3
DAY = 24 * 3600
KINDS = {SHEET: "Fiche réflexe", PRACTICE: "Fiche pratique", THEME: "Kit à imprimer", NOTICE: "Alerte"}
# Some gestures for everybody would warn a partner who watches.
PARTNER = ("Lisez ce cas, plus bas.", "#cas-proche")
TONES = {Level.URGENT: "brick", Level.ATTENTION: "lamp", Level.INFORMATION: "pine"}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    found = library()
    context = {
        "form": SearchForm(),
        "families": found.families,
        "practices": [_practice_door(practice) for practice in found.practices.values()],
        "alerts": [_alert(found, notice) for notice in current.shown(timezone.now())[:FIRST_ALERTS]],
    }
    return _page(request, "home", context)


@require_safe
def sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """« ?tout » opens every fold, for paper and for who has no script."""
    found = library()
    if (shown := found.sheet(slug)) is None:
        raise Http404
    return _page(request, "sheet", _sheet_context(found, shown) | {"unfold": "tout" in request.GET})


@require_safe
def practice(request: HttpRequest, slug: str) -> HttpResponse:
    found = library()
    if slug not in found.practices:
        raise Http404
    return _page(request, "practice", _practice_context(found, found.practices[slug]))


@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """A text as its sheet would show it, for those who may publish it; for others it does not exist."""
    if not can_edit(request.user):
        raise Http404
    text, found = get_object_or_404(SheetText, pk=pk), library()
    wording, context = current.wording_of(text), {"draft": text.get_state_display()}
    if text.slug in found.catalogue.threats:
        shown = sheets.build(found.catalogue, found.texts, found.catalogue.threats[text.slug], wording)
        return _page(request, "sheet", context | _sheet_context(found, shown))
    if text.slug in found.texts.practices:
        return _page(request, "practice", context | _practice_context(found, found.practice(text.slug, wording)))
    raise Http404


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    form, found = SearchForm(request.GET if "q" in request.GET else None), library()
    query = form.cleaned_data["q"] if form.is_valid() else ""
    notices = current.shown(timezone.now())
    documents = found.index(notices).find(query) if query else []
    context = {"form": form, "query": query, "doors": [_door(document) for document in documents]}
    return _page(request, "search", context)


# --- the kit ------------------------------------------------------------------------------------------
@require_safe
def kit(request: HttpRequest) -> HttpResponse:
    return _page(request, "kit", {"themes": papers.themes(), "licence": papers.LICENCE, "source": papers.SOURCE})


@require_safe
def kit_paper(request: HttpRequest, slug: str) -> HttpResponse:
    return _file(papers.paper(_theme(slug)), "application/pdf", f"{slug}.pdf")


@require_safe
def kit_text(request: HttpRequest, slug: str) -> HttpResponse:
    return _file(papers.text(_theme(slug)).encode(), "text/plain; charset=utf-8", f"{slug}.txt")


@require_safe
def kit_archive(request: HttpRequest) -> HttpResponse:
    return _file(papers.archive(), "application/zip", "kit-prevention.zip")


def _theme(slug: str) -> str:
    if slug not in papers.themes():
        raise Http404
    return slug


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": f"public, max-age={DAY}"}
    return HttpResponse(content, content_type=media_type, headers=headers)


# --- announcements ------------------------------------------------------------------------------------
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    found, chosen = library(), chosen_by(request)
    shown = current.shown(timezone.now(), departement=chosen.departement, threat=chosen.threat)
    context = {
        "form": FilterForm(initial={"departement": chosen.departement, "atteinte": chosen.threat}),
        "chosen": bool(chosen.query),
        "alerts": [_alert(found, notice) for notice in shown],
        "feed": chosen.address("prevention:feed"),
        "subscribe": chosen.address("prevention:subscription"),
    }
    return _page(request, "alerts", context)


@require_safe
def alert(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    found, now = library(), timezone.now()
    notice = current.find(key, now)
    if notice is None:
        raise Http404
    context = {
        "alert": _alert(found, notice),
        "blocks": markup.blocks(notice.body, linker_of(found.catalogue)),
        "ended": notice.ended(now),
        "sheets": [_sheet_door(found, key) for key in notice.threats if key in found.catalogue.threats],
    }
    return _page(request, "alert", context)


# --- what the templates take --------------------------------------------------------------------------
def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"prevention/{name}.html", {"here": HERE, "home": reverse("prevention:home"), **context})


def _sheet_context(found: Library, shown: Sheet) -> dict[str, Any]:
    near = [notice for notice in current.shown(timezone.now()) if shown.id in notice.threats]
    return {
        "sheet": shown,
        "practices": [_practice_door(found.practices[key]) for key in shown.practices],
        "alerts": [_alert(found, notice) for notice in near],
        "partner": (PARTNER,) if any(group.key == "proche" for group in shown.cases) else (),
    }


def _practice_context(found: Library, shown: Practice) -> dict[str, Any]:
    paper = next((key for key, theme in found.texts.themes.items() if theme.sheet == shown.slug), "")
    doors = [_sheet_door(found, key) | {"text": ""} for key in shown.threats]
    return {"practice": shown, "sheets": doors, "paper": paper}


def _practice_door(practice: Practice) -> dict[str, str]:
    return {
        "href": reverse("prevention:practice", args=[practice.slug]),
        "title": practice.title,
        "text": practice.summary,
    }


def _sheet_door(found: Library, key: str) -> dict[str, str]:
    threat = found.catalogue.threats[key]
    return {"href": reverse("prevention:sheet", args=[key]), "title": threat.name, "text": threat.definition}


def _alert(found: Library, notice: Notice) -> dict[str, Any]:
    names = [found.catalogue.threats[key].name for key in notice.threats if key in found.catalogue.threats]
    return {
        "href": reverse("prevention:alert", args=[notice.id]),
        "title": notice.title,
        "text": notice.summary,
        "level": Level(notice.level).label,
        "tone": TONES[Level(notice.level)],
        "where": ", ".join(map(departement_name, notice.departements)) or "Toute la France",
        "about": ", ".join(names),
        "since": notice.starts_at,
        "until": notice.ends_at,
    }


def _door(document: Document) -> dict[str, str]:
    where = {
        SHEET: ("prevention:sheet", [document.key]),
        PRACTICE: ("prevention:practice", [document.key]),
        NOTICE: ("prevention:alert", [document.key]),
    }
    name, arguments = where.get(document.kind, ("prevention:kit", []))
    anchor = f"#{document.key}" if document.kind == THEME else ""
    return {
        "href": reverse(name, args=arguments) + anchor,
        "kind": KINDS[document.kind],
        "title": document.title,
        "text": document.summary,
    }
