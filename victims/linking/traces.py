"""The traces of the author in what a victim typed and confirmed, each in its one normal form."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from victims.linking import money, places, reach, web
from victims.linking.enums import TraceKind
from victims.linking.plain import plain, refanged

ABOUT_AUTHOR, LOSS = "traces", "loss"
ADDRESSES = ("sites", "profiles")
ACCOUNTS = ("pseudonyms", "profiles", "other")
# What these blocks and fields hold is the victim's own, or a witness's: it never links, wherever else it is typed.
OWN_BLOCKS, OWN_FIELDS = ("capacity", "declarant", "organisation", "steps"), (("facts", "witnesses"),)
MOST = 100
_MASK = "|"


@dataclass(frozen=True, slots=True, order=True)
class Trace:
    kind: str
    value: str


def scan(text: str, *, bare: bool = False, accounts: bool = False) -> Iterator[Trace]:
    """Every trace of one line. `bare`: a host needs no « www. »; `accounts`: a name beside its platform counts."""
    text = refanged(plain(text))
    text = yield from _web(text, bare=bare)
    for value in reach.emails(text):
        if not places.is_borrowed_mail(value.rpartition("@")[2]):
            yield Trace(TraceKind.EMAIL, value)
    found = list(money.ibans(text))
    yield from (Trace(TraceKind.IBAN, value) for value in found)
    wallets = list(money.wallets(text))
    yield from (Trace(TraceKind.WALLET, value) for value in wallets)
    if not found and not wallets:
        yield from (Trace(TraceKind.PHONE, value) for value in reach.phones(text))
    if accounts and (value := places.account_in(text)):
        yield Trace(TraceKind.ACCOUNT, value)


def _web(text: str, *, bare: bool):
    """The traces of the addresses, then the text without them: the digits of a link are no phone number."""
    for address, start, end in list(web.addresses(text, bare=bare)):
        text = text[:start] + _MASK * (end - start) + text[end:]
        yield from _of_address(address)
    return text


def _of_address(address: web.Address) -> Iterator[Trace]:
    if number := places.phone_of(address):
        yield from (Trace(TraceKind.PHONE, value) for value in reach.phones(number))
    elif account := places.account_of(address):
        yield Trace(TraceKind.ACCOUNT, account)
    elif not places.is_borrowed(address.host):
        if address.page:
            yield Trace(TraceKind.PAGE, address.page)
        if not places.is_shared(address.host):
            yield Trace(TraceKind.SITE, address.host)


def about_author(sections: dict) -> tuple[Trace, ...]:
    """From the blocks of a complaint or a report: what was said of the author, and nothing of the victim's own."""
    found: dict[Trace, None] = {}
    for field, typed in sections.get(ABOUT_AUTHOR, {}).items():
        for line in _lines(typed):
            found.update(dict.fromkeys(scan(line, bare=field in ADDRESSES, accounts=field in ACCOUNTS)))
    for payment in sections.get(LOSS, {}).get("payments", []):
        found.update(dict.fromkeys(scan(str(payment.get("iban", "")))))
    own = of_victim(sections)
    hosts = {trace.value.rpartition("@")[2] for trace in own if trace.kind == TraceKind.EMAIL}
    kept = [trace for trace in found if trace not in own and _host(trace) not in hosts]
    return tuple(kept[:MOST])


def of_victim(sections: dict) -> set[Trace]:
    texts = [typed for block in OWN_BLOCKS for typed in sections.get(block, {}).values()]
    texts += [sections.get(block, {}).get(field, "") for block, field in OWN_FIELDS]
    return {trace for typed in texts for line in _lines(typed) for trace in scan(line, accounts=True)}


def _lines(typed) -> Iterable[str]:
    return [line for line in re.split(r"[\n;]", typed) if line.strip()][:MOST] if isinstance(typed, str) else []


def _host(trace: Trace) -> str:
    """Of a site or a page; the victim's own organisation is told by its e-mail address."""
    if trace.kind not in (TraceKind.SITE, TraceKind.PAGE):
        return ""
    return trace.value.partition("/")[0].partition(":")[0]
