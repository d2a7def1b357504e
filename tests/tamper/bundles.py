"""True bundles of several shapes, made by the services: a talk and files, a piece in quarantine, no talk."""

import uuid

from tchat.models import Desk
from tchat.services.conversations import claim, open_conversation
from tchat.services.messages import VICTIM, send_message
from tests.tamper.archive import Taken
from tests.victims import factory, files
from victims.models import Evidence
from victims.services import complaints
from victims.services.bundle import Bundle
from victims.services.deposits import keep_file

SAID = ("Bonjour", "On me menace « ce soir »", "J'ai payé 200 €", "Merci 🙏")


def _with_a_talk(number: str, given: dict[str, bytes]) -> Taken:
    dossier, agent = factory.dossier(factory.SEXTORTION), factory.agent(number)
    for desk in Desk.objects.all():
        desk.agents.add(agent)
    conversation = open_conversation(dossier=dossier)
    claim(agent=agent, conversation_id=conversation.pk)
    for text in SAID:
        send_message(conversation_id=conversation.pk, sender=VICTIM, client_id=uuid.uuid4(), text=text)
    for name, content in given.items():
        keep_file(dossier=dossier, name=name, content=content)
    complaints.file_complaint(complaint=factory.ready_complaint(dossier))
    return Taken.of(b"".join(Bundle(dossier=dossier, actor="victime").parts()))


def _withheld() -> Taken:
    """One piece stays at the guichet: the bundle names it."""
    dossier = factory.dossier(factory.SCAM)
    keep_file(dossier=dossier, name="relevé.pdf", content=files.pdf())
    kept = keep_file(dossier=dossier, name="image.png", content=files.png())
    Evidence.objects.filter(pk=kept.pk).update(quarantined=True)
    complaints.file_complaint(complaint=factory.ready_complaint(dossier))
    return Taken.of(b"".join(Bundle(dossier=dossier, actor="victime").parts()))


def several() -> list[Taken]:
    return [
        _with_a_talk("8101", {"capture.png": files.png(b"canal"), "courriel.eml": files.MAIL}),
        _with_a_talk("8102", {"lettre.txt": "Ce que j’ai reçu.\n".encode()}),
        _withheld(),
    ]
