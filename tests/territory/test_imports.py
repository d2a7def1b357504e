"""The official formats, on small files written by hand: spaces, both apostrophes, « 0 », blank forces, swapped axes."""

import gzip
import io
import json
import tarfile

import pytest
from django.core.management import CommandError, call_command

from guichet.territory.loading.formats import read_units
from guichet.territory.loading.units import orient
from guichet.territory.models import Alias, Commune, Competence, Edition, Postcode, Service, Unit
from guichet.territory.services import competence_of, search_communes
from tests.territory.official import COMMUNES, COMPETENCES, UNITS_GN, UNITS_GN_BY_DAY, UNITS_PN

pytestmark = pytest.mark.django_db


def figures(capsys):
    """The last line of a command, as a dictionary."""
    return dict(part.split("=") for part in capsys.readouterr().out.splitlines()[-1].split())


# --- communes ---------------------------------------------------------------------------------------


def test_communes_load_with_postcodes_former_names_and_cities(communes):
    bailleul = Commune.objects.get(pk="59043")

    assert (bailleul.name, bailleul.folded, bailleul.population) == ("Bailleul", "bailleul", 15000)
    assert set(Postcode.objects.filter(code="59270").values_list("commune", flat=True)) == {"59043", "59401"}
    assert set(Alias.objects.values_list("code", "name", "commune")) == {
        ("59001", "", "59043"),
        ("74011", "Annecy-le-Vieux", "59043"),
    }
    assert Commune.objects.get(pk="75101").parent_id == "75056"


@pytest.mark.parametrize("packed", ["tarball", "gzip"])
def test_communes_load_from_the_package(no_reference, file, packed, capsys):
    content = json.dumps(COMMUNES).encode()
    if packed == "tarball":
        member = tarfile.TarInfo("package/data/communes.json")
        member.size = len(content)
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.addfile(member, io.BytesIO(content))
        content = archive.getvalue()

    call_command("load_communes", file(gzip.compress(content), "paquet.tgz"))

    assert figures(capsys)["added"] == "6"


def test_communes_dry_run_says_what_would_change_and_writes_nothing(no_reference, file, capsys):
    call_command("load_communes", file(json.dumps(COMMUNES)), dry_run=True)

    said = capsys.readouterr().out
    assert "6 ajoutés : 59043, 59401" in said
    assert "rien n’a été écrit" in said
    assert (Commune.objects.count(), Edition.objects.count()) == (0, 0)


def test_communes_loaded_again_do_nothing(communes, file, capsys):
    call_command("load_communes", file(json.dumps(COMMUNES)))

    assert capsys.readouterr().out.endswith("Communes : ce fichier est déjà chargé.\n")
    assert Edition.objects.count() == 1


def test_commune_that_disappears_is_ended_with_its_successor_and_keeps_its_row(competences, file, capsys):
    Commune.objects.filter(pk="59043").update(lat=50.74, lng=2.73)
    merged = [COMMUNES[0] | {"anciensCodes": ["59001", "59401"], "population": 17200}, *COMMUNES[2:]]

    call_command("load_communes", file(json.dumps(merged)), force=True)

    gone = Commune.objects.get(pk="59401")
    assert {**figures(capsys), "sha256": "", "seconds": "", "edition": ""} == {
        "added": "0", "changed": "1", "removed": "1", "rejected": "0", "sha256": "", "seconds": "", "edition": "",
    }  # fmt: skip
    assert (gone.ended_at is not None, gone.successor_id) == (True, "59043")
    assert search_communes("Méteren") == []
    assert Commune.objects.get(pk="59043").lat == 50.74


def test_commune_that_comes_back_is_current_again(communes, file):
    call_command("load_communes", file(json.dumps(COMMUNES[2:] + COMMUNES[:1])), force=True)
    call_command("load_communes", file(json.dumps(COMMUNES)))

    assert Commune.objects.get(pk="59401").ended_at is None


def test_communes_without_code_or_of_unknown_kind_are_rejected_one_by_one(no_reference, file, capsys):
    odd = [{"nom": "Sans code"}, {"code": "00001", "nom": "Lieu-dit", "type": "hameau", "departement": "59"}]

    call_command("load_communes", file(json.dumps([*COMMUNES, *odd])))

    said = capsys.readouterr().out
    assert "2 rejetés : commune sans code ou sans nom : Sans code, 00001 Lieu-dit : sorte « hameau » inconnue" in said
    assert Commune.objects.count() == 6


