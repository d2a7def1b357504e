"""System checks that refuse to start production with an unsafe value. Ids are stable: operators search for them."""

from django.conf import settings
from django.core.checks import Error, Tags, register


def _secret() -> list[Error]:
    if settings.SECRET_KEY == settings.LAPTOP_SECRET:
        return [Error("GUICHET_SECRET_KEY is the laptop's value.", hint="Set a random secret.", id="guichet.E001")]
    return []


def _keys() -> list[Error]:
    if settings.LAPTOP_KEK in settings.GUICHET_KEKS:
        return [Error("GUICHET_KEKS is the laptop's key.", hint="Set id:base64 of 32 bytes.", id="guichet.E002")]
    return []


def _layer() -> list[Error]:
    if not settings.REDIS_URL:
        return [
            Error("REDIS_URL is empty: the bell, the cache and the tasks would stay in one process.", id="guichet.E003")
        ]
    return []


def _database() -> list[Error]:
    if not settings.DATABASE_URL:
        return [Error("DATABASE_URL is empty: SQLite is for one process.", id="guichet.E004")]
    return []


def _demo() -> list[Error]:
    if settings.DEMO:
        return [Error("GUICHET_DEMO is on: demo accounts have known passwords.", id="guichet.E005")]
    return []


def _https() -> list[Error]:
    found = []
    if not settings.HTTPS:
        found.append(Error("GUICHET_HTTPS is off.", id="guichet.E006"))
    if not settings.ORIGINS or not all(origin.startswith("https://") for origin in settings.ORIGINS):
        found.append(Error("GUICHET_ORIGINS must list the https origins of the site.", id="guichet.E007"))
    return found


def _debug() -> list[Error]:
    return [Error("GUICHET_DEBUG is on.", id="guichet.E008")] if settings.DEBUG else []


def production_is_safe(app_configs, **kwargs) -> list[Error]:
    if not settings.PRODUCTION:
        return []
    rules = (_secret, _keys, _layer, _database, _demo, _https, _debug)
    return [error for rule in rules for error in rule()]


def register_all() -> None:
    register(production_is_safe, Tags.security)
