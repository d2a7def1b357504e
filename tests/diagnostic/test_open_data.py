"""The published content is public, whole, and says its version, its digest and its licence."""

import hashlib
import json

import pytest

from diagnostic import content
from diagnostic.editing import stored

pytestmark = pytest.mark.django_db
PAGE, FILE = "/diagnostic/donnees/", "/diagnostic/donnees/arbre.json"


def test_page_says_what_it_is(client):
    page = client.get(PAGE).content.decode()

    assert content.published().version in page
    assert "Licence Ouverte 2.0" in page
    assert f'href="{FILE}"' in page


def test_file_is_the_whole_content_and_proves_itself(client):
    found = json.loads(client.get(FILE).content)

    own = {name: found.pop(name) for name in ("version", "hash", "licence", "files")}
    assert (
        hashlib.sha256(json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest() == own["hash"]
    )
    assert len(found["nodes"]) == len(content.published().nodes)


def test_file_can_be_imported(client):
    assert stored.imported(client.get(FILE).content.decode()).version == content.published().version


def test_file_is_not_sent_again_unchanged(client, django_assert_num_queries):
    first = client.get(FILE)

    with django_assert_num_queries(0):
        again = client.get(FILE, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
