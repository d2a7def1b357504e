"""A person's words, each found nowhere else, put through the services in every place that keeps some."""

import io
import uuid
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from django.apps import apps
from django.conf import settings
from django.utils import timezone
from PIL import Image

from guichet.accounts.models import Agent
from guichet.directory.enums import Mode
from guichet.territory.models import Unit
from tchat.enums import AbuseReason, AlertKind, Outcome
from tchat.models import Conversation
from tchat.services import alerts, later, moderation, notes
from tchat.services import appointments as meetings
from tchat.services.conversations import claim, close_conversation, leave_queue, open_conversation
from tchat.services.messages import VICTIM, Sender, send_message
from tests.directory import factory as directory
from tests.victims.openid_provider import CLIENT_ID, CLIENT_SECRET, PERSON, LocalProvider
from tests.victims.test_identity import follow
from victims import diagnosed
from victims.enums import Side
from victims.models import Access, Complaint, Dossier, Fingerprint, Slot
from victims.services import (
    access,
    appointments,
    blocks,
    companions,
    complaints,
    deposits,
    follow_up,
    identities,
    mailing,
    merges,
    previews,
    referral_answers,
    referrals,
    reports,
    series,
    standing,
    uploads,
)

FIXED = {"date": "24/11/2025", "time": "21 h 30", "siren": "732829320", "amount": "500"}
# Elsewhere what is sealed is not of a victim: who asked for the alerts, an agent's second factor.
OF_VICTIMS = ("victims", "tchat")


class Words:
    """Every word that was planted. `affair`: sites that several victims name."""

    def __init__(self, affair: str = "") -> None:
        self.all: list[str] = []
        self.affair = affair

    def new(self) -> str:
        return self.keep(f"canari{uuid.uuid4().hex[:12]}")

    def keep(self, word: str) -> str:
        self.all.append(word)
        return word

    def mail(self) -> str:
        return f"{self.new()}@exemple.fr"

    def phone(self) -> str:
        return "+" + self.keep(f"336{uuid.uuid4().int % 10**8:08}")

    def iban(self) -> str:
        account = f"3000600001{uuid.uuid4().int % 10**13:013}"
        check = 98 - int(f"{account}152700") % 97
        return self.keep(f"FR{check:02}{account}")

    def answer(self, question) -> str:
        """One that the field takes."""
        made = {"email": self.mail, "phone": self.phone, "iban": self.iban}
        if question.kind in made:
            return made[question.kind]()
        if question.id in {"emails", "phones", "ibans"}:
            return made[question.id.removesuffix("s")]()
        if question.id in {"profiles", "sites"}:
            return f"https://www.{self.new()}.example/moi\n{self.affair}"
        if question.kind in {"choice", "check"}:
            return next(iter(question.choices), "oui")
        return FIXED.get(question.kind) or self.new()


def fill(record: Complaint, sections, words: Words) -> Complaint:
    """Every field of every block."""
    scene = diagnosed.scene_of(record.dossier.diagnosis)
    for section in sections:
        typed = {question.id: words.answer(question) for question in section.asked(scene)}
        if section.repeat:
            typed[section.repeat.id] = [{each.id: words.answer(each) for each in section.repeat.fields}]
        record = _saved(record, section, typed)
    return record


def _saved(record, section, typed: dict):
    save = complaints.save_section if isinstance(record, Complaint) else blocks.save_section
    keyword = "complaint" if isinstance(record, Complaint) else "record"
    return save(**{keyword: record}, section=section, typed=typed, version=record.version)


def complaint_of(dossier: Dossier, quality: str, words: Words) -> Complaint:
    complaint = complaints.start(dossier=dossier)
    capacity = {"quality": quality, "represented": words.new(), "entitled": words.new(), "proof": "unite"}
    complaint = standing.keep(complaint=complaint, typed=capacity, version=complaint.version)
    complaints.note_notices_read(complaint=complaint)
    return fill(complaint, complaints.sections_of(dossier.diagnosis), words)


