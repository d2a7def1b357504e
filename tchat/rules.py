"""Who may do what with a conversation. Deny by default: before it is taken, nobody reads what the victim wrote."""

from guichet.accounts import rules as account_rules
from guichet.accounts.rules import can_use_console
from tchat.enums import State
from tchat.models import Alert, Conversation, Desk
from victims.rules import can_read_dossier, is_assigned


def can_follow(agent, conversation: Conversation) -> bool:
    """The agent who took it, as long as the dossier is still theirs."""
    return (
        can_use_console(agent)
        and conversation.agent_id == agent.pk
        and is_assigned(agent, conversation.dossier)
        and not conversation.dossier.erased_at
    )


def can_reread(agent, conversation: Conversation) -> bool:
    """A conversation that is over is read with its dossier; an open one only by the agent who holds it."""
    if conversation.is_open:
        return can_follow(agent, conversation)
    return can_read_dossier(agent, conversation.dossier)


def answers_desk(agent, conversation: Conversation) -> bool:
    return can_use_console(agent) and conversation.desk.agents.filter(pk=agent.pk).exists()


def can_preview(agent, conversation: Conversation) -> bool:
    """What an agent needs to choose: the diagnosis of who waits at one of their desks, never a typed word."""
    return conversation.state == State.WAITING and answers_desk(agent, conversation)


def can_open(agent, conversation: Conversation) -> bool:
    return can_preview(agent, conversation) or can_reread(agent, conversation)


def can_transfer(agent, conversation: Conversation) -> bool:
    """To another desk: who holds it, who may take it, or a supervisor of its desk."""
    return can_preview(agent, conversation) or can_hand_over(agent, conversation)


def can_supervise(agent, desk: Desk) -> bool:
    """A supervisor, at the desks where an administrator put them."""
    return account_rules.can_supervise(agent) and desk.agents.filter(pk=agent.pk).exists()


def can_acknowledge(agent, alert: Alert) -> bool:
    return can_supervise(agent, alert.desk)


def can_hand_over(agent, conversation: Conversation) -> bool:
    """To a named colleague: who holds it gives it; a supervisor of the desk gives any open one."""
    return (conversation.state == State.ACTIVE and can_follow(agent, conversation)) or (
        conversation.is_open and not conversation.dossier.erased_at and can_supervise(agent, conversation.desk)
    )


def can_read_along(agent, conversation: Conversation) -> bool:
    """While an agent talks. Before it is taken, nobody reads what the victim wrote, supervisors neither."""
    return (
        conversation.state == State.ACTIVE
        and not conversation.dossier.erased_at
        and can_supervise(agent, conversation.desk)
    )


def can_annotate(agent, conversation: Conversation) -> bool:
    """Who reads it may leave a note to the colleagues; a supervisor who reads along whispers in this way."""
    return can_reread(agent, conversation) or can_read_along(agent, conversation)
