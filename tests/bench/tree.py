"""`make bench`, the tree: how long a version takes to compile, and a journey to be replayed. No server.

Other processes share this machine: the least disturbed round is the cost.
"""

import time

from diagnostic import content, engine, recorded
from diagnostic.compiler import compile_document
from diagnostic.conditions import parse
from diagnostic.editing import stored

COMPILES, REPLAYS = 9, 5
MOST_COMPILE_MS, MOST_RESOLVE_US = 200, 100


def compile_ms() -> float:
    """From the stored text to the catalogue, no condition known beforehand: what a process does on a new version."""
    document = content.read()
    text, digest, layout = document.text(), document.digest(), stored.layout_of(document)
    found = []
    for _ in range(COMPILES):
        parse.cache_clear()
        started = time.process_time()
        compile_document(stored.parse(text, digest, layout))
        found.append((time.process_time() - started) * 1e3)
    return min(found)


def resolve_us() -> float:
    """One recorded journey walked to its end; the least disturbed round over all of them."""
    catalogue = content.from_files()
    journeys = [journey.answers for journey in recorded.read()]
    found = []
    for _ in range(REPLAYS):
        started = time.process_time()
        for answers in journeys:
            engine.resolve(catalogue, answers)
        found.append((time.process_time() - started) / len(journeys) * 1e6)
    return min(found)


def run() -> dict[str, str]:
    compiled, resolved = compile_ms(), resolve_us()
    limits = f"compile <= {MOST_COMPILE_MS} ms, resolve <= {MOST_RESOLVE_US} us"
    print(f"tree       compile {compiled:6.0f} ms   resolve {resolved:6.1f} us   ({limits})")
    return {"compile_ms": f"{compiled:.0f}", "resolve_us": f"{resolved:.0f}"}


if __name__ == "__main__":
    print(" ".join(f"{name}={value}" for name, value in run().items()))
