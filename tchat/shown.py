"""What the sockets of one conversation are shown: each line and the state are written once for all of them."""

from functools import cached_property

from tchat import frames
from tchat.services.messages import Line
from tchat.services.queue import Place
from tchat.services.watch import Seen


class Shown:
    def __init__(self, seen: Seen, place: Place | None) -> None:
        self.seen = seen
        self.state = frames.state(seen.conversation, place)
        self._lines: dict[int, str] = {}

    @cached_property
    def standing(self) -> dict:
        """The state but for the last line, which travels by itself: two equal ones are told once."""
        return {**self.state, "seq": 0}

    @cached_property
    def state_text(self) -> str:
        return frames.written(self.state)

    def line_text(self, line: Line) -> str:
        text = self._lines.get(line.seq)
        if text is None:
            text = self._lines[line.seq] = frames.written(frames.msg(line))
        return text
