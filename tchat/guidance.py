"""What the agent does not know yet, and the question that would change the most: drawn from the tree, nothing stored.

A pure function of the published content and of the answers. A box left unticked is not a « no »: it may be asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from diagnostic.advice import Plan, plan
from diagnostic.catalogue import FACTS, Catalogue
from diagnostic.engine import FOR_OTHER, RELATIVE, Resolution, resolve
from diagnostic.moments import AMOUNT, UNKNOWN_WHEN, WHEN

ASK = "Dites-moi si c'est votre cas : « {label} ». Répondez oui, non, ou je ne sais pas."
# Some things are not asked by reading a box aloud.
WORDED = {
    "physical_danger": "Êtes-vous en sécurité, là où vous êtes, en ce moment ?",
    "suicidal": "Comment vous sentez-vous, là, maintenant ? Avez-vous des idées noires ?",
}
NOT_KNOWN = "La personne a répondu « je ne sais pas »."
NOT_TOLD = {WHEN: "Les délais partent de ce moment.", AMOUNT: "La gravité en dépend."}
USEFUL = "Utile à la plainte."
MOST = 12


@dataclass(frozen=True, slots=True)
class Lead:
    """A question to ask. `weight` says how much its answer may change: severity, what to do at once, what to do."""

    key: str
    label: str
    text: str
    why: str
    weight: tuple[int, int, int] = (0, 0, 0)


def leads(catalogue: Catalogue, answers: Mapping[str, tuple[str, ...]]) -> list[Lead]:
    """The best question first. A severity that may rise comes before what the person did not know, then time and
    amount, then the other facts by what they add to the plan."""
    resolution = resolve(catalogue, answers)
    if not resolution.complete or not resolution.threat:
        return [_unanswered(resolution)] if resolution.question else []
    facts = sorted(_facts(catalogue, resolution), key=lambda lead: lead.weight, reverse=True)
    raising = [lead for lead in facts if lead.weight[0] > 0]
    others = [lead for lead in facts if lead.weight[0] <= 0]
    return [*raising, *_not_known(catalogue, resolution), *_once(catalogue, resolution, answers), *others][:MOST]


def _unanswered(resolution: Resolution) -> Lead:
    question = resolution.question
    text = question.text or question.node.question
    return Lead(f"question:{question.node.id}", text, text, "La personne s'est arrêtée à cette question.")


# --- facts


def _facts(catalogue: Catalogue, resolution: Resolution) -> Iterator[Lead]:
    before = plan(catalogue, resolution)
    helps = resolution.audience == "particulier" and FOR_OTHER in resolution.facts
    voice = RELATIVE if helps else resolution.audience
    for key in _missing(catalogue, resolution):
        label = catalogue.facts[key].label_for(voice)
        after = plan(catalogue, replace(resolution, facts=resolution.facts | catalogue.closure.get(key, {key})))
        weight = _weight(before, after)
        yield Lead(f"fait:{key}", label, WORDED.get(key) or ASK.format(label=label), _why(after, weight), weight)


def _missing(catalogue: Catalogue, resolution: Resolution) -> list[str]:
    """The facts that these threats ask for, in order: not told, not asked by the tree itself, not derived."""
    settled = resolution.scene_facts | _asked(catalogue, resolution) | {FOR_OTHER}
    if once := catalogue.once:
        settled |= {once.recent, once.high, once.small, once.lost}
    wanted = dict.fromkeys(key for threat in resolution.threats for key in catalogue.threats[threat].facts_to_ask)
    return [
        key
        for key in wanted
        if key in catalogue.facts and key not in settled and resolution.audience in catalogue.facts[key].audiences
    ]


def _asked(catalogue: Catalogue, resolution: Resolution) -> set[str]:
    nodes = [catalogue.nodes[step.node] for step in resolution.path if step.node in catalogue.nodes]
    posed = {fact for node in nodes for answer in node.answers for fact, _ in answer.sets}
    return posed.union(*(node.asked for node in nodes))


def _weight(before: Plan, after: Plan) -> tuple[int, int, int]:
    known = {action.id for action in before.actions}
    first = {action.id for action in before.first}
    return (
        after.severity - before.severity,
        sum(action.id not in first for action in after.first),
        sum(action.id not in known for action in after.actions),
    )


def _why(after: Plan, weight: tuple[int, int, int]) -> str:
    severity, first, actions = weight
    if severity > 0:
        return f"Si oui : gravité {after.severity}."
    count = first or actions
    if count <= 0:
        return USEFUL
    return f"Si oui : {count} geste{'s' if count > 1 else ''} de plus{' tout de suite' if first else ''}."


# --- questions without an answer


def _not_known(catalogue: Catalogue, resolution: Resolution) -> Iterator[Lead]:
    for step in resolution.path:
        node = catalogue.nodes.get(step.node)
        if node is None or node.kind == FACTS:
            continue
        if any(answer.unknown for answer in node.answers if answer.id in step.ids):
            yield Lead(f"question:{node.id}", step.question, step.question, NOT_KNOWN)


def _once(catalogue: Catalogue, resolution: Resolution, answers: Mapping[str, tuple[str, ...]]) -> Iterator[Lead]:
    once = catalogue.once
    if once is None or resolution.facts & once.unless:
        return
    asks = {ask for step in resolution.path if (node := catalogue.nodes.get(step.page)) for ask in node.asks}
    for key, questions in ((WHEN, once.when_questions), (AMOUNT, once.amount_questions)):
        if key in asks and tuple(answers.get(key, ()))[:1] in ((), (UNKNOWN_WHEN,)):
            text = questions[resolution.audience]
            yield Lead(key, text, text, NOT_TOLD[key])
