"""A tab where websockets do not pass: it reads by requests that wait, as static/js/tchat.js does, all along."""

import asyncio
import json
import random
import urllib.error
import urllib.parse
import urllib.request

from guichet.simulation.client import LONGEST_WAIT, Client

WAIT_SECONDS = 5
TIMEOUT = WAIT_SECONDS + 4


class PollingReader(Client):
    """Says nothing; must show at the end what every other side shows. `connected`: its last request was answered."""

    known, answered = "", False

    @property
    def connected(self) -> bool:
        return self.answered

    async def run(self) -> None:
        wait = 0.1
        while True:
            try:
                self._take(await asyncio.to_thread(self._ask, random.choice(self.addresses)))
                self.answered, wait = True, 0.1
            except (OSError, ValueError, ConnectionError):
                self.answered = False
                self.reconnects += 1
                await asyncio.sleep(wait * (0.5 + random.random()))
                wait = min(wait * 2, LONGEST_WAIT)

    def _ask(self, address: str) -> dict:
        query = urllib.parse.urlencode({"apres": self.last, "vu": self.known, "attendre": WAIT_SECONDS})
        address = f"{address.replace('ws', 'http', 1)}/ws/tchat/{self.conversation}/suite/?{query}"
        with urllib.request.urlopen(urllib.request.Request(address, headers=self.headers), timeout=TIMEOUT) as answer:
            return json.load(answer)

    def _take(self, found: dict) -> None:
        self.known = found["vu"]
        for frame in found["frames"]:
            self.on(frame)
