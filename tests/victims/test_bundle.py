"""The bundle says « intact » of itself and of nothing else, on a machine without the project."""

import hashlib
import io
import json
import random
import subprocess
import sys
import uuid
import zipfile

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from pypdf import PdfReader

from tchat.models import Desk
from tchat.services.conversations import claim, open_conversation
from tchat.services.messages import VICTIM, send_message
from tests.victims import factory
from victims import verifier
from victims.services import complaints, seals, ticks
from victims.services.bundle import Bundle
from victims.services.deposits import keep_file

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NOTE = "Voici ce que j'ai reçu.\n".encode()


@pytest.fixture
def filed():
    dossier, agent = factory.dossier(factory.SEXTORTION), factory.agent()
    for desk in Desk.objects.all():
        desk.agents.add(agent)
    conversation = open_conversation(dossier=dossier)
    claim(agent=agent, conversation_id=conversation.pk)
    for text in ("Bonjour", "On me menace", "Merci"):
        send_message(conversation_id=conversation.pk, sender=VICTIM, client_id=uuid.uuid4(), text=text)
    keep_file(dossier=dossier, name="../mon courriel é.txt", content=NOTE)
    return complaints.file_complaint(complaint=factory.ready_complaint(dossier))


@pytest.fixture
def archive(filed) -> bytes:
    return b"".join(Bundle(dossier=filed.dossier, actor="victime").parts())


def members(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_plan_of_that_day_is_in_it_on_paper_with_what_is_done(filed):
    gesture = filed.dossier.diagnosis.plan[0]
    ticks.keep(dossier=filed.dossier, shown=[gesture["id"]], ticked=[gesture["id"]])

    paper = members(b"".join(Bundle(dossier=filed.dossier, actor="victime").parts()))["diagnostic/plan.pdf"]

    words = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages).split())
    assert "".join(filed.dossier.diagnosis.main_name.split()) in words
    for each in filed.dossier.diagnosis.plan:
        assert "".join(each["text"].split())[:30].replace("'", "’") in words.replace("'", "’")
    assert words.count("(fait)") == 1
    with pikepdf.open(io.BytesIO(paper)) as pdf, pdf.open_metadata() as metadata:
        assert (metadata["pdfuaid:part"], metadata["pdfaid:part"]) == ("1", "2")


def packed(files: dict[str, bytes]) -> bytes:
    """The same layout as ours: only the content can betray the change."""
    out, entries = [], []
    for name, content in files.items():
        entries.append((name, len(content), verifier.zlib.crc32(content)))
        out += [verifier.local_header(*entries[-1]), content]
    return b"".join([*out, verifier.directory(entries)])


def told(archive: bytes, tmp_path, **known) -> list[str]:
    path = tmp_path / "dossier.zip"
    path.write_bytes(archive)
    return verifier.verify(str(path), **known).problems


def resigned(files: dict[str, bytes]) -> dict[str, bytes]:
    """A forger who repairs the list of files, but has no key of ours."""
    manifest = json.loads(files[verifier.MANIFEST])
    for each in manifest["files"]:
        content = files[each["path"]]
        each["sha256"], each["size"] = hashlib.sha256(content).hexdigest(), len(content)
    raw = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    return {**files, verifier.MANIFEST: raw, verifier.SIGNATURE: seals.seal(raw)}


def test_bundle_holds_everything_and_is_read_by_any_unzip(archive):
    files = members(archive)
    manifest = json.loads(files["MANIFEST.json"])

    roles = [each["role"] for each in manifest["files"]]
    assert sorted(set(roles)) == sorted(
        ["transcription", "transcription-donnees", "fichier", "plainte", "recepisse", "plainte-donnees", "diagnostic",
         "plan", "plan-papier", "journal", "verificateur"]
    )  # fmt: skip
    note = next(each for each in manifest["files"] if each["role"] == "fichier")
    assert files[note["path"]] == NOTE
    assert all(".." not in name and name.isascii() for name in files)
    verbs = [(line["actor"], line["verb"]) for line in json.loads(files["journal.json"])["lines"]]
    assert ("agent:4821", "tchat pris") in verbs
    assert ("victime", "pièce exportée") in verbs


def test_verifier_of_the_bundle_says_intact_alone(archive, tmp_path):
    (tmp_path / "verify.py").write_bytes(members(archive)["verify.py"])
    (tmp_path / "dossier.zip").write_bytes(archive)

    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", "dossier.zip"], cwd=tmp_path, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("INTACT : ")
    assert verifier.key_id(seals.public_keys()[0]) in done.stdout


def test_any_byte_flipped_is_found(archive, tmp_path):
    chance = random.Random(20261125)
    end = archive.index(b"PK\1\2")
    places = chance.sample(range(len(archive)), 60) + chance.sample(range(end, len(archive)), 60)

    silent = []
    for place in places:
        changed = bytearray(archive)
        changed[place] ^= 1 << chance.randrange(8)
        if not told(bytes(changed), tmp_path):
            silent.append(place)

    assert silent == []


