"""A file that comes while one talks: a line of the house names it, with the digest that the transcript lists too."""

from django.db import transaction

from tchat import events
from tchat.services import messages
from tchat.services.conversations import locked
from victims.models import Evidence
from victims.services.dossiers import VICTIM


def line_of(piece: Evidence, actor: str) -> str:
    who = "La victime" if actor == VICTIM else "Une personne qui aide la victime"
    closed = " Il est en quarantaine : personne ne l’ouvre ici." if piece.quarantined else ""
    return f"{who} a joint un fichier : {piece.name}.{closed}\nEmpreinte SHA-256 : {piece.sha256}"


def tell(*, conversation_id, piece: Evidence, actor: str) -> None:
    _say(conversation_id, line_of(piece, actor))


def tell_removal(*, conversation_id, name: str, sha256: str) -> None:
    _say(conversation_id, f"La victime a retiré un fichier : {name}.\nEmpreinte SHA-256 : {sha256}")


@transaction.atomic
def _say(conversation_id, text: str) -> None:
    """A conversation that is over is sealed: nothing more is written in it."""
    conversation = locked(conversation_id)
    if conversation.is_open:
        messages.note(conversation, text)
        events.message_stored(conversation)
