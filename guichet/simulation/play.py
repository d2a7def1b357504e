"""An exercise from its first minute to its last: who comes when, who answers, what is left when it is over."""

import asyncio
import contextlib
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from guichet.simulation.agents import Agent
from guichet.simulation.browser import Meter
from guichet.simulation.cases import Case, Crowd, Place, draw_place
from guichet.simulation.profiles import Profile, arrivals
from guichet.simulation.victims import Story, Victim

LOAD_EVERY = 10
LAST_WORDS = 90.0
AFTER_TRAINING = 45.0
# Who comes, from where, and whether they want to talk.
Who = tuple[Case, Place, bool]


@dataclass
class Played:
    """Everything that the checks and the report need."""

    day: Profile
    seconds: float
    seed: int
    meter: Meter = field(default_factory=Meter)
    stories: list[Story] = field(default_factory=list)
    agents: list[Agent] = field(default_factory=list)
    loads: list[float] = field(default_factory=list)
    waiting: list[tuple[float, int]] = field(default_factory=list)
    lasted: float = 0.0
    fallen: list[str] = field(default_factory=list)


class Play:
    """`cookies`: the sessions of the scripted agents; none when somebody trains."""

    def __init__(
        self, day: Profile, *, seconds: float, seed: int, base: str, token: tuple[str, str], cookies: list
    ) -> None:
        self.day, self.base, self.token = day, base, token
        self.chance = random.Random(seed)  # noqa: S311
        self.crowd = Crowd(day.leans, day.severity_4_share)
        self.played = Played(day, seconds, seed)
        self.victims: list[Victim] = []
        self.played.agents = [
            Agent(number, day, base=base, meter=self.played.meter, cookie=cookie)
            for number, cookie in enumerate(cookies)
        ]

    async def run(self, tell: Callable[[str], None]) -> Played:
        """A day of the profile."""
        times = arrivals(self.day, self.played.seconds, self.chance)
        tell(f"{len(times)} personnes vont venir en {self.played.seconds:.0f} s ; {len(self.played.agents)} agents.")
        return await self._run(times, self._drawn, tell, self.day.talk_minutes * 2 + self.day.patience_minutes * 4)

    async def train(self, people: list[tuple[Case, Place]], tell: Callable[[str], None]) -> Played:
        """These, one after the other, all of whom want to talk to the agent who trains; who must not sit for hours
        before victims that nobody answers, away from the real ones."""
        apart = self.played.seconds / len(people)
        times = [apart * number for number in range(len(people))]
        return await self._run(times, lambda number: (*people[number], True), tell, AFTER_TRAINING)

    async def _run(
        self, times: list[float], who: Callable[[int], Who], tell: Callable[[str], None], after: float
    ) -> Played:
        """`after`: so many minutes of people's lives once the last has come."""
        over, people = asyncio.Event(), []
        watching = asyncio.create_task(self._watch(tell))
        duty = [asyncio.create_task(agent.run(over)) for agent in self.played.agents]
        for number, moment in enumerate(times):
            await asyncio.sleep(max(0.0, moment - self._now()))
            victim = self._victim(number, *who(number))
            self.victims.append(victim)
            people.append(asyncio.create_task(victim.run()))
        await self._ended(people, after)
        over.set()
        await self._ended(duty, after)
        watching.cancel()
        self.played.lasted = self._now()
        self.played.stories = [victim.story for victim in self.victims]
        return self.played

    def _drawn(self, number: int) -> Who:
        wants = self.chance.random() < self.day.chat_share
        case = self.crowd.draw_for_tchat(self.chance) if wants else self.crowd.draw(self.chance)
        return case, draw_place(self.chance), wants

    def _victim(self, number: int, case: Case, place: Place, wants: bool) -> Victim:
        return Victim(
            number, case, place, self.day, base=self.base, meter=self.played.meter, token=self.token, tchat=wants
        )

    async def _ended(self, tasks: list[asyncio.Task], minutes: float) -> None:
        """Everybody may finish; whoever does not in the time of a talk and a patience has fallen."""
        if not tasks:
            return
        done, left = await asyncio.wait(tasks, timeout=self.day.seconds(minutes * 60) + LAST_WORDS)
        for task in left:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self.played.fallen += [f"n'a pas fini : {len(left)}"] if left else []
        self.played.fallen += [repr(task.exception()) for task in done if task.exception()]

    async def _watch(self, tell: Callable[[str], None]) -> None:
        while True:
            stories = [victim.story for victim in self.victims]
            waiting = sum(bool(each.asked_at) and each.waited is None and not each.end for each in stories)
            talks = sum(each.waited is not None and not each.end for each in stories)
            self.played.loads.append(os.getloadavg()[0])
            self.played.waiting.append((self._now(), waiting))
            tell(f"{self._now():6.0f} s  venus={len(stories)} attendent={waiting} parlent={talks}")
            await asyncio.sleep(LOAD_EVERY)

    def _now(self) -> float:
        return time.monotonic() - self.played.meter.began
