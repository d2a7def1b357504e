"""`make bench`, first half: a diagnostic step beside a formtools step and a bare view, on the same gunicorn."""

import re
import statistics
import subprocess
import sys
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from guichet import stack
from tests import places
from tests.bench.http_load import Case, Measure, Request, measure

NODE, ANSWER = "q_audience", "a2"
ROUNDS, SECONDS, CONNECTIONS = 3, 2.0, 16


class Server:
    """gunicorn with two workers of four threads, the guichet and the baselines in the same process."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = places.free_port()
        environment = {**environment, "GUICHET_ORIGINS": f"http://127.0.0.1:{self.port}"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "guichet.wsgi:application", "--bind", f"127.0.0.1:{self.port}",
             "--workers", "2", "--threads", "4", "--log-level", "warning"],
            cwd=places.ROOT, env=environment, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        stack.wait_until_ready(f"http://127.0.0.1:{self.port}/sante/live")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


class Browser:
    def __init__(self, port: int) -> None:
        self.base, self.jar = f"http://127.0.0.1:{port}", CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> str:
        with self._opener.open(self.base + path) as answer:
            return answer.read().decode()

    @property
    def cookies(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)


def _form(html: str) -> dict[str, str]:
    """Hidden fields of the page's question form, whatever the order of their attributes."""
    inputs = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", html)
    named = [(re.search(r'name="([^"]*)"', each), re.search(r'value="([^"]*)"', each)) for each in inputs]
    return {name[1]: value[1] for name, value in named if name and value}


def step_case(port: int) -> Case:
    """The first question answered by htmx: the answer is kept and the next question comes back."""
    browser = Browser(port)
    html = browser.get("/diagnostic/")
    field = re.search(r'<input[^>]*type="radio"[^>]*>', html)[0]
    name = re.search(r'name="([^"]*)"', field)[1]
    body = urllib.parse.urlencode({**_form(html), name: ANSWER}).encode()
    headers = (
        ("Cookie", browser.cookies),
        ("HX-Request", "true"),
        ("Origin", browser.base),
        ("Content-Type", "application/x-www-form-urlencoded"),
    )
    return Case("guichet", (Request("POST", f"/diagnostic/{NODE}/", headers, body),), (200,))


def wizard_case(port: int) -> Case:
    """One formtools step: POST, redirection, GET of the next question."""
    browser = Browser(port)
    html = browser.get("/bench/wizard/q0/")
    body = urllib.parse.urlencode({**_form(html), "q0-answer": "2"}).encode()
    kept = ("Cookie", browser.cookies)
    posted = (kept, ("Content-Type", "application/x-www-form-urlencoded"), ("Origin", browser.base))
    requests = (Request("POST", "/bench/wizard/q0/", posted, body), Request("GET", "/bench/wizard/q1/", (kept,)))
    return Case("formtools", requests, (302, 200))


def hello_case() -> Case:
    return Case("bare", (Request("GET", "/bench/hello"),), (200,))


def run(environment: dict[str, str]) -> dict[str, str]:
    server = Server({**environment, "DJANGO_SETTINGS_MODULE": "tests.bench.settings"})
    try:
        cases = (hello_case(), wizard_case(server.port), step_case(server.port))
        found: dict[str, list[Measure]] = {case.name: [] for case in cases}
        for case in cases:
            measure(case, server.port, connections=CONNECTIONS, seconds=0.5)
        for _ in range(ROUNDS):
            for case in cases:
                found[case.name].append(measure(case, server.port, connections=CONNECTIONS, seconds=SECONDS))
    finally:
        server.stop()
    middle = {
        name: Measure(
            statistics.median(each.per_second for each in measures), statistics.median(each.p99_ms for each in measures)
        )
        for name, measures in found.items()
    }
    for name, each in middle.items():
        print(f"{name:<10} {each.per_second:8.0f} steps/s   p99 {each.p99_ms:7.1f} ms")
    ours = middle["guichet"]
    return {
        "step_vs_formtools": f"{ours.per_second / middle['formtools'].per_second:.2f}",
        "step_vs_bare": f"{ours.per_second / middle['bare'].per_second:.2f}",
        "p99_vs_formtools": f"{ours.p99_ms / middle['formtools'].p99_ms:.2f}",
    }
