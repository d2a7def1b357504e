"""Traces link dossiers without being kept: ten spellings are one mark, and a dump alone reveals no account."""

import base64
import hashlib
import hmac
import os
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from guichet.lib import crypto
from tests.victims import factory
from tests.victims.linking.test_traces import IBAN, IBAN_SPELLINGS
from tests.victims.test_canary import every_cell
from victims.models import Fingerprint, Series, Sighting
from victims.retention import SCHEDULE
from victims.services import complaints, reports, retention, series, sightings

pytestmark = pytest.mark.django_db


def told(typed: str, field: str = "ibans") -> dict:
    return factory.TYPED | {"traces": {field: typed}}


def filed(typed: str, field: str = "ibans", **changes):
    dossier = factory.dossier(factory.SCAM, **changes)
    complaints.file_complaint(complaint=factory.ready_complaint(dossier, told(typed, field)))
    return dossier


def key() -> str:
    return f"essai{os.urandom(2).hex()}:{base64.b64encode(os.urandom(32)).decode()}"


def save(complaint, typed: str):
    section = next(each for each in complaints.sections_of(complaint.dossier.diagnosis) if each.id == "traces")
    return complaints.save_section(
        complaint=complaint, section=section, typed={"ibans": typed}, version=complaint.version
    )


def test_same_account_in_ten_spellings_links_every_dossier():
    dossiers = [filed(typed) for typed in IBAN_SPELLINGS]

    assert len(dossiers) >= 10
    assert Fingerprint.objects.count() == 1
    for dossier in dossiers:
        (link,) = sightings.links_of(dossier)
        assert (link.kind, link.dossiers) == ("Compte bancaire (IBAN)", len(dossiers) - 1)
        assert sightings.others_of(dossier) == len(dossiers) - 1


def test_another_account_links_nobody():
    filed(IBAN)
    other = filed("DE89 3704 0044 0532 0130 00")

    assert sightings.links_of(other) == []
    assert sightings.others_of(other) == 0


def dictionary() -> list[str]:
    """The accounts of one branch, as a thief of the dump would try them: the true one is among them."""
    guessed = [f"3000600001{number:011d}" for number in range(12345678900, 12345679000)]
    return [IBAN, *(f"FR76{each}{rest:02d}" for each in guessed for rest in (1, 89))]


def test_dump_reveals_no_account_to_who_tries_the_dictionary(settings):
    settings.GUICHET_TRACE_KEYS = (key(),)
    filed(IBAN)

    dump = every_cell()

    # Plain, and under every usual digest; and under everything the code alone tells.
    digests = (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512, hashlib.blake2b)
    public = (b"", b"iban", b"guichet:trace:iban", b"guichet:traces", django_settings.SECRET_KEY.encode())
    for account in map(str.encode, dictionary()):
        assert account not in dump
        for digest in digests:
            assert digest(account).hexdigest().encode() not in dump
        for secret in public:
            assert hmac.new(secret, account, "sha256").hexdigest().encode() not in dump
    # The dictionary holds the right account: who has the key finds it, and only so.
    assert crypto.trace_mark("iban", IBAN, key=crypto.current_trace_key()).encode() in dump
    settings.GUICHET_TRACE_KEYS = (key(),)
    stolen = [crypto.trace_mark("iban", each, key=crypto.current_trace_key()).encode() for each in dictionary()]
    assert not any(mark in dump for mark in stolen)


def test_draft_reads_what_others_filed_and_is_not_counted_itself():
    first, draft = filed(IBAN), factory.ready_complaint(factory.dossier(factory.SCAM), told(IBAN))

    assert sightings.others_of(draft.dossier) == 1
    assert sightings.others_of(first) == 0


def test_trace_taken_out_of_the_draft_links_no_more():
    filed(IBAN)
    draft = factory.ready_complaint(factory.dossier(factory.SCAM), told(IBAN))

    draft = save(draft, "DE89 3704 0044 0532 0130 00")

    assert sightings.others_of(draft.dossier) == 0
    assert Sighting.objects.filter(draft=draft).count() == 1


def test_trace_that_nobody_holds_any_more_is_forgotten():
    draft = factory.ready_complaint(factory.dossier(factory.SCAM), told(IBAN))

    save(draft, "")

    assert not Fingerprint.objects.exists()


def test_the_victims_own_account_and_number_link_nobody():
    mine = told(factory.DECLARANT["mobile"], "phones")
    complaints.file_complaint(complaint=factory.ready_complaint(factory.dossier(factory.SCAM), mine))

    assert not Sighting.objects.exists()


def test_exercise_never_meets_a_real_victim():
    real, drill = filed(IBAN), filed(IBAN, exercise=True)

    assert sightings.others_of(real) == sightings.others_of(drill) == 0


def test_erasure_takes_the_traces_with_the_dossier():
    first, second = filed(IBAN), filed(IBAN)

    retention._delete_dossier(second, timezone.now())
    assert sightings.others_of(first) == 0
    retention._delete_dossier(first, timezone.now())

    assert not Sighting.objects.exists()
    assert not Fingerprint.objects.exists()


def test_trace_is_forgotten_when_its_term_is_over():
    filed(IBAN)
    Sighting.objects.update(seen_at=timezone.now() - SCHEDULE.life("trace") - timezone.timedelta(days=1))

    assert retention.purge(dry=True)["trace"] == 1
    assert retention.purge()["trace"] == 1
    assert not Fingerprint.objects.exists()


def ready_report():
    report = reports.start(dossier=factory.dossier(factory.SCAM))
    for each in reports.report_sections_of(report.dossier.diagnosis):
        values = {**reports.blocks.read_form(report).get(each.id, {}), **told(IBAN).get(each.id, {})}
        report = reports.blocks.save_section(record=report, section=each, typed=values, version=report.version)
    return report


