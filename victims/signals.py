"""The upward notices of the service.

`complaint_filing`: a complaint is being filed, whoever holds pieces of this dossier brings them. Sent inside the filing
transaction with `complaint`; a receiver that raises stops the filing.
`state_changed`: a complaint or a report is now in another state that is told by mail. Sent once it is committed.
`provider_mail_owed`: e-mails to providers are owed. Sent once it is committed, with the `ids` of their requests.
`address_given`: an address waits to be confirmed from its own mailbox. Sent once committed, with `dossier_id`, and
`booking_id` for the one left for an appointment.
`file_given`: a file was added to a dossier. Sent once it is committed, with `piece` and `actor`; once for each piece.
`file_removed`: the victim took a file back. Sent once it is committed, with `dossier`, `name` and `sha256`.
`booking_changed`: the victim moved or cancelled an appointment. Sent once committed, with `dossier`, `before` (the
hour given up) and `after` (the one held instead, or None).
"""

from django.dispatch import Signal

complaint_filing = Signal()
state_changed = Signal()
provider_mail_owed = Signal()
address_given = Signal()
file_given = Signal()
file_removed = Signal()
booking_changed = Signal()
