"""The report of an exercise: for a person (Markdown), for a program (JSON), with the waits as a drawing (SVG)."""

import json
from collections import Counter
from pathlib import Path

from django.template.loader import render_to_string

from guichet.simulation.checks import Findings
from guichet.simulation.play import Played
from guichet.simulation.profiles import percentile
from guichet.simulation.victims import Story

BUCKETS = 30
WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM = 720, 300, 50, 30, 40
MOST_LINES = 20
FAULTS = ("lost", "forgotten", "wrong", "late", "mixed", "broken")


def figures(played: Played, found: Findings) -> dict:
    day, stories = played.day, played.stories
    asked = [story for story in stories if story.conversation]
    waits = [story.waited for story in asked if story.waited is not None]
    gravest = [story.waited for story in asked if story.severity == 4 and story.waited is not None]
    times = [took for _, took in played.meter.times]
    delays = [delay for story in asked if story.client for delay in story.client.delays]
    delays += [delay for agent in played.agents for client in agent.clients for delay in client.delays]
    return {
        "profile": day.name,
        "seed": played.seed,
        "seconds": round(played.lasted),
        "speed": day.speed,
        "scale": day.scale,
        "agents": len(played.agents),
        "journeys": len(stories),
        "chats": len(asked),
        "answered": sum(story.end == "répondu" for story in asked),
        "left": sum(story.end == "parti" for story in asked),
        "deferred": sum(story.end == "plus tard" for story in asked),
        "severity_4": sum(story.severity == 4 for story in asked),
        "sent": found.sent,
        "acknowledged": found.acknowledged,
        "stored": found.stored,
        **{name: len(getattr(found, name)) for name in FAULTS},
        "p50_wait_s": round(percentile(waits, 0.5), 1),
        "p95_wait_s": round(percentile(waits, 0.95), 1),
        "worst_wait_severity_4_s": round(max(gravest, default=0), 1),
        "limit_severity_4_s": round(day.severity_4_seconds, 1),
        "most_waiting": max((waiting for _, waiting in played.waiting), default=0),
        "requests": len(times),
        "requests_per_s_best_ten_seconds": _busiest(played),
        "p50_page_ms": round(percentile(times, 0.5) * 1000),
        "p95_page_ms": round(percentile(times, 0.95) * 1000),
        "p99_page_ms": round(percentile(times, 0.99) * 1000),
        "p50_ack_ms": round(percentile(delays, 0.5) * 1000),
        "p95_ack_ms": round(percentile(delays, 0.95) * 1000),
        "statuses": {str(status): count for status, count in sorted(played.meter.statuses.items())},
        "load_mean": round(sum(played.loads) / max(1, len(played.loads)), 1),
        "load_most": round(max(played.loads, default=0), 1),
    }


def _busiest(played: Played) -> float:
    per_ten = Counter(int(at // 10) for at, _ in played.meter.times)
    return round(max(per_ten.values(), default=0) / 10, 1)


def line(told: dict) -> str:
    names = ("journeys", "chats", "sent", "lost", "forgotten", "wrong", "late", "p95_wait_s", "worst_wait_severity_4_s")
    return " ".join(f"{name}={told[name]}" for name in names)


def write(played: Played, found: Findings, folder: Path) -> dict:
    told = figures(played, found)
    faults = {name: getattr(found, name)[:MOST_LINES] for name in FAULTS}
    folder.mkdir(parents=True, exist_ok=True)
    curves = [("Gravité 4", "4", _curve(played, gravest=True)), ("Les autres", "3", _curve(played, gravest=False))]
    page = {"day": played.day, "told": told, "faults": faults, "passed": found.passed}
    (folder / "rapport.json").write_text(json.dumps({**told, "faults": faults}, ensure_ascii=False, indent=1))
    (folder / "rapport.md").write_text(render_to_string("simulation/report.md", page))
    (folder / "attentes.svg").write_text(render_to_string("simulation/waits.svg", _drawing(played, curves)))
    return told


def _curve(played: Played, *, gravest: bool) -> list[tuple[float, float]]:
    """By the moment of asking: the longest wait of those who asked then."""
    step = max(1.0, played.lasted / BUCKETS)
    found: dict[int, float] = {}
    for story in played.stories:
        if story.waited is not None and (story.severity == 4) is gravest:
            place = int(_asked(played, story) // step)
            found[place] = max(found.get(place, 0.0), story.waited)
    return [((place + 0.5) * step, wait) for place, wait in sorted(found.items())]


def _asked(played: Played, story: Story) -> float:
    return story.asked_at - played.meter.began


def _drawing(played: Played, curves: list) -> dict:
    limit = played.day.severity_4_seconds
    highest = max([limit, *(wait for _, _, points in curves for _, wait in points)]) * 1.1
    lasts = max(1.0, played.lasted)

    def x(at: float) -> float:
        return round(LEFT + at / lasts * (WIDTH - LEFT - RIGHT), 1)

    def y(wait: float) -> float:
        return round(HEIGHT - BOTTOM - wait / highest * (HEIGHT - BOTTOM - 20), 1)

    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "foot": HEIGHT - BOTTOM,
        "limit": {"y": y(limit), "seconds": round(limit)},
        "marks_x": [{"x": x(lasts * part / 5), "text": f"{lasts * part / 5 / 60:.1f} min"} for part in range(6)],
        "marks_y": [{"y": y(highest * part / 4), "text": f"{highest * part / 4:.0f} s"} for part in range(5)],
        "curves": [
            {
                "name": name,
                "dashed": tone != "4",
                "points": " ".join(f"{x(at)},{y(wait)}" for at, wait in points),
                "dots": [{"x": x(at), "y": y(wait)} for at, wait in points],
            }
            for name, tone, points in curves
        ],
    }
