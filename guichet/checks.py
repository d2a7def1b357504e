"""System checks that refuse to start production with an unsafe value. Ids are stable: operators search for them."""

from django.conf import settings
from django.core.checks import Error, Tags, register

from guichet.accounts.rules import OFFERED, REQUIRED


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


def _identity() -> list[Error]:
    issuer = settings.GUICHET_OIDC_ISSUER
    if issuer and not issuer.startswith("https://"):
        return [Error("GUICHET_OIDC_ISSUER must be an https address.", id="guichet.E009")]
    return []


def _time_stamps() -> list[Error]:
    address = settings.GUICHET_TSA_URL
    if address and not address.startswith(("https://", "http://")):
        return [Error("GUICHET_TSA_URL must be an http or https address.", id="guichet.E012")]
    return []


def _mail() -> list[Error]:
    if settings.EMAIL_BACKEND == settings.PRINTED_MAIL:
        return [
            Error(
                "GUICHET_EMAIL_HOST is empty: mails would be printed in the log, with addresses and links.",
                hint="Set it to the mail server's name.",
                id="guichet.E015",
            )
        ]
    return []


def _second_factor() -> list[Error]:
    if settings.GUICHET_SECOND_FACTOR == OFFERED:
        return [
            Error(
                "GUICHET_SECOND_FACTOR is « offered »: a stolen password would open the dossiers.",
                hint="Set it to « required », or leave it out.",
                id="guichet.E013",
            )
        ]
    return []


def second_factor_is_known(app_configs, **kwargs) -> list[Error]:
    """Wherever it runs: a misspelt value closes the door to every agent, and says so here."""
    if settings.GUICHET_SECOND_FACTOR in {REQUIRED, OFFERED}:
        return []
    return [
        Error(
            f"GUICHET_SECOND_FACTOR is « {settings.GUICHET_SECOND_FACTOR} ».",
            hint="Set it to « required » or « offered ».",
            id="guichet.E014",
        )
    ]


RULES = (_secret, _keys, _layer, _database, _demo, _https, _debug, _identity, _time_stamps, _second_factor, _mail)


def production_is_safe(app_configs, **kwargs) -> list[Error]:
    if not settings.PRODUCTION:
        return []
    return [error for rule in RULES for error in rule()]


def register_all() -> None:
    register(production_is_safe, Tags.security)
    register(second_factor_is_known, Tags.security)
