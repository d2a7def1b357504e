"""The one upward notice of the service: a complaint is being filed, whoever holds pieces of this dossier brings them.

Sent inside the filing transaction with `complaint`; a receiver that raises stops the filing.
"""

from django.dispatch import Signal

complaint_filing = Signal()
