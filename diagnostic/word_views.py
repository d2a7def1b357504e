"""« Décrivez ce qui vous arrive »: the text is read, never kept; the person chooses among what it brings to mind."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from diagnostic import content, engine
from diagnostic.catalogue import Catalogue
from diagnostic.extract import AMOUNT, EMAIL, IBAN, PHONE, URL, Found
from diagnostic.journey import Journey, load, save
from diagnostic.views import SeeOther
from diagnostic.word_forms import NONE, CaseForm, WordsForm
from diagnostic.words.choice import facts_of, start_for
from diagnostic.words.matcher import Matcher, Reading, matcher, urgent_for

PAGE = "diagnostic/words.html"
FOUND_LABELS = {
    URL: "Adresse web",
    EMAIL: "Adresse e-mail",
    IBAN: "Compte bancaire",
    PHONE: "Téléphone",
    AMOUNT: "Somme",
}


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("text")
@sensitive_variables()
def words(request: HttpRequest) -> HttpResponse:
    catalogue = content.published()
    if request.method != "POST":
        return render(request, PAGE, {"form": WordsForm(catalogue)})
    form = WordsForm(catalogue, request.POST)
    if not form.is_valid():
        return render(request, PAGE, {"form": form, "errors": form}, status=422)
    reading = _read(catalogue, form)
    return _show(request, form, reading, CaseForm(catalogue, reading, form.person))


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("text")
@sensitive_variables()
def choose(request: HttpRequest) -> HttpResponse:
    """The case that the person recognised opens a journey; « Aucun de ces cas » opens the tree."""
    if request.method != "POST":
        return redirect("diagnostic:words")
    catalogue = content.published()
    form = WordsForm(catalogue, request.POST)
    if not form.is_valid():
        return render(request, PAGE, {"form": form, "errors": form}, status=422)
    reading = _read(catalogue, form)
    chosen = CaseForm(catalogue, reading, form.person, request.POST)
    if not chosen.is_valid():
        return _show(request, form, reading, chosen, status=422)
    if chosen.cleaned_data["case"] == NONE:
        return SeeOther(reverse("diagnostic:start"))
    return _begin(matcher(catalogue), form, reading, chosen)


@require_safe
def recap(request: HttpRequest) -> HttpResponse:
    """What the choice answered, before the questions go on: read, then confirmed or changed."""
    loaded = load(request)
    if loaded.journey is None or not loaded.journey.answers:
        return HttpResponseRedirect(reverse("diagnostic:start") + "?perdu")
    catalogue, journey = loaded.catalogue, loaded.journey
    resolution = engine.resolve(catalogue, journey.answers)
    kept = frozenset(fact for ids in journey.kept.values() for fact in ids if fact in catalogue.facts)
    told = kept - resolution.facts
    context = {
        "steps": resolution.path,
        "told": [catalogue.facts[fact].label_for(resolution.audience) for fact in catalogue.facts if fact in told],
        "notices": urgent_for(catalogue, resolution.facts | kept, resolution.audience),
        "next": _next(resolution),
    }
    return render(request, "diagnostic/words_recap.html", context)


def _next(resolution: engine.Resolution) -> str:
    if resolution.question is None:
        return reverse("diagnostic:result")
    return reverse("diagnostic:question", args=[resolution.question.node.id])


def _read(catalogue: Catalogue, form: WordsForm) -> Reading:
    person = form.person
    said = person.audience or "" if person else ""
    return matcher(catalogue).read(form.cleaned_data["text"], said, facts_of(person))


def _begin(match: Matcher, form: WordsForm, reading: Reading, chosen: CaseForm) -> HttpResponse:
    start = start_for(
        match,
        chosen.cleaned_data["case"],
        text=form.cleaned_data["text"],
        audience=reading.audience,
        facts=chosen.cleaned_data.get("facts", ()),
        who=form.person,
    )
    if start is None:
        return SeeOther(reverse("diagnostic:start"))
    journey = Journey(version=match.catalogue.version, answers=start.answers, kept=start.kept)
    response = SeeOther(reverse("diagnostic:words_recap"))
    save(response, match.catalogue, journey)
    return response


def _show(
    request: HttpRequest, form: WordsForm, reading: Reading, chosen: CaseForm, *, status: int = 200
) -> HttpResponse:
    loaded = load(request)
    context: dict[str, Any] = {
        "form": form,
        "errors": chosen,
        "chosen": chosen,
        "proposals": reading.proposals,
        "notices": reading.urgent,
        "found": _pairs(reading.found),
        "careful": any(each.kind in (URL, EMAIL, PHONE) for each in reading.found),
        "replaces": bool(loaded.journey and loaded.journey.answers),
    }
    return render(request, PAGE, context, status=status)


def _pairs(found: tuple[Found, ...]) -> list[tuple[str, str]]:
    """One line per kind, its values under each other; addresses are shown so that nothing opens."""
    shown = [(label, [each.shown for each in found if each.kind == kind]) for kind, label in FOUND_LABELS.items()]
    return [(label, "\n".join(values)) for label, values in shown if values]
