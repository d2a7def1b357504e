"""The watch tried on made-up months, with the threats and volumes of the load model."""

from django.core.management.base import BaseCommand

from diagnostic import content
from guichet.observatory import drills
from guichet.observatory.surges import surge_from
from guichet.simulation.profiles import read

PER_DAY = 2000.0


def threats() -> dict[str, float]:
    """Every threat of the content, by the weights of the simulation."""
    told = read("cases")["weights"]
    return {key: float(told.get(key, 1)) for key in content.published().threats}


class Command(BaseCommand):
    help = "Fausses alertes en des mois ordinaires, et campagnes trouvées dans l'heure, par simulation."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--weeks", type=int, default=26)
        parser.add_argument("--campaigns", type=int, default=500)
        parser.add_argument("--size", type=int, default=60, help="dossiers d'une campagne dans sa première heure")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args, weeks: int, campaigns: int, size: int, seed: int, **options) -> None:
        world = {"threats": threats(), "per_day": PER_DAY}
        quiet = drills.ordinary(seed=seed, weeks=weeks, **world)
        found = sum(bool(drills.campaign(seed=seed + n, size=size, **world)[1]) for n in range(campaigns))
        for usual in (0, 0.1, 1, 10, 100):
            self.stdout.write(f"d'habitude {usual} par jour : un afflux à partir de {surge_from(usual)}")
        self.stdout.write(
            f"weeks={weeks} places={quiet.looked_at} false_alarms={quiet.false_alarms} a_week={quiet.a_week:.3f} "
            f"campaigns={campaigns} size={size} found={found}"
        )
