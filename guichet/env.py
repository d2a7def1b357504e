"""Read settings from the environment, typed, from one place: nothing else in the house reads `os.environ`."""

import os


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    value = text(name)
    return default if not value else value.lower() in {"1", "true", "yes", "on", "oui"}


def whole(name: str, default: int) -> int:
    value = text(name)
    return int(value) if value else default


def names(name: str, default: tuple[str, ...] = ()) -> list[str]:
    value = text(name)
    return [part.strip() for part in value.split(",") if part.strip()] if value else list(default)
