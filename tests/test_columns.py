"""Every column that may hold words says what protects them (tests/columns.yaml); one that nobody classified fails.

tests/stack/test_erasure.py fills the sealed ones and looks for the words everywhere.
"""

from pathlib import Path

import yaml
from django.apps import apps
from django.db import models

from diagnostic.models import Diagnosis
from victims.models import Dossier

TABLE = yaml.safe_load((Path(__file__).parent / "columns.yaml").read_text(encoding="utf-8"))
KINDS = {"fingerprint", "digest", "random", "content", "house", "trade", "agent"}
HOLDS_WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.FileField)
ENCRYPTED = ("sealed_", "wrapped_key")
# Of a person's dossier nothing stands in clear but what the guichet itself made or chose.
OF_A_PERSON = {"fingerprint", "digest", "random", "content"}


def columns(model) -> list[models.Field]:
    return [field for field in model._meta.local_fields if isinstance(field, HOLDS_WORDS)]


def tells_itself(field: models.Field) -> bool:
    return bool(field.choices) or (isinstance(field, models.BinaryField) and field.name.startswith(ENCRYPTED))


def belongs_to_a_dossier(model, seen=()) -> bool:
    """Whether its rows hang on a dossier, however far."""
    if model in (Dossier, Diagnosis):
        return True
    up = {field.related_model for field in model._meta.local_fields if isinstance(field, models.ForeignKey)}
    return any(belongs_to_a_dossier(each, (*seen, model)) for each in up - {*seen, model})


def test_every_column_that_may_hold_words_is_classified():
    known = {f"{name}.{column}" for name, row in TABLE.items() for column in row}
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in columns(model)
        if not tells_itself(field)
    }

    assert sorted(found - known) == [], "say in tests/columns.yaml what protects them"
    assert sorted(known - found) == [], "tests/columns.yaml tells of columns that are no more"
    assert {kind for row in TABLE.values() for kind in row.values()} == KINDS


def test_only_a_binary_column_is_named_as_sealed():
    """Ciphertext in a column of text would be read as text; text in a column called sealed would be believed sealed."""
    lying = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in columns(model)
        if field.name.startswith(ENCRYPTED) and not isinstance(field, models.BinaryField)
    ]

    assert lying == []


def test_what_hangs_on_a_dossier_is_sealed_or_made_by_the_guichet():
    mine = [model for model in apps.get_models() if belongs_to_a_dossier(model)]
    clear = [
        f"{model._meta.label}.{name}"
        for model in mine
        for name, kind in TABLE.get(model._meta.label, {}).items()
        if kind not in OF_A_PERSON
    ]

    assert len(mine) > 25
    assert clear == []
