"""The address that is told of news: left on « Mon dossier », confirmed from its own mailbox, stopped at once."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from guichet.lib import ratelimit
from victims.gate import with_dossier
from victims.mail_content import MAIL
from victims.retention import SCHEDULE
from victims.services import mailing

HOUR, DAY = 3600, 86_400
OFTEN = "Beaucoup de messages en peu de temps. Attendez une heure, puis recommencez."
AGAIN = "renvoye"
DAYS, LIFE = MAIL.draft.days_before, SCHEDULE.life("draft").days


class AddressForm(forms.Form):
    address = forms.EmailField(
        label="Adresse e-mail",
        max_length=254,
        help_text="Par exemple prenom@exemple.fr. Choisissez une boîte que vous seul lisez.",
        error_messages={
            "required": "Écrivez une adresse e-mail.",
            "invalid": "Écrivez une adresse complète, par exemple prenom@exemple.fr.",
            "max_length": "Cette adresse est trop longue. Relisez-la.",
        },
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@with_dossier
def address(request: HttpRequest) -> HttpResponse:
    dossier = request.dossier
    kept = mailing.address_of(dossier)
    if request.method == "POST" and "stop" in request.POST:
        mailing.keep_address(dossier=dossier, address="")
        return redirect("dossier:address")
    data = {"address": kept} if kept and "again" in request.POST else request.POST or None
    form = AddressForm(data, initial={"address": kept})
    if request.method == "POST" and form.is_valid():
        if too_often(dossier, form.cleaned_data["address"]):
            form.add_error("address", OFTEN)
        else:
            _asked(dossier, form.cleaned_data["address"], kept)
            return redirect(reverse("dossier:address") + (f"?{AGAIN}" if "again" in request.POST else ""))
    page = {
        "form": form,
        "kept": kept,
        "confirmed": bool(kept and dossier.address_confirmed_at),
        "again": AGAIN in request.GET,
        "days": DAYS,
        "life": LIFE,
    }
    return render(request, "dossier/address.html", {"here": "dossier", **page}, status=422 if form.errors else 200)


def _asked(dossier, address: str, kept: str) -> None:
    if address == kept:
        mailing.ask_to_confirm(dossier)
    else:
        mailing.keep_address(dossier=dossier, address=address)


def too_often(dossier, address: str) -> int:
    """By dossier, and by mailbox: nobody is flooded from many dossiers."""
    mine = ratelimit.wait_before("address", str(dossier.pk), allowed=5, seconds=HOUR)
    return mine or ratelimit.wait_before("address-box", address.lower(), allowed=5, seconds=DAY)


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A button, because robots open the links of mails. The page names nothing: somebody else may be reading."""
    if request.method == "POST":
        state = "done" if mailing.confirm(token) else "gone"
    else:
        state = "ask" if any(mailing.waiting_for(token)) else "gone"
    return render(request, "dossier/confirm_address.html", {"state": state}, status=410 if state == "gone" else 200)
