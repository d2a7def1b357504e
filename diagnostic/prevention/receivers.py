"""What happens once mails are owed: somebody is asked to send them."""

from django.dispatch import receiver

from diagnostic import tasks
from diagnostic.prevention.signals import letters_owed


@receiver(letters_owed)
def send(sender, **kwargs) -> None:
    tasks.deliver_soon()
