"""The pages of one version: what it is, what is checked, what changes, what it looks like, and what may be done."""

import json
from collections import Counter
from functools import lru_cache

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from diagnostic import recorded
from diagnostic.catalogue import Catalogue
from diagnostic.editing import picture, replay, rules, services, stored, svg
from diagnostic.editing.compare import SIGNS, WORDS, compare
from diagnostic.editing.examine import CHECKS, NOTICES, Examination
from diagnostic.editing.items import section_name
from diagnostic.editing.pages import address, editors_only, page, to
from diagnostic.models import Diagnosis, State, TreeVersion

PAST = 500
# The words of `recorded.faults`, for who does not read the files.
FAULTS = {
    "threat": "atteinte", "also": "aussi", "audience": "public", "severity": "gravité", "chat": "tchat",
    "calm": "situation calme", "door": "première porte", "first": "à faire d’abord", "urgent": "messages d’urgence",
    "pages": "textes montrés",
}  # fmt: skip
SHOWN = 60


def before_of(version: TreeVersion) -> TreeVersion:
    """What a draft is compared with: what is published; a published version, with the one it came from."""
    if version.is_open or version.state == State.DISCARDED:
        return services.published_version() or version
    return version.base or version


def catalogue_of(version: TreeVersion) -> Catalogue | None:
    return services.examination_of(version).catalogue


@editors_only
@require_safe
def overview(request: HttpRequest, version: TreeVersion) -> HttpResponse:
    found = services.examination_of(version)
    differences = compare(services.document_of(before_of(version)), services.document_of(version))
    return page(
        request,
        "overview",
        version,
        tab="overview",
        title=f"Version {version.number}",
        examination=found,
        counts=Counter(difference.words for difference in differences).most_common(),
        before=before_of(version),
        may_approve=version.state == State.REVIEW and rules.can_approve(request.user, version),
        behind=version.is_open and services.is_behind(version),
        may_roll_back=version.state == State.RETIRED,
        other_drafts=TreeVersion.objects.filter(state__in=[State.DRAFT, State.REVIEW])
        .exclude(pk=version.pk)
        .only("number"),
    )


# --- what may be done ---------------------------------------------------------------------------------
def _draft(request, version):
    draft = services.new_draft(agent=request.user, start=version)
    return draft, f"Version {draft.number} commencée à partir de la version {version.number}."


def _update(request, version):
    clashes = services.bring_up_to_date(agent=request.user, draft=version)
    told = f" À relire, changés des deux côtés et gardés comme ici : {', '.join(clashes)}." if clashes else ""
    return version, f"Le brouillon contient maintenant ce qui a été publié entre-temps.{told}"


def _note(request, version):
    services.set_note(agent=request.user, draft=version, note=request.POST.get("note", "")[:500])
    return version, "Le résumé du changement est enregistré."


def _review(request, version):
    services.send_to_review(agent=request.user, draft=version)
    return version, "Envoyée en relecture : une autre personne peut la publier."


def _back(request, version):
    services.send_back(agent=request.user, version=version, answer=request.POST.get("answer", "")[:500])
    return version, "Renvoyée à la rédaction."


def _approve(request, version):
    version = services.approve(agent=request.user, version=version, seen=request.POST.get("seen", ""))
    return version, "Publiée. Chaque serveur la sert dans les cinq secondes."


def _roll_back(request, version):
    again = services.roll_back(agent=request.user, version=version, withdraw="withdraw" in request.POST)
    return again, f"La version {version.number} est de nouveau publiée, sous le numéro {again.number}."


def _discard(request, version):
    services.discard(agent=request.user, draft=version)
    return version, "Écartée. Elle reste lisible."


ACTIONS = {
    "draft": _draft,
    "update": _update,
    "note": _note,
    "review": _review,
    "back": _back,
    "approve": _approve,
    "roll_back": _roll_back,
    "discard": _discard,
}


@editors_only
@require_POST
def act(request: HttpRequest, version: TreeVersion) -> HttpResponse:
    do = ACTIONS.get(request.POST.get("do", ""))
    if do is None:
        raise Http404
    after, words = do(request, version)
    messages.success(request, words)
    return to(after, "overview")


# --- checks -------------------------------------------------------------------------------------------
@editors_only
@require_safe
def checks(request: HttpRequest, version: TreeVersion) -> HttpResponse:
    found = services.examination_of(version)
    before = catalogue_of(before_of(version))
    context = {"moved": [], "moved_count": 0, "failed": [], "past": [], "past_count": 0, "past_total": 0}
    if found.catalogue and before:
        context |= _replayed(version, before, found.catalogue)
    return page(
        request,
        "checks",
        version,
        tab="checks",
        title=f"Contrôles de la version {version.number}",
        examination=found,
        rows=_rows(version, found),
        before=before_of(version),
        **context,
    )


