"""What an agent may read of what was filed: for the unit, in a dossier held; without a unit, by supervisors."""

from django.db.models import Q, QuerySet

from guichet.accounts.rules import can_supervise
from victims.models import Complaint, Report


def in_tray_of(agent, records: type[Complaint] | type[Report]) -> QuerySet:
    """The last filed first. No draft, nothing of an erased dossier."""
    mine = Q(dossier__assigned_agent=agent)
    if agent.service_id:
        mine |= Q(service=agent.service_id)
    if can_supervise(agent):
        mine |= Q(service=None)
    return (
        records.objects.filter(mine, dossier__erased_at=None, filed_at__isnull=False)
        .select_related("dossier__diagnosis", "dossier__commune", "service")
        .order_by("-filed_at")
    )