# --- competence -------------------------------------------------------------------------------------


def test_competences_load_from_the_official_format(competences):
    assert competence_of("59043").service_label_fr == "Commissariat de police d'Armentières"
    assert competence_of("59401").service.official_id == "1007000"
    assert competence_of("13004").institutions == ("PN", "GN")
    assert competence_of("75101").source == "inconnue"


def test_competences_find_the_seat_of_a_service(competences):
    seats = dict(Service.objects.values_list("name", "seat"))

    assert seats["Brigade des Arcs"] == "83004"
    assert seats["Commissariat de police d’Arles"] == "13004"
    assert seats["Commissariat de police d'Armentières"] == "59043"
    assert Service.objects.get(name="Brigade des Arcs").official_id == ""


def test_competences_of_one_service_written_with_either_apostrophe_are_one(communes, file):
    lines = [
        "code_commune;institution;id_service;service",
        "59043;PN;;Commissariat d'Arles",
        "59401;PN;;Commissariat d’Arles ",
        "13004;PN;;Commissariat d'Arles",
    ]

    call_command("load_competences", file("\n".join(lines)))

    assert Service.objects.get().name == "Commissariat d'Arles"
    assert competence_of("59401").service_label_fr == "Commissariat d'Arles"


def test_competences_of_two_towns_of_one_name_stay_two_services(communes, file):
    lines = [
        "code_commune;institution;id_service;service",
        "59043;PN;;Commissariat de Saint-Denis",
        "13004;PN;;Commissariat de Saint Denis",
    ]

    call_command("load_competences", file("\n".join(lines)))

    assert Service.objects.count() == 2


def test_competences_loaded_again_do_nothing(competences, file, capsys):
    before = list(Competence.objects.values())
    capsys.readouterr()

    call_command("load_competences", file(COMPETENCES))

    assert capsys.readouterr().out == "Compétences : ce fichier est déjà chargé.\n"
    assert list(Competence.objects.values()) == before


def test_competences_of_a_new_edition_move_a_commune_and_keep_the_services(competences, file, capsys):
    arcs = Service.objects.get(name="Brigade des Arcs")
    moved = COMPETENCES.replace(
        '"59401";"Méteren";"GN";"1007000";"Méteren"',
        '"59401";"Méteren";"PN";"";"Commissariat de police d\'Armentières"',
    )
    moved = moved.replace('"0";"Brigade des Arcs"', '"1234567";"Brigade des Arcs"')

    call_command("load_competences", file(moved), edition="2027-02", force=True)

    answer = competence_of("59401")
    said = figures(capsys)
    assert (said["added"], said["removed"], said["edition"]) == ("1", "1", "2027-02")
    assert (answer.code, answer.edition) == ("PN", "2027-02")
    assert competence_of("59043").edition == "2027-02"
    arcs.refresh_from_db()
    assert (arcs.official_id, arcs.ended_at) == ("1234567", None)
    assert Service.objects.get(official_id="1007000").ended_at is not None


def test_competences_reject_what_cannot_be_read_line_by_line(communes, file, capsys):
    odd = COMPETENCES + '"99999";"?";"GN";"1";"X";"";""\n"59";"?";"GN";"1";"X";"";""\n"59401";"?";"DGSI";"";"X";"";""\n'

    call_command("load_competences", file(odd))

    said = capsys.readouterr().out
    assert "3 rejetés" in said
    assert "ligne 9 : code de commune « 59 » illisible" in said
    assert "ligne 10 : force « DGSI » inconnue" in said
    assert "99999 : commune inconnue" in said


def test_competences_that_lose_too_many_lines_are_refused_and_change_nothing(competences, file):
    before = list(Competence.objects.order_by("pk").values())
    cut = "\n".join(COMPETENCES.splitlines()[:4]) + "\n"

    with pytest.raises(CommandError, match="ferait disparaître 3 lignes sur 6"):
        call_command("load_competences", file(cut))

    assert list(Competence.objects.order_by("pk").values()) == before
    assert Service.objects.filter(ended_at=None).count() == 5
    assert Edition.objects.filter(topic="competences").count() == 1