def _rows(version: TreeVersion, found: Examination) -> list[dict]:
    names = [(name, words, "erreur") for name, words, _ in CHECKS]
    names += [(name, words, "avertissement") for name, words in NOTICES]
    return [
        {
            "words": words,
            "level": level,
            "findings": [
                {"finding": each, "url": _item_url(version, each.section, each.key)}
                for each in found.findings
                if each.check == name
            ],
        }
        for name, words, level in names
    ]


def _item_url(version: TreeVersion, section: str, key: str) -> str:
    return address(version, "item", section, key) if section and key else ""


def _replayed(version: TreeVersion, before: Catalogue, after: Catalogue) -> dict:
    journeys = recorded.read()
    moved = list(replay.journeys_moved(before, after, journeys))
    past = list(Diagnosis.objects.order_by("-created_at").values_list("answers", "abroad")[:PAST])
    count, groups = replay.answers_moved(before, after, past)
    failed = [
        {"title": journey.spec.title, "file": journey.file, "faults": [_in_french(fault) for fault in faults]}
        for journey in journeys
        if (faults := list(recorded.faults(after, journey)))
    ]
    return {
        "journeys_total": len(journeys),
        "moved": moved[:SHOWN],
        "moved_count": len(moved),
        "failed": failed[:SHOWN],
        "failed_count": len(failed),
        "past": groups[:SHOWN],
        "past_count": count,
        "past_total": len(past),
    }


def _in_french(fault: str) -> str:
    name, colon, rest = fault.partition(" : ")
    rest = rest.replace("True", "oui").replace("False", "non").replace("'", "")
    return f"{FAULTS.get(name, name)}{colon}{rest}"


# --- differences --------------------------------------------------------------------------------------
@editors_only
@require_safe
def differences(request: HttpRequest, version: TreeVersion) -> HttpResponse:
    before = before_of(version)
    found = compare(services.document_of(before), services.document_of(version))
    sections: dict[str, list] = {}
    for difference in found:
        url = _item_url(version, difference.section, difference.key) if difference.kind != "removed" else ""
        sections.setdefault(section_name(difference.section), []).append({"what": difference, "url": url})
    return page(
        request,
        "differences",
        version,
        tab="differences",
        title=f"Ce que change la version {version.number}",
        sections=sections,
        total=len(found),
        before=before,
        drawn=_changed_groups(version, before),
    )


def _changed_groups(version: TreeVersion, before: TreeVersion) -> list[str]:
    after, old = catalogue_of(version), catalogue_of(before)
    if not after or not old or before == version:
        return []
    return [
        group
        for group in picture.groups(after, old)
        if any(box.mark or any(row.mark for row in box.rows) for box in picture.picture(after, group, old).boxes)
    ]


# --- picture ------------------------------------------------------------------------------------------
@editors_only
@require_safe
def drawing(request: HttpRequest, version: TreeVersion, group: str = "") -> HttpResponse:
    catalogue, old = catalogue_of(version), catalogue_of(before_of(version))
    if catalogue is None:
        return page(request, "drawing", version, tab="drawing", title="Dessin", groups=[], found=None)
    names = picture.groups(catalogue, old)
    group = group or picture.group_of(catalogue.nodes[catalogue.start])
    if group not in names:
        raise Http404
    found = picture.picture(catalogue, group, old)
    return page(
        request,
        "drawing",
        version,
        tab="drawing",
        title=f"Dessin de la version {version.number} : {group}",
        groups=[(name == group, name, address(version, "drawing_of", name)) for name in names],
        group=group,
        found=found,
        image=address(version, "svg", group),
        signs=[(sign, WORDS[kind]) for kind, sign in SIGNS.items()],
        start=catalogue.start,
    )


@editors_only
@require_safe
def image(request: HttpRequest, version: TreeVersion, group: str) -> HttpResponse:
    catalogue, old = catalogue_of(version), catalogue_of(before_of(version))
    if catalogue is None or group not in picture.groups(catalogue, old):
        raise Http404
    return HttpResponse(
        _drawn(version.hash, before_of(version).hash, group, version.pk), content_type="image/svg+xml; charset=utf-8"
    )


@lru_cache(maxsize=64)
def _drawn(digest: str, before: str, group: str, pk: int) -> bytes:
    version = TreeVersion.objects.get(pk=pk)
    return svg.svg(picture.picture(catalogue_of(version), group, catalogue_of(before_of(version))))


@editors_only
@require_safe
def export(request: HttpRequest, version: TreeVersion) -> HttpResponse:
    text = json.dumps(stored.exported(services.document_of(version)), ensure_ascii=False, indent=1)
    name = f"diagnostic-{version.number}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="application/json; charset=utf-8", headers=headers)
