"""What colleagues left for the agent who holds a talk: a supervisor's whisper, the note of a transfer.

Which of them were on screen is remembered with the session, as numbers: a note itself bears no reader.
"""

from django.http import HttpRequest

from tchat.models import Conversation
from tchat.services.notes import Written

KEPT = "notes-vues"


def seen(request: HttpRequest) -> dict[str, int]:
    """Conversation -> how many notes of others this browser has shown."""
    return request.session.get(KEPT, {})


def see(request: HttpRequest, selected: Conversation | None, held: list[Conversation]) -> None:
    """The notes of the conversation on screen; what is no longer held is forgotten."""
    before, shown = seen(request), selected.pk if selected else None
    counts = {str(each.pk): each.notes_of_others if each.pk == shown else before.get(str(each.pk), 0) for each in held}
    after = {key: count for key, count in counts.items() if count}
    if after != before:
        request.session[KEPT] = after


def last_of_others(written: list[Written], agent) -> Written | None:
    """The last note, unless the agent wrote it."""
    return written[-1] if written and written[-1].who != agent.service_number else None
