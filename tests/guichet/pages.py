"""What a browser would read in an answer: its text, its title, its links."""

import re
from html import unescape
from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self.silent += tag in ("script", "style", "title")

    def handle_endtag(self, tag):
        self.silent -= tag in ("script", "style", "title")

    def handle_data(self, data):
        if not self.silent:
            self.words.append(data)


class Page:
    def __init__(self, html: str | bytes):
        self.html = html.decode() if isinstance(html, bytes) else str(html)
        reader = _Reader()
        reader.feed(self.html)
        self.tags = reader.tags
        self.text = " ".join("".join(reader.words).replace("\xa0", " ").split())

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.html, re.DOTALL)
        return unescape(found.group(1)).strip() if found else ""

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [attrs for name, attrs in self.tags if name == tag and wanted.items() <= attrs.items()]

    @property
    def links(self) -> list[str]:
        return [attrs["href"] for attrs in self.all("a") if "href" in attrs]

    @property
    def ids(self) -> set[str]:
        return {attrs["id"] for _, attrs in self.tags if "id" in attrs}
