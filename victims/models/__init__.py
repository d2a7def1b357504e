from victims.models.companions import Companion
from victims.models.complaints import Addition, Complaint
from victims.models.dossiers import Access, Dossier, Tick
from victims.models.identities import Identity, IdentityRequest
from victims.models.merges import Merge
from victims.models.referrals import Dispute, Referral, ReferralMessage, Shortlist
from victims.models.reports import Report
from victims.models.slots import Booking, Reception, Slot
from victims.models.stamps import Stamp
from victims.models.traces import Fingerprint, Member, Series, Sighting, Surge
from victims.models.vault import Evidence, Upload, UploadPart

__all__ = [
    "Access",
    "Addition",
    "Booking",
    "Companion",
    "Complaint",
    "Dispute",
    "Dossier",
    "Evidence",
    "Fingerprint",
    "Identity",
    "IdentityRequest",
    "Member",
    "Merge",
    "Reception",
    "Referral",
    "ReferralMessage",
    "Report",
    "Series",
    "Shortlist",
    "Sighting",
    "Slot",
    "Stamp",
    "Surge",
    "Tick",
    "Upload",
    "UploadPart",
]
