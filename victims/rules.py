"""Who may read a dossier. One gate, tested with the one who may, the colleague and the stranger."""

from guichet.accounts.rules import can_supervise, can_use_console
from victims.enums import ComplaintState, ReportState


def is_assigned(agent, dossier) -> bool:
    return dossier.assigned_agent_id is not None and dossier.assigned_agent_id == agent.pk


def is_competent(agent, complaint) -> bool:
    """A filed complaint is read by the agents of the unit that is competent for it."""
    filed = complaint.state != ComplaintState.DRAFT
    return filed and agent.service_id is not None and agent.service_id == complaint.service_id


def can_read_dossier(agent, dossier) -> bool:
    if not can_use_console(agent) or dossier.erased_at:
        return False
    return is_assigned(agent, dossier) or any(is_competent(agent, each) for each in dossier.complaints.all())


def can_read_complaint(agent, complaint) -> bool:
    if not can_use_console(agent) or complaint.dossier.erased_at:
        return False
    return is_competent(agent, complaint) or is_assigned(agent, complaint.dossier) or can_entrust(agent, complaint)


def can_entrust(agent, complaint) -> bool:
    """A complaint whose unit nobody knows is not lost: supervisors see it until they have named one."""
    filed = complaint.state != ComplaintState.DRAFT
    return filed and complaint.service_id is None and can_supervise(agent) and not complaint.dossier.erased_at


def can_read_report(agent, report) -> bool:
    """The competent unit's agents, or supervisors where no unit is known. The dossier itself stays closed to them."""
    if not can_use_console(agent) or report.dossier.erased_at or report.state == ReportState.DRAFT:
        return False
    if report.service_id is None:
        return can_supervise(agent) or is_assigned(agent, report.dossier)
    return agent.service_id == report.service_id or is_assigned(agent, report.dossier)


def can_see_links(agent, dossier) -> bool:
    """Who reads the dossier, or a report of it, sees how many others speak of the same author, in every zone."""
    told = (each for each in dossier.reports.all() if each.state != ReportState.WITHDRAWN)
    return can_read_dossier(agent, dossier) or any(can_read_report(agent, each) for each in told)


def can_follow_series(agent, series) -> bool:
    """Who reads one of its dossiers, and supervisors. It opens no dossier."""
    if not can_use_console(agent):
        return False
    return can_supervise(agent) or type(series).objects.of_dossiers_read_by(agent).filter(pk=series.pk).exists()
