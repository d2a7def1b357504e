"""For everyone: the rule of the draw and the charter. For a company: ask to be listed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from guichet.directory import drawing
from guichet.directory.forms import ApplicationForm
from guichet.directory.rulebook import CHARTER, QUALITIES, RULE, VETTING
from guichet.directory.services import providers
from guichet.lib import ratelimit

HOUR = 3600
# Two invented companies, to show the sum in figures.
EXAMPLE = (
    ("Entreprise A", {"skill": 100, "distance": 80, "answer": 100, "label": 0, "base": 100}),
    ("Entreprise B", {"skill": 40, "distance": 50, "answer": 50, "label": 100, "base": 100}),
)


@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    form = ApplicationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if ratelimit.wait_before("application", ratelimit.client_address(request), allowed=5, seconds=HOUR):
            form.add_error(None, "Beaucoup de candidatures depuis cet accès. Attendez une heure, puis renvoyez.")
        else:
            providers.apply(
                provider=form.as_provider(), skills=form.skills, departements=form.cleaned_data["departements"]
            )
            return redirect("directory:applied")
    page = {"form": form, "charter": CHARTER}
    return render(request, "directory/apply.html", page, status=422 if form.errors else 200)


@require_safe
def applied(request: HttpRequest) -> HttpResponse:
    return render(request, "directory/applied.html", {"checks": VETTING.checks, "years": VETTING.listing_days // 365})


@require_safe
def charter(request: HttpRequest) -> HttpResponse:
    return render(request, "directory/charter.html", {"charter": CHARTER})


@require_safe
def rule(request: HttpRequest) -> HttpResponse:
    """The whole rule with its weights, as the data say them, and a sum worked out."""
    weights = [drawing.weight(points, RULE.weights) for _, points in EXAMPLE]
    page = {
        "rule": RULE,
        "checks": VETTING.checks,
        "quality_columns": ["Qualité", "Part", "Ce qu’elle veut dire"],
        "qualities": [[RULE.words[q].name_fr, f"{RULE.weights[q]} %", RULE.words[q].text_fr] for q in QUALITIES],
        "example": [
            [
                name,
                *(str(points[q]) for q in QUALITIES),
                f"{weight / 100:.1f}".replace(".", ","),
                f"{round(100 * weight / sum(weights))} %",
            ]
            for (name, points), weight in zip(EXAMPLE, weights, strict=True)
        ],
        "columns": ["Entreprise", *(RULE.words[q].name_fr for q in QUALITIES), "Total", "Chance d’être tirée d’abord"],
    }
    return render(request, "directory/rule.html", page)
