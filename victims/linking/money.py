"""Bank accounts and wallets: a normal form only when the check digits are right, so that a slip links nobody."""

import hashlib
import re
from collections.abc import Iterator

from diagnostic import extract
from victims.linking.keccak import keccak256

_NOT_CODE = re.compile(r"[^0-9A-Za-z]")
_LABEL = re.compile(r"^(?:IBAN|BIC)\W*(?=[A-Za-z]{2}\W*\d)", re.IGNORECASE)
_SHORTEST, _LONGEST = 15, 34
_WALLET = re.compile(
    r"(?<![0-9A-Za-z])(?:(?P<eth>0[xX][0-9a-fA-F]{40})|(?P<bech>(?i:bc1|ltc1)[0-9A-Za-z]{11,87})"
    r"|(?P<base>[1-9A-HJ-NP-Za-km-z]{26,35}))(?![0-9A-Za-z])"
)
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
# Version byte of the address: bitcoin (two), tron, litecoin (two), dogecoin (two).
_VERSIONS = {0x00, 0x05, 0x41, 0x30, 0x32, 0x1E, 0x16}
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CONSTANTS = {1, 0x2BC830A3}  # bech32, and bech32m


def iban(text: str) -> str:
    """The account of a field that holds one, however it is spelled; empty when the check digits do not hold."""
    code = _NOT_CODE.sub("", _LABEL.sub("", text.strip())).upper()
    return code if _holds(code) else ""


def _holds(code: str) -> bool:
    if code[:2] in extract.IBAN_LENGTHS:
        return extract.is_iban(code)
    if not (_SHORTEST <= len(code) <= _LONGEST and re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]+", code)):
        return False
    return int("".join(str(int(letter, 36)) for letter in code[4:] + code[:4])) % 97 == 1


def ibans(text: str) -> Iterator[str]:
    """Those of a line: the whole line when it is one account, else the ones that stand among other words."""
    if whole := iban(text):
        yield whole
        return
    yield from (found.value for found in extract.extract(text) if found.kind == extract.IBAN)


def wallets(text: str) -> Iterator[str]:
    for found in _WALLET.finditer(text):
        value = _ethereum(found[0]) if found["eth"] else _bech32(found[0]) if found["bech"] else _base58(found[0])
        if value:
            yield value


def _ethereum(address: str) -> str:
    """Capitals are the check (EIP-55): where they are used they must be right, and they are not kept."""
    digits = address[2:]
    if digits not in (digits.lower(), digits.upper()):
        sums = keccak256(digits.lower().encode()).hex()
        spelled = "".join(
            letter.upper() if int(check, 16) > 7 else letter
            for letter, check in zip(digits.lower(), sums, strict=False)
        )
        if spelled != digits:
            return ""
    return "0x" + digits.lower()


def _base58(address: str) -> str:
    """Case matters, and four bytes of a double SHA-256 say whether every letter is right."""
    number = 0
    for letter in address:
        number = number * 58 + _BASE58.index(letter)
    try:
        raw = number.to_bytes(25, "big")
    except OverflowError:
        return ""
    leading = len(address) - len(address.lstrip("1"))
    check = hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4]
    zeros = len(raw) - len(raw.lstrip(b"\0"))
    return address if raw[21:] == check and raw[0] in _VERSIONS and leading == zeros else ""


def _bech32(address: str) -> str:
    """One case or the other, never both; the checksum is that of BIP 173 or BIP 350."""
    if address not in (address.lower(), address.upper()):
        return ""
    prefix, _, data = address.lower().rpartition("1")
    if not prefix or any(letter not in _BECH32 for letter in data):
        return ""
    values = [*(ord(each) >> 5 for each in prefix), 0, *(ord(each) & 31 for each in prefix)]
    values += [_BECH32.index(letter) for letter in data]
    return address.lower() if _polymod(values) in _CONSTANTS else ""


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATORS):
            check ^= generator if (top >> place) & 1 else 0
    return check
