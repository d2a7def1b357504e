"""Whether a talk helped, as the person says it once it is over: one word, for the figures of the service."""

from django.db import transaction

from guichet.audit import services as audit
from guichet.observatory.services import count
from tchat.models import Conversation
from victims.models import Dossier
from victims.services.dossiers import VICTIM


@transaction.atomic
def give_opinion(*, dossier: Dossier, conversation_id, opinion: str) -> bool:
    """The first word counts. False: said already, or of a talk that nobody may judge."""
    talk = Conversation.objects.select_for_update().filter(pk=conversation_id, dossier=dossier).first()
    if talk is None or not talk.asks_opinion:
        return False
    talk.opinion = opinion
    talk.save(update_fields=["opinion"])
    audit.record(actor=VICTIM, verb="avis donné", chain=dossier.chain, target=str(conversation_id))
    count("tchat-avis", opinion, exercise=dossier.exercise)
    return True
