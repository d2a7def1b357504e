"""What kind of day is played: how many come, when, how long people take. Figures are content, with their source."""

import functools
import random
from dataclasses import dataclass
from pathlib import Path

import yaml

CONTENT = Path(__file__).resolve().parent / "content"
HOUR, DAY = 3600, 24 * 3600


@functools.cache
def read(name: str) -> dict:
    return yaml.safe_load((CONTENT / f"{name}.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Profile:
    """`speed`: an exercise lasts so many times less than life; people's time is divided by it, arrivals multiplied."""

    name: str
    title: str
    per_day: int
    burst: float
    agents: int
    speed: float
    scale: float
    leans: dict[str, float]
    curve: tuple[float, ...]
    peak_share: float
    burst_lasts: float
    chat_share: float
    severity_4_share: float
    talk_minutes: float
    page_seconds: float
    patience_minutes: float
    talks_at_once: int
    severity_4_minutes: float
    floor_seconds: float

    @property
    def peak_rate(self) -> float:
        """Arrivals per second of the exercise in the busiest hour."""
        return self.per_day * self.peak_share / HOUR * self.speed * self.scale

    @property
    def agents_there(self) -> int:
        return max(1, round(self.agents * self.scale))

    @property
    def severity_4_seconds(self) -> float:
        return max(self.severity_4_minutes * 60 / self.speed, self.floor_seconds)

    def seconds(self, lived: float) -> float:
        """How long the exercise gives to what takes so many seconds in life."""
        return lived / self.speed


def profile(name: str, *, speed: float | None = None, scale: float | None = None) -> Profile:
    data = read("profiles")
    chosen = data["profiles"][name]
    shared = {key: data[key] for key in Profile.__dataclass_fields__ if key in data}
    shared["curve"] = tuple(data["curve"])
    told = {"speed": speed or chosen["speed"], "scale": scale or chosen["scale"]}
    return Profile(name=name, **{**shared, **chosen, **told})


def names() -> list[str]:
    return list(read("profiles")["profiles"])


def rate_at(day: Profile, share: float) -> float:
    """Arrivals per second when `share` of the exercise (0 to 1) has passed: the day's curve, its top at the peak rate,
    and a burst upon the peak."""
    hours = len(day.curve)
    place = share * hours
    low = int(place) % hours
    mixed = day.curve[low] + (day.curve[(low + 1) % hours] - day.curve[low]) * (place - int(place))
    rate = day.peak_rate * mixed / max(day.curve)
    return rate * day.burst if in_burst(day, share) else rate


def in_burst(day: Profile, share: float) -> bool:
    peak = day.curve.index(max(day.curve)) / len(day.curve)
    return peak <= share < peak + day.burst_lasts


def arrivals(day: Profile, seconds: float, chance: random.Random) -> list[float]:
    """When each person comes, in seconds from the beginning: a Poisson process with a rate that moves (by thinning)."""
    top = day.peak_rate * day.burst
    found, now = [], 0.0
    while True:
        now += chance.expovariate(top)
        if now >= seconds:
            return found
        if chance.random() < rate_at(day, now / seconds) / top:
            found.append(now)


def expected(day: Profile, seconds: float, *, steps: int = 2000) -> float:
    """How many people the curve announces."""
    return sum(rate_at(day, (step + 0.5) / steps) for step in range(steps)) * seconds / steps


def percentile(values: list[float], share: float) -> float:
    """Nearest rank; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered), max(1, -(-len(ordered) * share // 1).__trunc__())) - 1] if ordered else 0.0
