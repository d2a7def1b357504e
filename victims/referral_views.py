"""« Aide technique payante », the victim's side: the drawn list, what each is told, then one page for each request."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from guichet.directory.enums import Mode
from guichet.directory.rulebook import RULE
from guichet.lib import ratelimit
from guichet.lib.crypto import CannotOpen
from victims.enums import ReferralState, Side
from victims.gate import with_dossier
from victims.models import Referral
from victims.referral_content import REFERRAL
from victims.referral_forms import AskForm, DisputeForm, ModeForm, RatingForm, TextForm, shown_findings
from victims.services import referral_answers, referrals
from victims.services.referrals import Refused

HERE = {"here": "dossier", "words": REFERRAL, "rule": RULE}
HOUR = 3600
MODES = {Mode.ANY: "peu importe", Mode.ON_SITE: "sur place", Mode.REMOTE: "à distance"}


def _asked_for(request: HttpRequest) -> str:
    mode = request.POST.get("mode") or request.GET.get("mode", "")
    return mode if mode in Mode.values else Mode.ANY


def _sent(dossier) -> list[Referral]:
    found = dossier.referrals.select_related("provider", "shortlist")
    return [referral_answers.settle(each) for each in found]


@require_http_methods(["GET", "HEAD", "POST"])
@with_dossier
def choose(request: HttpRequest) -> HttpResponse:
    """The list of this dossier, and the requests already made. Looking at it again changes nothing."""
    dossier, mode = request.dossier, _asked_for(request)
    sent = _sent(dossier)
    if not referrals.is_offered(dossier):
        return render(request, "referral/none.html", {**HERE, "sent": sent})
    shortlist = referrals.shortlist_of(dossier=dossier, mode=mode)
    shown = referrals.proposed(shortlist)
    form = AskForm(request.POST if request.method == "POST" else None, shown=shown, picks=RULE.picks)
    if form.is_bound and form.is_valid():
        if ratelimit.wait_before("referral", str(dossier.pk), allowed=12, seconds=HOUR):
            form.add_error(None, "Beaucoup de demandes en une heure. Attendez un peu, puis renvoyez.")
        elif _ask(form, shortlist):
            return redirect("dossier:referrals")
    if form.is_bound:
        shown = referrals.proposed(shortlist)
        form.fields["providers"].choices = [(each.pk, each.name) for each in shown]
    room = referrals.room(dossier)
    page = {
        "form": form,
        "mode_form": ModeForm(initial={"mode": mode}),
        "mode": mode,
        "mode_name": MODES[mode],
        "cards": _cards(form, shown, shortlist),
        "sent": sent,
        "room": room,
        "brief": referrals.brief_of(dossier, mode),
        "draw": shortlist.draw_id,
        "reach": _prices(shown),
        "unsent": [] if shown and room else unsent([form]),
    }
    return render(request, "referral/choose.html", {**HERE, **page}, status=422 if form.errors else 200)


def _ask(form: AskForm, shortlist) -> bool:
    try:
        referrals.ask(shortlist=shortlist, chosen=form.cleaned_data["providers"], contact=form.contact)
    except Refused as refusal:
        form.add_error("providers", refusal.text)
        return False
    return True


def _prices(shown) -> tuple[int, int] | None:
    return (min(each.price_low for each in shown), max(each.price_high for each in shown)) if shown else None


def _cards(form: AskForm, shown, shortlist) -> list[dict]:
    """Each provider as it is shown before it is chosen, in the order drawn: « vient » only where it says it comes."""
    mode = shortlist.mode
    ticked = set(form.data.getlist("providers")) if form.is_bound else set()
    labels = shortlist.draw.asked["audience"] in RULE.label_audiences
    day, departement = timezone.localdate(), shortlist.draw.asked["departement"]
    coming = {each.pk for each in shown if each.on_site and departement in {z.departement for z in each.zones.all()}}
    return [
        {
            "provider": each,
            "comes": each.pk in coming and mode != Mode.REMOTE,
            "remote": each.remote and mode != Mode.ON_SITE,
            "ticked": str(each.pk) in ticked,
            "label": each.label_name if each.has_label(day) and labels else "",
        }
        for each in shown
    ]


def _of(request: HttpRequest, referral_id) -> Referral:
    """Another dossier's request does not exist here."""
    found = Referral.objects.select_related("provider", "shortlist__draw")
    referral = get_object_or_404(found, pk=referral_id, dossier=request.dossier)
    referral.dossier = request.dossier
    return referral_answers.settle(referral)


@require_http_methods(["GET", "HEAD"])
@with_dossier
def one(request: HttpRequest, referral_id) -> HttpResponse:
    return _page(request, _of(request, referral_id))


