"""People and places for the tests of the dossier: made through the services, as the pages do."""

import functools

from django.http import HttpRequest

from diagnostic import content, recorded
from diagnostic.journey import Journey, save
from guichet.accounts.enums import Role
from guichet.accounts.models import Agent
from guichet.lib.text import fold
from guichet.territory.enums import Institution
from guichet.territory.models import Commune, Competence, Edition, Service
from victims.services import access, complaints, dossiers, standing

SCAM, SEXTORTION, COMPANY = (
    "faux-site-vente-particulier",
    "sextorsion-particulier",
    "rancongiciel-organisation-entreprise",
)
CAPACITY = {"quality": "representant-organisation", "proof": "unite"}
DECLARANT = {
    "birth_name": "Lefèvre",
    "usual_name": "",
    "first_names": "Chloé Œdipe",
    "sex": "femme",
    "birth_date": "3/4/1984",
    "birth_place": "Hazebrouck",
    "nationality": "française",
    "address": "12 rue de l'Église\n59270 Bailleul",
    "mobile": "06 12 34 56 78",
    "email": "chloe@exemple.fr",
}
FACTS = {"started_on": "24/11/2025", "place": "Bailleul", "story": "On me menace.\nJ'ai payé 200 €."}
DECLARATIONS = {"heard": "oui", "compensation": "sait-pas", "truth": "oui"}
ORGANISATION = {"name": "Les Ateliers", "head_office": "1 place du Marché", "mandate": "gérante"}
TYPED = {"declarant": DECLARANT, "organisation": ORGANISATION, "facts": FACTS, "declarations": DECLARATIONS}


def commune(code: str = "59043", name: str = "Bailleul", institution: str = Institution.PN) -> Commune:
    found, made = Commune.objects.get_or_create(
        code=code, defaults={"name": name, "folded": fold(name), "departement": "59"}
    )
    if made:
        edition, _ = Edition.objects.get_or_create(
            topic="competences", name="essai", defaults={"sha256": "0" * 64, "loaded_at": "2026-08-01T00:00:00Z"}
        )
        Competence.objects.create(commune=found, institution=institution, service=service(name), edition=edition)
    return found


def service(place: str = "Bailleul") -> Service:
    name = f"Commissariat de {place}"
    return Service.objects.get_or_create(
        institution=Institution.PN, folded=fold(name), departement="59", defaults={"name": name}
    )[0]


@functools.cache
def _recorded() -> dict:
    return {each.id: each for each in recorded.read()}


def journey(recorded_id: str = SEXTORTION) -> Journey:
    return Journey(version=content.published().version, answers=_recorded()[recorded_id].answers)


def dossier(recorded_id: str = SEXTORTION, *, opening: str = "", **changes):
    place = changes.pop("commune", None) or commune()
    return dossiers.open_dossier(
        journey=journey(recorded_id), opening=opening or dossiers.new_opening(), commune=place, abroad=False, **changes
    )


def let_in(client, found) -> None:
    """This browser holds the key of this dossier."""
    client.cookies[access.COOKIE] = access.grant_access(dossier=found)


def with_journey(client, recorded_id: str = SEXTORTION) -> None:
    response = _Kept()
    save(response, content.published(), journey(recorded_id))
    client.cookies[response.name] = response.value


class _Kept:
    def set_cookie(self, name: str, value: str, **kwargs) -> None:
        self.name, self.value = name, value


def ready_complaint(found, typed: dict | None = None):
    """A draft with everything that is needed, notices read."""
    complaint = complaints.start(dossier=found)
    complaint = standing.keep(
        complaint=complaint,
        typed={**_capacity(complaint), **(typed or {}).get("capacity", {})},
        version=complaint.version,
    )
    complaints.note_notices_read(complaint=complaint)
    for section in complaints.sections_of(found.diagnosis):
        stored = complaints.read_form(complaint).get(section.id, {})
        values = {**stored, **(typed or TYPED).get(section.id, {})}
        if values:
            complaint = complaints.save_section(
                complaint=complaint, section=section, typed=values, version=complaint.version
            )
    return complaint


def _capacity(complaint) -> dict:
    return standing.stored(complaint) or CAPACITY


def agent(number: str = "4821", **changes) -> Agent:
    return Agent.objects.create_user(
        username=f"agent{number}", service_number=number, role=Role.AGENT, institution=Institution.PN, **changes
    )


def request_of(client) -> HttpRequest:
    request = HttpRequest()
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    return request
