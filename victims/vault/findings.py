"""What a kept text or mail says of its author: addresses, numbers, accounts. Read here, sent nowhere, proposed only."""

import contextlib
import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser

from diagnostic import extract
from victims.prefill import WALLET
from victims.vault.exceptions import Refused
from victims.vault.filetypes import EML, PLAIN
from victims.vault.texts import head_of

READ = 1024 * 1024
_FIELDS = {extract.URL: "sites", extract.EMAIL: "emails", extract.IBAN: "ibans", extract.PHONE: "phones"}
_PSEUDONYM = re.compile(r"(?<![\w@./-])@([A-Za-z0-9_][A-Za-z0-9_.]{2,29})(?![\w@-])")
_ADDRESS = re.compile(r"\[(\d{1,3}(?:\.\d{1,3}){3})\]")
_TAGS = re.compile(r"<[^>]{0,2000}>")
_LINK = re.compile(r"href\s*=\s*[\"']?(https?://[^\s\"'>]{1,500})", re.IGNORECASE)
SENDERS = ("From", "Reply-To", "Return-Path", "Sender")
OWN = ("To", "Cc", "Delivered-To")


def found_in(content: bytes, media_type: str, name: str = "") -> list[tuple[str, str]]:
    """(field of the complaint, value), in order, each once. A file of another type says only its name."""
    found = list(_in_words(name.replace("_", " ")))
    if media_type == EML.media_type:
        found += _in_mail(BytesParser().parsebytes(content[:READ]))
    elif media_type == PLAIN.media_type:
        with contextlib.suppress(Refused):
            found += _in_words(head_of(content[:READ]))
    return list(dict.fromkeys(found))


def _in_words(text: str) -> Iterator[tuple[str, str]]:
    for each in extract.extract(text):
        if each.kind in _FIELDS:
            yield _FIELDS[each.kind], each.value
    text = text[: extract.MAX_CHARS]
    for value in WALLET.findall(text):
        yield "wallets", value
    for value in _PSEUDONYM.findall(text):
        yield "pseudonyms", f"@{value.rstrip('.')}"


def _in_mail(mail: Message) -> list[tuple[str, str]]:
    """Who says to have sent it, by which machines, and what the body asks; never the address it was sent to."""
    senders = _headers(mail, SENDERS)
    own = {found.value for found in extract.extract(_headers(mail, OWN)) if found.kind == extract.EMAIL}
    found = [*_in_words(senders)]
    for value in mail.get_all("Received", []):
        found += [("other", f"Adresse IP {address}") for address in _ADDRESS.findall(str(value))]
    for part in list(mail.walk())[:50]:
        if part.get_content_maintype() == "text":
            found += _in_words(_body(part))
    return [(field, value) for field, value in found if value not in own]


def _headers(mail: Message, names: tuple[str, ...]) -> str:
    return " ".join(str(value) for name in names for value in mail.get_all(name, []))


def _body(part: Message) -> str:
    text = (part.get_payload(decode=True) or b"")[:READ].decode("utf-8", "replace")
    if part.get_content_subtype() == "html":
        return "\n".join([*_LINK.findall(text), _TAGS.sub(" ", text)])
    return text
