"""The upward notice of the alerts. `letters_owed`: mails are owed to subscribers. Sent once that is committed."""

from django.dispatch import Signal

letters_owed = Signal()