def _page(request: HttpRequest, referral: Referral, *, refusal: Refused | None = None, **forms_) -> HttpResponse:
    if refusal:  # the provider was faster: the page says what is
        referral.refresh_from_db()
    page = {
        "referral": referral,
        "provider": referral.provider,
        "brief": referrals.opened(referral, "sealed_brief"),
        "contact": contact_pairs(referrals.opened(referral, "sealed_contact")),
        "messages": bubbles(referral, reader=Side.VICTIM),
        "findings": shown_findings(_findings(referral)),
        "disputes": (disputes := disputes_of(referral, Side.VICTIM)),
        "may_dispute": all(each["answer"] for each in disputes),
        "suspended": referral.state == ReferralState.ACCEPTED and not referrals.is_readable(referral),
        "writable": referral.state == ReferralState.ACCEPTED and referrals.is_readable(referral),
        "form": TextForm(),
        "client_id": uuid.uuid4(),
        "rating_form": RatingForm() if referrals.is_rateable(referral) and referral.rating is None else None,
        "dispute_form": DisputeForm(),
        "refusal": refusal,
    }
    page["unsent"] = [] if page["writable"] else unsent(forms_.values())
    failed = refusal or any(form.errors for form in forms_.values())
    return render(request, "referral/one.html", {**HERE, **page, **forms_}, status=422 if failed else 200)


TYPED = ("text", "indicators", "done", "name", "phone", "email", "words")


def unsent(forms) -> list[tuple[str, str]]:
    """What was typed in forms that this page no longer shows: nothing is lost without a word."""
    fields = [form[name] for form in forms if form.is_bound for name in TYPED if name in form.fields]
    return [(field.label, field.value()) for field in fields if field.value()]


def _findings(referral: Referral) -> dict | None:
    return referrals.opened(referral, "sealed_report") if referral.sealed_report else None


def contact_pairs(contact: dict[str, str]) -> list[tuple[str, str]]:
    labels = {"name": "Nom", "phone": "Téléphone", "email": "Courriel", "words": "À savoir"}
    return [(labels[key], contact[key]) for key in labels if contact.get(key)]


def bubbles(referral: Referral, *, reader: Side) -> list[dict]:
    """The messages as the bubbles of a talk. A mail filter opens the provider's link too: that a provider read is told
    once it has written after."""
    try:
        found = referral_answers.messages_of(referral, reader=reader)
    except CannotOpen:
        return []
    who = {Side.VICTIM: "La personne", Side.PROVIDER: referral.provider.name}
    answered = max((each.sent_at for each, _ in found if each.sender != reader), default=None)
    return [
        {
            "mine": each.sender == reader,
            "who": "" if each.sender == reader else who[Side(each.sender)],
            "text": text,
            "time": each.sent_at,
            "read": each.read_at and (reader == Side.PROVIDER or (answered and each.sent_at < answered)),
        }
        for each, text in found
    ]


def disputes_of(referral: Referral, side: Side) -> list[dict]:
    """Each side reads its own only."""
    found = []
    for each in referral.disputes.filter(side=side):
        each.referral = referral
        text, answer = referral_answers.dispute_words(each)
        found.append({"text": text, "answer": answer, "at": each.opened_at, "answered_at": each.answered_at})
    return found


@require_POST
@with_dossier
def write(request: HttpRequest, referral_id) -> HttpResponse:
    referral, form = _of(request, referral_id), TextForm(request.POST)
    if not form.is_valid():
        return _page(request, referral, form=form)
    if ratelimit.wait_before("referral-message", str(referral.pk), allowed=60, seconds=HOUR):
        form.add_error("text", "Beaucoup de messages en une heure. Attendez un peu, puis renvoyez ce texte.")
        return _page(request, referral, form=form)
    values = {"client_id": form.cleaned_data["client_id"], "text": form.cleaned_data["text"]}
    try:
        referral_answers.write(referral=referral, sender=Side.VICTIM, **values)
    except Refused as refusal:
        return _page(request, referral, form=form, refusal=refusal)
    return redirect("dossier:referral", referral.pk)


@require_POST
@with_dossier
def withdraw(request: HttpRequest, referral_id) -> HttpResponse:
    referral = _of(request, referral_id)
    try:
        referrals.withdraw(referral=referral)
    except Refused as refusal:
        return _page(request, referral, refusal=refusal)
    return redirect("dossier:referral", referral.pk)


@require_POST
@with_dossier
def rate(request: HttpRequest, referral_id) -> HttpResponse:
    referral, form = _of(request, referral_id), RatingForm(request.POST)
    if not form.is_valid():
        return _page(request, referral, rating_form=form)
    try:
        referrals.rate(referral=referral, rating=form.cleaned_data["rating"])
    except Refused as refusal:
        return _page(request, referral, refusal=refusal)
    return redirect("dossier:referral", referral.pk)


@require_POST
@with_dossier
def dispute(request: HttpRequest, referral_id) -> HttpResponse:
    referral, form = _of(request, referral_id), DisputeForm(request.POST)
    if not form.is_valid():
        return _page(request, referral, dispute_form=form)
    try:
        referral_answers.dispute(referral=referral, side=Side.VICTIM, text=form.cleaned_data["dispute"])
    except Refused as refusal:
        form.add_error("dispute", refusal.text)
        return _page(request, referral, dispute_form=form)
    return redirect("dossier:referral", referral.pk)
