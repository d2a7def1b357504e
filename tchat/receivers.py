"""When a complaint is filed, every conversation of its dossier joins it, the open one as it stands.

When an agent signs out, the sockets left open are asked again who they are, and what was held goes back to the queue.
"""

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver

from tchat import events
from tchat.models import Conversation
from tchat.services import presence, transcripts
from victims.signals import complaint_filing


@receiver(complaint_filing)
def bring_transcripts(sender, complaint, actor, **kwargs) -> None:
    found = Conversation.objects.filter(dossier=complaint.dossier).select_related(
        "dossier", "dossier__diagnosis", "desk", "service", "agent"
    )
    for conversation in found:
        complaint.pieces.add(*transcripts.attach(conversation=conversation, actor=actor))


@receiver(user_logged_out)
def check_sockets(sender, user, **kwargs) -> None:
    if user:
        presence.left(user)
        events.rights_changed(user.pk)
