"""Who may enter which room of the house."""

from django.conf import settings

from guichet.accounts.enums import Role

REQUIRED, OFFERED = "required", "offered"
CONSOLE = {Role.AGENT, Role.SUPERVISOR}


def factor_is_required() -> bool:
    """Anything but a clear « offered » demands it: a typing error in the environment opens nothing."""
    return settings.GUICHET_SECOND_FACTOR != OFFERED


def must_enrol(agent) -> bool:
    """Nobody can sign in without a password that works, so who has none (an exercise's agents) owes nothing here."""
    return factor_is_required() and not agent.factor_mark and agent.has_usable_password()


def may_enter(agent) -> bool:
    return bool(agent.is_authenticated and agent.is_active) and not must_enrol(agent)


def can_use_console(agent) -> bool:
    return may_enter(agent) and agent.role in CONSOLE


def can_supervise(agent) -> bool:
    return may_enter(agent) and agent.role == Role.SUPERVISOR


def can_reset_factor(actor, agent) -> bool:
    """A colleague's, never one's own: whoever stole a session could then do without. An administrator for anybody (only
    a superuser for a superuser), a supervisor for the agents and supervisors of the same force."""
    if not may_enter(actor) or actor.pk == agent.pk or (agent.is_superuser and not actor.is_superuser):
        return False
    if actor.is_superuser or actor.role == Role.ADMINISTRATOR:
        return True
    return can_supervise(actor) and agent.role in CONSOLE and agent.institution == actor.institution
