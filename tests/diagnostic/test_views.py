import gzip
import re

import pytest
from django.test import Client
from django.urls import reverse

from diagnostic import content
from diagnostic.journey import COOKIE
from guichet.observatory.models import Count

pytestmark = [pytest.mark.django_db, pytest.mark.once]

START = "/diagnostic/"
RESULT = "/diagnostic/resultat/"
HTMX = {"HTTP_HX_REQUEST": "true"}
BLACKMAIL = [
    ("q_audience", "a2"),
    ("q_p_sujet", "a6"),
    ("q_personne", ["a4"]),
    ("q_chantage", "a1"),
    ("f_chantage", ["money_lost"]),
]


def url(node: str) -> str:
    return f"/diagnostic/{node}/"


def answer(client, node, chosen, **headers):
    return client.post(url(node), {"r": chosen}, **headers)


def text(response) -> str:
    return " ".join(response.content.decode().replace("&#x27;", "'").split())


@pytest.fixture
def walked(client):
    """The journey answered without its facts."""
    for node, chosen in BLACKMAIL[:-1]:
        answer(client, node, chosen)
    return client


# --- a question ---------------------------------------------------------------------------------------
def test_start_asks_the_first_question_without_a_statement(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(START)

    page = text(response)
    assert response.status_code == 200
    assert "Qui a besoin d’aide" in page
    assert "<b>Étape 1</b> sur 7 au plus" in page
    assert page.index("Un proche, un élève") < page.index("ou</p>") < page.index("Je ne sais pas")
    assert response.headers["Cache-Control"] == "no-store"


def test_title_never_names_the_matter(walked):
    assert "<title>Guichet cyber</title>" in text(walked.get(url("f_chantage")))


def test_answer_without_script_leads_to_the_next_question(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = answer(client, "q_audience", "a2")
        page = client.get(response.url)

    assert (response.status_code, response.url) == (303, url("q_p_sujet"))
    assert "Que se passe-t-il" in text(page)
    assert f'href="{url("q_audience")}"' in text(page)


def test_answer_with_htmx_gets_the_next_question_alone(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = answer(client, "q_audience", "a2", **HTMX)

    part = response.content.decode().strip()
    assert part.startswith('<section id="question">')
    assert "Que se passe-t-il" in part
    assert "<title>" not in part
    assert len(part) < 3600
    assert len(gzip.compress(part.encode())) < 1400


def test_part_is_the_same_in_the_page_and_in_the_htmx_answer(client):
    part = answer(client, "q_audience", "a2", **HTMX).content.decode()
    page = client.get(url("q_p_sujet")).content.decode()

    token = re.compile(r'value="[A-Za-z0-9]{64}"')
    assert token.sub("", part).strip() in token.sub("", page)


def test_whole_journey_costs_no_statement_before_the_result(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        for node, chosen in BLACKMAIL[:-1]:
            assert client.get(url(node)).status_code == 200
            assert answer(client, node, chosen, **HTMX).status_code == 200


def test_urgent_message_stands_above_the_question_at_once(walked):
    page = text(walked.get(url("q_chantage")))

    assert page.index("Ne payez pas") < page.index("De quoi vous menace-t-on")


def test_urgent_message_can_be_called(client):
    response = answer(client, "q_audience", "a1", **HTMX)

    part = text(response)
    assert 'role="alert"' in part
    assert '<a class="call" href="tel:17">17</a>' in part
    assert '<a class="call" href="sms:114">114</a>' in part
    assert '<a class="call" href="tel:3114">3114</a>' in part


def test_urgent_message_already_read_is_not_announced_again(client):
    answer(client, "q_audience", "a1")

    part = text(answer(client, "q_danger", ["a1"], **HTMX))

    assert "Danger maintenant" in part
    assert 'role="alert"' not in part


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_empty_answer_is_told_beside_the_question(client, headers):
    response = client.post(url("q_audience"), {}, **headers)

    assert response.status_code == 422
    assert text(response).count("Choisissez une réponse") == 2
    assert COOKIE not in response.cookies


def test_unknown_choice_is_told_and_nothing_is_lost(walked):
    response = walked.post(url("q_personne"), {"r": ["a2", "a99"]})

    page = text(response)
    assert response.status_code == 422
    assert "Cette réponse n’est plus proposée" in page
    assert 'value="a2" id="id_r_1" checked' in page


def test_several_answers_may_be_none(client):
    for node, chosen in BLACKMAIL[:2]:
        answer(client, node, chosen)

    response = client.post(url("q_personne"), {})

    assert response.url == url("q_harcelement")


# --- back, change, resume, restart --------------------------------------------------------------------
def test_earlier_question_shows_the_earlier_answer(walked):
    page = text(walked.get(url("q_chantage")))

    assert 'value="a1" id="id_r_0" checked' in page


def test_changed_answer_keeps_the_later_ones(walked):
    walked.post(url("f_chantage"), {"r": ["money_lost"]})

    assert answer(walked, "q_audience", "a2").url == RESULT


def test_changed_answer_that_leads_elsewhere_asks_only_what_is_missing(walked):
    response = answer(walked, "q_p_sujet", "a3")

    assert response.url == url("q_argent")


def test_facts_whose_list_changed_are_asked_again_with_their_ticks(walked):
    walked.post(url("f_chantage"), {"r": ["money_lost", "author_known"]})

    response = answer(walked, "q_chantage", "a3")

    assert response.url == url("f_chantage")
    assert re.search(r'value="money_lost" id="\w+" checked', text(walked.get(response.url)))


def test_question_out_of_order_leads_to_the_one_to_answer(client):
    answer(client, "q_audience", "a2")

    assert client.get(url("q_chantage")).url == url("q_p_sujet")
    assert answer(client, "q_chantage", "a1").url == url("q_p_sujet")


def test_question_off_the_path_with_htmx_gives_the_one_to_answer(client):
    answer(client, "q_audience", "a2")

    assert "Que se passe-t-il" in text(client.get(url("q_chantage"), **HTMX))


def test_middle_question_without_a_journey_starts_again_with_a_word(client):
    response = client.get(url("q_chantage"), follow=True)

    assert response.redirect_chain == [(START + "?perdu", 303)]
    assert "Vos réponses n’ont pas été retrouvées" in text(response)


def test_middle_answer_without_a_cookie_starts_again_with_htmx(client):
    part = text(answer(client, "q_chantage", "a1", **HTMX))

    assert "Vos réponses n’ont pas été retrouvées" in part
    assert "Qui a besoin d’aide" in part


def test_tampered_cookie_starts_again_with_a_word_and_is_removed(walked):
    walked.cookies[COOKIE] = walked.cookies[COOKIE].value[:-6] + "AAAAAA"

    response = walked.get(START)

    assert "Vos réponses n’ont pas été retrouvées" in text(response)
    assert response.cookies[COOKIE].value == ""


def test_journey_in_progress_can_be_resumed(walked):
    page = text(walked.get(START))

    assert "Reprendre où vous en étiez" in page
    assert walked.get(START + "?reprendre").url == url("f_chantage")


def test_restart_forgets_everything(walked):
    response = walked.post("/diagnostic/recommencer/")

    assert response.url == START
    assert walked.cookies[COOKIE].value == ""


@pytest.mark.parametrize(
    ("way", "asked", "urgent"),
    [
        ("virement", "q_argent", "De l’argent vient de partir"),
        ("chantage", "q_chantage", "Gardez les preuves"),
        ("rancon", "q_o_rancon", "Débranchez le réseau"),
    ],
)
def test_what_cannot_wait_goes_straight_to_its_question(client, way, asked, urgent):
    assert f'name="vers" value="{way}"' in text(client.get(START))

    response = client.post(reverse("diagnostic:express"), {"vers": way})

    assert response.url == url(asked)
    assert urgent in text(client.get(url(asked)))


def test_unknown_way_in_begins_at_the_beginning(client):
    assert client.post(reverse("diagnostic:express"), {"vers": "rien"}).url == START


def test_unknown_question_is_a_404_page(client):
    assert client.get(url("q_rien")).status_code == 404
    assert client.post(url("q_rien"), {"r": "a1"}).status_code == 404


def test_only_posts_answer_and_restart(client):
    assert client.get("/diagnostic/recommencer/").status_code == 405
    assert client.delete(url("q_audience")).status_code == 405
    assert client.post(RESULT).status_code == 405


def test_answer_without_a_token_is_refused():
    client = Client(enforce_csrf_checks=True)

    assert answer(client, "q_audience", "a2").status_code == 403


def test_who_helps_a_relative_reads_about_that_person(client):
    answer(client, "q_audience", "a6")
    answer(client, "q_p_sujet", "a3")
    page = text(answer(client, "q_argent", "a10", **HTMX))

    assert "Elle a fait un virement" in page
    assert "J’ai fait un virement" not in page
    assert "J’écris pour quelqu’un d’autre" not in page


def test_child_alone_is_led_to_the_3018_in_a_childs_words(client):
    answer(client, "q_audience", "a7")
    answer(client, "q_mineur", ["a7"])
    client.post(url("f_mineur"), {})

    page = text(client.get(RESULT))

    assert "Le 3018 t’écoute" in page
    assert page.index("Appelle le") < page.index("Parle à un adulte")
    assert "J’ai moins de 18 ans" not in page.split("Vos réponses")[0]


# --- the facts screen and the result ------------------------------------------------------------------
def test_facts_screen_ends_with_none_of_these_and_unknown(walked):
    page = text(walked.get(url("f_chantage")))

    assert page.index("J’ai perdu de l’argent") < page.index("D’autres cas") < page.index("Aucun de ces cas")
    assert page.index("Aucun de ces cas") < page.rindex("Je ne sais pas") < page.index("Voir quoi faire")


def test_folded_facts_count_too(walked):
    response = walked.post(url("f_chantage"), {"r": ["money_lost"], "plus": ["paid_transfer"], "rien": ["inconnu"]})
    page = text(walked.get(response.url))

    assert "J’ai fait un virement" in page


def test_last_answer_with_htmx_opens_the_result_page(walked):
    response = walked.post(url("f_chantage"), {"r": ["money_lost"]}, **HTMX)

    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == RESULT


def test_outcome_is_counted_once_per_journey(walked, read_lately, django_assert_num_queries):
    with django_assert_num_queries(1):
        walked.post(url("f_chantage"), {"r": ["money_lost"]})
    with django_assert_num_queries(0):
        walked.post(url("f_chantage"), {"r": ["money_lost"]})
        walked.get(RESULT)

    assert Count.objects.get(key="diagnostic").n == 1


def test_result_says_what_it_is_and_what_to_do_now(walked):
    walked.post(url("f_chantage"), {"r": ["money_lost"]})

    page = text(walked.get(RESULT))

    assert "Chantage avec des images intimes (sextorsion)" in page
    assert "Gravité 4 sur 4 · Critique" in page
    assert "Vous n’êtes pas en faute" in page
    assert page.split("<details")[0].count('<li class="todo">') == 5
    assert "Conseillé : <b>dans l’heure après la découverte</b>" in page
    assert "Les preuves à garder <small>7 pièces" in page
    assert "Ce que dit la loi" in page
    assert "verify" not in page
    assert "En ligne, sur THESEE" in page
    assert f"{reverse('dossier:open')}?suite=tchat" in page
    assert "Ouvrir mon dossier" in page


def test_result_leads_to_the_sheet_of_its_threat(walked):
    walked.post(url("f_chantage"), {"r": ["money_lost"]})
    sheet = reverse("prevention:sheet", args=["sextorsion"])

    assert f'href="{sheet}"' in text(walked.get(RESULT))
    assert all(
        walked.get(reverse("prevention:sheet", args=[key])).status_code == 200 for key in content.published().threats
    )


def test_result_lists_the_answers_with_a_way_to_change_each(walked):
    walked.post(url("f_chantage"), {"r": ["money_lost"]})

    page = text(walked.get(RESULT))

    assert page.count("Modifier<") == 5
    assert f'href="{url("q_chantage")}">Modifier' in page
    assert "J’ai perdu de l’argent" in page


def test_result_for_paper_is_all_open(walked):
    walked.post(url("f_chantage"), {"r": ["money_lost"]})

    folded, open_ = text(walked.get(RESULT)), text(walked.get(RESULT + "?tout"))

    assert "<details" in folded
    assert 'class="fold" open' not in folded
    assert open_.count("<details") == open_.count('class="fold" open')


def test_calm_result_offers_no_chat_no_complaint_no_dossier(client):
    for node, chosen in [("q_audience", "a2"), ("q_p_sujet", "a10"), ("q_conseil", "a1"), ("q_verifier", "a1")]:
        answer(client, node, chosen)
    client.post(url("f_general"), {"rien": ["aucun"]})

    page = text(client.get(RESULT))

    assert "C’est peut-être vraiment votre banque" in page
    assert "Vous avez bien fait de vérifier" in page
    for word in ("tchat", "Ouvrir mon dossier", "Gravité", "plainte", "Ce que dit la loi"):
        assert word not in page


def test_result_before_the_end_leads_to_the_question_to_answer(walked):
    assert walked.get(RESULT).url == url("f_chantage")


def test_result_without_a_journey_leads_to_the_start(client):
    assert client.get(RESULT).url == START + "?perdu"


def test_pages_obey_the_strict_policy(walked):
    walked.post(url("f_chantage"), {"r": ["money_lost"]})

    for page in (walked.get(START), walked.get(url("q_chantage")), walked.get(RESULT)):
        html = page.content.decode()
        assert "style=" not in html
        assert not re.search(r"\son\w+=", html)
        assert "<style" not in html
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