def talked(dossier: Dossier, agent: Agent, words: Words) -> None:
    """A conversation with all that an agent may write around it, stopped; another that waits for a call."""
    talk = open_conversation(dossier=dossier)
    claim(agent=agent, conversation_id=talk.pk, again=True)
    for sender in (VICTIM, Sender("agent", agent.pk)):
        send_message(conversation_id=talk.pk, sender=sender, client_id=uuid.uuid4(), text=f"{words.new()} 😱")
    on = {"agent": agent, "conversation_id": talk.pk}
    notes.add(**on, text=words.new())
    notes.add(**on, text=words.new(), with_transfer=True)
    alerts.raise_alert(**on, kind=AlertKind.POLICE, place=words.new(), facts=words.new())
    hour = timezone.now() + timedelta(days=3)
    asked = {**on, "hours": [hour], "address": "/tchat/rendez-vous/"}
    meeting = meetings.propose_hours(**asked, place=words.new(), reason=words.new())
    meetings.decline(dossier=dossier, appointment_id=meeting.pk, wish=words.new())
    meeting = meetings.propose_hours(**asked, place=words.new(), reason=words.new())
    meetings.choose(dossier=dossier, appointment_id=meeting.pk, slot=meeting.slots[0])
    moderation.stop(**on, reason=AbuseReason.PRANK, words=words.new())
    talk = open_conversation(dossier=dossier)
    Conversation.objects.filter(pk=talk.pk).update(saturated_at=timezone.now())
    later.defer(dossier=dossier, conversation_id=talk.pk, phone=words.phone())
    leave_queue(dossier=dossier, conversation_id=talk.pk)


def helped(dossier: Dossier, admin: Agent, words: Words) -> None:
    """By a companion, and by two providers: one that reported, one that it writes with still."""
    companions.invite(dossier=dossier, name=words.new())
    providers = [directory.listed(name=f"Dépannage {n}", contact_email=f"p{n}@exemple.fr") for n in range(2)]
    shortlist = referrals.shortlist_of(dossier=dossier, mode=Mode.ANY)
    contact = {"name": words.new(), "phone": words.phone(), "email": words.mail(), "words": words.new()}
    made = referrals.ask(shortlist=shortlist, chosen=[each.pk for each in providers], contact=contact)
    for referral in made:
        referral_answers.accept(referral=referral)
        for side in Side:
            referral_answers.write(referral=referral, sender=side, client_id=uuid.uuid4(), text=words.new())
            opened = referral_answers.dispute(referral=referral, side=side, text=words.new())
            referral_answers.answer_dispute(dispute=opened, agent=admin, text=words.new())
    found = {
        "threat": shortlist.draw.asked["threat"], "vector": "courriel", "family": "rancongiciel", "loss": "partie",
        "downtime": "semaine", "cost": "1000-5000", "indicators": words.new(), "done": words.new(),
    }  # fmt: skip
    referral_answers.report(referral=made[0], findings=found)


def identified(dossier: Dossier, words: Words) -> None:
    """Online, at a provider that speaks real HTTP; and once more, gone away in the middle."""
    PERSON.update(family_name=words.new(), given_name=words.new(), email=words.mail(), sub=words.new())
    provider = LocalProvider()
    settings.GUICHET_OIDC_ISSUER, settings.GUICHET_OIDC_CLIENT_ID = provider.issuer, CLIENT_ID
    settings.GUICHET_OIDC_CLIENT_SECRET = CLIENT_SECRET
    access.grant_access(dossier=dossier)
    mine, back = Access.objects.filter(dossier=dossier).latest("pk"), "http://127.0.0.1/dossier/identite/retour/"
    asked = {
        name: value[0]
        for name, value in parse_qs(
            urlsplit(follow(identities.begin(dossier=dossier, access=mine, redirect_uri=back))).query
        ).items()
    }
    identities.finish(access=mine, state=asked["state"], code=asked["code"], redirect_uri=back)
    identities.begin(dossier=dossier, access=mine, redirect_uri=back)
    provider.stop()


