"""Conversations in progress for the benchmark, without an Argon2 hash each; prints who opens what."""

import json
import secrets
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402 (after setup)
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.utils import timezone  # noqa: E402

from diagnostic.models import Diagnosis  # noqa: E402
from guichet.accounts.models import Agent  # noqa: E402
from guichet.lib import crypto, references  # noqa: E402
from tchat.enums import State  # noqa: E402
from tchat.models import Conversation, Desk  # noqa: E402
from victims.models import Dossier  # noqa: E402
from victims.services import access  # noqa: E402


def agent_session(agent: Agent) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(agent.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    session.create()
    return session.session_key


def conversation(agent: Agent, desk: Desk) -> dict:
    diagnosis = Diagnosis.objects.create(
        tree_version="bench", audience="particulier", threats=["sextorsion"], threat_names=["Sextorsion"],
        severity=4, chat_offered=True,
    )  # fmt: skip
    dossier = Dossier(
        reference=references.new_reference(), opening=secrets.token_hex(32), code_hash="!", diagnosis=diagnosis,
        assigned_agent=agent,
    )  # fmt: skip
    dossier.kek, dossier.wrapped_key = crypto.wrap(crypto.new_key(), owner=str(dossier.pk))
    dossier.save(force_insert=True)
    now = timezone.now()
    talk = Conversation.objects.create(
        dossier=dossier, desk=desk, institution="PN", competence_source="officielle", threat="sextorsion", severity=4,
        state=State.ACTIVE, agent=agent, taken_at=now, verification="00 · 00",
    )  # fmt: skip
    return {"id": str(talk.pk), "token": access.grant_access(dossier=dossier)}


def main() -> None:
    agent, desk = Agent.objects.get(username="policier"), Desk.objects.get(slug="police")
    talks = [conversation(agent, desk) for _ in range(int(sys.argv[1]))]
    cookies = {"victim": access.COOKIE, "agent": settings.SESSION_COOKIE_NAME}
    print(json.dumps({"session": agent_session(agent), "cookies": cookies, "talks": talks}))


if __name__ == "__main__":
    main()
