"""Which way the words go, and when, as static/js/tchat.js has it: the same vectors prove both.

A websocket; while there is none, a request that waits; where that does not pass either, one every three seconds. No
clock, no network, no chance of its own: times are milliseconds, and the caller draws the jitter.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """The page's, in milliseconds."""

    ping: int = 10_000
    answer: int = 4_000
    opening: int = 6_000
    first_wait: int = 500
    longest_wait: int = 8_000
    back_up: int = 20_000
    too_fast: int = 10_000
    ask_after: int = 4_000
    lost_after: int = 2_000
    poll: int = 3_000
    long_gap: int = 100
    long_again: int = 15_000
    fresh: int = 1_000


ENDINGS = {4401: "ended", 4403: "ended", 4409: "taken"}


class Link:
    def __init__(self, now: float, timing: Timing = Timing()) -> None:
        self.timing = timing
        self.socket = ""
        self.heard = self.pinged = self.opened_at = 0.0
        self.wait = timing.first_wait
        self.next_try = self.lost_at = now
        self.asking = ""
        self.asked = self.next_ask = self.next_long = 0.0
        self.by = ""

    def beat(self, now: float) -> list[str]:
        """What to do now: connect, ping, lost, long, plain."""
        todo = self._socket_beat(now)
        away = self.socket != "live" and now - self.lost_at >= self.timing.ask_after
        if away and not self.asking and now >= self.next_ask:
            self.asking = "long" if now >= self.next_long else "plain"
            self.asked = now
            todo.append(self.asking)
        return todo

    def _socket_beat(self, now: float) -> list[str]:
        if self.socket == "opening":
            return ["lost"] if now - self.opened_at >= self.timing.opening else []
        if not self.socket:
            if now < self.next_try:
                return []
            self.socket, self.opened_at = "opening", now
            return ["connect"]
        if self.pinged > self.heard:
            return ["lost"] if now - self.pinged >= self.timing.answer else []
        if now - self.pinged < self.timing.ping:
            return []
        self.pinged = now
        return ["ping"]

    def opened(self, now: float) -> None:
        """The first frame is owed to us, as the answer to « resume »."""
        self.socket, self.pinged, self.heard = "open", now, now - 1

    def hear(self, now: float) -> None:
        self.heard = now

    def live(self, _now: float) -> bool:
        """A state came: this way works. True when a request is under way that nobody needs any more."""
        needless = self.asking != ""
        self.socket, self.wait, self.asking, self.by = "live", self.timing.first_wait, "", ""
        return needless

    def lost(self, now: float, code: int, chance: float) -> str:
        """Back after a while, between half and one and a half times as long, longer each time. A word when over."""
        if self.socket == "live":
            self.lost_at = now
        self.socket = ""
        wait = self.timing.too_fast if code == 4429 else self.wait
        self.next_try = now + wait * (0.5 + chance)
        self.wait = min(self.wait * 2, self.timing.back_up if self.by else self.timing.longest_wait)
        return ENDINGS.get(code, "")

    def answered(self, now: float, waited: bool) -> None:
        long = self.asking == "long"
        self.by = "long" if long and waited else "slow"
        if long and not waited:
            self.next_long = now + self.timing.long_again
        self.next_ask = now + (self.timing.long_gap if self.by == "long" else self.timing.poll)
        self.asking = ""

    def failed(self, now: float) -> None:
        """The waiting one failed: a plain one at once. That one too: it is the network, and says nothing of waiting."""
        if self.asking == "long":
            self.next_long = now + self.timing.long_again
        else:
            self.next_long, self.next_ask, self.by = now, now + self.timing.poll, ""
        self.asking = ""

    def check(self, now: float) -> list[str]:
        """Back on this page, or on the network: ask at once rather than wait for the silence to be long."""
        todo = []
        if self.asking and now - self.asked >= self.timing.fresh:
            self.asking = ""
            todo.append("cancel")
        if not self.socket:
            self.next_try = now
        elif self.socket != "opening" and self.pinged <= self.heard:
            self.pinged = now
            todo.append("ping")
        self.next_ask = self.next_long = now
        return [*todo, *self.beat(now)]

    def shown(self, now: float) -> str:
        if self.socket == "live":
            return "online"
        return self.by or ("lost" if now - self.lost_at >= self.timing.lost_after else "")