def given(dossier: Dossier, words: Words) -> None:
    """A text, an image that was looked at, a file still on its way."""
    deposits.keep_file(dossier=dossier, name=f"{words.new()}.txt", content=f"{words.new()} dans un fichier".encode())
    drawn = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(drawn, "PNG")
    previews.preview_of(deposits.keep_file(dossier=dossier, name="photo.png", content=drawn.getvalue()))
    begun = words.new().encode()
    upload = uploads.begin(dossier=dossier, name=f"{words.new()}.txt", size=len(begun) + 1)
    uploads.add_part(upload=upload, offset=0, data=begun)


def told_by_mail(dossier: Dossier, words: Words) -> None:
    mailing.keep_address(dossier=dossier, address=words.mail())
    unit = Unit.objects.create(institution="PN", name="Commissariat de Bailleul", folded="bailleul", departement="59")
    slot = Slot.objects.create(unit=unit, starts_at=timezone.now() + timedelta(days=2))
    appointments.take(dossier=dossier, slot_id=slot.pk, email=words.mail())


def linked(dossier: Dossier, agent: Agent, words: Words) -> None:
    """Two affairs with others, made one, split again, one of them dissolved: the agents' own reasons."""
    shared = Fingerprint.objects.filter(sightings__dossier=dossier).distinct()
    marks = [mark for mark in shared if mark.sightings.count() > 1]
    kept, taken = (series.propose(agent=agent, dossier=dossier, fingerprint_id=mark.pk) for mark in marks[:2])
    kept = series.confirm(agent=agent, series=kept, reason=words.new())
    merged = merges.merge(agent=agent, kept=kept, code=taken.code, reason=words.new())
    merges.split(agent=agent, merge_id=merged.pk, kept=kept, reason=words.new())
    series.dissolve(agent=agent, series=kept, reason=words.new())


def everywhere(dossier: Dossier, agent: Agent, admin: Agent, words: Words) -> None:
    """All but what only a filed complaint has."""
    talked(dossier, agent, words)
    given(dossier, words)
    report = fill(reports.start(dossier=dossier), diagnosed.report_sections_of(dossier.diagnosis), words)
    reports.send(report=report, with_files=True, with_talks=True)
    complaint_of(dossier, "representant-organisation", words)
    identified(dossier, words)
    helped(dossier, admin, words)
    told_by_mail(dossier, words)


def filed(dossier: Dossier, agent: Agent, words: Words) -> Complaint:
    """A filed complaint, a question of the unit, what was added."""
    talk = open_conversation(dossier=dossier)
    claim(agent=agent, conversation_id=talk.pk, again=True)
    send_message(conversation_id=talk.pk, sender=VICTIM, client_id=uuid.uuid4(), text=words.new())
    close_conversation(agent=agent, conversation_id=talk.pk, outcome=Outcome.values[0])
    deposits.keep_file(dossier=dossier, name=f"{words.new()}.txt", content=words.new().encode())
    complaint = complaints.file_complaint(complaint=complaint_of(dossier, "tuteur", words))
    follow_up.take_over(complaint=complaint, agent=agent)
    follow_up.ask(complaint=complaint, agent=agent, text=words.new())
    follow_up.add(complaint=complaint, text=words.new())
    return complaint


def never_filled() -> list[str]:
    """The sealed columns in which nothing was planted: whoever adds one plants a word in it here."""
    empty = []
    for model in apps.get_models():
        for field in model._meta.local_fields if model._meta.app_label in OF_VICTIMS else ():
            if field.name.startswith("sealed_") and not model.objects.exclude(**{field.name: None}).exists():
                empty.append(f"{model._meta.label}.{field.name}")
    return empty
