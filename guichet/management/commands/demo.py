from django.core.management.base import BaseCommand, CommandError

from guichet.demo import NotADemo, create_people


class Command(BaseCommand):
    help = (
        "Create the demo people (a police officer, a gendarme, …) and print how to sign in. Refused outside demo mode."
    )

    def handle(self, *args, **options):
        try:
            people = create_people()
        except NotADemo as error:
            raise CommandError("GUICHET_DEMO n'est pas actif : pas de comptes de démonstration ici.") from error
        self.stdout.write("Comptes de démonstration (connexion : /comptes/connexion/)")
        for person in people:
            self.stdout.write(f"  {person.role.label:<15} {person.username:<12} {person.password}")
