"""Questions that the rest of the house asks about the territory. A postcode never routes alone: a commune does."""

import difflib
import re
from dataclasses import dataclass

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Length

from guichet.lib.text import fold
from guichet.territory.departements import DEPARTEMENTS
from guichet.territory.enums import Institution
from guichet.territory.models import Commune, Competence, Service

OFFICIAL, SHARED, UNKNOWN = "officielle", "partagee", "inconnue"
ORDINAL = re.compile(r"\b(\d{1,2})eme\b")
CLOSE_ENOUGH = 0.8


@dataclass(frozen=True, slots=True)
class CompetenceAnswer:
    """Who is competent in a commune, and how we know it.

    `institution` and `service` are None where there is not exactly one: shared, unknown, a city with commissariats.
    """

    institutions: tuple[str, ...]
    services: tuple[Service, ...]
    source: str
    edition: str

    @property
    def institution(self) -> str | None:
        return self.institutions[0] if len(self.institutions) == 1 else None

    @property
    def code(self) -> str:
        """« PN », « GN », « PARTAGEE » or « INCONNUE »."""
        return self.institution or ("PARTAGEE" if self.institutions else "INCONNUE")

    @property
    def label_fr(self) -> str:
        if not self.institutions:
            return "Police ou gendarmerie"
        return " et ".join(Institution(code).label for code in self.institutions).capitalize()

    @property
    def service(self) -> Service | None:
        return self.services[0] if len(self.services) == 1 else None

    @property
    def service_label_fr(self) -> str:
        """« Brigade de gendarmerie : Ornex »; both names where shared; blank for a city with several commissariats."""
        if len(self.services) > len(self.institutions):
            return ""
        return " ou ".join(service.label for service in self.services)


def competence_of(commune_code: str) -> CompetenceAnswer:
    """One statement for a commune with rows of its own; two for Paris, Lyon, Marseille, an ended commune, no row."""
    rows = list(_competences(commune=commune_code)) or list(
        _competences(commune__parent=commune_code).union(_competences(commune__predecessors=commune_code))
    )
    institutions = tuple(code for code in Institution.values if any(row.institution == code for row in rows))
    services = {row.service_id: row.service for row in rows if row.service}
    return CompetenceAnswer(
        institutions=institutions,
        services=tuple(sorted(services.values(), key=lambda one: (institutions.index(one.institution), one.pk))),
        source=(UNKNOWN, OFFICIAL, SHARED)[len(institutions)],
        edition=rows[0].edition.name if rows else "",
    )


def _competences(**condition: str) -> QuerySet[Competence]:
    return Competence.objects.filter(**condition).select_related("service", "edition").order_by()


def communes_of_postcode(postcode: str) -> list[Commune]:
    """The largest first; the arrondissement rather than its city. A CEDEX gives nothing: then ask for the name."""
    communes = Commune.objects.current().filter(postcodes__code=postcode.strip(), arrondissements=None)
    return list(communes.order_by("-population", "code"))


def search_communes(text: str, limit: int = 8) -> list[Commune]:
    """Communes by name as people write it, best first; « Sainte-Colombe 77 » keeps one département.

    A commune found by the name it had before has it in `former_name`, which is blank otherwise.
    """
    folded = ORDINAL.sub(r"\1e", fold(text))
    if not folded:
        return []
    found: dict[str, Commune] = {}
    for commune in _by_name(folded)[: 2 * limit]:
        found.setdefault(commune.code, commune)
    return list(found.values())[:limit] or _resembling(folded, limit)


def _by_name(folded: str) -> QuerySet[Commune]:
    """One statement: today's names and those before, the exact name first, then its beginning, then a word of it."""
    name, _, last = folded.rpartition(" ")
    departement = last.upper() if name and last.upper() in DEPARTEMENTS else None
    today = Commune.objects.current().order_by().annotate(former_name=Value(""), rank=_rank("folded", folded, name, 0))
    before = (
        Commune.objects.current()
        .order_by()
        .annotate(former_name=F("aliases__name"), rank=_rank("aliases__folded", folded, name, 1))
    )
    union = today.filter(_named("folded", folded, name, departement)).union(
        before.filter(_named("aliases__folded", folded, name, departement)), all=True
    )
    return union.order_by("rank", "-population", "code")


def _named(field: str, folded: str, name: str, departement: str | None) -> Q:
    found = _starts(field, folded)
    if departement:
        found |= _starts(field, name) & Q(departement=departement)
    return found


def _starts(field: str, folded: str) -> Q:
    return Q(**{f"{field}__startswith": folded}) | Q(**{f"{field}__contains": f" {folded}"})


def _rank(field: str, folded: str, name: str, former: int) -> Case:
    return Case(
        When(**{f"{field}__in": [folded, name or folded]}, then=Value(former)),
        When(**{f"{field}__startswith": folded}, then=Value(2 + former)),
        default=Value(4 + former),
        output_field=IntegerField(),
    )


def _resembling(folded: str, limit: int) -> list[Commune]:
    """« Baileul » is Bailleul: names of about that length and with that beginning, the closest first."""
    if len(folded) < 4:
        return []
    near = Commune.objects.current().alias(size=Length("folded")).filter(folded__startswith=folded[:2])
    near = near.filter(size__range=(len(folded) - 2, len(folded) + 2)).order_by("-population", "code")
    named: dict[str, list[Commune]] = {}
    for commune in near:
        commune.former_name = ""
        named.setdefault(commune.folded, []).append(commune)
    close = difflib.get_close_matches(folded, named, n=limit, cutoff=CLOSE_ENOUGH)
    return [commune for name in close for commune in named[name]][:limit]


def find_commune(text: str) -> Commune | None:
    """The one commune that an INSEE code, a postcode or a name leads to; None if there is none, or several.

    For operators: an INSEE code wins over a postcode (97133 is Vieux-Fort, not Saint-Barthélemy). The public is never
    asked for an INSEE code: see `lookup`.
    """
    code = text.strip().upper()
    commune = Commune.objects.filter(pk=code).first()
    if commune:
        return commune.successor or commune
    former = list(Commune.objects.current().filter(aliases__code=code).distinct()[:2])
    if len(former) == 1:
        return former[0]
    found = communes_of_postcode(code) or [
        commune for commune in search_communes(text) if fold(text) in (commune.folded, fold(commune.former_name))
    ]
    return found[0] if len(found) == 1 else None
