"""« Est-ce vraiment la police ? »: the code that the agent gave, checked against the conversation in progress."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from guichet.lib import ratelimit
from tchat.forms import VerifyForm
from tchat.services.verification import is_genuine
from victims import verify_views

TRIES, PERIOD = 10, 600


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Says yes or no, and nothing else: not whose dossier it is, nor whether the reference exists."""
    if request.method != "POST" and {"numero", "sha256"} & request.GET.keys():
        return verify_views.paper(request)
    if request.method != "POST":
        return render(request, "tchat/verify.html", {"form": VerifyForm()})
    form = VerifyForm(request.POST)
    if wait := _wait(request, form):
        return render(request, "tchat/verify.html", {"form": form, "wait": wait // 60 + 1}, status=429)
    if not form.is_valid():
        return render(request, "tchat/verify.html", {"form": form}, status=422)
    genuine = is_genuine(reference=form.cleaned_data["reference"], code=form.cleaned_data["code"])
    return render(request, "tchat/verify.html", {"form": form, "asked": True, "genuine": genuine})


def _wait(request: HttpRequest, form: VerifyForm) -> int:
    """By address, and by the reference in its one spelling: four digits would not stand many tries."""
    wait = ratelimit.wait_before("verify", ratelimit.client_address(request), allowed=TRIES * 6, seconds=PERIOD)
    if not form.is_valid():
        return wait
    reference = form.cleaned_data["reference"]
    return max(wait, ratelimit.wait_before("verify-reference", reference, allowed=TRIES, seconds=PERIOD))
