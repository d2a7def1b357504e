"""Contrast, computed on the tokens of the stylesheet, in light and in dark: text 4.5, edges of controls 3."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "static/css"
TEXT, EDGE = 4.5, 3.0
GROUNDS = ("paper", "sheet", "sunk")
PAIRS = (
    *[(ink, ground) for ink in ("ink", "soft", "pine", "pine-deep", "brick", "leaf") for ground in GROUNDS],
    *[("ink", wash) for wash in ("pine-wash", "lamp-wash", "brick-wash", "leaf-wash")],
    *[("soft", wash) for wash in ("pine-wash", "lamp-wash")],
    ("pine-deep", "pine-wash"), ("pine", "pine-wash"), ("pine", "lamp-wash"), ("pine", "brick-wash"),
    ("lamp-ink", "lamp-wash"), ("brick", "brick-wash"), ("leaf", "leaf-wash"),
    ("on-pine", "pine"), ("on-pine", "pine-deep"), ("on-brick", "brick"), ("on-brick", "brick-deep"),
    ("on-lamp", "lamp"), ("on-lamp", "lamp-deep"),
    ("on-night", "night"), ("on-night", "night-2"), ("soft-night", "night"), ("soft-night", "night-2"),
    ("lamp", "night"),
    ("night", "on-night"), ("on-sev-4", "sev-4"),
)  # fmt: skip
EDGES = (
    *[("edge", ground) for ground in GROUNDS],
    *[("pine", ground) for ground in GROUNDS],
    *[("brick", ground) for ground in GROUNDS],
    ("focus", "paper"), ("focus", "sheet"), ("focus-halo", "night"), ("lamp-ink", "paper"), ("pine", "lamp-wash"),
)  # fmt: skip


def _tokens() -> dict[str, dict[str, str]]:
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    for name in ("guichet.css", "console.css"):
        text = re.sub(r"/\*.*?\*/", "", (CSS / name).read_text(), flags=re.DOTALL).split("@media print")[0]
        for found in re.finditer(r"(prefers-color-scheme: dark\) \{\s*)?:root \{(.*?)\}", text, re.DOTALL):
            values = dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{3,6})\b", found.group(2)))
            (dark if found.group(1) else light).update(values)
    return {"light": light, "dark": {**light, **dark}}


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_ratio_is_that_of_the_standard():
    assert round(ratio("#000", "#fff"), 1) == 21.0
    assert round(ratio("#767676", "#ffffff"), 2) == 4.54


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable(scheme):
    tokens = _tokens()[scheme]

    low = {pair: round(ratio(tokens[pair[0]], tokens[pair[1]]), 2) for pair in PAIRS}
    assert {pair: value for pair, value in low.items() if value < TEXT} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_controls_and_focus_are_seen(scheme):
    tokens = _tokens()[scheme]

    low = {pair: round(ratio(tokens[pair[0]], tokens[pair[1]]), 2) for pair in EDGES}
    assert {pair: value for pair, value in low.items() if value < EDGE} == {}


@pytest.mark.parametrize("name", ["guichet.css", "console.css"])
def test_no_rule_names_a_text_colour_outside_the_tokens(name):
    """A colour in a rule escapes the two tests above; the blank page after « Quitter vite » has its own."""
    text = re.sub(r"/\*.*?\*/", "", (CSS / name).read_text(), flags=re.DOTALL)
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", text.split("@media print")[0])

    strays = [
        selector.strip()
        for selector, body in rules
        if ":root" not in selector
        and ".gone" not in selector
        and re.search(r"(?:^|[;\s])(?:color|background)(?:-color)?:[^;]*#[0-9a-f]{3}", body)
    ]
    assert strays == []
