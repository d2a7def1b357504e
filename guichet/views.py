"""The composition root's own pages: home, help numbers, what is kept, health, errors."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from diagnostic.prevention import banners
from guichet import numbers as help_numbers
from victims.retention import SCHEDULE

# What must not wait for a question: one press calls. Hours stand in the list of numbers.
URGENT = (
    {"href": "tel:17", "title": "Quelqu’un est en danger", "text": "Appelez le 17, ou le 112"},
    {"href": "sms:114", "title": "Je ne peux pas parler", "text": "Envoyez un SMS au 114"},
    {
        "href": "tel:3114",
        "title": "Je pense à mourir, ou j’ai peur pour quelqu’un",
        "text": "Appelez le 3114, jour et nuit",
    },
    {
        "href": "tel:0892705705",
        "title": "Ma carte bancaire est volée ou débitée",
        "text": "Opposition : 0 892 705 705, jour et nuit",
    },
)

KEPT_COLUMNS = ("Quoi", "Combien de temps")
COOKIE_COLUMNS = ("Nom", "À quoi il sert", "Combien de temps")
COOKIES = (
    ("parcours", "Vos réponses, chiffrées", "Jusqu’à la fermeture du navigateur"),
    ("ouverture", "Montrer votre code une seule fois", "30 minutes"),
    ("dossier", "Votre dossier reste ouvert ici", "12 heures au plus"),
    ("csrf", "Aucun autre site n’écrit à votre place", "Un an"),
    ("page", "Après « Quitter vite », cacher nos pages", "Jusqu’à la fermeture du navigateur"),
    ("agent, messages", "Pour les agents seulement", "8 heures au plus"),
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """No session, and no statement where announcements were read lately: what most visits cost."""
    steps = (
        {
            "title": "Vous répondez",
            "text": "Une question par écran. « Je ne sais pas » est toujours une bonne réponse.",
        },
        {"title": "Vous savez quoi faire", "text": "Les gestes à faire maintenant, puis demain, et qui appeler."},
        {
            "title": "Vous parlez à quelqu’un",
            "text": "Si c’est grave, un policier ou un gendarme vous répond par écrit.",
        },
    )
    page = {
        "here": "accueil",
        "banners": banners.everywhere(timezone.now()),
        "urgent": URGENT,
        "facts": steps,
        "voices": help_numbers.voices(),
    }
    return render(request, "home.html", page)


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/numbers.html", {"here": "numeros", "groups": help_numbers.groups()})


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    page = {"columns": COOKIE_COLUMNS, "rows": COOKIES, "kept_columns": KEPT_COLUMNS, "kept": kept_rows()}
    return render(request, "pages/data.html", {**page, "schedule": SCHEDULE})


def kept_rows() -> list[list[str]]:
    return [[rule.data_fr, f"{rule.words} {rule.from_fr}"] for rule in SCHEDULE.rules]


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


@require_GET
def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_GET
def ready(request: HttpRequest) -> HttpResponse:
    """503 and not 500 when the database is away: the proxy waits, nobody is woken for a page."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
