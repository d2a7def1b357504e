"""Each change is put before `verify.py` alone: one file, outside the project, Python with nothing but its library."""

import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.tamper import content, raw
from tests.tamper.archive import Taken
from victims import verifier

CHANGES = (*raw.CHANGES, *content.CHANGES)
HEAVY = {raw.thousands_of_the_same}
SECONDS = 30


@dataclass
class Verdict:
    code: int
    said: str
    wrong: str

    @property
    def is_told(self) -> bool:
        """Found, and said in words: no trace of a crash, no sign that could rewrite the screen."""
        return self.code == 1 and self.said.startswith("CHANGÉ :") and not self.wrong and "\x1b" not in self.said


class Alone:
    """A folder that holds `verify.py` and the bundle, and nothing of ours."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="verifier-"))
        shutil.copy(verifier.__file__, self.folder / "verify.py")

    def verdict(self, bundle: bytes, *known: str) -> Verdict:
        (self.folder / "dossier.zip").write_bytes(bundle)
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-S", "verify.py", "dossier.zip", *known],
                cwd=self.folder, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Verdict(-1, "", f"no answer in {SECONDS} s")
        return Verdict(done.returncode, done.stdout, done.stderr)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Score:
    tamperings: int = 0
    found: int = 0
    silent: list[str] = field(default_factory=list)

    def line(self) -> str:
        return f"tamperings={self.tamperings} found={self.found}"


def changed(change, taken: list[Taken], chance: random.Random) -> bytes:
    """A bundle that is no longer what it was: a change that changes nothing is drawn again."""
    true = {each.raw for each in taken}
    while True:
        one, other = chance.sample(taken, 2)
        bundle = change(one, other, chance)
        if bundle not in true:
            return bundle


def put_to_trial(taken: list[Taken], *, times: int, seed: int, key: bytes) -> Score:
    """Every kind of change in turn, on bundles drawn by chance. The heaviest ones once."""
    score, chance, alone = Score(), random.Random(seed), Alone()
    often = [each for each in CHANGES if each not in HEAVY]
    order = [*HEAVY, *(often[at % len(often)] for at in range(times))][:times]
    try:
        for number, change in enumerate(order):
            known = [f"--cle={key.hex()}"] if change in content.NEEDS_THE_KEY else []
            verdict = alone.verdict(changed(change, taken, chance), *known)
            score.tamperings += 1
            score.found += verdict.is_told
            if not verdict.is_told:
                said = f"{verdict.said[:200]} {verdict.wrong[-300:]}"
                score.silent.append(f"{number} {change.__name__}: {verdict.code} {said}")
    finally:
        alone.close()
    return score
