import copy

import pytest

from diagnostic import content
from diagnostic.compiler import compile_document


@pytest.fixture(scope="session")
def catalogue():
    return content.published()


@pytest.fixture(scope="session")
def _document():
    return content.read()


@pytest.fixture
def document(_document):
    """The real content, to be damaged freely."""
    return content.Document(copy.deepcopy(_document.data), dict(_document.files))


@pytest.fixture
def compiled(document):
    """Compiles the real content with a tree of one's own: node id -> raw node."""

    def build(nodes: dict, **settings):
        document.data["nodes"] = nodes
        document.data["settings"] |= {"start": next(iter(nodes)), "swaps": [], "express": [], **settings}
        return compile_document(document)

    return build
