"""When a complaint is filed, every conversation of its dossier joins it, the open one as it stands.

When a file comes into a dossier, or the victim moves or cancels an appointment, the open conversation says so.

When an agent signs out, the sockets left open are asked again who they are, and what was held goes back to the queue.
They are asked too when the sessions of an agent end otherwise: a second factor was added, removed or reset.
"""

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver

from guichet.accounts.signals import sessions_ended
from tchat import events
from tchat.enums import State
from tchat.models import Conversation
from tchat.services import appointments, attachments, presence, transcripts
from victims.signals import booking_changed, complaint_filing, file_given, file_removed


@receiver(complaint_filing)
def bring_transcripts(sender, complaint, actor, **kwargs) -> None:
    found = Conversation.objects.filter(dossier=complaint.dossier).select_related(
        "dossier", "dossier__diagnosis", "desk", "service", "agent"
    )
    for conversation in found:
        complaint.pieces.add(*transcripts.attach(conversation=conversation, actor=actor))


@receiver(file_given)
def tell_file(sender, piece, actor, **kwargs) -> None:
    """Whichever door it came by: who talks about the dossier sees it come."""
    for conversation_id in _open_ones(piece.dossier_id):
        attachments.tell(conversation_id=conversation_id, piece=piece, actor=actor)


@receiver(file_removed)
def tell_removal(sender, dossier, name, sha256, **kwargs) -> None:
    for conversation_id in _open_ones(dossier.pk):
        attachments.tell_removal(conversation_id=conversation_id, name=name, sha256=sha256)


@receiver(booking_changed)
def tell_appointment(sender, dossier, before, after, **kwargs) -> None:
    for conversation_id in _open_ones(dossier.pk):
        appointments.tell_change(conversation_id=conversation_id, dossier=dossier, before=before, after=after)


def _open_ones(dossier_id) -> list:
    return list(
        Conversation.objects.filter(dossier=dossier_id).exclude(state=State.CLOSED).values_list("pk", flat=True)
    )


@receiver(user_logged_out)
def check_sockets(sender, user, **kwargs) -> None:
    if user:
        presence.left(user)
        events.rights_changed(user.pk)


@receiver(sessions_ended)
def recheck_sockets(sender, agent_id, **kwargs) -> None:
    events.rights_changed(agent_id)
