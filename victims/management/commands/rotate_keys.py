from django.core.management.base import BaseCommand, CommandError

from victims.services.keys import rotate_keys


class Command(BaseCommand):
    help = "Wrap every dossier's key again with the first key of GUICHET_KEKS. Then the old one can be withdrawn."

    def handle(self, *args, **options):
        done, unreadable = rotate_keys()
        self.stdout.write(f"rewrapped={done} unreadable={unreadable}")
        if unreadable:
            raise CommandError("Some keys do not open: keep the old KEK in GUICHET_KEKS.")
