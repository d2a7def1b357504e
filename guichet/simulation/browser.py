"""A browser without a screen: one person's cookies, pages and forms over plain HTTP. Each person comes from an address
of their own when the guichet is on this machine, so that limits by address see a crowd and not one visitor."""

import asyncio
import contextlib
import html
import http.client
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

TIMEOUT = 30
THREADS = 64
MOST_REDIRECTS = 6
LOOPBACK = "127.0.0.1"
FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
TAG = re.compile(r"<(input|select|button|option)\b([^>]*)>")
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
TITLE = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
pool = ThreadPoolExecutor(THREADS, thread_name_prefix="exercise")


@dataclass
class Form:
    """`fixed`: what goes along unseen. `choices`: (name, value) of every box, button and option."""

    action: str
    fixed: dict[str, str]
    choices: list[tuple[str, str]]

    def name_of(self, value: str) -> str | None:
        return next((name for name, found in self.choices if found == value), None)

    def has(self, name: str) -> bool:
        return name in self.fixed or any(found == name for found, _ in self.choices)


@dataclass
class Page:
    status: int
    url: str
    text: str
    location: str = ""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def title(self) -> str:
        found = TITLE.search(self.text)
        return re.sub(r"<[^>]+>", "", html.unescape(found[1])).strip() if found else ""

    def forms(self) -> list[Form]:
        return [_form(attributes, body) for attributes, body in FORM.findall(self.text)]

    def form(self, *, action: str = "", field: str = "") -> Form | None:
        """The first form that goes to this address or has this field."""
        found = (each for each in self.forms() if (action and action in each.action) or (field and each.has(field)))
        return next(found, None)

    def data(self, name: str) -> str:
        found = re.search(rf'data-{name}="([^"]*)"', self.text)
        return html.unescape(found[1]) if found else ""


def _attributes(text: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in ATTRIBUTE.findall(text)}


def _form(attributes: str, body: str) -> Form:
    form, select = Form(_attributes(attributes).get("action", ""), {}, []), ""
    for tag, text in TAG.findall(body):
        found = _attributes(text)
        name, value = found.get("name", ""), found.get("value", "")
        if tag == "select":
            select = name
        elif tag == "option":
            form.choices.append((select, value))
        elif name and found.get("type") == "hidden":
            form.fixed[name] = value
        elif name:
            form.choices.append((name, value))
    return form


@dataclass
class Meter:
    """What all requests of an exercise took, by second since it began."""

    began: float = field(default_factory=time.monotonic)
    times: list[tuple[float, float]] = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def note(self, started: float, status: int, what: str) -> None:
        self.times.append((started - self.began, time.monotonic() - started))
        self.statuses[status] += 1
        if status >= 500 or status == 0:
            self.broken.append(f"{what} : {status or 'pas de réponse'}")


class Browser:
    """One person's. `cookies` stand for what a browser keeps until it is closed."""

    def __init__(self, url: str, meter: Meter, *, source: str = "", cookies: dict[str, str] | None = None) -> None:
        self.url, self.meter, self.source = url.rstrip("/"), meter, source
        self.cookies = dict(cookies or {})
        parts = urlsplit(self.url)
        self._host, self._port, self._secure = parts.hostname, parts.port, parts.scheme == "https"
        self._connection: http.client.HTTPConnection | None = None

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def get(self, path: str, *, htmx: bool = False, accept: str = "text/html") -> Page:
        return await self._walk("GET", path, b"", htmx, accept)

    async def post(
        self, path: str, fields: list[tuple[str, str]] | dict, *, htmx: bool = False, follow: bool = True
    ) -> Page:
        return await self._walk("POST", path, urlencode(fields).encode(), htmx, "text/html", follow=follow)

    async def submit(self, page: Page, form: Form, fields: list[tuple[str, str]], *, htmx: bool = False) -> Page:
        """The form with what goes along unseen; one without an address goes to its own page."""
        address = urljoin(page.url, form.action or page.path)
        return await self.post(urlsplit(address).path, [*form.fixed.items(), *fields], htmx=htmx)

    async def _walk(self, method: str, path: str, body: bytes, htmx: bool, accept: str, *, follow: bool = True) -> Page:
        for _ in range(MOST_REDIRECTS):
            page = await self._ask(method, path, body, htmx, accept)
            if not page.location or not follow:
                return page
            parts = urlsplit(urljoin(page.url, page.location))
            method, body, htmx = "GET", b"", False
            path = parts.path + (f"?{parts.query}" if parts.query else "")
        return page

    async def _ask(self, method: str, path: str, body: bytes, htmx: bool, accept: str) -> Page:
        headers = {"Cookie": self.cookie_header, "Accept": accept, "Origin": self.url, "Referer": self.url + "/"}
        if body or method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if htmx:
            headers["HX-Request"] = "true"
        started = time.monotonic()
        loop = asyncio.get_running_loop()
        try:
            page = await loop.run_in_executor(pool, self._exchange, method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.meter.note(started, 0, f"{method} {path} {type(error).__name__}")
            return Page(0, self.url + path, "")
        self.meter.note(started, page.status, f"{method} {path}")
        return page

    def _exchange(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Page:
        """On the connection that is open; a server may have closed it meanwhile, then on a new one."""
        for fresh in (False, True):
            if fresh or self._connection is None:
                self._connection = self._connect()
            try:
                self._connection.request(method, path, body or None, headers)
                answer = self._connection.getresponse()
                text = answer.read().decode("utf-8", "replace")
                break
            except (ConnectionError, http.client.RemoteDisconnected, http.client.BadStatusLine):
                self._drop()
                if fresh:
                    raise
            except (OSError, http.client.HTTPException):
                self._drop()
                raise
        self._keep_cookies(answer)
        moved = answer.getheader("Location") if answer.status < 400 else ""
        return Page(answer.status, self.url + path, text, answer.getheader("HX-Redirect") or moved or "")

    def _connect(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        return kind(self._host, self._port, timeout=TIMEOUT, source_address=(self.source, 0) if self.source else None)

    def _keep_cookies(self, answer: http.client.HTTPResponse) -> None:
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                if morsel.value and morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)

    def _drop(self) -> None:
        if self._connection:
            with contextlib.suppress(OSError):
                self._connection.close()
        self._connection = None

    def close(self) -> None:
        """The tab is closed; the cookies are still there."""
        self._drop()


def source_of(url: str, number: int) -> str:
    """An address of this machine's own for each person, where the guichet runs on it."""
    if urlsplit(url).hostname != LOOPBACK:
        return ""
    return f"127.{10 + number // 62500 % 100}.{number // 250 % 250}.{number % 250 + 2}"