def sent(report):
    return reports.send(report=report, with_files=False, with_talks=False)


def test_report_links_once_sent_and_no_more_once_taken_back():
    first, report = filed(IBAN), ready_report()
    assert sightings.others_of(first) == 0

    report = sent(report)
    assert sightings.others_of(first) == 1
    reports.withdraw(report=report)

    assert sightings.others_of(first) == 0


def test_series_goes_at_once_with_the_last_dossier_that_its_victim_erases():
    first, second = sent(ready_report()).dossier, sent(ready_report()).dossier
    agent = factory.agent(service=factory.service())
    found = series.propose(agent=agent, dossier=first, fingerprint_id=Fingerprint.objects.get().pk)
    series.confirm(agent=agent, series=found, reason="même compte, mêmes mots")

    assert retention.erase_now(dossier=first)
    assert Series.objects.get().members.count() == 1
    assert retention.erase_now(dossier=second)

    assert not Series.objects.exists()


# --- the key turns


def test_new_key_marks_again_and_the_old_one_can_go(settings):
    old, new = key(), key()
    settings.GUICHET_TRACE_KEYS = (old,)
    first = filed(IBAN)
    settings.GUICHET_TRACE_KEYS = (new, old)

    second, out = filed("fr76 3000 6000 0112 3456 7890 189"), StringIO()
    call_command("rotate_keys", stdout=out)
    settings.GUICHET_TRACE_KEYS = (new,)
    third = filed(IBAN)

    assert "left=0" in out.getvalue()
    assert Fingerprint.objects.get().key == new.partition(":")[0]
    assert {sightings.others_of(each) for each in (first, second, third)} == {2}


def test_command_marks_again_what_nobody_met_since(settings):
    old, new = key(), key()
    settings.GUICHET_TRACE_KEYS = (old,)
    filed(IBAN)
    settings.GUICHET_TRACE_KEYS = (new, old)

    call_command("rotate_keys", stdout=StringIO())

    settings.GUICHET_TRACE_KEYS = (new,)
    assert Fingerprint.objects.get().mark == crypto.trace_mark("iban", IBAN, key=new.partition(":")[0])


# --- many


def test_counting_asks_two_statements_however_many_dossiers(django_assert_num_queries):
    dossier = filed(IBAN)
    for _ in range(3):
        filed(IBAN)

    with django_assert_num_queries(2):
        (link,) = sightings.links_of(dossier)

    assert link.dossiers == 3


def many(n: int) -> Fingerprint:
    """`n` sightings of a thousand marks over dossiers that are only rows, as a year of filing leaves them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM victims_dossier LIMIT 1")
        model = cursor.fetchone()[0]
        cursor.execute(
            "CREATE TEMP TABLE fresh AS SELECT gen_random_uuid() d, gen_random_uuid() g, k "
            "FROM generate_series(1, %s) k",
            [n // 10],
        )
        for table, changes in (
            ("diagnostic_diagnosis", {"id": "g"}),
            (
                "victims_dossier",
                {"id": "d", "diagnosis_id": "g", "reference": "'R' || k", "opening": "'o' || k"},
            ),
        ):
            names = [each.name for each in connection.introspection.get_table_description(cursor, table)]
            values = ", ".join(changes.get(name, f't."{name}"') for name in names)
            source = "(SELECT diagnosis_id FROM victims_dossier WHERE id = %s)" if table[0] == "d" else "%s"
            cursor.execute(f"INSERT INTO {table} SELECT {values} FROM {table} t, fresh WHERE t.id = {source}", [model])
        marks = [
            Fingerprint(kind="iban", key="essai", mark=hashlib.sha256(str(each).encode()).hexdigest())
            for each in range(1000)
        ]
        Fingerprint.objects.bulk_create(marks)
        cursor.execute(
            "INSERT INTO victims_sighting (fingerprint_id, dossier_id, seen_at) SELECT f.id, x.d, now() "
            "FROM (SELECT id, row_number() OVER () r FROM victims_fingerprint WHERE key = 'essai') f "
            "JOIN fresh x ON x.k % 100 = f.r % 100"
        )
        for table in ("victims_sighting", "victims_fingerprint", "victims_dossier"):
            cursor.execute(f"ANALYZE {table}")
    return marks[0]


@pytest.mark.stack
def test_hundred_thousand_sightings_are_counted_by_the_index():
    dossier = filed(IBAN)
    mark = many(100_000)
    Sighting.objects.create(fingerprint=mark, dossier=dossier, seen_at=timezone.now())
    assert Sighting.objects.count() > 100_000

    rows = sightings.counted(exercise=False).filter(fingerprint=mark).exclude(dossier=dossier)
    plan = rows.explain()

    assert sightings.others_of(dossier) == 100
    assert "Seq Scan on victims_sighting" not in plan
    assert "Index" in plan


@pytest.mark.stack
def test_series_of_a_hundred_is_found_and_shown_by_the_index(django_assert_max_num_queries):
    dossier = filed(IBAN)
    mark = many(100_000)
    Sighting.objects.create(fingerprint=mark, dossier=dossier, seen_at=timezone.now())
    agent = factory.agent(service=factory.service())

    found = series.propose(agent=agent, dossier=dossier, fingerprint_id=mark.pk)

    with django_assert_max_num_queries(4):
        members = series.members_of(found, reader=agent)
    assert len(members) == 101
    assert [row["member"].dossier_id for row in members if row["mine"]] == [dossier.pk]
    rows = sightings.counted(exercise=False).filter(fingerprint__in=found.fingerprints.all())
    assert "Seq Scan on victims_sighting" not in rows.explain()
