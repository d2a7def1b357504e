from tchat.models.desks import Desk, Presence
from tchat.models.replies import Reply
from tchat.models.rulebooks import Overflow, Rule, Rulebook
from tchat.models.talks import Conversation, Message

__all__ = ["Conversation", "Desk", "Message", "Overflow", "Presence", "Reply", "Rule", "Rulebook"]
