"""Between the password and the house: who gave the right password and still owes a code, or a second factor.

Kept in a session that nobody is signed in to: no page has to know that such a state exists.
"""

import hmac
import time

from django.http import HttpRequest

from guichet.accounts.models import Agent

KEY = "on_the_threshold"
LIVES = 15 * 60


def stand(request: HttpRequest, *, agent: Agent, follow: str = "") -> None:
    request.session.cycle_key()
    request.session[KEY] = {
        "agent": agent.pk,
        "credentials": agent.credentials,
        "since": int(time.time()),
        "follow": follow,
    }


def standing(request: HttpRequest) -> Agent | None:
    """Nobody once it has lasted, the account is closed, or its password or second factor has changed meanwhile."""
    kept = request.session.get(KEY)
    if not kept or time.time() - kept["since"] > LIVES:
        return None
    agent = Agent.objects.filter(pk=kept["agent"], is_active=True).first()
    return agent if agent and hmac.compare_digest(kept["credentials"], agent.credentials) else None


def step_in(request: HttpRequest) -> str:
    """Where the agent was going; the threshold is left."""
    return request.session.pop(KEY, {}).get("follow", "")
