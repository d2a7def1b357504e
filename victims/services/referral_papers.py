"""A referral as the victim takes it away: what was sent, when, what was written, what was found."""

from victims.enums import Side
from victims.models import Dossier, Referral
from victims.services import referral_answers, referrals


def data_of(referral: Referral, dossier: Dossier) -> dict:
    referral.dossier = dossier
    disputes = []
    for each in referral.disputes.filter(side=Side.VICTIM):
        each.referral = referral
        text, answer = referral_answers.dispute_words(each)
        disputes.append({"text": text, "answer": answer})
    return {
        "provider": referral.provider.name,
        "state": referral.state,
        "asked_at": referral.asked_at.isoformat(),
        "answered_at": referral.answered_at and referral.answered_at.isoformat(),
        "ended_at": referral.ended_at and referral.ended_at.isoformat(),
        "draw": str(referral.shortlist.draw_id),
        "told_before": referrals.opened(referral, "sealed_brief"),
        "told_after": referrals.opened(referral, "sealed_contact"),
        "messages": [
            {"from": each.sender, "sent_at": each.sent_at.isoformat(), "text": text}
            for each, text in referral_answers.read_messages(referral)
        ],
        "report": referrals.opened(referral, "sealed_report"),
        "rating": referral.rating,
        "disputes": disputes,
    }
