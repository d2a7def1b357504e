"""What must hold when an exercise is over, looked up in the database and not believed from the scripts."""

from collections import Counter
from dataclasses import dataclass, field

from guichet.observatory.models import Count
from guichet.simulation.play import Played
from guichet.simulation.victims import Talker
from tchat.enums import State
from tchat.models import Conversation
from tchat.services.messages import Line, messages_after

EVERYTHING = 100_000


@dataclass
class Findings:
    """Each list holds what is wrong, in words; all empty: the exercise passed."""

    lost: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    sent: int = 0
    acknowledged: int = 0
    stored: int = 0

    @property
    def passed(self) -> bool:
        return not any((self.lost, self.forgotten, self.wrong, self.late, self.mixed, self.broken))


def counted() -> int:
    """All that the observatory counts, added up: an exercise must not move it."""
    return sum(Count.objects.values_list("n", flat=True))


def check(played: Played, *, counted_before: int | None = None) -> Findings:
    found = Findings()
    sides = _sides(played)
    for conversation in Conversation.objects.filter(pk__in=sides).select_related("dossier__diagnosis", "desk"):
        _check_lines(found, conversation, sides.pop(str(conversation.pk)))
        _check_end(found, conversation)
        _check_apart(found, conversation)
    found.lost += [f"{key} : conversation absente de la base" for key in sides]
    found.wrong += [story.wrong for story in played.stories if story.wrong]
    _check_diagnoses(found, played)
    found.late += _late(played)
    found.forgotten += _stopped(played)
    found.broken += [f"{what} ({times} fois)" for what, times in Counter(played.meter.broken).most_common(20)]
    found.broken += played.fallen
    found.broken += [each for agent in played.agents for each in agent.unfinished]
    if counted_before is not None and counted() != counted_before:
        found.mixed.append(f"l'observatoire a compté {counted() - counted_before} fois pendant l'exercice")
    return found


def _sides(played: Played) -> dict[str, list[tuple[Talker, dict[str, str]]]]:
    """Conversation → everybody who was there, with what each said."""
    sides = {story.conversation: [] for story in played.stories if story.conversation}
    for story in played.stories:
        if story.client:
            sides[story.conversation].append((story.client, story.said))
    for agent in played.agents:
        for client in agent.clients:
            sides.setdefault(client.conversation, []).append((client, agent.said.get(client.conversation, {})))
    return sides


def _check_lines(found: Findings, conversation: Conversation, sides: list[tuple[Talker, dict[str, str]]]) -> None:
    lines = messages_after(conversation=conversation, seq=0, limit=EVERYTHING)
    names = Counter(line.client_id for line in lines)
    found.stored += len(lines)
    if [line.seq for line in lines] != list(range(1, len(lines) + 1)):
        found.lost.append(f"{conversation.pk} : la suite des numéros a un trou")
    found.lost += [f"{conversation.pk} : {name} rangé {times} fois" for name, times in names.items() if times > 1]
    for client, said in sides:
        found.sent += len(said)
        found.acknowledged += len(client.acknowledged)
        found.lost += _unlike(conversation, lines, client, said)


def _unlike(conversation: Conversation, lines: list[Line], client: Talker, said: dict[str, str]) -> list[str]:
    """Acknowledged: stored at that number with these words. Shown: what is stored, in order, without a hole."""
    stored = {line.client_id: line for line in lines}
    for name, seq in client.acknowledged.items():
        line = stored.get(name)
        if line is None or line.seq != seq:
            return [f"{conversation.pk} : {client.role} a reçu l'accusé {seq} de {name}, non rangé là"]
        if name in said and line.body != said[name]:
            return [f"{conversation.pk} : {name} n'a plus les mots qui ont été dits"]
    shown = [(line.seq, line.client_id, line.body) for line in lines[: len(client.shown)]]
    return [] if client.shown == shown else [f"{conversation.pk} : {client.role} ne voit pas ce qui est rangé"]


def _check_end(found: Findings, conversation: Conversation) -> None:
    """Ended by an agent, left by the victim, or asked for an answer later: nobody simply waits on."""
    if conversation.state == State.CLOSED or conversation.deferred_at:
        return
    found.forgotten.append(f"{conversation.pk} : encore « {conversation.get_state_display().lower()} » à la fin")


def _check_apart(found: Findings, conversation: Conversation) -> None:
    if not (conversation.dossier.exercise and conversation.desk.is_exercise):
        found.mixed.append(f"{conversation.pk} : hors des bureaux d'exercice")


def _check_diagnoses(found: Findings, played: Played) -> None:
    told = {story.conversation: story for story in played.stories if story.conversation}
    pairs = Conversation.objects.filter(pk__in=told).values_list("pk", "severity", "dossier__diagnosis__severity")
    for key, severity, kept in pairs:
        if not severity == kept == told[str(key)].severity:
            found.wrong.append(f"{told[str(key)].case} : gravité {kept} dans le dossier, {severity} dans la file")


def _late(played: Played) -> list[str]:
    limit = played.day.severity_4_seconds
    waits = [(story, story.waited) for story in played.stories if story.severity == 4 and story.asked_at]
    return [
        f"{story.case} : {'jamais prise' if waited is None else f'{waited:.0f} s'}, limite {limit:.0f} s"
        for story, waited in waits
        if waited is None or waited > limit
    ]


def _stopped(played: Played) -> list[str]:
    return [f"{story.case} : {story.end}" for story in played.stories if story.end.startswith("arrêt")]
