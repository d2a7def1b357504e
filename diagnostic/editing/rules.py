"""Who may write the content, and who may let it out."""

from diagnostic.models import TreeVersion
from guichet.accounts.enums import Role

WRITERS = frozenset({Role.EDITOR, Role.ADMINISTRATOR})


def can_edit(agent) -> bool:
    return bool(agent.is_authenticated and agent.is_active and agent.is_staff and agent.role in WRITERS)


def has_written(agent, version: TreeVersion) -> bool:
    return agent.pk == version.author_id or version.hands.filter(pk=agent.pk).exists()


def can_approve(agent, version: TreeVersion) -> bool:
    """Another person than any of those who wrote in it."""
    return can_edit(agent) and not has_written(agent, version)
