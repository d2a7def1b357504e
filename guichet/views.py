"""The composition root's own pages: home, help numbers, what is kept, health, errors."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from guichet import numbers as help_numbers


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html", {"here": "accueil"})


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/numbers.html", {"here": "numeros", "groups": help_numbers.groups()})


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/data.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


@require_GET
def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_GET
def ready(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
