"""Platforms, shared hosts and borrowed names: data of `victims/content/linking.yaml`, checked when the house starts."""

import datetime
import re

import yaml

from guichet.lib.text import fold
from victims.complaint_form import CONTENT, Spec, Text
from victims.linking.web import Address


class Platform(Spec):
    id: str
    names: tuple[str, ...]
    hosts: tuple[str, ...]
    profile: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()


class PhoneLinks(Spec):
    hosts: tuple[str, ...]


class Places(Spec):
    checked_on: datetime.date
    source: Text
    platforms: tuple[Platform, ...]
    phone_links: PhoneLinks
    shared_hosts: frozenset[str]
    borrowed_hosts: frozenset[str]
    open_mail: frozenset[str]


PLACES = Places.model_validate(yaml.safe_load((CONTENT / "linking.yaml").read_text(encoding="utf-8")))
_BY_HOST = {host: platform for platform in PLACES.platforms for host in platform.hosts}
_BY_NAME = {fold(name): platform.id for platform in PLACES.platforms for name in platform.names}
_HANDLE = re.compile(r"[\w.][\w.#-]{1,39}")
_TELLING = re.compile(r"[\d_.#-]|.{8}")
_SMALL = frozenset(
    [
        "a",
        "au",
        "avec",
        "chez",
        "compte",
        "de",
        "du",
        "en",
        "et",
        "le",
        "la",
        "mon",
        "nom",
        "nomme",
        "profil",
        "pseudo",
        "sous",
        "sur",
        "son",
        "utilisateur",
        "user",
        "id",
    ]
)


def _above(host: str) -> list[str]:
    """« a.b.example » and the domains it stands under."""
    labels = host.partition(":")[0].split(".")
    return [".".join(labels[at:]) for at in range(len(labels))]


def is_borrowed(host: str) -> bool:
    return any(each in PLACES.borrowed_hosts for each in _above(host))


def is_borrowed_mail(host: str) -> bool:
    return is_borrowed(host) and host not in PLACES.open_mail


def is_shared(host: str) -> bool:
    return any(each in PLACES.shared_hosts or each in _BY_HOST for each in _above(host))


def platform_of(address: Address) -> Platform | None:
    return next((_BY_HOST[each] for each in _above(address.host) if each in _BY_HOST), None)


def account_of(address: Address) -> str:
    """« instagram:lola_59 » for the address of a profile; empty for any other page."""
    platform, steps = platform_of(address), address.steps
    if platform is None or not steps:
        return ""
    if platform.profile:
        steps = steps[1:] if steps[0].lower() in platform.profile and len(steps) > 1 else []
    first = steps[0].removeprefix("@") if steps else ""
    if not _HANDLE.fullmatch(first) or first.lower() in platform.reserved:
        return ""
    return f"{platform.id}:{first.casefold().strip('.')}" if first.strip(".") else ""


def phone_of(address: Address) -> str:
    """The number that an address holds, with its plus; empty when it holds none."""
    if not any(each in PLACES.phone_links.hosts for each in _above(address.host)):
        return ""
    digits = next((step for step in address.steps if re.fullmatch(r"\+?\d{8,15}", step)), "")
    return f"+{digits.removeprefix('+')}" if digits else ""


def account_in(text: str) -> str:
    """A name and its platform, as people write them: « @lola_59 sur Insta ». Neither alone links anybody."""
    words = re.findall(r"@?[\w.#-]+", text)
    platform = next((_BY_NAME[fold(word)] for word in words if fold(word) in _BY_NAME), "")
    if not platform:
        return ""
    left = [word.strip(".-") for word in words if fold(word) not in _BY_NAME and fold(word) not in _SMALL]
    marked = [word[1:] for word in left if word.startswith("@")]
    alone = left if len(left) == 1 and _TELLING.search(left[0]) else []
    for word in (marked or alone)[:1]:
        if _HANDLE.fullmatch(word) and (handle := word.casefold().strip(".")):
            return f"{platform}:{handle}"
    return ""
