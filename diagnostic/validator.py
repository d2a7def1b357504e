"""What a tree must be before anyone is asked its questions: complete, finite, short, and fair to every audience."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from diagnostic.catalogue import FACTS, MULTI, SINGLE, Answer, Catalogue, Node, Threat
from diagnostic.conditions import AUDIENCES, Scene
from diagnostic.exceptions import Problem

MOST_SCREENS = 7
State = tuple[str, str]


@dataclass(slots=True)
class Report:
    threats: int = 0
    reachable: int = 0
    dead_ends: int = 0
    loops: int = 0
    longest: int = 0
    problems: list[Problem] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"threats={self.threats} reachable={self.reachable} dead_ends={self.dead_ends} "
            f"loops={self.loops} longest={self.longest}"
        )


def validate(catalogue: Catalogue) -> Report:
    return _Validator(catalogue).run()


def exits(node: Node, audience: str) -> Iterator[Answer]:
    """All that can lead on from a node for one audience: its rows that lead, and its « else »."""
    yield from (answer for answer in node.visible(audience) if answer.leads or node.kind == SINGLE)
    if node.otherwise is not None:
        yield node.otherwise


class _Validator:
    def __init__(self, catalogue: Catalogue):
        self.catalogue = catalogue
        self.report = Report(threats=len(catalogue.threats))
        self.states: set[State] = set()
        self.found: dict[str, set[str]] = {threat: set() for threat in catalogue.threats}

    def run(self) -> Report:
        for node in self.catalogue.nodes.values():
            self.check_node(node)
        self.check_loops()
        self.walk()
        self.check_reach()
        self.check_threats()
        if self.catalogue.forgiving[-1].condition.text != "always":
            self.blame("plan.yaml", "forgiving", "la dernière phrase doit toujours être vraie (if: always)")
        if not any(rule.first and rule.first.text == "always" for rule in self.catalogue.doors):
            self.blame("doors.yaml", "doors", "aucune porte n'est toujours ouverte (first: always)")
        return self.report

    def blame(self, file: str, where: str, message: str) -> None:
        self.report.problems.append(Problem(file, where, message))

    def dead_end(self, node: Node, message: str) -> None:
        self.report.dead_ends += 1
        self.blame(node.file, node.id, message)

    # --- one node ---------------------------------------------------------------------------------
    def check_node(self, node: Node) -> None:
        if node.kind == FACTS:
            if node.answers or node.otherwise:
                self.blame(node.file, node.id, "un écran de faits n'a pas de réponse")
            return
        if not any(answer.unknown for answer in node.answers):
            self.blame(node.file, node.id, "il manque la réponse « Je ne sais pas »")
        for audience in AUDIENCES:
            if not node.visible(audience):
                self.dead_end(node, f"aucune réponse pour le public {audience}")
        for answer in (*node.answers, *([node.otherwise] if node.otherwise else [])):
            self.check_answer(node, answer)
        if node.kind == MULTI:
            self.check_multi(node)

    def check_answer(self, node: Node, answer: Answer) -> None:
        name = answer.id or "else"
        if answer.go and answer.diag:
            self.blame(node.file, node.id, f"{name} : go et diag à la fois")
        if answer.go and self.catalogue.nodes[answer.go].kind == FACTS:
            self.blame(node.file, node.id, f"{name} : go ne mène pas à un écran de faits, écrire diag et facts")
        if answer.diag and (not answer.facts or self.catalogue.nodes[answer.facts].kind != FACTS):
            self.blame(node.file, node.id, f"{name} : une atteinte demande un écran de faits")
        if node.kind == SINGLE and not answer.leads:
            self.dead_end(node, f"{name} : ne mène nulle part")
        if node.kind == SINGLE and (answer.second or answer.alone):
            self.blame(node.file, node.id, f"{name} : as_second et alone sont pour les questions à plusieurs réponses")

    def check_multi(self, node: Node) -> None:
        alone = [answer for answer in node.answers if answer.alone]
        if len(alone) != 1:
            self.blame(node.file, node.id, "une seule ligne « alone », celle de « Je ne sais pas »")
        if node.otherwise is None and not all(answer.leads for answer in node.answers):
            self.dead_end(node, "des lignes ne mènent nulle part et il n'y a pas de « else »")
        if node.otherwise is not None and not node.otherwise.leads:
            self.dead_end(node, "« else » ne mène nulle part")

    # --- the whole --------------------------------------------------------------------------------
    def check_loops(self) -> None:
        done: set[str] = set()

        def visit(key: str, above: tuple[str, ...]) -> None:
            if key in above:
                self.report.loops += 1
                turn = " > ".join([*above[above.index(key) :], key])
                self.blame(self.catalogue.nodes[key].file, key, f"boucle : {turn}")
                return
            if key in done:
                return
            node = self.catalogue.nodes[key]
            for answer in (*node.answers, *([node.otherwise] if node.otherwise else [])):
                if answer.go:
                    visit(answer.go, (*above, key))
            done.add(key)

        for key in self.catalogue.nodes:
            visit(key, ())

    def walk(self) -> None:
        """Every node with every audience it can be reached with."""
        todo: deque[State] = deque([(self.catalogue.start, "")])
        self.states.add((self.catalogue.start, ""))
        while todo:
            key, audience = todo.popleft()
            node = self.catalogue.nodes[key]
            for answer in (*node.visible(audience), *([node.otherwise] if node.otherwise else [])):
                after = answer.audience or audience
                self.meet(node, answer, after)
                if answer.go and (answer.go, after) not in self.states:
                    self.states.add((answer.go, after))
                    todo.append((answer.go, after))
        if not self.report.loops:
            self.report.longest = self.catalogue.nodes[self.catalogue.start].remaining

    def meet(self, node: Node, answer: Answer, audience: str) -> None:
        if answer.facts:
            self.states.add((answer.facts, audience))
        if answer.diag:
            self.found[answer.diag].add(audience)
            for swap in self.catalogue.swaps:
                if swap.source == answer.diag:
                    self.found[swap.to].add(audience)
        for threat in (answer.diag, answer.second, *answer.also):
            if threat and audience not in self.catalogue.threats[threat].audiences:
                self.blame(node.file, node.id, f"{answer.id or 'else'} : {threat} n'est pas pour le public {audience}")

    def check_reach(self) -> None:
        reached = {key for key, _ in self.states}
        for node in self.catalogue.nodes.values():
            if node.id not in reached:
                self.blame(node.file, node.id, "aucun chemin n'y mène")
        for threat in self.catalogue.threats.values():
            missing = sorted(threat.audiences - self.found[threat.id])
            if missing:
                self.blame("threats", threat.id, f"jamais atteinte pour : {', '.join(missing)}")
            else:
                self.report.reachable += 1
        if self.report.longest > MOST_SCREENS or self.report.loops:
            self.blame("tree", self.catalogue.start, f"{self.report.longest} écrans, {MOST_SCREENS} au plus")

    def check_threats(self) -> None:
        for threat in self.catalogue.threats.values():
            if threat.thesee and not threat.thesee_form:
                self.blame("threats", threat.id, "thesee demande thesee_form_fr")
            for audience in sorted(threat.audiences):
                if not self.advised(threat, audience):
                    self.blame("threats", threat.id, f"aucun geste pour le public {audience} sans fait coché")

    def advised(self, threat: Threat, audience: str) -> bool:
        scene = Scene(frozenset(), audience, threat.severity)
        return sum(use.condition.holds(scene) for use in threat.actions) >= self.catalogue.now.least
