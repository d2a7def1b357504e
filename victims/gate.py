"""The victim's gate: a view behind it has `request.dossier`, opened by this browser's own key."""

import functools
from urllib.parse import urlencode

from django.http import HttpRequest
from django.shortcuts import redirect, resolve_url

from victims.services.access import dossier_of

SIGN_IN = "dossier:sign_in"


def with_dossier(view):
    """Without an open access the person is asked for reference and code; nothing says whether the dossier exists."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs):
        dossier = dossier_of(request)
        if dossier is None:
            return redirect(f"{resolve_url(SIGN_IN)}?{urlencode({'suite': 'ferme'})}")
        request.dossier = dossier
        return view(request, *args, **kwargs)

    return guarded
