"""The agents' console: who sees what, one winner for a claim, transfers, endings, complaints; lists cost the same."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guichet.accounts.enums import Role
from guichet.audit.models import Line
from guichet.territory.models import Service
from tchat.enums import Outcome, State
from tchat.models import Conversation
from tchat.services import conversations, messages, presence
from tests.tchat import pages, people
from tests.tchat.pages import words
from tests.victims import factory
from victims.enums import EvidenceKind
from victims.models import Dossier
from victims.services import complaints

pytestmark = pytest.mark.django_db
DESK = reverse("console:desk")


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path, "base_url": None},
        },
    }


@pytest.fixture
def place():
    return people.commune()


@pytest.fixture
def officer(place):
    return people.agent("policier", "police", service=Service.objects.get(institution="PN"))


@pytest.fixture
def talk(officer, place):
    return people.talking(officer, place)


@pytest.fixture
def browser(officer):
    return pages.signed_in(officer)


def at(name: str, conversation) -> str:
    return reverse(f"console:{name}", args=[conversation.pk])


def bodies(conversation) -> list[str]:
    return [line.body for line in messages.messages_after(conversation=conversation, seq=0)]


# --- who may


@pytest.mark.parametrize("name", ["desk", "queue", "dossiers", "complaints"])
def test_console_is_for_agents_only(name):
    address = reverse(f"console:{name}")
    editor = people.agent("redactrice", role=Role.EDITOR)

    stranger = Client().get(address)
    closed = pages.signed_in(editor).get(address)

    assert stranger.url == f"{reverse('comptes:sign_in')}?next={address}"
    assert closed.status_code == 403


def test_session_that_ended_leads_back_to_a_page_after_signing_in(talk):
    """Never to the address of a form, which answers no link, or to a part of a page; a script reads a frame."""
    sign_in, gone = reverse("comptes:sign_in"), Client()

    note = gone.post(at("note", talk), {"note": "à suivre"})
    part = gone.get(reverse("console:queue"), headers={"HX-Request": "true"})
    pause = gone.post(reverse("console:pause"), {"pause": "oui"})
    script = gone.get(at("after", talk), headers={"Accept": "application/json"})

    assert note.url == f"{sign_in}?next={at('conversation', talk)}"
    assert part.url == pause.url == f"{sign_in}?next={DESK}"
    assert script.status_code == 401
    assert script.json()["frames"][0]["code"] == "no-access"


def test_every_conversation_page_is_closed_to_others(talk):
    other_desk = pages.signed_in(people.agent("gendarme", "gendarmerie", institution="GN"))
    colleague = pages.signed_in(people.agent("collegue", "police"))
    supervisor = pages.signed_in(people.agent("superviseur", "police", role=Role.SUPERVISOR))
    owner = pages.victim(talk.dossier)

    for browser in (other_desk, colleague, supervisor):
        assert browser.get(at("conversation", talk)).status_code == 404
        for name in ("close", "prepare_complaint", *(["transfer"] if browser is not supervisor else [])):
            assert browser.post(at(name, talk), {"outcome": "conseil", "desk": "commun"}).status_code == 404
        assert browser.post(at("claim", talk)).status_code == 409
        assert browser.post(at("send", talk), {"text": "bonjour"}).status_code == 409
        assert browser.get(at("after", talk), {"apres": 0}).status_code == 409
    assert owner.get(at("conversation", talk)).status_code == 302
    assert Conversation.objects.get(pk=talk.pk).state == State.ACTIVE
    assert len(bodies(talk)) == 1


def test_refused_answer_is_kept_to_be_copied(talk):
    colleague = pages.signed_in(people.agent("collegue", "police"))

    refused = colleague.post(at("send", talk), {"text": "une réponse déjà écrite"})

    assert "Cette conversation est suivie par un autre agent." in words(refused)
    assert "une réponse déjà écrite" in words(refused)


def test_unknown_conversation_is_not_found(browser):
    nobody = Conversation(pk=uuid.uuid4())

    assert browser.get(at("conversation", nobody)).status_code == 404
    assert browser.post(at("close", nobody), {"outcome": "conseil"}).status_code == 404


# --- the queue


def test_queue_shows_the_gravest_then_the_oldest(browser, place):
    milder = next(each.id for each in people.RECORDED() if each.spec.expect.chat and each.spec.expect.severity == 3)
    people.waiting(place, minutes_ago=30, owner=people.dossier(place, told=milder))
    people.waiting(place, minutes_ago=5)
    people.waiting(place, minutes_ago=12)

    told = words(browser.get(DESK))

    assert "File · 3" in told
    order = [told.index(f"{minutes} min") for minutes in (12, 5, 30)]
    assert order == sorted(order)
    assert "Bailleul (59) · PN" in told


def test_queue_of_others_is_not_shown(browser):
    people.waiting(people.commune("59001", "Abancourt", "GN"))

    told = words(browser.get(DESK))

    assert "Abancourt" not in told
    assert "Personne n’attend dans vos files." in told


def test_queue_part_holds_figures_queue_and_tabs(browser, talk, place):
    people.waiting(place)
    people.said(talk, "vous êtes là ?")

    part = browser.get(reverse("console:queue"), headers={"HX-Request": "true"})

    html = part.content.decode()
    for name in ('id="file"', 'id="chiffres" data-hx-swap-oob="true"', 'id="onglets" data-hx-swap-oob="true"'):
        assert name in html
    assert "2 nouveaux" in html
    assert browser.get(reverse("console:queue")).url == DESK


@pytest.mark.parametrize("seen", ["", "pas-un-id", "8a731e53-5349-454f-bb7c-c4926b5402fa"])
def test_queue_part_survives_any_selection(browser, seen):
    part = browser.get(reverse("console:queue"), {"vu": seen}, headers={"HX-Request": "true"})

    assert part.status_code == 200


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        ({"seconds": 50}, "Victime là"),
        ({"minutes": 3}, "Victime pas vue depuis 3 min"),
        ({"hours": 2}, "Victime pas vue depuis 2 h 00"),
    ],
)
def test_page_says_whether_the_victim_is_there_and_goes_on_saying_it(browser, talk, ago, said):
    Conversation.objects.filter(pk=talk.pk).update(victim_seen_at=timezone.now() - timedelta(**ago))

    page = browser.get(at("conversation", talk)).content.decode()
    part = browser.get(reverse("console:queue"), {"vu": talk.pk}, headers={"HX-Request": "true"}).content.decode()

    assert f'<span id="presence" class="soft">{said}</span>' in page
    assert f'<span id="presence" data-hx-swap-oob="true" class="soft">{said}</span>' in part


@pytest.mark.parametrize("count", [1, 3])
def test_bell_costs_the_same_whatever_is_held(officer, place, browser, django_assert_num_queries, count):
    held = [people.talking(officer, place) for _ in range(count + 1)]
    people.waiting(place)
    both = {"vu": held[0].pk, "avec": held[1].pk}

    for seen, statements in ({}, 7), ({"vu": held[0].pk}, 9), (both, 9):
        with django_assert_num_queries(statements):
            browser.get(reverse("console:queue"), seen, headers={"HX-Request": "true"})


@pytest.mark.parametrize("count", [1, 3])
def test_desk_costs_the_same_whatever_waits(officer, place, browser, django_assert_num_queries, count):
    for _ in range(count):
        people.waiting(place)
        people.talking(officer, place)

    with django_assert_num_queries(8):
        browser.get(DESK)


def test_agent_whose_conversation_is_gone_is_not_told_to_open_a_dossier(browser, talk):
    page = browser.get(at("conversation", talk)).content.decode()

    assert "Cette conversation n’est plus ouverte pour vous. Revenez à la file." in page
    assert "Ouvrez à nouveau votre dossier" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_conversation_page_costs_the_same_however_long(browser, talk, django_assert_num_queries, count):
    for _ in range(count):
        people.said(talk, "ligne")
    browser.get(at("conversation", talk))

    with django_assert_num_queries(21):
        browser.get(at("conversation", talk))


# --- choosing and taking


def test_preview_shows_the_diagnosis_and_no_typed_word(browser, officer, place):
    conversation = people.waiting(place)
    people.said(conversation, "un secret tapé au clavier")

    page = browser.get(at("conversation", conversation))

    told = words(page)
    assert "Chantage avec des images intimes (sextorsion)" in told
    assert "De diffuser des images intimes" in told
    assert "Police nationale compétente pour la commune" in told
    assert "un secret tapé au clavier" not in page.content.decode()
    assert conversation.dossier.reference not in told
    assert Line.objects.filter(verb="dossier lu", actor=officer.audit_name, target=str(conversation.pk)).count() == 1


def test_claim_gives_the_conversation_to_one(browser, officer, place):
    conversation = people.waiting(place)
    colleague = pages.signed_in(people.agent("collegue", "police"))

    taken = browser.post(at("claim", conversation))
    late = colleague.post(at("claim", conversation))

    assert taken.url == at("conversation", conversation) + "#parler"
    assert late.status_code == 409
    assert "Un autre agent vient de prendre cette conversation." in words(late)
    assert Conversation.objects.get(pk=conversation.pk).agent == officer
    assert Dossier.objects.get(pk=conversation.dossier_id).assigned_agent == officer


def test_claim_of_another_desk_is_refused(browser):
    conversation = people.waiting(people.commune("59001", "Abancourt", "GN"))

    assert browser.post(at("claim", conversation)).status_code == 409
    assert Conversation.objects.get(pk=conversation.pk).state == State.WAITING


def test_claim_next_takes_the_oldest_of_the_gravest(browser, place):
    people.waiting(place, minutes_ago=1)
    oldest = people.waiting(place, minutes_ago=20)

    taken = browser.post(reverse("console:claim_next"))

    assert taken.url == at("conversation", oldest) + "#parler"


def test_claim_next_says_that_nobody_waits(browser):
    refused = browser.post(reverse("console:claim_next"))

    assert refused.url == DESK
    assert "Personne n'attend dans vos files." in words(browser.get(DESK))
    assert "Personne n'attend dans vos files." not in words(browser.get(DESK))


def test_claim_next_that_is_refused_leaves_the_conversation_on_screen(browser, officer, talk, place):
    other, theirs = people.talking(officer, place), people.talking(people.agent("collegue", "police"), place)
    page = browser.get(at("conversation", talk), {"avec": other.pk})
    shown = {"vu": pages.hidden(page, "vu"), "avec": pages.hidden(page, "avec")}

    refused = browser.post(reverse("console:claim_next"), shown, follow=True)

    assert refused.redirect_chain == [(f"{at('conversation', talk)}?avec={other.pk}#parler", 302)]
    assert "Personne n'attend dans vos files." in words(refused)
    assert talk.dossier.reference in words(refused)
    for gone in (theirs.pk, uuid.uuid4(), "x"):
        assert browser.post(reverse("console:claim_next"), {"vu": gone, "avec": gone}).url == DESK


# --- talking


def test_conversation_page_shows_talk_dossier_and_the_way_on(browser, talk):
    people.said(talk, "J'ai <b>peur</b>")

    page = browser.get(at("conversation", talk))

    told = words(page)
    for wanted in (
        "J'ai <b>peur</b>",
        talk.dossier.reference,
        f"Code {talk.verification}",
        "Gravité 4 sur 4",
        "Conseils donnés",
        "Pourquoi ce bureau",
        "Police nationale (source officielle)",
        "Transmettre : ",
        "Préparer la plainte",
        "Terminer la conversation",
        "la victime la voit",
    ):
        assert wanted in told
    assert "J'ai <b>peur</b>" not in page.content.decode()


def test_conversation_page_marks_it_read_and_is_noted_once(browser, talk, officer):
    people.said(talk, "Bonsoir")

    for _ in range(3):
        browser.get(at("conversation", talk))

    assert Conversation.objects.get(pk=talk.pk).agent_read == 2
    assert Line.objects.filter(verb="tchat lu", actor=officer.audit_name).count() == 1


def test_answer_is_sent_once_and_shown(browser, talk):
    name = pages.hidden(browser.get(at("conversation", talk)), "client_id")

    for _ in range(2):
        sent = browser.post(at("send", talk), {"text": "Je vous lis", "client_id": name}, follow=True)

    assert bodies(talk)[1:] == ["Je vous lis"]
    assert "Je vous lis" in words(sent)


@pytest.mark.parametrize("text", ["", "é" * 4001])
def test_answer_that_cannot_be_stored_stays_on_the_page(browser, talk, text):
    refused = browser.post(at("send", talk), {"text": text})

    assert refused.status_code == 422
    assert text in words(refused)


def test_answer_by_a_script_is_acknowledged(browser, talk):
    name = str(uuid.uuid4())

    answer = browser.post(
        at("send", talk), {"text": "Je vous lis", "client_id": name}, headers={"Accept": "application/json"}
    )

    assert (answer.json()["frames"][0]["t"], answer.json()["frames"][0]["id"]) == ("ack", name)


def test_after_gives_the_frames_to_the_agent(browser, talk):
    people.said(talk, "un")

    found = browser.get(at("after", talk), {"apres": 0, "lu": 2}).json()["frames"]

    assert [frame["t"] for frame in found] == ["msg", "msg", "state"]
    assert Conversation.objects.get(pk=talk.pk).agent_read == 2


# --- ending


@pytest.mark.parametrize("outcome", [each for each in Outcome.values if each != Outcome.ABUSE])
def test_close_ends_with_an_outcome_and_a_transcript(browser, talk, outcome):
    closed = browser.post(at("close", talk), {"outcome": outcome}, follow=True)

    ended = Conversation.objects.get(pk=talk.pk)
    assert (ended.state, ended.outcome) == (State.CLOSED, outcome)
    assert "La transcription est jointe au dossier." in words(closed)
    assert set(talk.dossier.pieces.values_list("kind", flat=True)) == {
        EvidenceKind.TRANSCRIPT,
        EvidenceKind.TRANSCRIPT_DATA,
    }


@pytest.mark.parametrize("outcome", ["", "autre", "conseil\x00"])
def test_close_without_outcome_asks_for_one(browser, talk, outcome):
    asked = browser.post(at("close", talk), {"outcome": outcome})

    assert asked.status_code == 422
    assert "Choisissez" in words(asked)
    assert Conversation.objects.get(pk=talk.pk).state == State.ACTIVE


def test_close_twice_says_that_it_is_over(browser, talk):
    for _ in range(2):
        closed = browser.post(at("close", talk), {"outcome": "conseil"})

    assert closed.status_code == 409
    assert "Cette conversation est close." in words(closed)


def test_closed_conversation_is_read_again_by_its_agent_only(browser, talk, officer):
    conversations.close_conversation(agent=officer, conversation_id=talk.pk, outcome="conseil")
    colleague = pages.signed_in(people.agent("collegue", "police"))

    again = words(browser.get(at("conversation", talk)))

    assert "a rejoint la conversation." in again
    assert "Envoyer" not in again
    assert talk.dossier.reference in words(browser.get(reverse("console:dossiers")))
    assert colleague.get(at("conversation", talk)).status_code == 404


# --- another desk


def test_transfer_gives_it_to_the_other_force_and_keeps_the_place(browser, talk, officer):
    gendarme = pages.signed_in(people.agent("gendarme", "gendarmerie", institution="GN"))
    asked_at = talk.created_at

    moved = browser.post(at("transfer", talk), {"desk": "gendarmerie"}, follow=True)

    now = Conversation.objects.select_related("dossier").get(pk=talk.pk)
    assert (now.desk_id, now.state, now.agent, now.institution) == ("gendarmerie", State.WAITING, None, "GN")
    assert (now.created_at, now.dossier.assigned_agent) == (asked_at, None)
    assert now.reasons[-1] == f"transmis par l'agent {officer.service_number}, police nationale"
    assert "Votre conversation passe à un autre bureau" in bodies(now)[-1]
    assert "transmise" in words(moved)
    assert browser.get(at("conversation", talk)).status_code == 404
    assert gendarme.get(at("conversation", talk)).status_code == 200
    assert Line.objects.filter(verb="tchat transféré", actor=officer.audit_name).count() == 1


def test_force_that_an_agent_chose_is_not_said_to_be_the_official_one(browser, talk):
    browser.post(at("transfer", talk), {"desk": "gendarmerie"})

    gendarme = pages.signed_in(people.agent("gendarme-la", "gendarmerie"))
    page = words(gendarme.get(at("conversation", talk)))

    assert "Gendarmerie nationale (transmise par un agent)" in page
    assert "source officielle" not in page


def test_transfer_from_the_queue_before_taking(browser, place):
    conversation = people.waiting(place)

    browser.post(at("transfer", conversation), {"desk": "commun"})

    assert Conversation.objects.get(pk=conversation.pk).desk_id == "commun"


def test_transfer_in_a_shared_commune_names_the_service_of_the_other_force(officer, browser):
    conversation = people.talking(officer, people.commune("59002", "Partage", "PN", "GN"))

    page = words(browser.get(at("conversation", conversation)))
    browser.post(at("transfer", conversation), {"desk": "gendarmerie"})

    assert "Compétence à confirmer Les deux forces sont compétentes dans cette commune." in page
    assert Conversation.objects.select_related("service").get(pk=conversation.pk).service.institution == "GN"


@pytest.mark.parametrize("desk", ["", "police", "inconnu", "\x00"])
def test_transfer_to_no_other_desk_is_refused(browser, talk, desk):
    refused = browser.post(at("transfer", talk), {"desk": desk})

    assert refused.status_code == 409
    assert "Choisissez un autre bureau." in words(refused)
    assert Conversation.objects.get(pk=talk.pk).state == State.ACTIVE


def test_transfer_twice_moves_once(browser, talk):
    browser.post(at("transfer", talk), {"desk": "gendarmerie"})

    assert browser.post(at("transfer", talk), {"desk": "commun"}).status_code == 404


# --- complaints


def test_complaint_is_prepared_from_the_talk_and_the_victim_is_told_once(browser, talk, officer):
    people.said(talk, "Il a écrit depuis https://exemple.fr/arnaque")

    for _ in range(2):
        prepared = browser.post(at("prepare_complaint", talk), follow=True)

    complaint = talk.dossier.complaints.get()
    assert complaint.prepared_by == officer
    assert "https://exemple.fr/arnaque" in str(complaints.read_form(complaint))
    assert "Plainte préparée." in words(prepared)
    assert [body for body in bodies(talk) if body.startswith("Votre plainte est préparée")] == [bodies(talk)[-1]]


def filed(owner):
    return complaints.file_complaint(complaint=factory.ready_complaint(owner))


def test_complaint_already_filed_is_not_prepared_again(browser, talk):
    filed(talk.dossier)

    asked = browser.post(at("prepare_complaint", talk), follow=True)

    assert "La plainte de ce dossier est déjà déposée." in words(asked)


def test_complaints_are_read_by_the_competent_unit_with_their_pieces(browser, place, officer):
    complaint = filed(people.dossier(place))

    listed = words(browser.get(reverse("console:complaints")))
    page = browser.get(reverse("console:complaint", args=[complaint.pk]))
    piece = complaint.pieces.get(kind=EvidenceKind.COMPLAINT)
    paper = browser.get(reverse("console:piece", args=[complaint.pk, piece.pk]))

    assert complaint.number in listed
    assert complaint.number in words(page)
    assert piece.sha256 in words(page)
    assert paper.content.startswith(b"%PDF")
    assert "attachment" in paper.headers["Content-Disposition"]
    read = Line.objects.filter(chain=complaint.dossier.chain, actor=officer.audit_name).values_list("verb", flat=True)
    assert sorted(read) == ["pièce ouverte", "plainte lue"]


def test_complaints_of_others_do_not_exist(place, officer):
    complaint = filed(people.dossier(place))
    piece = complaint.pieces.first()
    colleague = pages.signed_in(people.agent("collegue", "police"))
    elsewhere = people.commune("59003", "Ailleurs", "PN").competences.get().service
    stranger = pages.signed_in(people.agent("ailleurs", "police", service=elsewhere))

    for browser in (colleague, stranger):
        assert complaint.number not in words(browser.get(reverse("console:complaints")))
        assert browser.get(reverse("console:complaint", args=[complaint.pk])).status_code == 404
        assert browser.get(reverse("console:piece", args=[complaint.pk, piece.pk])).status_code == 404


def test_piece_is_read_with_its_own_complaint_only(browser, place):
    one, other = filed(people.dossier(place)), filed(people.dossier(place))

    mixed = browser.get(reverse("console:piece", args=[one.pk, other.pieces.first().pk]))

    assert mixed.status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_complaint_list_costs_the_same(browser, place, django_assert_num_queries, count):
    for _ in range(count):
        filed(people.dossier(place))

    with django_assert_num_queries(7):
        browser.get(reverse("console:complaints"))


def test_writing_needs_a_token(talk, officer):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(officer)

    for name in ("claim", "send", "close", "transfer", "prepare_complaint"):
        assert browser.post(at(name, talk), {"text": "x"}).status_code == 403
        assert browser.get(at(name, talk)).status_code == 405


# --- the admin


def test_admin_shows_conversations_without_a_word(talk):
    people.said(talk, "un mot secret")
    chief = people.agent("chef", role=Role.ADMINISTRATOR)
    chief.is_staff = chief.is_superuser = True
    chief.save(update_fields=["is_staff", "is_superuser"])
    browser = pages.signed_in(chief)

    shown = browser.get(reverse("admin:tchat_conversation_change", args=[talk.pk]))
    changed = browser.post(reverse("admin:tchat_conversation_change", args=[talk.pk]), {"severity": "1"})
    desk = browser.get(reverse("admin:tchat_desk_change", args=["police"]))

    assert "un mot secret" not in shown.content.decode()
    assert changed.status_code == 403
    assert 'name="agents"' in desk.content.decode()
    assert "tchat_message" not in browser.get(reverse("admin:index")).content.decode()


# --- on duty


def duty(response) -> str:
    html = response.content.decode()
    return " ".join(pages.TAGS.sub(" ", html[html.index('id="service"') : html.index('id="chiffres"')]).split())


def test_pause_is_said_lasts_and_ends(browser, place):
    people.waiting(place)

    paused = duty(browser.post(reverse("console:pause"), {"pause": "oui"}, follow=True))
    refused = browser.post(reverse("console:claim_next"), follow=True)
    resumed = duty(browser.post(reverse("console:pause"), {"pause": "non"}, follow=True))

    assert "En pause depuis" in paused
    assert "Vous êtes en pause." in words(refused)
    assert "En service" in resumed
    assert "#parler" in browser.post(reverse("console:claim_next")).url


@pytest.mark.parametrize(("change", "held"), [(presence.pause, False), (presence.resume, True)])
def test_pause_that_leaves_no_trace_does_not_hold(officer, monkeypatch, change, held):
    if held:
        presence.pause(agent=officer)

    def broken(**_):
        raise OperationalError

    monkeypatch.setattr("guichet.audit.services.record", broken)
    with pytest.raises(OperationalError):
        change(agent=officer)

    assert presence.is_paused(officer) is held


def test_pause_goes_back_to_the_conversation_and_nowhere_else(browser, talk):
    here = at("conversation", talk)

    back = browser.post(reverse("console:pause"), {"pause": "oui", "retour": here})
    away = browser.post(reverse("console:pause"), {"pause": "non", "retour": "https://exemple.fr/"})

    assert (back.url, away.url) == (here, DESK)


def test_colleagues_of_the_desk_are_listed_by_number_when_they_are_there(browser):
    here, paused = people.agent("collegue", "police"), people.agent("pause", "police")
    gone, elsewhere = people.agent("absent", "police"), people.agent("gendarme", "gendarmerie")
    for person in (here, paused, gone, elsewhere):
        pages.signed_in(person).get(DESK)
    presence.left(gone)
    pages.signed_in(paused).post(reverse("console:pause"), {"pause": "oui"})

    shown = duty(browser.get(DESK))

    assert here.service_number in shown
    assert f"{paused.service_number}, en pause" in shown
    assert gone.service_number not in shown
    assert elsewhere.service_number not in shown
    assert "collegue" not in shown


def test_sound_stays_cut_on_this_computer(browser):
    before = browser.get(DESK).content.decode()
    cut = browser.post(reverse("console:sound"), {"son": "non"})
    after = browser.get(DESK).content.decode()
    browser.post(reverse("console:sound"), {"son": "oui"})

    assert 'data-muted="non"' in before
    assert 'data-muted="oui"' in after
    assert 'data-muted="non"' in browser.get(DESK).content.decode()
    cookie = cut.cookies["son"]
    assert (cookie["path"], cookie["httponly"], int(cookie["max-age"]) > 0) == (DESK, True, True)


@pytest.mark.parametrize(("name", "typed"), [("pause", {"pause": "oui"}), ("sound", {"son": "non"})])
def test_duty_part_is_what_a_script_gets(browser, name, typed):
    part = browser.post(reverse(f"console:{name}"), typed, headers={"HX-Request": "true"}).content.decode()

    assert part.lstrip().startswith('<section id="service"')
    assert "<main" not in part


# --- two conversations side by side


def test_second_conversation_stands_beside_the_first_and_is_read(browser, officer, talk, place):
    other = people.talking(officer, place)
    people.said(talk, "parole de la première")
    people.said(other, "parole de la seconde")

    page = browser.get(at("conversation", talk), {"avec": other.pk})

    told, html = words(page), page.content.decode()
    assert "parole de la première" in told
    assert "parole de la seconde" in told
    assert html.count('class="composer"') == 2
    assert f'formaction="{at("reply", other)}"' in html
    ids = re.findall(r'\sid="([^"]+)"', pages.HIDDEN.sub(" ", html))
    assert len(ids) == len(set(ids))
    assert Conversation.objects.get(pk=other.pk).agent_read == 2
    assert re.search(r"\d+ nouveau", told) is None


def test_only_one_s_own_open_conversation_stands_beside(browser, officer, talk, place):
    colleague = people.agent("collegue", "police")
    theirs, waits, closed = people.talking(colleague, place), people.waiting(place), people.talking(officer, place)
    people.said(theirs, "parole d'une autre")
    conversations.close_conversation(agent=officer, conversation_id=closed.pk, outcome="conseil")

    for other in (theirs.pk, waits.pk, closed.pk, talk.pk, uuid.uuid4(), "x"):
        page = browser.get(at("conversation", talk), {"avec": other})
        assert page.status_code == 200
        assert "Autre conversation" not in page.content.decode()
    assert "parole d'une autre" not in words(browser.get(at("conversation", talk), {"avec": theirs.pk}))


def test_tabs_keep_what_stands_beside(browser, officer, talk, place):
    other, third = people.talking(officer, place), people.talking(officer, place)
    both = {"vu": talk.pk, "avec": other.pk}

    part = browser.get(reverse("console:queue"), both, headers={"HX-Request": "true"}).content.decode()
    alone = browser.get(reverse("console:queue"), {"vu": talk.pk}, headers={"HX-Request": "true"}).content.decode()

    assert f"{at('conversation', third)}?avec={other.pk}#parler" in part
    assert f"{at('conversation', other)}?avec={talk.pk}#parler" in part
    assert f"{at('conversation', talk)}?avec={third.pk}#parler" in part
    assert f"{at('conversation', third)}#parler" in alone


def test_page_with_a_conversation_offers_ways_between_its_parts(browser, talk):
    html = browser.get(at("conversation", talk)).content.decode()

    assert 'class="desk desk--full desk--talk"' in html
    for target in (f'href="{DESK}">File', 'href="#parler"', 'href="#dossier"', 'id="parler"', 'id="dossier"'):
        assert target in html
    assert "desk--talk" not in browser.get(DESK).content.decode()
