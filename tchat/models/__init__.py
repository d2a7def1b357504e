from tchat.models.alerts import AbuseFlag, Alert
from tchat.models.appointments import Appointment
from tchat.models.desks import Desk, Presence
from tchat.models.notes import Note
from tchat.models.readings import ReadAlong
from tchat.models.replies import Reply
from tchat.models.rulebooks import Overflow, Rule, Rulebook
from tchat.models.talks import Conversation, Message

__all__ = [
    "AbuseFlag",
    "Alert",
    "Appointment",
    "Conversation",
    "Desk",
    "Message",
    "Note",
    "Overflow",
    "Presence",
    "ReadAlong",
    "Reply",
    "Rule",
    "Rulebook",
]
