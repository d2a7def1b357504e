"""What happens after a change: the neutral mail, when the victim left an address; the mails that providers wait for."""

from django.dispatch import receiver

from victims import tasks
from victims.signals import address_given, provider_mail_owed, state_changed


@receiver(state_changed)
def tell(sender, dossier_id, **kwargs) -> None:
    tasks.tell_soon(dossier_id)


@receiver(provider_mail_owed)
def write_to_providers(sender, ids, **kwargs) -> None:
    tasks.write_to_providers_soon(ids)


@receiver(address_given)
def confirm_address(sender, dossier_id, booking_id=None, **kwargs) -> None:
    tasks.confirm_address_soon(dossier_id, booking_id)
