"""What a person reads: bubbles with their state in a word, the wait in a sentence, how a conversation ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from tchat.enums import Author, Outcome, State
from tchat.models import Conversation
from tchat.services.messages import Line
from tchat.services.queue import Place

# A socket says it every twelve seconds, a request that waits every twenty.
STILL_THERE = timedelta(minutes=1)
STATES = {"sending": "envoi", "saved": "enregistré", "read": "lu", "failed": "non envoyé"}
ENDINGS = {
    Outcome.ADVICE: "Un agent vous a conseillé. Vous pouvez relire la conversation ici.",
    Outcome.APPOINTMENT: "Un rendez-vous a été proposé. Les détails sont dans la conversation.",
    Outcome.COMPLAINT: "Votre plainte est préparée. Rien n'est déposé sans votre accord.",
    Outcome.INTERVENTION: "Une intervention a été demandée. En cas de danger, appelez le 17.",
    Outcome.REDIRECTION: "L'agent vous a indiqué un autre service. Son nom est dans la conversation.",
    Outcome.ABUSE: "L'agent a arrêté la conversation. Vous pouvez en demander une autre. En danger, appelez le 17.",
    Outcome.ABANDONED: "La conversation s'est arrêtée. Vous pouvez en demander une autre quand vous voulez.",
}


@dataclass(frozen=True, slots=True)
class Bubble:
    """What components/_bubble.html draws."""

    id: int | str
    text: str
    time: str
    who: str = ""
    mine: bool = False
    note: bool = False
    link: str = ""
    state: str = ""
    state_label: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    label: str
    bubbles: list[Bubble]


def day_of(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "l j F")


def bubbles_by_day(lines: list[Line], *, side: Author, other_read: int) -> list[Day]:
    return [
        Day(label, [_bubble(line, side, other_read) for line in found])
        for label, found in groupby(lines, key=lambda line: day_of(line.at))
    ]


def _bubble(line: Line, side: Author, other_read: int) -> Bubble:
    mine, note = line.author == side, line.author == Author.HOUSE
    text, link = _led(line.body) if note and side == Author.VICTIM else (line.body, "")
    state = ("read" if line.seq <= other_read else "saved") if mine else ""
    return Bubble(
        id=line.seq,
        text=text,
        time=timezone.localtime(line.at).strftime("%H:%M"),
        who="" if mine or note else line.who,
        mine=mine,
        note=note,
        link=link,
        state=state,
        state_label=STATES.get(state, ""),
    )


def _led(body: str) -> tuple[str, str]:
    """A line of the house that ends with the address of our page leads there, by the host that the reader is on."""
    text, _, address = body.rpartition(" ")
    page = reverse("tchat:appointment")
    return (text, page) if address.startswith("http") and address.endswith(page) else (body, "")


def samples(side: Author = Author.AGENT) -> list[Bubble]:
    """Mine, the other's, the house's: what the script copies, so that it draws the same bubbles as the server."""
    page = reverse("tchat:appointment") if side == Author.VICTIM else ""
    return [
        Bubble("", "", "", mine=True, state="sending", state_label=STATES["sending"]),
        Bubble("", "", "", who="…"),
        Bubble("", "", "", note=True, link=page),
    ]


def wait_sentence(place: Place | None) -> str:
    if place is None or place.minutes is None:
        return "Nous ne savons pas encore combien de temps"
    return f"Attente : environ {place.minutes} minute{'s' if place.minutes > 1 else ''}"


def ending_of(conversation: Conversation, *, filed: bool = False) -> str:
    if filed:
        return "Votre plainte est déposée. Le récépissé est dans votre dossier."
    return ENDINGS.get(conversation.outcome, "La conversation est terminée.")


def title_for_victim(conversation: Conversation) -> str:
    if conversation.state == State.ACTIVE:
        return conversation.agent.public_name
    return "Conversation terminée" if conversation.state == State.CLOSED else "Un agent va vous lire"


def victim_seen(conversation: Conversation, now: datetime | None = None) -> str:
    """Not « gone »: without script, a person who reads is seen only when a page is asked for."""
    now = now or timezone.now()
    if now - conversation.victim_seen_at < STILL_THERE:
        return "Victime là"
    return f"Victime pas vue depuis {waited(conversation.victim_seen_at, now)}"


def waited(since: datetime, now: datetime) -> str:
    """« 14 min », « 2 h 05 »."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d}"
