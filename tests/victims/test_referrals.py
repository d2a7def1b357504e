"""A victim asks providers, one accepts, reports: who reads what, and when."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from guichet.accounts.models import Agent
from guichet.audit.models import Line
from guichet.directory.enums import Mode, ProviderState
from guichet.directory.models import Draw, Provider
from guichet.directory.services import draws, providers
from guichet.observatory.models import Count
from tests.directory import factory as directory
from tests.victims import factory
from tests.victims.test_canary import every_cell
from victims.enums import ReferralState, Side
from victims.models import Dispute, Dossier, Referral, ReferralMessage
from victims.services import mailing, referral_answers, referral_mail, referrals, retention
from victims.services.bundle import Bundle
from victims.services.referrals import Refused

pytestmark = pytest.mark.django_db
CHOOSE = reverse("dossier:referrals")
CONTACT = {"name": "Ateliers Vasseur", "phone": "06 39 98 12 34", "email": "vasseur@exemple.fr", "words": "8 postes"}
FOUND = {
    "threat": "rancongiciel-organisation", "vector": "courriel", "family": "rancongiciel", "loss": "partie",
    "downtime": "semaine", "cost": "1000-5000", "indicators": "a1b2c3", "done": "Tout est remis en marche.",
}  # fmt: skip
MINUTE = timedelta(minutes=1)


@pytest.fixture
def listed():
    return [directory.listed(name=f"Dépannage {n}", contact_email=f"p{n}@exemple.fr") for n in range(6)]


@pytest.fixture
def dossier(listed):
    return factory.dossier(factory.COMPANY)


def asked(dossier, number: int = 1, **changes) -> list[Referral]:
    shortlist = referrals.shortlist_of(dossier=dossier, mode=Mode.ANY)
    chosen = [each.pk for each in referrals.proposed(shortlist)[:number]]
    return referrals.ask(shortlist=shortlist, chosen=chosen, contact=CONTACT, **changes)


def link(referral, name: str = "request") -> str:
    return reverse(f"provider:{name}", args=[referral_mail.token_of(referral)])


def counted(key: str) -> dict[str, int]:
    return dict(Count.objects.filter(key=key).values_list("value", "n"))


def test_whole_way_by_the_pages_and_no_identity_before_acceptance(client, client_factory, dossier, mailoutbox,
                                                                  django_capture_on_commit_callbacks):  # fmt: skip
    factory.let_in(client, dossier)
    page = client.get(CHOOSE).content.decode()
    numbers = re.findall(r'name="providers" value="(\d+)"', page)
    assert len(numbers) == 5
    assert "payante" in page and "TTC" in page

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(CHOOSE, {"providers": numbers[:3], **CONTACT, "paid": "on", "mode": "indifferent"})

    assert answer.status_code == 302
    assert len(mailoutbox) == 3
    provider = client_factory()
    address = re.search(r"http://\S+", mailoutbox[0].body)[0]
    before = provider.get(address).content.decode()
    for word in (*CONTACT.values(), dossier.reference, "Bailleul"):
        assert word not in before
        assert all(word not in each.body + each.subject for each in mailoutbox)
    assert "Nord (59)" in before

    provider.post(address + "accepter/")
    after = provider.get(address).content.decode()
    for word in CONTACT.values():
        assert word in after

    provider.post(address + "message/", {"text": "Bonjour, j'appelle à 14 h."})
    mine = client.get(reverse("dossier:referral", args=[Referral.objects.get(state="acceptee").pk])).content.decode()
    assert "j&#x27;appelle à 14 h." in mine
    assert provider.post(address + "compte-rendu/", FOUND).status_code == 302
    assert counted("provider_report") == {"rancongiciel-organisation": 1}
    assert counted("provider_report_threat") == {"confirmed": 1}
    assert counted("provider_report_vector") == {"courriel": 1}
    closed = provider.get(address).content.decode()
    for word in CONTACT.values():
        assert word not in closed
    done = client.get(reverse("dossier:referral", args=[Referral.objects.get(state="rendue").pk])).content.decode()
    assert "Tout est remis en marche." in done


def test_what_the_victim_sees_is_what_the_provider_reads(client, dossier):
    factory.let_in(client, dossier)
    told = client.get(CHOOSE).content.decode()
    referral = asked(dossier)[0]

    read = client.get(link(referral)).content.decode()

    pairs = re.search(r'<dl class="pairs">.*?</dl>', told, re.DOTALL)[0]
    assert pairs in read


def test_brief_tells_listed_facts_and_never_the_author(dossier):
    diagnosis = dossier.diagnosis
    diagnosis.facts = ["files_encrypted", "author_known", "money_lost"]

    brief = dict(referrals.brief_of(dossier, Mode.ANY))

    assert brief["Ce qui est touché"] == "Des fichiers ne s’ouvrent plus ou sont illisibles"
    assert set(brief) == {"Problème", "Gravité", "Qui demande", "Département", "Aide voulue", "Ce qui est touché"}


def test_nothing_is_offered_where_nothing_is_to_repair_or_in_danger(client, listed):
    scam, exercise = factory.dossier(factory.SCAM), factory.dossier(factory.COMPANY, exercise=True)
    partner = factory.dossier(factory.COMPANY)
    partner.diagnosis.facts = [*partner.diagnosis.facts, "author_partner"]

    assert [referrals.is_offered(each) for each in (scam, exercise, partner)] == [False] * 3
    assert referrals.is_offered(factory.dossier(factory.COMPANY))
    factory.let_in(client, scam)
    assert "pas de prestataire" in client.get(CHOOSE).content.decode()
    with pytest.raises(Refused):
        referrals.shortlist_of(dossier=scam, mode=Mode.ANY)


@pytest.mark.parametrize(("recorded", "shown"), [(factory.COMPANY, True), (factory.SCAM, False)])
def test_result_and_dossier_lead_there_only_where_it_makes_sense(client, listed, recorded, shown):
    factory.with_journey(client, recorded)
    result = client.get(reverse("diagnostic:result")).content.decode()
    factory.let_in(client, factory.dossier(recorded))
    home = client.get(reverse("dossier:home")).content.decode()

    assert ("suite=prestataires" in result) is shown
    assert (CHOOSE in home) is shown


def test_list_stays_the_same_and_can_be_replayed(dossier):
    first = referrals.shortlist_of(dossier=dossier, mode=Mode.ANY)
    again = referrals.shortlist_of(dossier=dossier, mode=Mode.ANY)
    later = referrals.shortlist_of(dossier=dossier, mode=Mode.ANY, now=timezone.now() + timedelta(days=8))

    assert again == first
    assert later != first
    assert draws.is_intact(first.draw) and draws.replay(first.draw) == first.draw.order
    assert [each.pk for each in referrals.proposed(first)] == first.draw.order[:5]


def test_who_declines_gives_place_to_the_next_of_the_same_draw(dossier):
    shortlist = referrals.shortlist_of(dossier=dossier, mode=Mode.ANY)
    referral = asked(dossier)[0]

    referral_answers.decline(referral=referral, reason="hors-zone")

    assert [each.pk for each in referrals.proposed(shortlist)] == shortlist.draw.order[1:6]
    assert counted("provider_answer") == {"declined": 1}


def test_list_goes_on_past_many_who_left_meanwhile(dossier):
    for number in range(45):
        directory.listed(name=f"Autre {number}")
    shortlist = referrals.shortlist_of(dossier=dossier, mode=Mode.ANY)
    left = shortlist.draw.order[:44]
    Provider.objects.filter(pk__in=left).update(state=ProviderState.SUSPENDED)

    assert [each.pk for each in referrals.proposed(shortlist)] == shortlist.draw.order[44:49]


def test_three_at_a_time_and_each_once(dossier):
    asked(dossier, 3)

    with pytest.raises(Refused, match="too-many"):
        asked(dossier)
    referrals.withdraw(referral=dossier.referrals.first())
    shortlist = dossier.shortlists.get()
    with pytest.raises(Refused, match="taken"):
        referrals.ask(shortlist=shortlist, chosen=[shortlist.draw.order[0]], contact=CONTACT)
    assert len(asked(dossier)) == 1


def test_full_provider_is_asked_by_nobody_else(dossier):
    Provider.objects.update(capacity=1)
    taken = asked(dossier)[0].provider

    other = referrals.shortlist_of(dossier=factory.dossier(factory.COMPANY), mode=Mode.ANY)

    assert taken.pk not in other.draw.order


def test_bad_input_is_told_beside_the_field_and_nothing_is_lost(client, dossier):
    factory.let_in(client, dossier)

    answer = client.post(CHOOSE, {"providers": ["999999"], "words": "huit postes", "email": "pas une adresse"})

    page = answer.content.decode()
    assert answer.status_code == 422
    for said in ("n’est plus dans la liste", "adresse complète", "payante", "huit postes", "pas une adresse"):
        assert said in page
    assert not Referral.objects.exists()


@pytest.mark.parametrize("minutes", [61, 600])
def test_hour_passes_and_the_answer_comes_too_late(client, dossier, minutes):
    referral = asked(dossier, now=timezone.now() - minutes * MINUTE)[0]

    answer = client.post(link(referral, "accept"))

    referral.refresh_from_db()
    assert answer.status_code == 422
    assert referral.state == ReferralState.EXPIRED
    assert "Vasseur" not in answer.content.decode()
    assert Provider.objects.get(pk=referral.provider_id).answers == [60]
    assert counted("provider_answer") == {"expired": 1}


def test_answer_after_the_hour_is_refused_even_when_nothing_tended(dossier):
    referral = asked(dossier)[0]

    with pytest.raises(Refused, match="late"):
        referral_answers.accept(referral=referral, now=referral.due_at)

    referral_answers.accept(referral=referral, now=referral.due_at - MINUTE)


def test_reminders_then_the_end(dossier, mailoutbox):
    start = timezone.now()
    referral = asked(dossier, now=start)[0]
    referral_mail.deliver()
    for minutes in (10, 31, 32, 51, 52, 61, 62):
        referral_answers.tend(now=start + minutes * MINUTE)

    subjects = [each.subject for each in mailoutbox]
    assert len(subjects) == 3
    assert sum("rappel" in each for each in subjects) == 2
    referral.refresh_from_db()
    assert referral.state == ReferralState.EXPIRED
    assert counted("provider_answer") == {"expired": 1}


def test_mail_that_does_not_leave_is_owed(dossier, monkeypatch, mailoutbox):
    asked(dossier)
    with monkeypatch.context() as broken:
        broken.setattr(mail.EmailMessage, "send", lambda self: (_ for _ in ()).throw(OSError("down")))
        assert referral_mail.deliver() == 0

    assert referral_mail.deliver() == 1
    assert referral_mail.deliver() == 0
    assert len(mailoutbox) == 1


def test_link_of_another_or_of_an_erased_dossier_opens_nothing(client, dossier):
    referral = asked(dossier)[0]
    token = referral_mail.token_of(referral)
    forged = [token[:-1] + ("A" if token[-1] != "A" else "B"), f"{uuid.uuid4().hex}:abc", "n", referral.pk.hex]

    assert [client.get(reverse("provider:request", args=[each])).status_code for each in forged] == [410] * 4
    assert client.get(link(referral)).status_code == 200
    assert retention.erase_now(dossier=Dossier.objects.get(pk=dossier.pk))
    assert client.get(link(referral)).status_code == 410
    assert client.post(link(referral, "accept")).status_code == 410


def test_reading_the_link_answers_nothing(client, dossier):
    referral = asked(dossier)[0]

    assert client.get(link(referral, "accept")).status_code == 405
    client.get(link(referral))
    referral.refresh_from_db()
    assert referral.state == ReferralState.ASKED


def test_suspended_provider_reads_nothing_more(client, dossier):
    referral = referral_answers.accept(referral=asked(dossier)[0])
    assert "Vasseur" in client.get(link(referral)).content.decode()

    providers.change_state(provider=referral.provider, to=ProviderState.SUSPENDED, reason="Plainte.", actor="agent:1")

    assert "Vasseur" not in client.get(link(referral)).content.decode()
    assert client.post(link(referral, "write"), {"text": "coucou"}).status_code == 422
    assert not ReferralMessage.objects.exists()


def test_withdrawn_request_shows_nothing_more(client, dossier):
    referral = referral_answers.accept(referral=asked(dossier)[0])

    referrals.withdraw(referral=referral)

    page = client.get(link(referral)).content.decode()
    assert "Vasseur" not in page and "terminée" in page
    assert client.post(link(referral, "report"), FOUND).status_code == 422


def test_another_dossier_does_not_see_the_request(client, dossier):
    referral = asked(dossier)[0]
    factory.let_in(client, factory.dossier(factory.COMPANY))

    for name in ("referral", "referral_write", "referral_withdraw", "referral_rate", "referral_dispute"):
        address = reverse(f"dossier:{name}", args=[referral.pk])
        assert (client.get(address) if name == "referral" else client.post(address)).status_code == 404


def test_same_form_sent_twice_is_one_message_and_one_mail_until_read(dossier, mailoutbox,
                                                                     django_capture_on_commit_callbacks):  # fmt: skip
    referral = referral_answers.accept(referral=asked(dossier)[0])
    same = uuid.uuid4()
    with django_capture_on_commit_callbacks(execute=True):
        for client_id in (same, same, uuid.uuid4()):
            referral_answers.write(referral=referral, sender=Side.VICTIM, client_id=client_id, text="Bonjour")

    assert ReferralMessage.objects.count() == 2
    assert [each.subject for each in mailoutbox] == ["Guichet : vous avez un message"]


def test_victim_who_left_an_address_is_told_that_there_is_news(dossier, mailoutbox, django_capture_on_commit_callbacks):
    mailing.keep_address(dossier=dossier, address="moi@exemple.fr")
    mailing.confirm(mailing.token_of(dossier, "moi@exemple.fr"))
    with django_capture_on_commit_callbacks(execute=True):
        referral = asked(Dossier.objects.get(pk=dossier.pk))[0]
        referral_answers.accept(referral=referral)
        for _ in "12":
            referral_answers.write(referral=referral, sender=Side.PROVIDER, client_id=uuid.uuid4(), text="Bonjour")
        referral_answers.report(referral=referral, findings=FOUND)

    mine = [each for each in mailoutbox if each.to == ["moi@exemple.fr"]]
    assert len(mine) == 3
    assert all("prestataire" not in each.body + each.subject for each in mine)


def test_report_that_is_not_whole_keeps_what_was_typed(client, dossier):
    referral = referral_answers.accept(referral=asked(dossier)[0])

    answer = client.post(link(referral, "report"), FOUND | {"vector": "", "done": "Bien avancé"})

    assert answer.status_code == 422
    assert "Bien avancé" in answer.content.decode()
    assert counted("provider_report") == {}


def test_corrected_threat_is_counted_as_corrected(client, dossier):
    referral = referral_answers.accept(referral=asked(dossier)[0])

    client.post(link(referral, "report"), FOUND | {"threat": "autre"})

    assert counted("provider_report") == {"autre": 1}
    assert counted("provider_report_threat") == {"corrected": 1}


def test_victim_rates_once_and_only_help_that_is_over(client, dossier):
    first, second = asked(dossier, 2)
    referral_answers.accept(referral=first)
    factory.let_in(client, dossier)

    early = client.post(reverse("dossier:referral_rate", args=[first.pk]), {"rating": "4"})
    referral_answers.report(referral=first, findings=FOUND)
    client.post(reverse("dossier:referral_rate", args=[first.pk]), {"rating": "4"})
    again = client.post(reverse("dossier:referral_rate", args=[first.pk]), {"rating": "1"})
    never = client.post(reverse("dossier:referral_rate", args=[second.pk]), {"rating": "1"})

    assert (early.status_code, again.status_code, never.status_code) == (422, 422, 422)
    assert Provider.objects.get(pk=first.provider_id).ratings == [4]
    assert Provider.objects.get(pk=second.provider_id).ratings == []


def test_dispute_goes_to_an_administrator_and_comes_back(client, client_factory, dossier):
    referral = referral_answers.accept(referral=asked(dossier)[0])
    factory.let_in(client, dossier)
    client.post(reverse("dossier:referral_dispute", args=[referral.pk]), {"dispute": "Il demande une carte cadeau."})
    dispute = Dispute.objects.get()
    chief, agent = client_factory(), client_factory()
    chief.force_login(Agent.objects.create_superuser(username="chef", password="x" * 12, service_number="1"))
    agent.force_login(factory.agent())
    address = reverse("admin:victims_dispute_change", args=[dispute.pk])

    assert agent.get(address).status_code in (302, 403)
    assert "carte cadeau" in chief.get(address).content.decode()
    assert chief.post(address, {"answer": ""}).status_code == 422
    assert chief.post(address, {"answer": "Nous le suspendons."}).status_code == 302
    assert "Nous le suspendons." in client.get(reverse("dossier:referral", args=[referral.pk])).content.decode()
    theirs = client_factory().get(link(referral)).content.decode()
    assert "carte cadeau" not in theirs and "Nous le suspendons." not in theirs
    assert Line.objects.filter(verb="différend lu", chain=dossier.chain).exists()


def test_words_stand_nowhere_in_clear_and_go_with_the_dossier(dossier, caplog):
    caplog.set_level("DEBUG")
    referral = referral_answers.accept(referral=asked(dossier)[0])
    send = {"referral": referral, "client_id": uuid.uuid4()}
    referral_answers.write(**send, sender=Side.VICTIM, text="motcanariduclient")
    referral_answers.dispute(referral=referral, side=Side.VICTIM, text="motcanaridudifferend")
    referral_answers.report(referral=referral, findings=FOUND | {"done": "motcanaridurendu"})
    cells, figures = every_cell(), Count.objects.count()

    for word in ("motcanari", *CONTACT.values()):
        assert word.encode() not in cells
        assert word not in caplog.text
    taken = b"".join(Bundle(dossier=dossier, actor="victime").parts()).decode("utf-8", "replace")
    for word in ("motcanariduclient", "motcanaridudifferend", "motcanaridurendu", "Vasseur"):
        assert word in taken
    assert retention.erase_now(dossier=dossier)
    assert not Referral.objects.exists() and not ReferralMessage.objects.exists() and not Dispute.objects.exists()
    assert Count.objects.count() == figures
    assert draws.is_intact(Draw.objects.get())
    assert draws.forget(life=timedelta(days=1), now=timezone.now() + timedelta(days=2)) == 1


def test_ended_request_goes_after_its_time_and_idle_ones_end(dossier):
    accepted = referral_answers.accept(referral=asked(dossier)[0])
    referral_answers.tend(now=timezone.now() + timedelta(days=31))
    accepted.refresh_from_db()
    assert accepted.state == ReferralState.ENDED

    retention.purge(now=accepted.ended_at + timedelta(days=729))
    retention.purge(now=accepted.ended_at + timedelta(days=731))

    assert not Referral.objects.exists()
