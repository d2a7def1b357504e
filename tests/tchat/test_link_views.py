"""Across zones an agent sees that dossiers share an author, never what they say; a series needs an agent's reason."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from diagnostic.models import Announcement
from guichet.accounts.enums import Role
from guichet.audit.models import Line
from tests.tchat import pages
from tests.tchat.pages import words
from tests.victims import factory
from tests.victims.linking.test_traces import IBAN
from tests.victims.test_sightings import filed, ready_report, sent
from victims.models import Dossier, Member, Series, Sighting
from victims.services import complaints, reports, surges

pytestmark = pytest.mark.django_db
REASON = "Même compte, même récit du faux conseiller bancaire."


@pytest.fixture
def mine():
    return filed(IBAN)


@pytest.fixture
def elsewhere():
    return filed("fr76 3000 6000 0112 3456 7890 189", commune=factory.commune("59350", "Lille"))


@pytest.fixture
def agent():
    return factory.agent("4821", service=factory.service())


@pytest.fixture
def colleague():
    return factory.agent("4900", service=factory.service("Lille"))


@pytest.fixture
def stranger():
    return factory.agent("5000", service=factory.service("Dunkerque"))


def supervisor(number: str = "9000"):
    found = factory.agent(number)
    found.role = Role.SUPERVISOR
    found.save()
    return found


def at(name: str, *keys) -> str:
    return reverse(f"console:{name}", args=keys)


def proposed(agent, dossier) -> Series:
    mark = dossier.sightings.get().fingerprint_id
    pages.signed_in(agent).post(at("propose_series", dossier.pk, mark))
    return Series.objects.get()


# --- links


def test_agent_sees_how_many_others_in_which_zones_and_nothing_of_them(agent, mine, elsewhere):
    filed(IBAN, commune=factory.commune("59350", "Lille"))

    page = pages.signed_in(agent).get(at("links", mine.pk))

    told = words(page)
    assert "2 autres dossiers" in told
    assert "Compte bancaire (IBAN) 2 1" in told
    for hidden in (IBAN, IBAN[4:8], elsewhere.reference, str(elsewhere.pk), "Lille"):
        assert hidden not in page.content.decode().replace(agent.username, "")


def test_unit_of_a_report_never_learns_the_reference_of_its_dossier(agent, elsewhere):
    """It stands on the pages of the talks: with it, who sent the report would be known."""
    report = sent(ready_report())
    links = pages.signed_in(agent).get(at("links", report.dossier_id))
    series = proposed(agent, report.dossier)
    page = pages.signed_in(agent).get(at("one_series", series.pk))

    assert "Un signalement que votre unité a reçu" in words(links)
    assert f"Signalement {report.number}" in words(page)
    for each in (links, page):
        assert report.dossier.reference not in each.content.decode()


def test_report_taken_back_shows_only_that_it_was(agent, elsewhere):
    report = sent(ready_report())
    series = proposed(agent, report.dossier)
    piece = report.pieces.first()
    reports.withdraw(report=report)
    console = pages.signed_in(agent)

    page = console.get(at("filed_report", report.pk))

    assert "Retiré par la personne" in words(page)
    assert "Pièces" not in words(page)
    assert page.context["blocks"] == []
    assert console.get(at("report_piece", report.pk, piece.pk)).status_code == 404
    assert console.get(at("links", report.dossier_id)).status_code == 404
    assert console.get(at("one_series", series.pk)).status_code == 404
    assert not report.dossier.memberships.exists()


def test_complaint_says_how_many_others(agent, mine, elsewhere):
    page = pages.signed_in(agent).get(at("complaint", mine.complaints.get().pk))

    assert "1 autre dossier parle du même auteur" in words(page)


def test_reading_the_links_is_noted_once_and_the_victim_sees_it(agent, mine, elsewhere):
    browser = pages.signed_in(agent)
    for _ in range(2):
        browser.get(at("links", mine.pk))

    assert Line.objects.filter(verb="liens consultés", chain=mine.chain, actor=agent.audit_name).count() == 1
    home = words(pages.victim(mine).get(reverse("dossier:home")))
    assert "a cherché des dossiers qui parlent du même auteur" in home


def test_who_does_not_read_the_dossier_sees_no_link(mine, elsewhere, colleague, stranger):
    for person in (colleague, stranger):
        assert pages.signed_in(person).get(at("links", mine.pk)).status_code == 404
    assert not Line.objects.filter(verb="liens consultés").exists()


# --- series


def test_series_is_proposed_with_every_dossier_that_knows_the_trace(agent, mine, elsewhere):
    series = proposed(agent, mine)

    page = words(pages.signed_in(agent).get(at("one_series", series.pk)))

    assert set(Member.objects.values_list("dossier", flat=True)) == {mine.pk, elsewhere.pk}
    assert mine.reference in page
    assert elsewhere.reference not in page
    assert "Autre dossier À confirmer l’agent qui le lit Commissariat de Lille" in page
    assert Line.objects.filter(verb="série lue", chain=str(series.pk), actor=agent.audit_name).count() == 1


def test_proposing_twice_is_one_series(agent, colleague, mine, elsewhere):
    proposed(agent, mine)
    proposed(colleague, elsewhere)

    assert Series.objects.count() == 1


def test_colleague_of_the_other_zone_reads_the_series_and_the_stranger_does_not(
    agent, colleague, stranger, mine, elsewhere
):
    series = proposed(agent, mine)

    assert elsewhere.reference in words(pages.signed_in(colleague).get(at("one_series", series.pk)))
    assert pages.signed_in(stranger).get(at("one_series", series.pk)).status_code == 404
    assert "Aucune série" in words(pages.signed_in(stranger).get(at("all_series")))


def test_series_is_confirmed_with_a_reason_that_is_sealed(agent, mine, elsewhere):
    series = proposed(agent, mine)

    empty = pages.signed_in(agent).post(at("confirm_series", series.pk), {"motif": "  "})
    pages.signed_in(agent).post(at("confirm_series", series.pk), {"motif": REASON})

    assert empty.status_code == 422
    assert "Écrivez un motif." in words(empty)
    page = words(pages.signed_in(agent).get(at("one_series", series.pk)))
    assert REASON in page
    assert "Confirmée" in page
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed_reason FROM victims_series")
        assert b"conseiller" not in bytes(cursor.fetchone()[0])


def test_reason_too_long_is_told_and_kept_on_the_page(agent, mine, elsewhere):
    series = proposed(agent, mine)

    answer = pages.signed_in(agent).post(at("confirm_series", series.pk), {"motif": "mot " * 600})

    assert answer.status_code == 422
    assert "trop long" in words(answer)
    assert "mot mot" in words(answer)


def test_stranger_decides_nothing(agent, stranger, mine, elsewhere):
    series = proposed(agent, mine)
    member = series.members.first()

    for name, keys in (
        ("confirm_series", [series.pk]),
        ("dissolve_series", [series.pk]),
        ("decide_member", [series.pk, member.pk]),
    ):
        assert pages.signed_in(stranger).post(at(name, *keys), {"motif": REASON}).status_code == 404
    assert Series.objects.get().state == "proposee"


def test_member_is_decided_by_who_reads_the_dossier_only(agent, colleague, mine, elsewhere):
    series = proposed(agent, mine)
    theirs = series.members.get(dossier=elsewhere)

    refused = pages.signed_in(agent).post(at("decide_member", series.pk, theirs.pk), {"avis": "garder"})
    pages.signed_in(colleague).post(at("decide_member", series.pk, theirs.pk), {"avis": "ecarter"})

    assert refused.status_code == 422
    assert "Seul un agent qui lit ce dossier peut le dire." in words(refused)
    theirs.refresh_from_db()
    assert (theirs.state, theirs.decided_by) == ("rejete", colleague)


def test_dossier_set_aside_opens_the_series_to_its_unit_no_more(agent, colleague, mine, elsewhere):
    series = proposed(agent, mine)
    theirs = series.members.get(dossier=elsewhere)
    pages.signed_in(colleague).post(at("decide_member", series.pk, theirs.pk), {"avis": "ecarter"})

    assert pages.signed_in(colleague).get(at("one_series", series.pk)).status_code == 404


def test_next_dossier_with_the_trace_is_proposed_to_the_series(agent, mine, elsewhere):
    series = proposed(agent, mine)

    third = filed(IBAN)

    assert series.members.get(dossier=third).state == "propose"


def test_dissolved_series_keeps_its_reason_and_takes_no_one_more(agent, mine, elsewhere):
    series = proposed(agent, mine)
    pages.signed_in(agent).post(at("dissolve_series", series.pk), {"motif": "Compte volé à un tiers."})

    filed(IBAN)

    assert series.members.count() == 2
    assert "Compte volé à un tiers." in words(pages.signed_in(agent).get(at("one_series", series.pk)))
    again = pages.signed_in(agent).post(at("confirm_series", series.pk), {"motif": REASON})
    assert again.status_code == 422


# --- surges


def many(n: int) -> None:
    for _ in range(n):
        filed(IBAN)


def test_surge_is_told_to_supervisors_and_drafted_for_editors_never_published(client):
    many(6)

    assert surges.watch() == 1
    assert surges.watch() == 0

    seen = pages.signed_in(supervisor()).get(at("supervision"))
    assert "6 dossiers en sept jours" in words(seen)
    assert IBAN not in seen.content.decode()
    draft = Announcement.objects.get()
    assert draft.state == "brouillon"
    assert draft.title not in client.get(reverse("prevention:alerts")).content.decode()


def test_few_dossiers_are_no_surge():
    many(4)

    assert surges.watch() == 0


def test_what_comes_as_often_each_week_is_no_surge():
    many(6)
    rows = list(Sighting.objects.all())
    for week in range(1, 9):
        for row in rows:
            other = factory.dossier(factory.SCAM)
            Sighting.objects.create(
                fingerprint=row.fingerprint, dossier=other, seen_at=row.seen_at - timedelta(weeks=week)
            )

    assert surges.watch() == 0


def test_supervisor_acknowledges_once_and_it_leaves_the_page():
    many(6)
    surges.watch()
    surge = surges.waiting().get()
    browser = pages.signed_in(supervisor())

    first = browser.post(at("acknowledge_surge", surge.pk), follow=True)
    second = browser.post(at("acknowledge_surge", surge.pk), follow=True)

    assert "vous avez vu cet afflux" in words(first)
    assert "Afflux à voir" not in words(first)
    assert "Un collègue l’a déjà vu." in words(second)
    assert Line.objects.filter(verb="afflux vu").count() == 1
    assert surges.watch() == 0


def test_agent_sees_and_acknowledges_no_surge(agent):
    many(6)
    surges.watch()

    assert pages.signed_in(agent).post(at("acknowledge_surge", surges.waiting().get().pk)).status_code == 403
    assert surges.waiting().count() == 1


def test_exercise_raises_no_surge():
    for _ in range(6):
        filed(IBAN, exercise=True)

    assert surges.watch() == 0


def test_confirmed_series_has_a_surge_of_its_own(agent):
    many(6)
    surges.watch()
    surges.acknowledge(supervisor=supervisor(), surge_id=surges.waiting().get().pk)
    series = proposed(agent, Dossier.objects.first())
    pages.signed_in(agent).post(at("confirm_series", series.pk), {"motif": REASON})

    assert surges.watch() == 1
    assert surges.waiting().get().series == series


def test_account_and_number_of_one_author_make_one_draft():
    for _ in range(6):
        dossier = factory.dossier(factory.SCAM)
        typed = factory.TYPED | {"traces": {"ibans": IBAN, "phones": "06 99 88 77 66"}}
        complaints.file_complaint(complaint=factory.ready_complaint(dossier, typed))

    assert surges.watch() == 2
    assert Announcement.objects.count() == 1
