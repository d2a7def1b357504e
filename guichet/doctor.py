"""What an operator wants to know first: does each part answer, and is anything missing?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from redis.exceptions import RedisError

from diagnostic.editing import health
from guichet.accounts.models import Agent
from guichet.accounts.rules import factor_is_required
from guichet.lib import crypto
from guichet.territory.models import Edition
from tchat.models import Desk
from victims.vault import clamav


@dataclass(frozen=True)
class Finding:
    part: str
    good: bool
    says: str


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return connection.vendor


def _redis() -> str:
    if not settings.REDIS_URL:
        return "aucun : sonnette, cache et tâches dans ce processus"
    redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2).ping()
    return "répond"


def _keys() -> str:
    return f"{len(crypto.keks())} clé(s), la première est « {crypto.current_kek()} »"


def _territory() -> str:
    edition = Edition.objects.order_by("-loaded_at").first()
    if edition is None:
        raise LookupError("aucune donnée : manage.py load_reference")
    return str(edition)


def _tree() -> str:
    return health.published()


def _desks() -> str:
    empty = Desk.objects.real().filter(agents=None).values_list("slug", flat=True)
    if empty:
        raise LookupError(f"sans agent : {', '.join(empty)}")
    return f"{Desk.objects.real().count()} bureaux, tous ont des agents"


def _second_factor() -> str:
    """Exercises' agents have no password, so nothing to guard."""
    people = [agent for agent in Agent.objects.filter(is_active=True) if agent.has_usable_password()]
    without = sum(not agent.factor_mark for agent in people)
    return f"{'exigé' if factor_is_required() else 'proposé'} ; {without} compte(s) sur {len(people)} n'en ont pas"


def _antivirus() -> str:
    if not clamav.is_configured():
        return "aucun : les fichiers attendent, gardés, jamais dits sains"
    try:
        return clamav.version()
    except clamav.Unavailable as error:
        raise LookupError(f"ne répond pas ({error})") from error


PARTS: dict[str, Callable[[], str]] = {
    "base de données": _database,
    "redis": _redis,
    "clés": _keys,
    "territoire": _territory,
    "arbre": _tree,
    "bureaux": _desks,
    "second facteur": _second_factor,
    "antivirus": _antivirus,
}


def findings() -> Iterator[Finding]:
    for part, look in PARTS.items():
        try:
            yield Finding(part, True, look())
        except (DatabaseError, RedisError, OSError, LookupError, ValueError) as error:
            yield Finding(part, False, str(error) or type(error).__name__)