def test_competences_keep_the_notes_of_an_administrator(competences, file):
    Competence.objects.filter(commune="59401").update(notes="convention locale")
    renamed = COMPETENCES.replace('"1007000";"Méteren"', '"1007999";"Steenvoorde"')

    call_command("load_competences", file(renamed))

    assert Competence.objects.get(commune="59401").notes == "convention locale"
    assert competence_of("59401").service.name == "Steenvoorde"


@pytest.mark.parametrize("command", ["load_communes", "load_competences", "load_units"])
@pytest.mark.parametrize("content", [b"", b"a;b\n1;2\n", b"\xff\xfe", b"\x1f\x8bnot gzip", b"[1", b'{"a": 1}'])
def test_file_that_is_not_the_official_one_is_refused_in_words(command, content, file):
    with pytest.raises(CommandError, match=r"fichier|archive"):
        call_command(command, file(content))


def test_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CommandError, match="absent"):
        call_command("load_units", tmp_path / "absent.csv")


def test_edition_that_cannot_be_compared_is_refused(file):
    with pytest.raises(CommandError, match="2027-02"):
        call_command("load_units", file(UNITS_PN), edition="printemps")


# --- units ------------------------------------------------------------------------------------------


def test_gendarmerie_units_load_with_hours_a_line_a_day(competences, file, capsys):
    call_command("load_units", file(UNITS_GN))

    said = capsys.readouterr().out
    meteren = Unit.objects.get(official_id="1007000")
    assert "1 rejetés : ligne 4 : unité sans nom" in said
    assert meteren.hours == "Lundi : 8h00-12h00 14h00-18h00\nMardi : 8h00-12h00"
    assert (meteren.name, meteren.commune_id, meteren.phone) == (
        "Brigade de proximité de Méteren", "59401", "03 20 00 00 00",
    )  # fmt: skip
    assert meteren.service == Service.objects.get(official_id="1007000")
    assert (meteren.lat, meteren.lng) == (50.74, 2.69)


def test_gendarmerie_unit_with_swapped_coordinates_is_put_right(competences, file):
    Commune.objects.filter(pk="83004").update(lat=43.46, lng=6.48)

    call_command("load_units", file(UNITS_GN))

    arcs = Unit.objects.get(name="Brigade des Arcs")
    assert (arcs.lat, arcs.lng, arcs.official_id) == (43.46, 6.48, "")


@pytest.mark.parametrize(
    ("x", "y", "point"),
    [
        (2.69, 50.74, (50.74, 2.69)),
        (50.74, 2.69, (50.74, 2.69)),
        (None, 2.0, (None, None)),
        (-61.5, 16.2, (16.2, -61.5)),
    ],
)
def test_coordinates_follow_the_commune(x, y, point):
    centre = (16.24, -61.53) if x and x < 0 else (50.7, 2.7)

    assert orient(x, y, Commune(lat=centre[0], lng=centre[1])) == point


def test_gendarmerie_units_load_from_the_variant_with_a_column_for_each_hour():
    _, rows, _ = read_units(UNITS_GN_BY_DAY.encode())

    assert rows[0].hours == "Lundi : 08:00-12:00 14:00-18:00\nJours fériés : 09:00-12:00"


def test_police_services_load_with_address_lines_and_commune_by_name(competences, file):
    call_command("load_units", file(UNITS_PN))

    arles = Unit.objects.get()
    assert (arles.institution, arles.commune_id, arles.departement) == ("PN", "13004", "13")
    assert arles.address == "1 boulevard des Lices\nBP 12\n13200 Arles"
    assert arles.service.institution == "PN"


def test_units_of_one_force_leave_those_of_the_other_alone(competences, file):
    call_command("load_units", file(UNITS_GN))
    call_command("load_units", file(UNITS_PN, "pn.csv"))

    assert Unit.objects.filter(ended_at=None).count() == 3
    assert set(Edition.objects.values_list("topic", flat=True)) >= {"unites-gn", "unites-pn"}


def test_unit_that_disappears_is_ended_and_comes_back_on_the_same_row(competences, file):
    call_command("load_units", file(UNITS_GN))
    before = Unit.objects.get(official_id="1007000").pk

    call_command("load_units", file("\n".join(UNITS_GN.splitlines()[::2]) + "\n"), force=True)
    ended = Unit.objects.get(pk=before).ended_at
    call_command("load_units", file(UNITS_GN))

    assert ended is not None
    assert Unit.objects.get(official_id="1007000").pk == before
    assert Unit.objects.get(pk=before).ended_at is None
