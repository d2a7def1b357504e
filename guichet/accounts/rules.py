"""Who may enter which room of the house."""

from guichet.accounts.enums import Role


def can_use_console(agent) -> bool:
    return bool(agent.is_authenticated and agent.is_active and agent.role in {Role.AGENT, Role.SUPERVISOR})


def can_supervise(agent) -> bool:
    return bool(agent.is_authenticated and agent.is_active and agent.role == Role.SUPERVISOR)
