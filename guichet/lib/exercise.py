"""An exercise leaves its mark on everything it makes.

A browser that carries a sealed token is in an exercise: its dossier, its conversation and its papers say « EXERCICE »,
wait in queues of their own and enter no figure.
"""

from django.conf import settings
from django.http import HttpRequest

from guichet.lib.crypto import open_cookie, seal_cookie

COOKIE = settings.COOKIE_PREFIX + "exercice"
PURPOSE = "exercice"
LIFE = 24 * 3600
WORD = "EXERCICE"


def new_token() -> str:
    """Only the house can seal one: nobody puts a real victim among exercises by hand."""
    return seal_cookie(PURPOSE, {"e": 1})


def is_exercise(request: HttpRequest) -> bool:
    value = request.COOKIES.get(COOKIE, "")
    return bool(value) and open_cookie(PURPOSE, value, LIFE) is not None


def mark(request: HttpRequest) -> dict[str, bool]:
    """For every page: a dossier says what it is, whatever the browser carries."""
    dossier = getattr(request, "dossier", None)
    return {"exercise": is_exercise(request) if dossier is None else dossier.exercise}
