"""From a content document to a `Catalogue`: shapes are checked, conditions parsed, names resolved.

All faults are gathered before refusing, each with its file and its item, so that an editor mends them in one go.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from pydantic import BaseModel, TypeAdapter, ValidationError

from diagnostic import letters, schema
from diagnostic.catalogue import (
    Action,
    Catalogue,
    DoorRule,
    Express,
    Letter,
    Node,
    Now,
    Offence,
    Once,
    Page,
    Raise,
    Saying,
    Swap,
    Threat,
    UrgentRule,
    Use,
)
from diagnostic.conditions import AUDIENCES, Condition, parse
from diagnostic.exceptions import ConditionError, ContentError, Problem
from diagnostic.phones import Linker
from diagnostic.pieces import MAX_SCREENS, answer_of, channel_of, closure, deadline_of, depths, fact_of, once_of
from diagnostic.voices import action_words, door_of, page_of, urgent_of, voiced
from diagnostic.words.spec import SaidSpec, SpeechSpec, speech_of

DERIVED = frozenset({"calm", "long_ago"})
DOOR_FACTS = frozenset({"thesee_form", "perceval_form", "chat"})


class Source(Protocol):
    data: dict[str, dict[str, Any]]

    @property
    def version(self) -> str: ...

    def file_of(self, section: str, key: str) -> str: ...


def compile_document(document: Source) -> Catalogue:
    return _Compiler(document).run()


class _Compiler:
    def __init__(self, document: Source):
        self.document = document
        self.problems: list[Problem] = []

    def run(self) -> Catalogue:
        specs = self._specs()
        self._stop()
        catalogue = self._build(specs)
        self._stop()
        return catalogue

    def _stop(self) -> None:
        if self.problems:
            raise ContentError(self.problems)

    def blame(self, section: str, key: str, message: str) -> None:
        self.problems.append(Problem(self.document.file_of(section, key), key, message))

    # --- shapes -----------------------------------------------------------------------------------
    def _specs(self) -> dict[str, Any]:
        many: dict[str, type[BaseModel]] = {
            "nodes": schema.NodeSpec,
            "threats": schema.ThreatSpec,
            "actions": schema.ActionSpec,
            "facts": schema.FactSpec,
            "channels": schema.ChannelSpec,
            "offences": schema.OffenceSpec,
            "pages": schema.PageSpec,
            "letters": letters.LetterSpec,
            "words": SaidSpec,
        }
        one = {
            "settings": schema.SettingsSpec,
            "doors": schema.DoorsSpec,
            "plan": schema.PlanSpec,
            "speech": SpeechSpec,
        }
        specs: dict[str, Any] = {
            section: {
                key: self._shape(TypeAdapter(model), section, key, raw)
                for key, raw in self.document.data[section].items()
            }
            for section, model in many.items()
        }
        specs |= {
            name: self._shape(TypeAdapter(model), name, name, self.document.data[name]) for name, model in one.items()
        }
        texts = TypeAdapter(schema.Words)
        specs["evidence"] = {
            key: self._shape(texts, "evidence", key, raw) for key, raw in self.document.data["evidence"].items()
        }
        return specs

    def _shape(self, adapter: TypeAdapter, section: str, key: str, raw: Any) -> Any:
        try:
            return adapter.validate_python(raw)
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_input=False):
                where, *way = (key, *map(str, fault["loc"])) if key != section else map(str, fault["loc"])
                self.blame(section, where, " : ".join([*filter(None, [".".join(way)]), fault["msg"]]))
            return None

    # --- pieces -----------------------------------------------------------------------------------
    def condition(self, section: str, key: str, text: str, known: frozenset[str]) -> Condition:
        try:
            found = parse(text)
        except ConditionError as error:
            self.blame(section, key, str(error))
            return parse("always")
        for fact in sorted(found.facts - known):
            self.blame(section, key, f"condition « {text} » : le fait « {fact} » n'existe pas")
        return found

    def known(self, section: str, key: str, names: Iterable[str | None], among: Mapping[str, Any], what: str) -> None:
        for name in names:
            if name is not None and name not in among:
                self.blame(section, key, f"{what} « {name} » n'existe pas")

    def _build(self, specs: dict[str, Any]) -> Catalogue:
        settings: schema.SettingsSpec = specs["settings"]
        plan: schema.PlanSpec = specs["plan"]
        facts = {key: fact_of(key, spec) for key, spec in specs["facts"].items()}
        known = frozenset(facts) | DERIVED | ({settings.once.amount.small} if settings.once else set())
        link = Linker(settings.numbers).parts
        actions = {key: self._action(key, spec, specs, known, link) for key, spec in specs["actions"].items()}
        self._check_settings(settings, specs)
        pages = {key: self._page(key, spec, specs, link) for key, spec in specs["pages"].items()}
        kinds = {kind: frozenset(ids) for kind, ids in specs["doors"].kinds.items()}
        return Catalogue(
            version=self.document.version,
            start=settings.start,
            nodes=self._nodes(specs),
            threats={key: self._threat(key, spec, specs, actions, known) for key, spec in specs["threats"].items()},
            actions=actions,
            facts=facts,
            channels={key: channel_of(key, spec, link) for key, spec in specs["channels"].items()},
            offences={
                key: Offence(key, spec.article, spec.infraction_fr, spec.peine_max_fr, spec.source)
                for key, spec in specs["offences"].items()
            },
            evidence=specs["evidence"],
            pages=pages,
            urgent={key: urgent_of(key, spec, link) for key, spec in settings.urgent_messages.items()},
            urgent_order={key: rank for rank, key in enumerate(settings.urgent_messages)},
            urgent_rules=tuple(
                UrgentRule(self.condition("settings", rule.show, rule.condition, known), rule.show)
                for rule in settings.urgent_rules
            ),
            swaps=self._swaps(settings.swaps, known),
            adds=self._swaps(settings.adds, known),
            closure=closure(facts, settings.fact_implies),
            calm_any=frozenset(settings.calm.any),
            calm_beside=frozenset(settings.calm.beside),
            facts_visible=settings.facts_visible,
            money_facts=frozenset(settings.money_facts),
            once=self._once(settings.once, frozenset(facts)) if settings.once else None,
            doors=tuple(
                self._door(rule, specs, known | DOOR_FACTS | frozenset(kinds)) for rule in specs["doors"].doors
            ),
            kinds=kinds,
            everywhere=tuple(self._use("plan", "everywhere", use, actions, known) for use in plan.everywhere),
            now=Now(**plan.now.model_dump()),
            forgiving=tuple(
                Saying(self.condition("plan", "forgiving", saying.condition, known), saying.text)
                for saying in plan.forgiving
            ),
            families={family: rank for rank, family in enumerate(settings.families)},
            audience_labels=dict(settings.audiences),
            when_labels=dict(settings.when_labels),
            severity_names={row.level: row.name_fr for row in settings.severity_scale},
            severity_meanings={row.level: row.meaning_fr for row in settings.severity_scale},
            letters={key: self._letter(key, spec) for key, spec in specs["letters"].items()},
            speech=speech_of(specs["speech"], specs["words"]),
            express=tuple(self._express(way, specs["nodes"]) for way in settings.express),
        )

    def _check_settings(self, settings: schema.SettingsSpec, specs: dict[str, Any]) -> None:
        self.known("settings", "start", [settings.start], specs["nodes"], "le nœud")
        self.known(
            "settings", "urgent_rules", [r.show for r in settings.urgent_rules], settings.urgent_messages, "le message"
        )
        for swap in (*settings.swaps, *settings.adds):
            self.known("settings", "swaps", [swap.source, swap.to], specs["threats"], "l'atteinte")
        used = [*settings.fact_implies, *settings.calm.any, *settings.calm.beside, *settings.money_facts]
        used += [fact for implied in settings.fact_implies.values() for fact in implied]
        if once := settings.once:
            used += [*once.unless, once.when.recent, once.amount.lost, once.amount.high]
        self.known("settings", "faits", used, specs["facts"], "le fait")
        for kind, ids in specs["doors"].kinds.items():
            self.known("doors", kind, ids, specs["threats"], "l'atteinte")

    def _swaps(self, swaps: Iterable[schema.SwapSpec], known: frozenset[str]) -> tuple[Swap, ...]:
        return tuple(
            Swap(self.condition("settings", swap.source, swap.condition, known), swap.source, swap.to) for swap in swaps
        )

    def _once(self, spec: schema.OnceSpec, known: frozenset[str]) -> Once:
        return once_of(spec, self.condition("settings", "once", spec.when.recent_if, known))

    def _express(self, way: schema.ExpressSpec, nodes: Mapping[str, schema.NodeSpec]) -> Express:
        self.known("settings", "express", way.answers, nodes, "le nœud")
        for node, answer in way.answers.items():
            rows = nodes[node].a if node in nodes else ()
            self.known("settings", "express", [answer], {row.id: row for row in rows}, f"la réponse de {node}")
        return Express(way.id, way.t, {node: (answer,) for node, answer in way.answers.items()})

    def _letter(self, key: str, spec: letters.LetterSpec) -> Letter | None:
        try:
            return letters.letter_of(key, spec)
        except ConditionError as error:
            self.blame("letters", key, str(error))
            return None

    def _page(self, key: str, spec: schema.PageSpec, specs: dict[str, Any], link: Callable) -> Page:
        self.known("pages", key, spec.channels, specs["channels"], "l'interlocuteur")
        return page_of(key, spec, link)

    def _door(self, rule: schema.DoorSpec, specs: dict[str, Any], known: frozenset[str]) -> DoorRule:
        if rule.channel not in ("page", "report"):
            self.known("doors", rule.id, [rule.channel], specs["channels"], "l'interlocuteur")
        first = self.condition("doors", rule.id, rule.first, known) if rule.first else None
        beside = self.condition("doors", rule.id, rule.beside, known) if rule.beside else None
        return door_of(rule, first, beside)

    # --- actions and threats ----------------------------------------------------------------------
    def _action(
        self, key: str, spec: schema.ActionSpec, specs: dict[str, Any], known: frozenset[str], link: Callable
    ) -> Action:
        settings: schema.SettingsSpec = specs["settings"]
        self.known("actions", key, [spec.channel], specs["channels"], "l'interlocuteur")
        self.known("actions", key, [spec.by_fr], settings.who_labels, "la personne (who_labels)")
        if spec.when == "immediat" and spec.family not in settings.families:
            self.blame("actions", key, f"la famille « {spec.family} » n'existe pas")
        deadline = None
        if spec.deadline:
            self.known("actions", key, [spec.deadline.start], settings.deadline_from, "le départ du délai")
            deadline = deadline_of(spec.deadline, settings.deadline_from.get(spec.deadline.start, ""))
        action = Action(
            id=key,
            text=spec.text_fr,
            parts=link(spec.text_fr),
            who=settings.who_labels.get(spec.by_fr, spec.by_fr),
            when=spec.when,
            condition=self.condition("actions", key, spec.condition, known),
            family=spec.family or "",
            first_if=self.condition("actions", key, spec.first_if, known) if spec.first_if else None,
            aside=spec.aside,
            channel=spec.channel,
            deadline=deadline,
        )
        return voiced(action, action_words(spec, settings, link))

    def _use(
        self,
        section: str,
        key: str,
        raw: str | dict[str, schema.UseSpec],
        actions: dict[str, Action],
        known: frozenset[str],
    ) -> Use:
        name, spec = (raw, schema.UseSpec()) if isinstance(raw, str) else next(iter(raw.items()))
        action = actions.get(name)
        if action is None or (not isinstance(raw, str) and len(raw) != 1):
            self.blame(section, key, f"l'action « {name} » n'existe pas")
            return Use(name, parse("always"), "immediat")
        condition = self.condition(section, key, spec.condition, known) if spec.condition else action.condition
        return Use(name, condition, spec.when or action.when)

    def _threat(
        self,
        key: str,
        spec: schema.ThreatSpec,
        specs: dict[str, Any],
        actions: dict[str, Action],
        known: frozenset[str],
    ) -> Threat:
        self.known("threats", key, spec.facts_to_ask, specs["facts"], "le fait")
        self.known("threats", key, spec.channels, specs["channels"], "l'interlocuteur")
        self.known("threats", key, spec.offences, specs["offences"], "l'infraction")
        self.known("threats", key, spec.evidence, specs["evidence"], "la preuve")
        self.known("threats", key, spec.neighbours, specs["threats"], "l'atteinte voisine")
        changes = [
            tuple(Raise(self.condition("threats", key, rule.condition, known), rule.to) for rule in rules)
            for rules in (spec.raises, spec.lowers)
        ]
        threat = Threat(
            id=key,
            name=spec.name_fr,
            audiences=frozenset(spec.audiences),
            definition=spec.definition_fr,
            signs=spec.signs_fr,
            neighbours=spec.neighbours,
            severity=spec.severity,
            raises=changes[0],
            lowers=changes[1],
            facts_to_ask=spec.facts_to_ask,
            channels=spec.channels,
            thesee=spec.thesee,
            perceval=spec.perceval,
            chat=spec.chat,
            provider=spec.provider,
            thesee_form=spec.thesee_form_fr or "",
            offences=spec.offences,
            evidence=spec.evidence,
            actions=tuple(self._use("threats", key, use, actions, known) for use in spec.actions),
        )
        return voiced(
            threat,
            {
                voice: {"name": said.name_fr or spec.name_fr, "definition": said.definition_fr or spec.definition_fr}
                for voice, said in spec.words.items()
            },
        )

    # --- nodes ------------------------------------------------------------------------------------
    def _nodes(self, specs: dict[str, Any]) -> dict[str, Node]:
        for key, spec in specs["nodes"].items():
            self._check_node(key, spec, specs)
        remaining = depths(specs["nodes"])
        return {key: self._node(key, spec, remaining.get(key, MAX_SCREENS)) for key, spec in specs["nodes"].items()}

    def _check_node(self, key: str, spec: schema.NodeSpec, specs: dict[str, Any]) -> None:
        nodes, messages = specs["nodes"], specs["settings"].urgent_messages
        self.known("nodes", key, [*spec.urgent, *(u for a in spec.a for u in a.urgent)], messages, "le message")
        used = [*spec.asked, *spec.facts, *(f for a in spec.a for f in a.set if f != "audience")]
        self.known("nodes", key, used, specs["facts"], "le fait")
        exits: list[schema.ExitSpec] = [*spec.a, *([spec.otherwise] if spec.otherwise else [])]
        self.known("nodes", key, [e.go for e in exits], nodes, "le nœud")
        self.known("nodes", key, [e.facts for e in exits], nodes, "l'écran de faits")
        self.known("nodes", key, [e.page for e in exits], specs["pages"], "le texte")
        threats = [e.diag for e in exits] + [name for a in spec.a for name in (*a.also, a.as_second)]
        self.known("nodes", key, threats, specs["threats"], "l'atteinte")
        ids = [answer.id for answer in spec.a]
        if len(set(ids)) != len(ids):
            self.blame("nodes", key, "deux réponses ont le même id")
        if spec.kind != "facts" and not spec.a:
            self.blame("nodes", key, "aucune réponse")

    def _node(self, key: str, spec: schema.NodeSpec, remaining: int) -> Node:
        answers = tuple(answer_of(answer) for answer in spec.a)
        return Node(
            id=key,
            kind=spec.kind,
            question=spec.q,
            help=spec.help or "",
            urgent=spec.urgent,
            asked=frozenset(spec.asked),
            answers=answers,
            otherwise=answer_of(spec.otherwise) if spec.otherwise else None,
            facts=spec.facts,
            remaining=remaining,
            file=self.document.file_of("nodes", key),
            asks=spec.asks,
            words=dict(spec.words),
            helps=dict(spec.helps),
            by_audience={
                audience: tuple(answer for answer in answers if not answer.only or audience in answer.only)
                for audience in AUDIENCES
            },
        )