def test_any_file_dropped_added_renamed_or_altered_is_named(archive, tmp_path):
    files = members(archive)
    listed = [name for name in files if not name.startswith("MANIFEST")]

    for name in files:
        problems = told(packed({k: v for k, v in files.items() if k != name}), tmp_path)
        assert f"{name} : fichier enlevé." in problems
    for name in listed:
        assert f"{name} : fichier modifié." in told(packed({**files, name: files[name] + b" "}), tmp_path)
        renamed = {("autre.bin" if k == name else k): v for k, v in files.items()}
        assert told(packed(renamed), tmp_path) == [f"{name} : renommé en 'autre.bin'."]
    assert told(packed({**files, "plus.txt": b"x"}), tmp_path) == ["'plus.txt' : fichier ajouté."]


def test_manifest_repaired_without_our_key_is_found(archive, tmp_path):
    files = members(archive)
    changed = {**files, "diagnostic/plan.json": b"[]"}
    repaired = resigned(changed)[verifier.MANIFEST]

    problems = told(packed({**changed, verifier.MANIFEST: repaired}), tmp_path)

    assert problems == ["MANIFEST.json : la signature ne correspond pas : le manifeste ou sa signature a été modifié."]


def test_bundle_signed_again_by_another_is_found_against_the_known_key(archive, tmp_path, settings):
    ours = seals.public_keys()[0]
    settings.SECRET_KEY = "another place"
    forged = packed(resigned(members(archive)))

    assert told(forged, tmp_path) == []
    assert told(forged, tmp_path, known_key=ours) == ["MANIFEST.sig : signé par une autre clé que celle du guichet."]


def _edited(lines):
    lines[1]["body"] = "autre"


def _removed(lines):
    del lines[1]


def _swapped(lines):
    lines[1], lines[2] = lines[2], lines[1]


def _cut(lines):
    lines.pop()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_edited, "le message 2 a été changé."),
        (_removed, "le message 2 manque ou n'est plus à sa place."),
        (_swapped, "le message 2 manque ou n'est plus à sa place."),
        (_cut, "la fin de la conversation manque."),
    ],
)
def test_conversation_changed_is_named_even_when_everything_is_signed_again(archive, tmp_path, change, said):
    files = members(archive)
    name = next(each for each in files if each.startswith("transcriptions/") and each.endswith(".json"))
    data = json.loads(files[name])
    change(data["messages"])

    problems = told(packed(resigned({**files, name: json.dumps(data).encode()})), tmp_path)

    assert problems == [f"{name} : {said}"]


def test_command_knows_what_was_made_here(archive, tmp_path, capsys):
    path = tmp_path / "dossier.zip"
    path.write_bytes(archive)

    call_command("verify_bundle", str(path))

    assert capsys.readouterr().out.startswith("INTACT : ")


def test_command_refuses_what_the_journal_does_not_know(archive, tmp_path, capsys):
    manifest = members(archive)
    path = tmp_path / "dossier.zip"
    path.write_bytes(packed(resigned({**manifest, "diagnostic/plan.json": b"[]"})))

    with pytest.raises(CommandError):
        call_command("verify_bundle", str(path))

    assert "Le journal du guichet ne connaît pas ce manifeste." in capsys.readouterr().out


def test_victim_takes_the_dossier_away_and_a_stranger_does_not(client, client_factory, filed, tmp_path):
    factory.let_in(client, filed.dossier)

    response = client.get(reverse("dossier:bundle"))

    assert told(b"".join(response.streaming_content), tmp_path) == []
    assert response.headers["Content-Disposition"].endswith(f'filename="dossier-{filed.dossier.reference}.zip"')
    assert client_factory().get(reverse("dossier:bundle")).status_code == 302
    assert reverse("dossier:bundle") in client.get(reverse("dossier:home")).content.decode()


def test_unit_takes_the_complaint_away_the_victim_sees_it_and_another_unit_does_not(
    client, client_factory, filed, settings
):
    settings.GUICHET_CLAMAV = "tcp://127.0.0.1:9"
    colleague = factory.agent("7001", service=filed.service)
    client.force_login(colleague)
    address = reverse("console:bundle", args=[filed.pk])

    taken = client.get(address)
    content = b"".join(taken.streaming_content)

    assert json.loads(members(content)["MANIFEST.json"])["made_for"] == "agent:7001"
    # The antivirus has not said anything of this file yet: an agent is not given it.
    assert NOTE not in members(content).values()
    assert json.loads(members(content)["MANIFEST.json"])["withheld"][0]["why"] == "analyse en attente"
    victim = client_factory()
    factory.let_in(victim, filed.dossier)
    assert "a emporté votre dossier" in victim.get(reverse("dossier:home")).content.decode()
    stranger = client_factory()
    stranger.force_login(factory.agent("7002", service=factory.service("Ailleurs")))
    assert stranger.get(address).status_code == 404
