"""Who may write what everybody reads."""

from guichet.accounts.enums import Role


def can_edit_prevention(agent) -> bool:
    """Editors and administrators, inside the admin only."""
    if not (agent.is_authenticated and agent.is_active and agent.is_staff):
        return False
    return bool(agent.is_superuser or agent.role in {Role.EDITOR, Role.ADMINISTRATOR})
