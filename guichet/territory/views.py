"""The list of communes that appears while one types; without script the form itself does the same."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from guichet.territory.forms import CommuneForm, SearchForm
from guichet.territory.lookup import look_up


@require_GET
def communes(request: HttpRequest) -> HttpResponse:
    search = SearchForm(request.GET)
    if not search.is_valid():
        return HttpResponse(search.errors["q"][0], status=422, content_type="text/plain; charset=utf-8")
    form = CommuneForm()
    form.offer(look_up(search.cleaned_data["q"]))
    return render(request, "territory/_communes.html", {"form": form})
