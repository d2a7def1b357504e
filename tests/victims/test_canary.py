"""Words typed in every field stand nowhere in clear: no column of any table, no file, no log."""

import logging
import uuid

import pytest
from django.db import connection
from django.urls import reverse

from guichet.lib.crypto import CannotOpen
from tests.victims import factory, files
from victims import diagnosed
from victims.services import complaints, deposits, dossiers, evidence

pytestmark = pytest.mark.django_db

READABLE = {"date": "24/11/2025", "time": "21 h 30", "siren": "732829320", "iban": "FR7630006000011234567890189"}


def canary(question) -> str:
    """A word found nowhere else, that the field accepts."""
    word = f"canari{uuid.uuid4().hex[:12]}"
    if question.kind in {"choice", "check"}:
        return next(iter(question.choices), "oui")
    if question.kind == "email":
        return f"{word}@exemple.fr"
    if question.kind == "phone":
        return "+" + str(uuid.uuid4().int)[:14]
    if question.kind == "amount":
        return str(10_000_000 + uuid.uuid4().int % 80_000_000)
    return READABLE.get(question.kind, word)


def _bytes(cell) -> bytes:
    return bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()


def every_cell() -> bytes:
    """The whole database, as it is stored."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [
                b"\n".join(bytes(c) if isinstance(c, bytes | memoryview) else str(c).encode() for c in row)
                for row in cursor
            ]
    return b"\n".join(found)


def every_file(folder) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("recorded", [factory.SCAM, factory.COMPANY])
def test_words_of_a_complaint_stand_nowhere_in_clear(client, caplog, tmp_path, recorded):
    caplog.set_level(logging.DEBUG)
    dossier = factory.dossier(recorded)
    factory.let_in(client, dossier)
    quality = "mandataire" if recorded == factory.SCAM else "representant-organisation"
    client.post(reverse("dossier:complaint"), {"read": "on", "quality": quality})
    typed = ["canari de la personne représentée", "canari de la qualité"][recorded != factory.SCAM :]
    mandate = deposits.keep_file(dossier=dossier, name="canari-mandat.pdf", content=files.pdf())
    proven = {"represented": typed[0], "entitled": typed[-1], "proof": "piece", "pieces": [str(mandate.pk)]}
    assert client.post(reverse("dossier:capacity"), {**proven, "version": 99}).status_code == 302
    scene = diagnosed.scene_of(dossier.diagnosis)
    for section in diagnosed.sections_of(dossier.diagnosis):
        data = {question.id: canary(question) for question in section.asked(scene)}
        if section.repeat:
            data.update({f"{section.repeat.id}-0-{each.id}": canary(each) for each in section.repeat.fields})
        typed += [
            value for value in data.values() if "canari" in value or (value.lstrip("+").isdigit() and len(value) > 7)
        ]
        response = client.post(reverse("dossier:section", args=[section.id]), {**data, "version": 99})
        assert response.status_code == 302, response.content.decode()
    client.post(reverse("dossier:file"))

    filed = complaints.current(dossier)
    assert filed.number
    stored, kept = every_cell(), every_file(tmp_path / "files")
    assert filed.number.encode() in stored
    assert len(typed) > 25
    for word in typed:
        assert word.encode() not in stored
        assert word.encode() not in kept
        assert word not in caplog.text
    assert typed[0] in str(complaints.read_form(filed))


def test_erased_dossier_keeps_nothing_that_opens(client):
    dossier = factory.dossier()
    filed = complaints.file_complaint(complaint=factory.ready_complaint(dossier))

    dossiers.erase(dossier=dossier)
    dossier.refresh_from_db()

    with pytest.raises(CannotOpen):
        evidence.read_piece(piece=dossier.pieces.first(), actor="victime")
    filed.dossier = dossier
    with pytest.raises(CannotOpen):
        complaints.read_form(filed)
