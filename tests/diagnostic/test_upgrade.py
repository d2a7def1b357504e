"""A version published by older software: read, completed, or told by `doctor`; the public always gets its questions."""

import json
import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from diagnostic import content
from diagnostic.editing import live, services, stored
from diagnostic.models import State, TreeVersion
from guichet import doctor
from tests.diagnostic.editors import person

pytestmark = [pytest.mark.django_db, pytest.mark.once]
CHANGED = "Les questions ont été améliorées"
PUBLIC = ("/diagnostic/", "/diagnostic/donnees/", "/prevention/", "/prevention/fiches/sextorsion/", "/numeros/")

NAMED = re.compile("definition_fr|ancienne|ancien|fait_retire")


@pytest.fixture(autouse=True)
def served():
    live.VERSIONS.forget()
    yield live.VERSIONS
    live.VERSIONS.forget()


def published_by_older_software(change) -> TreeVersion:
    """What the database holds after an upgrade: a text that was right for the software that published it."""
    version = services.ensure_first()
    data = json.loads(version.document)
    change(data)
    text = content.Document(data).text()
    digest = stored.digest_of(text)
    TreeVersion.objects.filter(pk=version.pk).update(document=text, hash=digest, label=f"0-{digest[:10]}")
    live.VERSIONS.forget()
    live.VERSIONS.refresh()
    version.refresh_from_db()
    return version


def tree_of_doctor() -> doctor.Finding:
    return next(finding for finding in doctor.findings() if finding.part == "arbre")


def no_plan(data):
    del data["plan"]
    data["nodes"]["q_audience"]["q"] = "Une autre question ?"


def field_absent(data):
    del data["threats"]["sextorsion"]["definition_fr"]


def field_of_before(data):
    data["nodes"]["q_audience"]["ancien"] = "oui"


def section_of_before(data):
    data["ancienne"] = {"a": "b"}


def fact_of_before(data):
    data["nodes"]["q_chantage"]["asked"] = ["fait_retire"]


BROKEN = {
    "threats/personnes.yaml: sextorsion: definition_fr": field_absent,
    "q_audience: ancien": field_of_before,
    "sections inconnues : ancienne": section_of_before,
    "le fait « fait_retire » n'existe pas": fact_of_before,
}


def test_section_that_did_not_exist_comes_from_the_software(client):
    version = published_by_older_software(no_plan)

    assert "Une autre question" in client.get("/diagnostic/").content.decode()
    assert content.published().version == version.label
    assert content.published().everywhere == content.from_files().everywhere
    found = tree_of_doctor()
    assert (found.good, found.says) == (True, f"version 1 ({version.label}), complétée par le contenu livré : plan")


def before_letters_and_words(data):
    """Published before they were versioned, by editors who had taken an action and a question away."""
    for section in ("letters", "words", "speech"):
        del data[section]
    data["actions"].pop("deref")
    for threat in data["threats"].values():
        threat["actions"] = [use for use in threat["actions"] if "deref" not in (use, *use)]


def test_letters_and_words_of_the_software_complete_a_version_of_before(client):
    version = published_by_older_software(before_letters_and_words)

    assert content.published().version == version.label
    assert content.published().letters.keys() == content.from_files().letters.keys()
    assert tree_of_doctor().says.endswith("complétée par le contenu livré : letters, speech, words")
    page = client.post("/diagnostic/mots/", {"text": "on me menace de publier mes photos intimes"})
    assert page.status_code == 200
    assert "sextorsion" in page.content.decode()


@pytest.mark.parametrize("said", BROKEN)
def test_version_that_no_longer_opens_is_told_and_the_public_goes_on(client, said):
    version = published_by_older_software(BROKEN[said])

    for address in PUBLIC:
        assert client.get(address).status_code == 200, address
    page = client.post("/diagnostic/q_audience/", {"r": "a2"}, follow=True)
    assert (page.status_code, content.published().version) == (200, content.from_files().version)
    found = tree_of_doctor()
    assert not found.good
    assert said in found.says
    assert f"la version publiée 1 ({version.label}) ne s'ouvre pas" in found.says
    assert f"le contenu livré ({content.from_files().version})" in found.says


@pytest.mark.parametrize("said", BROKEN)
def test_journey_begun_before_the_upgrade_goes_on(client, said):
    services.ensure_first()
    live.VERSIONS.refresh()
    old = content.published().version
    client.post("/diagnostic/q_audience/", {"r": "a2"})
    TreeVersion.objects.filter(label=old).update(label="0-avant")
    published_by_older_software(BROKEN[said])

    page = client.post("/diagnostic/q_p_sujet/", {"r": "a6"}, follow=True)

    assert page.status_code == 200
    assert 'name="r"' in page.content.decode()


@pytest.mark.parametrize("said", BROKEN)
def test_editors_are_told_and_can_publish_again(client, said):
    version = published_by_older_software(BROKEN[said])
    client.force_login(person("autrice"))
    for name in ("overview", "content", "checks", "differences", "drawing", "preview"):
        address = reverse(f"admin:diagnostic_treeversion_{name}", args=[version.pk])
        page = client.get(address, follow=True)
        assert page.status_code == 200, name
        if name in ("overview", "checks"):
            assert NAMED.search(said)[0] in page.content.decode()
    assert client.get(reverse("admin:diagnostic_treeversion_changelist")).status_code == 200

    call_command("tree", "publish", "--files")
    live.VERSIONS.refresh()

    assert tree_of_doctor().good
    assert content.published().version == content.from_files().version


def test_version_that_no_longer_opens_is_looked_at_once(django_assert_num_queries):
    version = published_by_older_software(field_absent)
    label = version.label
    TreeVersion.objects.filter(pk=version.pk).update(state=State.RETIRED)
    content.published()

    with django_assert_num_queries(1):
        assert content.at(label) is None
        assert content.at(label) is None


def test_doctor_says_when_the_files_are_served():
    assert not TreeVersion.objects.exists()

    assert tree_of_doctor().says == f"contenu livré avec le logiciel ({content.from_files().version})"
    assert connection.vendor in {finding.says for finding in doctor.findings()}
