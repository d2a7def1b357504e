"""« Décrivez ce qui vous arrive »: from a text to at most five proposals, facts to confirm, and what cannot wait.

The matcher proposes. It poses no fact, opens no branch and keeps nothing: the person chooses.
"""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from diagnostic.catalogue import Catalogue, Urgent
from diagnostic.conditions import Scene
from diagnostic.engine import MOST_URGENT
from diagnostic.extract import Found, extract, masked
from diagnostic.words.index import Document, Features, Index
from diagnostic.words.language import EMPTY, Language, age_words, language
from diagnostic.words.readings import MINOR, Phrases, audience_counts
from diagnostic.words.sources import common_words, expressions, known_words, sources
from diagnostic.words.spelling import Spelling
from guichet.lib.text import fold

AT_MOST = 5
LEAST, LEAST_SHARE = 0.1, 0.2
MOST_FACTS = 6
PERSON = "particulier"
ORGANISATIONS = ("entreprise", "collectivite")
TILT, NEEDED = 0.15, 0.3
THREAT, PAGE, QUESTION = "threat", "page", "question"
LIFE = ("suicidal", "physical_danger")
DANGER = (*LIFE, "courier_waiting")
ALWAYS_ASKED = frozenset((*DANGER, MINOR, "for_other", "health_entity", "essential_entity"))
RECENT = "transfer_recent"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One card: a threat, a page of advice, or a question of the tree."""

    key: str
    kind: str
    name: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """`audience` is a guess when the person said none. `facts` wait for a yes."""

    proposals: tuple[Proposal, ...]
    facts: tuple[str, ...]
    urgent: tuple[Urgent, ...]
    found: tuple[Found, ...]
    audience: str
    guessed: bool


class Matcher:
    def __init__(self, catalogue: Catalogue):
        self.catalogue = catalogue
        self.sources = sources(catalogue)
        self.language: Language = language(self.sources.language)
        texts = tuple(expressions(catalogue, self.sources))
        self.spelling = self._spelling([text for _, _, text in texts])
        self.index = Index(
            Document(target, found, weight)
            for target, weight, text in texts
            if (found := self.language.features([(word, 1.0) for word in self.language.words(text)]))
        )
        self.phrases = Phrases(self.language, self.sources.language["facts"])
        self.turning = _turning(catalogue)

    def _spelling(self, texts: list[str]) -> Spelling:
        spoken = self.sources.language
        lists = (*spoken["groups"].values(), *spoken["forms"].values(), *spoken["facts"].values())
        entries = [entry for found in (*lists, *spoken["audiences"].values()) for entry in found]
        words = {word for text in (*texts, *entries) for word in self.language.words(text)}
        return Spelling(words, common_words(self.sources) | EMPTY, known_words(self.catalogue))

    def read(self, text: str, audience: str = "", told: Iterable[str] = ()) -> Reading:
        """`audience` and `told` (facts) are what the person said of themselves: not guessed, not asked again."""
        found = extract(text)
        typed = self.language.words(masked(text, found))
        trusted = self._corrected(typed)
        counts = audience_counts(typed, self.sources.language["audiences"])
        guess = audience or _guess(counts)
        scores = self._scores(trusted, text, counts, audience)
        said = self._facts(trusted, text)
        proposals = self._with_danger(self._proposals(scores), said, guess)
        return Reading(
            proposals,
            self._to_confirm(said, proposals, guess, told),
            self._urgent(said, proposals, guess),
            found,
            guess,
            not audience,
        )

    def alike(self, text: str, target: str) -> Callable[[str], float]:
        """How well an answer of the tree fits: the share of it this text says, and how much it speaks of the target."""
        features = self.language.features(self._corrected(self.language.words(masked(text, extract(text)))))

        def fit(answer: str) -> float:
            words = self._features(answer)
            return self.index.covered(features, words) + self.index.scores(words).get(target, 0.0)

        return fit

    def _corrected(self, typed: Iterable[str]) -> list[tuple[str, float]]:
        """(word, trust); what comes unglued may be a short form: « lappli » is « application »."""
        return [
            (word, trust)
            for found, trust in map(self.spelling.correct, typed)
            for each in found
            for word in (self.language.short.get(each, (each,)) if trust < 1 else (each,))
        ]

    @functools.cache  # noqa: B019 - as many texts as the tree has answers, for as long as the matcher
    def _features(self, text: str) -> Features:
        return self.language.features([(word, 1.0) for word in self.language.words(text)])

    # --- proposals ----------------------------------------------------------------------------------
    def _scores(self, trusted: list, text: str, counts: dict[str, int], audience: str) -> dict[str, float]:
        features = self.language.features(trusted)
        features.update(dict.fromkeys(age_words(fold(text)), 1.0))
        organised = min(2, sum(counts.values())) if not audience else 2 * (audience in ORGANISATIONS)
        scores = {}
        for target, score in self.index.scores(features).items():
            share = self._tilt(target, organised, audience)
            if needs := self.sources.needs.get(target):
                share *= 1.0 if any(group in features for group in needs) else NEEDED
            if share:
                scores[target] = score * share
        return scores

    def _tilt(self, target: str, organised: int, audience: str) -> float:
        """A threat of organisations speaks of « nos clients »; one of persons does not. Said beats guessed."""
        threat = self.catalogue.threats.get(target)
        if threat is None:
            return 1.0
        if audience and audience not in threat.audiences:
            return 0.0
        if threat.audiences == {PERSON}:
            return 1 - TILT * organised / 2
        if PERSON not in threat.audiences:
            return 1 + TILT * organised / 2 if organised else 1 - 2 * TILT
        return 1.0

    def _proposals(self, scores: dict[str, float]) -> tuple[Proposal, ...]:
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:AT_MOST]
        if not ranked or ranked[0][1] < LEAST:
            return ()
        least = ranked[0][1] * LEAST_SHARE
        return tuple(self._proposal(target, score) for target, score in ranked if score >= least)

    def _with_danger(
        self, proposals: tuple[Proposal, ...], said: dict[str, bool], audience: str
    ) -> tuple[Proposal, ...]:
        """A life in danger: the question about it is always among the cards, whatever else was recognised."""
        door = self.sources.language["danger"]
        if audience != PERSON or door not in self.catalogue.nodes or not any(said.get(fact) for fact in LIFE):
            return proposals
        if any(proposal.key == door for proposal in proposals):
            return proposals
        return (*proposals[:1], self._proposal(door, 0.0), *proposals[1:])[:AT_MOST]

    def _proposal(self, target: str, score: float) -> Proposal:
        if threat := self.catalogue.threats.get(target):
            return Proposal(target, THREAT, threat.name, threat.definition, score)
        if page := self.catalogue.pages.get(target):
            first = "".join(words for words, _ in page.lines[0]) if page.lines else ""
            return Proposal(target, PAGE, page.title, first, score)
        return Proposal(target, QUESTION, self._door(target), self.catalogue.nodes[target].question, score)

    def _door(self, node: str) -> str:
        """The answer that leads to a question says it better than the question."""
        answers = (answer for each in self.catalogue.nodes.values() for answer in each.answers)
        return next((answer.text for answer in answers if answer.go == node), self.catalogue.nodes[node].question)

    # --- facts --------------------------------------------------------------------------------------
    def _facts(self, trusted: list[tuple[str, float]], text: str) -> dict[str, bool]:
        words = [word for word, _ in trusted]
        said = self.phrases.found(words, [self.language.root(word) for word in words])
        if "_mineur" in age_words(fold(text)):
            said[MINOR] = True
        return {fact: true for fact, true in said.items() if fact in self.catalogue.facts}

    def _asked(self, proposals: tuple[Proposal, ...]) -> set[str]:
        return {fact for each in proposals if each.kind == THREAT for fact in self.turning[each.key]}

    def _to_confirm(
        self, said: dict[str, bool], proposals: tuple[Proposal, ...], audience: str, told: Iterable[str]
    ) -> tuple[str, ...]:
        """The facts that the proposals turn on, in the order of the content; danger first."""
        known = {*told, *(fact for each in told for fact in self.catalogue.closure.get(each, ()))}
        asked = (ALWAYS_ASKED | self._asked(proposals)) - known
        wanted = {fact for fact, true in said.items() if true and fact in asked}
        ordered = [fact for fact in (*DANGER, *self.catalogue.facts) if fact in wanted]
        fitting = [fact for fact in ordered if audience in self.catalogue.facts[fact].audiences]
        return tuple(dict.fromkeys(fitting))[:MOST_FACTS]

    def _urgent(self, said: dict[str, bool], proposals: tuple[Proposal, ...], audience: str) -> tuple[Urgent, ...]:
        """What the content says of danger, and of the facts the first proposal turns on; money is taken as just gone.

        For danger, « pas » does not silence: a number shown for nothing costs nothing.
        """
        asked = self._asked(proposals[:1])
        facts = {fact for fact, true in said.items() if fact in DANGER or (true and fact in asked)}
        if facts & self.catalogue.money_facts:
            facts.add(RECENT)
        return urgent_for(self.catalogue, frozenset(facts), audience)


def _turning(catalogue: Catalogue) -> dict[str, set[str]]:
    """threat -> facts that its screen asks or that the answers leading to it pose."""
    found = {threat.id: set(threat.facts_to_ask) for threat in catalogue.threats.values()}
    for node in catalogue.nodes.values():
        for answer in node.answers:
            if answer.diag:
                found[answer.diag].update(fact for fact, true in answer.sets if true)
    return found


def urgent_for(catalogue: Catalogue, facts: frozenset[str], audience: str) -> tuple[Urgent, ...]:
    whole = frozenset().union(*(catalogue.closure.get(fact, {fact}) for fact in facts)) if facts else facts
    scene = Scene(whole, audience)
    keys = {rule.show for rule in catalogue.urgent_rules if rule.condition.holds(scene)}
    ordered = sorted(keys, key=lambda key: catalogue.urgent_order[key])[:MOST_URGENT]
    return tuple(catalogue.urgent[key] for key in ordered)


def _guess(counts: dict[str, int]) -> str:
    """The audience that the words show most; a person when they show none."""
    best = max(ORGANISATIONS, key=lambda audience: counts.get(audience, 0))
    return best if counts.get(best) else PERSON


@functools.lru_cache(maxsize=2)
def _built(version: str, holder: "_Holder") -> Matcher:
    return Matcher(holder.catalogue)


class _Holder:
    """Carries the catalogue past the cache key: its version already says which it is."""

    __slots__ = ("catalogue",)

    def __init__(self, catalogue: Catalogue):
        self.catalogue = catalogue

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Holder)

    def __hash__(self) -> int:
        return 0


def matcher(catalogue: Catalogue) -> Matcher:
    """Built once per version of the content."""
    return _built(catalogue.version, _Holder(catalogue))
