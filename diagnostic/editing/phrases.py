"""Small parts of the content as one line of text in a form, and back. Pure; a wrong line is a ValueError in French."""

import re
from typing import Any

_USE = re.compile(r"^(?P<id>[a-z0-9][a-z0-9_-]*)(?:\s*\[(?P<when>[a-z0-9]+)\])?(?:\s+si\s+(?P<if>.+))?$")
_RAISE = re.compile(r"^(?P<to>[1-4])\s+si\s+(?P<if>.+)$")


def split(text: str) -> list[str]:
    return [part for part in re.split(r"[,\s]+", text.strip()) if part]


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def facts_text(value: dict[str, Any]) -> str:
    """`{minor: true, author_known: false, audience: entreprise}` as « minor, non author_known, public entreprise »."""
    return ", ".join(_posed(key, given) for key, given in value.items())


def _posed(key: str, given: Any) -> str:
    if key == "audience":
        return f"public {given}"
    return key if given else f"non {key}"


def facts_of(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in (each.strip() for each in text.split(",")):
        words = part.split()
        if not words:
            continue
        if len(words) == 2 and words[0] in ("non", "public"):
            found["audience" if words[0] == "public" else words[1]] = words[1] if words[0] == "public" else False
        elif len(words) == 1:
            found[words[0]] = True
        else:
            raise ValueError(
                f"« {part} » : écrire « fait », « non fait » ou « public entreprise », séparés par des virgules"
            )
    return found


def raises_text(value: list[dict]) -> str:
    return "\n".join(f"{each.get('to')} si {each.get('if')}" for each in value)


def raises_of(text: str) -> list[dict]:
    return [_raise(line) for line in lines(text)]


def _raise(line: str) -> dict:
    found = _RAISE.match(line)
    if not found:
        raise ValueError(f"« {line} » : écrire « 3 si condition »")
    return {"if": found["if"], "to": int(found["to"])}


def uses_text(value: list) -> str:
    return "\n".join(each if isinstance(each, str) else _use_text(each) for each in value)


def _use_text(value: dict) -> str:
    key, spec = next(iter(value.items()))
    when = f" [{spec['when']}]" if spec.get("when") else ""
    condition = f" si {spec['if']}" if spec.get("if") else ""
    return f"{key}{when}{condition}"


def uses_of(text: str) -> list:
    return [_use(line) for line in lines(text)]


def _use(line: str) -> Any:
    found = _USE.match(line)
    if not found:
        raise ValueError(f"« {line} » : écrire « geste », « geste si condition » ou « geste [24h] si condition »")
    spec = {name: found[name] for name in ("if", "when") if found[name]}
    return {found["id"]: spec} if spec else found["id"]


def words_text(value: dict[str, str]) -> str:
    return "\n".join(f"{name} : {words}" for name, words in value.items())


def words_of(text: str) -> dict[str, str]:
    found = {}
    for line in lines(text):
        name, colon, words = line.partition(":")
        if not colon or not words.strip():
            raise ValueError(f"« {line} » : écrire « proche : les mots pour un proche »")
        found[name.strip()] = words.strip()
    return found
