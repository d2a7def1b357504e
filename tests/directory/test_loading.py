"""Providers from a file, and invented ones."""

import pytest
from django.core.management import CommandError, call_command

from guichet.directory import loading, made_up
from guichet.directory.enums import ProviderState
from guichet.directory.models import Change, Provider, Skill, Zone
from tests.directory import factory

pytestmark = pytest.mark.django_db
GOOD = {
    "nom": "Solquet Réseaux", "siren": "000900019", "courriel": "demandes@solquet.invalid", "telephone": "0320000000",
    "site": "", "commune": "59043", "presentation": "Des mots simples.", "departements": "59,62", "capacite": "3",
    "label": "", "label_numero": "", "label_fin": "", "prix_bas": "80", "prix_haut": "400", "distance": "oui",
    "devis_gratuit": "oui", "charte": "oui", "publics": "particulier,entreprise",
    "competences": "rancongiciel=3,appareil",
}  # fmt: skip
STATE = ("ministère", "police", "gendarme", "état", "préfecture", "france", "anssi", "républi", "national")


@pytest.fixture
def csv_file(tmp_path):
    factory.commune()

    def write(*rows: dict, header=loading.COLUMNS, encoding="utf-8"):
        lines = [";".join(header), *(";".join(row.get(name, "") for name in header) for row in rows)]
        path = tmp_path / "prestataires.csv"
        path.write_bytes("\n".join(lines).encode(encoding))
        return str(path)

    return write


def row(**changes) -> dict:
    return GOOD | {"siren": factory.siren()} | changes


def test_good_lines_are_candidates(csv_file, capsys):
    call_command("load_providers", csv_file(row(), row(nom="Brivane Web")))

    assert capsys.readouterr().out.startswith("added=2 known=0")
    first = Provider.objects.get(name="Solquet Réseaux")
    assert first.state == ProviderState.CANDIDATE
    assert {(skill.kind, skill.level) for skill in first.skills.all()} == {("rancongiciel", 3), ("appareil", 1)}


def test_vetted_ones_are_listed_with_who_and_why(csv_file):
    call_command("load_providers", csv_file(row()), "--listed", "Liste vérifiée en novembre.", "--actor", "0001")

    assert Provider.objects.get().state == ProviderState.LISTED
    assert Change.objects.first().reason == "Liste vérifiée en novembre."
    assert Change.objects.first().actor == "agent:0001"


def test_nobody_is_listed_by_no_one(csv_file):
    with pytest.raises(CommandError, match="qui les a vérifiés"):
        call_command("load_providers", csv_file(row()), "--listed", "Oui.")


def test_dry_run_writes_nothing(csv_file, capsys):
    call_command("load_providers", csv_file(row()), "--dry-run")

    assert "Essai : rien n’a été écrit." in capsys.readouterr().out
    assert not Provider.objects.exists()


def test_same_file_twice_changes_nothing(csv_file, capsys):
    path = csv_file(row())
    call_command("load_providers", path)

    call_command("load_providers", path)

    assert "added=0 known=1" in capsys.readouterr().out


def test_faults_are_told_at_their_line_and_nothing_is_written(csv_file, capsys):
    twice = factory.siren()
    path = csv_file(
        row(siren=twice),
        row(siren=twice),
        row(courriel="non", capacite="zéro"),
        row(distance="peut-être"),
        row(competences="magie=3"),
        row(publics="martiens"),
        row(charte="non"),
    )

    with pytest.raises(CommandError, match="rien n’a été écrit"):
        call_command("load_providers", path)

    told = capsys.readouterr().err
    assert "Ligne 3, siren : déjà écrit à la ligne 2." in told
    assert "Ligne 4, courriel : Écrivez une adresse complète" in told
    assert "Ligne 4, capacite : Écrivez un nombre" in told
    assert "Ligne 5, distance : écrivez oui ou non." in told
    assert "Ligne 6, competences : « magie=3 » n’est pas connue." in told
    assert "Ligne 7, publics : Cochez un public de la liste." in told
    assert "Ligne 8, charte : Lisez la charte" in told
    assert not Provider.objects.exists()


@pytest.mark.parametrize(
    ("header", "encoding", "words"),
    [(("nom", "siren"), "utf-8", "Il manque les colonnes"), (loading.COLUMNS, "latin-1", "UTF-8")],
)
def test_unreadable_file_is_said_in_french(csv_file, header, encoding, words):
    with pytest.raises(CommandError, match=words):
        call_command("load_providers", csv_file(row(), header=header, encoding=encoding))


def test_missing_file_is_no_trace(tmp_path):
    with pytest.raises(CommandError):
        call_command("load_providers", str(tmp_path / "rien.csv"))


def test_a_file_or_an_invention_not_both_nor_none(csv_file):
    for arguments in ([], [csv_file(row()), "--invent", "3"]):
        with pytest.raises(CommandError, match="Donnez un fichier"):
            call_command("load_providers", *arguments)


def test_sixteen_hundred_invented_are_the_same_for_the_same_seed(settings, capsys):
    settings.DEMO = True
    factory.commune()
    call_command("load_providers", "--invent", "1600", "--seed", "7")
    assert "added=1600 invented=1600 seed=7" in capsys.readouterr().out
    first = list(Provider.objects.order_by("siren").values_list("name", "siren", "capacity", "price_high"))
    call_command("load_providers", "--invent", "1600", "--seed", "7")
    assert "added=0 invented=1600" in capsys.readouterr().out

    for model in (Skill, Zone, Change, Provider):
        model.objects.all().delete()
    made_up.make(1600, seed=7)

    again = list(Provider.objects.order_by("siren").values_list("name", "siren", "capacity", "price_high"))
    assert again == first
    assert len({siren for _, siren, _, _ in first}) == 1600
    assert all(siren.startswith("000") for _, siren, _, _ in first)
    assert [name for name, *_ in first if any(word in name.lower() for word in STATE)] == []
    assert Provider.objects.exclude(contact_email__endswith=".invalid").count() == 0
    for provider in Provider.objects.all()[:40]:
        provider.full_clean()


def test_no_invention_outside_a_demonstration(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="GUICHET_DEMO"):
        call_command("load_providers", "--invent", "3")
