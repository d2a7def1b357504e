"""Who is told when something changes. Group names and kinds live here only; a bell never carries content."""

from django.db import transaction

from tchat.hub import hub

TYPING = "typing."


def conversation_group(conversation_id) -> str:
    return f"conversation.{conversation_id}"


def desk_group(slug: str) -> str:
    return f"desk.{slug}"


def agent_group(agent_id: int) -> str:
    return f"agent.{agent_id}"


def message_stored(conversation) -> None:
    """A new line: both sides look; the agent's console also counts it as unread."""
    groups = _of_lines([conversation])
    transaction.on_commit(lambda: hub.ring(*groups))


def lines_committed(conversations) -> None:
    """The same, after the commit, for the other processes: this one tells its sockets with the lines in hand."""
    hub.ring(*_of_lines(conversations), here=False)


def _of_lines(conversations) -> list[str]:
    agents = {agent_group(each.agent_id) for each in conversations if each.agent_id}
    return [*(conversation_group(each.pk) for each in conversations), *agents]


def typing(conversation_id, author: str) -> None:
    """This side writes, at this moment: kept nowhere, lost without harm."""
    hub.ring(conversation_group(conversation_id), kind=TYPING + author)


def queue_changed(conversation) -> None:
    """Asked, taken, closed, moved: the two sides, the desk and everyone who waits there."""
    groups = [conversation_group(conversation.pk), desk_group(conversation.desk_id)]
    if conversation.agent_id:
        groups.append(agent_group(conversation.agent_id))
    transaction.on_commit(lambda: hub.ring(*groups))


def moved(conversation, *, from_desk: str, from_agent: int | None) -> None:
    """Given to another desk: the one it left and the agent who held it must know as well."""
    queue_changed(conversation)
    groups = [desk_group(from_desk), *([agent_group(from_agent)] if from_agent else [])]
    transaction.on_commit(lambda: hub.ring(*groups))


def noted(conversation) -> None:
    """A note was left: the console of whoever holds the conversation looks."""
    group = agent_group(conversation.agent_id) if conversation.agent_id else ""
    if group:
        transaction.on_commit(lambda: hub.ring(group))


def duty_changed(agent) -> None:
    """In pause, back, gone: the consoles of the agent's desks look."""
    groups = [desk_group(slug) for slug in agent.desks.values_list("pk", flat=True)]
    if groups:
        transaction.on_commit(lambda: hub.ring(*groups))


def rights_changed(agent_id: int) -> None:
    """Signed out, closed, moved: the agent's sockets check again who they are."""
    transaction.on_commit(lambda: hub.ring(agent_group(agent_id), kind="recheck"))
