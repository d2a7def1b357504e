"""A published change is live on two processes within five seconds, while people walk; none of them is disturbed."""

import itertools
import json
import re
import threading
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime
from http.cookiejar import CookieJar

import pytest

from tests import places

pytestmark = pytest.mark.stack
WITHIN = 5.0
WALKERS = 4
PATH = (("q_audience", "a2"), ("q_p_sujet", "a6"), ("q_personne", "a4"), ("q_chantage", "a1"))
CHANGED = "Les questions ont été améliorées"
LOST = "pas été retrouvées"


@pytest.fixture(scope="module")
def place():
    found = places.production(processes=2)
    try:
        yield found.start()
    finally:
        found.stop()


class Browser:
    """One person; each page comes from the other process, as behind a proxy."""

    def __init__(self, urls: list[str]) -> None:
        self.urls = itertools.cycle(urls)
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.page = ""

    def get(self, path: str) -> str:
        return self._open(path, None)

    def answer(self, node: str, answer: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page)[1]
        return self._open(f"/diagnostic/{node}/", {"csrfmiddlewaretoken": token, "r": answer})

    def _open(self, path: str, data: dict | None) -> str:
        body = urllib.parse.urlencode(data).encode() if data else None
        with self.opener.open(next(self.urls) + path, body, timeout=20) as response:
            self.page = response.read().decode()
        return self.page


@dataclass
class Walkers:
    """People who walk one journey after the other; `seen` holds the mark of each question that carries one."""

    urls: list[str]
    stop: threading.Event = field(default_factory=threading.Event)
    walked: list[tuple[str, str]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def start(self) -> "Walkers":
        self.threads = [threading.Thread(target=self._run) for _ in range(WALKERS)]
        for thread in self.threads:
            thread.start()
        return self

    def end(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def _run(self) -> None:
        while not self.stop.is_set():
            try:
                self._walk(Browser(self.urls))
            except Exception as error:
                self.broken.append(f"{type(error).__name__}: {error}")

    def _walk(self, person: Browser) -> None:
        person.get("/diagnostic/")
        marks = []
        for node, answer in PATH:
            page = person.answer(node, answer)
            if CHANGED in page or LOST in page:
                self.broken.append(f"{node}: told that the questions changed")
            marks.append(_mark(page))
        if "<h1" not in page:
            self.broken.append("no question at the end")
        self.walked.append((marks[0], marks[2]))


def _mark(page: str) -> str:
    found = re.search(r"\(essai (\d+)\)", page)
    return found[1] if found else "0"


def _export(place, tmp_path, mark: str):
    """The published content with a mark in the second and in the fourth question."""
    found = json.loads(place.manage("tree", "export"))
    del found["hash"], found["version"]
    for node in ("q_p_sujet", "q_chantage"):
        found["nodes"][node]["q"] = re.sub(r" ?\(essai \d+\)", "", found["nodes"][node]["q"]) + f" (essai {mark})"
    path = tmp_path / f"arbre-{mark}.json"
    path.write_text(json.dumps(found, ensure_ascii=False))
    return path


def _first_seen(url: str, mark: str, seen: dict[str, float], stop: threading.Event) -> None:
    while not stop.is_set() and url not in seen:
        person = Browser([url])
        person.get("/diagnostic/")
        if _mark(person.answer(*PATH[0])) == mark:
            seen[url] = time.time()
        time.sleep(0.05)


def _publish(place, path, mark: str) -> dict[str, float]:
    """Seconds between the publication and the first page with the mark, per process."""
    seen: dict[str, float] = {}
    stop = threading.Event()
    urls = [daphne.url for daphne in place.daphnes]
    watchers = [threading.Thread(target=_first_seen, args=(url, mark, seen, stop)) for url in urls]
    for watcher in watchers:
        watcher.start()
    said = place.manage("tree", "publish", str(path))
    at = datetime.fromisoformat(re.search(r"at=(\S+)", said)[1]).timestamp()
    deadline = time.time() + 20
    while len(seen) < len(urls) and time.time() < deadline:
        time.sleep(0.05)
    stop.set()
    for watcher in watchers:
        watcher.join()
    return {url: seen.get(url, float("inf")) - at for url in urls}


def test_published_change_is_live_everywhere_and_breaks_no_journey(place, tmp_path):
    walkers = Walkers([daphne.url for daphne in place.daphnes]).start()
    delays = []
    try:
        for mark in ("1", "2"):
            delays += _publish(place, _export(place, tmp_path, mark), mark).values()
        rolled = place.manage("tree", "publish", "--version", "1", "--keep-journeys")
        time.sleep(WITHIN)
    finally:
        walkers.end()

    print(
        f"published={len(delays)} worst_s={max(delays):.2f} journeys={len(walkers.walked)} broken={len(walkers.broken)}"
    )
    assert rolled.startswith("version=4 ")
    assert max(delays) <= WITHIN
    assert walkers.broken == []
    assert {start for start, _ in walkers.walked} == {"0", "1", "2"}
    assert [pair for pair in walkers.walked if pair[0] != pair[1]] == []


def test_version_withdrawn_is_left_at_once_by_all(place, tmp_path):
    delays = _publish(place, _export(place, tmp_path, "7"), "7")
    assert max(delays.values()) <= WITHIN
    person = Browser([daphne.url for daphne in place.daphnes])
    person.get("/diagnostic/")
    person.answer(*PATH[0])

    place.manage("tree", "publish", "--version", "4")
    time.sleep(WITHIN)

    assert CHANGED in person.get("/diagnostic/q_p_sujet/")
    assert _mark(person.get("/diagnostic/q_p_sujet/")) == "0"
