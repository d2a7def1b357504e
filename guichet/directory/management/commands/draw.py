import uuid

from django.core.management.base import BaseCommand, CommandError

from guichet.directory.models import Draw, Provider
from guichet.directory.services import draws


class Command(BaseCommand):
    help = "Rejoue un tirage de prestataires depuis sa graine et sa liste gardées : draw --replay NUMERO, ou --all."

    def add_arguments(self, parser):
        parser.add_argument("--replay", default="", metavar="NUMERO", help="numéro du tirage")
        parser.add_argument("--all", action="store_true", help="rejouer tous les tirages gardés")

    def handle(self, *args, replay, **options):
        if options["all"]:
            self._replay_all()
            return
        try:
            made = Draw.objects.get(pk=uuid.UUID(replay))
        except ValueError:
            raise CommandError("Écrivez le numéro du tirage, comme il est montré sur la page.")
        except Draw.DoesNotExist:
            raise CommandError("Ce tirage n’existe pas, ou plus.")
        self._show(made)
        same = draws.is_intact(made)
        self.stdout.write(
            f"draw={made.pk} eligible={len(made.eligible)} seed={made.seed} sha256={made.sha256} "
            f"same={'oui' if same else 'non'}"
        )
        if not same:
            raise CommandError("Le tirage rejoué ne donne pas la même liste : il a été changé.")

    def _show(self, made: Draw) -> None:
        names = dict(Provider.objects.filter(pk__in=made.order).values_list("pk", "name"))
        total = sum(line["weight"] for line in made.eligible)
        by_provider = {line["provider"]: line for line in made.eligible}
        self.stdout.write(f"{made.asked['skill']}, {made.asked['audience']}, {made.asked['mode']} : rejoué")
        for place, key in enumerate(draws.replay(made)[: made.rule["shown"]], 1):
            line = by_provider[key]
            points = " ".join(f"{quality}={value}" for quality, value in line["points"].items())
            share = f"{100 * line['weight'] / total:.1f}".replace(".", ",")
            self.stdout.write(f"  {place}. {names.get(key, key)} : {points} poids={line['weight']} ({share} %)")

    def _replay_all(self) -> None:
        seen = wrong = 0
        for made in Draw.objects.iterator():
            seen += 1
            if not draws.is_intact(made):
                wrong += 1
                self.stderr.write(f"Tirage {made.pk} : la liste rejouée n’est pas la même.")
        self.stdout.write(f"draws={seen} wrong={wrong}")
        if wrong:
            raise CommandError("Des tirages ont été changés.")
