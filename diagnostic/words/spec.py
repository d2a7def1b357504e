"""The shape of the words: what people say of each target, and how they speak. Nothing else reads these files."""

from collections.abc import Mapping

from pydantic import Field

from diagnostic import schema
from diagnostic.catalogue import Speech

Expressions = tuple[schema.Text, ...]


class SaidSpec(schema.Spec):
    """Short cues, whole sentences, and the groups of words without one of which the target is hardly proposed."""

    cues: Expressions = Field(min_length=1)
    said: Expressions = Field(min_length=1)
    needs: tuple[schema.Key, ...] = ()


class SpeechSpec(schema.Spec):
    short: dict[str, str]
    forms: dict[str, Expressions]
    common: str
    brands: tuple[str, ...]
    groups: dict[schema.Key, Expressions]
    heavy: tuple[schema.Key, ...]
    danger: schema.Key
    audiences: dict[str, Expressions]
    facts: dict[schema.Key, Expressions]


def speech_of(spec: SpeechSpec, said: Mapping[str, SaidSpec]) -> Speech:
    return Speech(
        language=spec.model_dump(),
        said={key: (each.cues, each.said) for key, each in said.items()},
        needs={key: each.needs for key, each in said.items() if each.needs},
    )
