"""The walls of the house (docs/design.md): imports go down only, modules and functions stay small."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {
    "guichet.lib": 1,
    "guichet.audit": 2,
    "guichet.territory": 3,
    "guichet.accounts": 4,
    "guichet.directory": 5,
    "guichet.observatory": 5,
    "diagnostic": 6,
    "victims": 7,
    "tchat": 8,
}
GROUND = {"guichet.env", "guichet.settings", "guichet.celery"}
TOP = 9
MODULE_LINES, FUNCTION_LINES = 400, 60
ALLOWED_TOP_LEVEL = {
    "manage.py", "pyproject.toml", "README.md", "docker-compose.yml", "guichet", "diagnostic", "tchat", "victims",
    "templates", "static", "tests", "Makefile", "requirements", "Dockerfile", "Caddyfile", ".ci", ".env.example",
    "docs", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", ".gitignore", ".dockerignore",
    ".git", ".venv", "var", ".pytest_cache", ".ruff_cache", ".hypothesis",
}  # fmt: skip


def modules() -> list[Path]:
    return [
        path
        for package in ("guichet", "diagnostic", "victims", "tchat")
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def floor_of(module: str) -> int:
    if module in GROUND or module == "guichet":
        return 0
    for prefix, floor in FLOORS.items():
        if module == prefix or module.startswith(prefix + "."):
            return floor
    return TOP if module.split(".")[0] in {"guichet", "diagnostic", "victims", "tchat"} else 0


def imports_of(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_go_down_only(path):
    mine = floor_of(name_of(path))

    upward = [name for name in imports_of(ast.parse(path.read_text())) if floor_of(name) > mine > 0]

    assert upward == [], f"{path.relative_to(ROOT)} looks up to {upward}"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_modules_and_functions_stay_small(path):
    text = path.read_text()
    long = [
        f"{node.name} ({node.end_lineno - node.lineno + 1})"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]

    assert text.count("\n") <= MODULE_LINES, f"{path.relative_to(ROOT)} is too long"
    assert long == [], f"{path.relative_to(ROOT)}: {long}"


def test_top_level_holds_what_was_decided():
    found = {path.name for path in ROOT.iterdir()}

    assert found - ALLOWED_TOP_LEVEL == set()


def test_no_junk_drawer():
    drawers = [p for p in modules() if p.stem in {"utils", "helpers", "common", "misc", "manager", "managers"}]

    assert drawers == []
