"""Plain text and kept mails. A web page, a drawing or a script is text too: those are refused."""

import codecs
import re
from email.parser import BytesHeaderParser

from victims.vault.exceptions import Refused

HEAD = 64 * 1024
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_MARKUP = re.compile(
    r"^\s*<(?:\?xml|!doctype|html|svg|script|head|body|!--)|<(?:script|svg|iframe|html|object|embed)[\s>]",
    re.IGNORECASE,
)
_PROGRAM = re.compile(r"^(?:#!|%!PS|\{\\rtf|@echo off|<\?php|WScript\.|Windows Registry)", re.IGNORECASE)
_HEADER = re.compile(rb"[!-9;-~]{1,70}:[ \t\r\n]?")
_MAIL = {"from", "to", "date", "subject", "received", "message-id", "mime-version", "return-path", "delivered-to",
         "reply-to", "content-type", "dkim-signature", "x-received"}  # fmt: skip
_OF_A_MAIL = {"from", "received", "message-id", "return-path", "delivered-to"}


def kind_of(content: bytes) -> str:
    """« plain » or « eml ». Raises Refused: what is not text at all has no known type."""
    if _is_mail(content):
        return "eml"
    head = head_of(content)
    if _MARKUP.search(head):
        raise Refused("web-page")
    if _PROGRAM.search(head.lstrip("\ufeff \r\n\t")):
        raise Refused("program")
    return "plain"


def head_of(content: bytes) -> str:
    """The first words, once all of it is known to be words. Read piece by piece: a large text is never held twice."""
    for encoding in _encodings(content):
        reader, head = codecs.getincrementaldecoder(encoding)(), ""
        try:
            for at in range(0, len(content), HEAD):
                text = reader.decode(content[at : at + HEAD], final=at + HEAD >= len(content))
                if _CONTROL.search(text):
                    break
                head = head or text
            else:
                return head
        except UnicodeDecodeError:
            continue
    raise Refused("unknown-type")


def _encodings(content: bytes) -> tuple[str, ...]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    return ("utf-8-sig", "cp1252")


def _is_mail(content: bytes) -> bool:
    """Headers from the first line on, several of those that only a mail bears, and no NUL anywhere."""
    if not _HEADER.match(content) or b"\x00" in content:
        return False
    names = {name.lower() for name in BytesHeaderParser().parsebytes(content[:HEAD])}
    return len(names & _MAIL) >= 3 and bool(names & _OF_A_MAIL)
