from django import forms
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from formtools.wizard.views import NamedUrlSessionWizardView

from guichet.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

CHOICES = [(str(n), f"Réponse numéro {n}, avec une phrase entière à lire") for n in range(10)]


class Question(forms.Form):
    answer = forms.ChoiceField(label="Que se passe-t-il ?", choices=CHOICES, widget=forms.RadioSelect)


class Wizard(NamedUrlSessionWizardView):
    """The usual way to write a wizard with Django: answers by step in a database session."""

    form_list = [(f"q{n}", Question) for n in range(7)]
    template_name = "bench/wizard.html"

    def done(self, form_list, **kwargs):
        return HttpResponse("done")


def hello(request):
    return HttpResponse("bonjour")


urlpatterns = [
    *urlpatterns,
    path("bench/hello", hello),
    path("bench/wizard/<step>/", csrf_exempt(Wizard.as_view(url_name="bench-wizard")), name="bench-wizard"),
]
