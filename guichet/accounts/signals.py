"""Told by the accounts, heard above."""

from django.dispatch import Signal

# The sessions of an agent, but perhaps one, opened nothing more from now on: `agent_id`. Sent on commit.
sessions_ended = Signal()
