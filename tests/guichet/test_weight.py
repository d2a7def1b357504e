"""A first visit stays within 30 KB compressed: page, style, scripts and mark (docs/design.md)."""

from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders

from tests.guichet.pages import Page

BUDGET = 30 * 1024


def _files(page: Page) -> list[str]:
    styles = [attrs["href"] for attrs in page.all("link") if attrs["href"].startswith("/static/")]
    return styles + [attrs["src"] for attrs in page.all("script")]


def _weight(content: bytes) -> int:
    return len(brotli.compress(content))


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/diagnostic/", "/prevention/", "/prevention/fiches/sextorsion/"])
def test_first_visit_fits_in_the_budget(client, address):
    html = client.get(address).content
    files = {name: Path(finders.find(name.removeprefix("/static/"))).read_bytes() for name in _files(Page(html))}

    weights = {"html": _weight(html), **{name: _weight(content) for name, content in files.items()}}
    assert {"/static/css/guichet.css", "/static/js/guichet.js"} <= set(weights)
    assert sum(weights.values()) <= BUDGET, weights
