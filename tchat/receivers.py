"""When a complaint is filed, every conversation of its dossier joins it, the open one as it stands."""

from django.dispatch import receiver

from tchat.models import Conversation
from tchat.services import transcripts
from victims.signals import complaint_filing


@receiver(complaint_filing)
def bring_transcripts(sender, complaint, actor, **kwargs) -> None:
    found = Conversation.objects.filter(dossier=complaint.dossier).select_related(
        "dossier", "dossier__diagnosis", "desk", "service", "agent"
    )
    for conversation in found:
        complaint.pieces.add(*transcripts.attach(conversation=conversation, actor=actor))
