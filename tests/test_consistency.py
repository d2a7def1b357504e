"""Conventions that a machine can hold; each message names the file."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import reverse

from guichet.bodies import HEAVY_PATHS

ROOT = Path(__file__).resolve().parent.parent
OURS = {"audit", "territory", "accounts", "directory", "observatory", "diagnostic", "victims", "tchat"}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
INLINE = re.compile(r'\sstyle="|<style|<script(?![^>]*\ssrc=)[^>]*>|\son[a-z]+="|javascript:', re.IGNORECASE)
UNESCAPED = re.compile(r"\|\s*safe\b|autoescape off|mark_safe")
OUTSIDE = re.compile(r'(?:src|data-hx-get|data-hx-post)="(?:https?:)?//|@import|url\((?!["\']?data:)', re.IGNORECASE)
UNSAFE_SCRIPT = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_template_has_nothing_inline_nothing_unescaped_nothing_from_outside(path):
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)

    assert INLINE.findall(text) == [], _name(path)
    assert UNESCAPED.findall(text) == [], _name(path)
    assert OUTSIDE.findall(text) == [], _name(path)


@pytest.mark.parametrize("path", SCRIPTS, ids=_name)
def test_script_writes_text_only_and_stores_nothing(path):
    assert UNSAFE_SCRIPT.findall(path.read_text()) == [], _name(path)


@pytest.mark.parametrize("path", sorted((ROOT / "static/css").glob("*.css")), ids=_name)
def test_stylesheet_fetches_nothing(path):
    assert OUTSIDE.findall(path.read_text()) == [], _name(path)


def test_every_model_and_field_is_named_in_french():
    unnamed = [
        model.__name__
        for model in apps.get_models()
        if model._meta.app_label in OURS and not model._meta.auto_created and model._meta.verbose_name == model.__name__
    ]

    assert unnamed == []


def test_every_constraint_has_a_name_and_a_french_message():
    silent = [
        constraint.name
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for constraint in model._meta.constraints
        if "Constraint" in constraint.violation_error_message
        or constraint.violation_error_message == constraint.default_violation_error_message
    ]

    assert silent == []


def test_migrations_have_spoken_names():
    silent = [_name(p) for p in ROOT.glob("*/migrations/[0-9]*.py") if "auto_" in p.name]

    assert silent == []


def test_requirements_are_pinned_with_hashes_and_without_addresses():
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text, _name(path)
        assert text.count("==") <= text.count("--hash=sha256:"), _name(path)


def test_python_says_nothing_unescaped():
    for package in ("guichet", "diagnostic", "victims", "tchat"):
        for path in (ROOT / package).rglob("*.py"):
            assert "mark_safe" not in path.read_text(), _name(path)


def test_public_pages_read_publications_and_no_counter():
    """A raw count beside a published one tells by difference who came. The module's own figures are rounded apart."""
    known = {"guichet/simulation/checks.py", "diagnostic/module/services.py"}
    reading = {
        _name(path)
        for package in ("guichet", "diagnostic", "victims", "tchat")
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"observatory\.models import (.*, )?Count\b", path.read_text())
    }

    assert {name for name in reading if not name.startswith("guichet/observatory/")} == known


def test_pages_that_take_files_are_the_heavy_ones_of_the_server_and_of_the_proxy():
    """A form of files that one of the two does not know would be refused above two megabytes."""
    forms = {_name(path) for path in TEMPLATES if "multipart/form-data" in path.read_text()}
    pages = {reverse("dossier:pieces"), reverse("tchat:attach"), reverse("verify_paper")}
    proxy = [set(paths.split()) for paths in re.findall(r"\bpath (/dossier/.+)", (ROOT / "Caddyfile").read_text())]

    assert forms == {"templates/dossier/pieces.html", "templates/tchat/_attach.html", "templates/dossier/verify.html"}
    assert {path.decode() for path in HEAVY_PATHS} == pages, "guichet/bodies.py"
    assert proxy == [pages] * 4, "Caddyfile"


@pytest.mark.parametrize("mark", ["browser", "faults"])
def test_slow_tests_stand_in_the_folder_that_their_suite_opens(mark):
    """`make test` collects these two from their own folder only."""
    marked = [path for path in (ROOT / "tests").rglob("*.py") if f"pytest.mark.{mark}\n" in path.read_text()]

    assert marked
    assert [_name(path) for path in marked if path.parent.name != mark] == []
