"""After the victim erases the dossier, its words are nowhere, and a backup taken before opens no more."""

import base64
import json
import os
import re
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

import psycopg
import pytest
import redis

from guichet import stack
from tests import places

pytestmark = pytest.mark.stack
READABLE = ["conversation", "plainte", "pièce"]


@pytest.fixture
def place():
    found = places.production(processes=1, territory=False)
    found.environment["GUICHET_KEKS"] = kek("first")
    try:
        yield found.start()
    finally:
        found.stop()


def kek(name: str) -> str:
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


def dump(url: str) -> str:
    return subprocess.run(["pg_dump", "--dbname", url], capture_output=True, check=True, text=True).stdout


def redis_text(place) -> str:
    """Every key of the place, with what it holds, as Redis would give it to who stole it."""
    found, client = [], redis.Redis.from_url(place.environment["REDIS_URL"])
    for key in client.scan_iter(f"*{place.environment['GUICHET_REDIS_PREFIX']}*"):
        found.append(repr((key, client.dump(key))))
    return "\n".join(found)


def files_text(folder: Path) -> str:
    """Names and contents: sealed files, previews, what the processes printed."""
    return "\n".join(
        f"{path} {path.read_bytes().decode('utf-8', 'replace')}" for path in folder.rglob("*") if path.is_file()
    )


def erase(place, made: dict) -> str:
    """As the victim does, on the page."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    opener.addheaders = [("Cookie", f"{made['cookie']}={made['key']}")]
    page = opener.open(f"{place.url}/dossier/effacer/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())[1]
    cookie = re.search(r"([^;]*csrf[^;]*)", page.headers["Set-Cookie"])[1]
    opener = urllib.request.build_opener()
    opener.addheaders = [("Cookie", f"{made['cookie']}={made['key']}; {cookie}")]
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token, "confirm": "oui"}).encode()
    return opener.open(f"{place.url}/dossier/effacer/", form).read().decode()


def who_reads(environment: dict, *made: dict) -> list[list[str]]:
    references = [each["reference"] for each in made]
    return json.loads(places.run_module(environment, "tests.stack.erased", "read", *references).splitlines()[-1])


@pytest.fixture
def backup_url(place):
    url = place.environment["DATABASE_URL"] + "_backup"
    stack.drop_database(url)
    stack.create_database(url)
    yield url
    stack.drop_database(url)


def spellings(word: str) -> list[str]:
    """As it is, in the hexadecimal of a dump, in the Base64 of a message on its way, wherever in it the word begins."""
    coded = [base64.b64encode(b"\0" * shift + word.encode()).decode() for shift in range(3)]
    return [word, word.encode().hex(), *(each[shift + 1 : -4] for shift, each in enumerate(coded))]


def found(words: list[str], held: str) -> list[str]:
    return [word for word in words if any(each in held for each in spellings(word))]


def asked(place, sql: str) -> list[tuple]:
    with psycopg.connect(place.environment["DATABASE_URL"]) as connection:
        return connection.execute(sql).fetchall()


def let_its_term_pass(place, made: dict) -> str:
    """What was filed is kept six years: then the purge of the night takes it."""
    with psycopg.connect(place.environment["DATABASE_URL"]) as connection:
        for table, column, key in (
            ("victims_dossier", "touched_at", "id"),
            ("victims_complaint", "filed_at", "dossier_id"),
        ):
            connection.execute(
                f"UPDATE {table} SET {column} = now() - interval '20 years' WHERE {key} = %s", [made["dossier"]]
            )
    return place.manage("purge_expired")


def test_erased_words_are_nowhere_and_an_old_backup_does_not_open(place, backup_url):
    made = json.loads(places.run_module(place.environment, "tests.stack.erased", "make").splitlines()[-1])
    mine, filed, other = made["erased"], made["filed"], made["other"]
    before = dump(place.environment["DATABASE_URL"])
    old_files = files_text(place.folder)
    assert made["empty"] == [], "plant a word there (tests/stack/planted.py)"
    assert who_reads(place.environment, mine, filed, other) == [READABLE] * 3

    page = erase(place, mine)
    purged = let_its_term_pass(place, filed)
    old = place.environment["GUICHET_KEKS"]
    place.environment["GUICHET_KEKS"] = f"{kek('second')},{old}"
    rotated = place.manage("rotate_keys")
    place.environment["GUICHET_KEKS"] = place.environment["GUICHET_KEKS"].split(",")[0]

    now, files = dump(place.environment["DATABASE_URL"]), files_text(place.folder)
    words = [*mine["words"], *filed["words"], *other["words"]]
    assert "effacé" in page
    assert "dossier=1" in purged
    assert mine["reference"] in before
    assert len(words) > 150
    assert found(words, "\n".join([now, before, old_files, files, redis_text(place)])) == []
    for gone in (mine, filed):
        assert len(gone["files"]) > 2
        assert [name for name in gone["files"] if name in now or Path(name).name in files] == []
    assert [name for name in other["files"] if Path(name).name not in files] == []
    assert asked(place, "SELECT reference FROM victims_dossier") == [(other["reference"],)]
    assert asked(place, "SELECT code FROM victims_series") == [], "the agents' reasons go with the last of its dossiers"
    assert "unreadable=0" in rotated
    assert who_reads(place.environment, other) == [READABLE]
    subprocess.run(
        ["psql", "--quiet", "--dbname", backup_url], input=before, text=True, capture_output=True, check=True
    )
    restored = {**place.environment, "DATABASE_URL": backup_url}
    assert who_reads(restored, mine, filed) == [[], []]
    assert who_reads({**restored, "GUICHET_KEKS": old}, mine, filed) == [READABLE[:2]] * 2, "the key was the one"
