import asyncio
import contextlib
import signal
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from guichet.accounts.models import Agent
from guichet.simulation import profiles, stage
from guichet.simulation.checks import check, counted
from guichet.simulation.play import Play, Played
from guichet.simulation.report import line, write
from guichet.simulation.training import NobodyComes, victims_for

HERE = "http://127.0.0.1:8000"


class Command(BaseCommand):
    help = "Scripted victims and agents against a running guichet, marked as an exercise; checks, report, cleaning."

    def add_arguments(self, parser):
        parser.add_argument("--profile", choices=profiles.names(), default="ordinary")
        parser.add_argument("--minutes", type=float, default=5)
        parser.add_argument("--base", default="", help="address of the guichet; else the first of GUICHET_ORIGINS")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--speed", type=float, help="so many times faster than life; else the profile's, and 1 to train"
        )
        parser.add_argument("--scale", type=float, help="the share of the day that is played; else the profile's")
        parser.add_argument("--train", default="", metavar="AGENT", help="no scripted agents: this one answers")
        parser.add_argument("--victims", type=int, default=3, help="with --train: how many come")
        parser.add_argument("--keep", action="store_true", help="leave what the exercise made, to look at it")
        parser.add_argument("--clean", action="store_true", help="only take away what exercises left")
        parser.add_argument("--quiet", action="store_true", help="only the last line")

    def handle(self, *args, **options):
        if options["clean"]:
            self._clean()
            return
        if options["minutes"] <= 0 or options["victims"] < 1:
            raise CommandError("La durée et le nombre de victimes doivent être plus grands que zéro.")
        if any(value is not None and value <= 0 for value in (options["speed"], options["scale"])):
            raise CommandError("La vitesse et l'échelle doivent être plus grandes que zéro.")
        before = counted()
        try:
            with _stopped_is_interrupted():
                played = self._play(options)
            found = check(played, counted_before=before if options["train"] == "" and not _others_count() else None)
            folder = settings.VAR_DIR / "exercices" / f"{timezone.localtime():%Y-%m-%d-%H%M%S}-{played.day.name}"
            told = write(played, found, Path(folder))
        except KeyboardInterrupt as stopped:
            raise CommandError("Exercice arrêté.") from stopped
        finally:
            if not options["keep"]:
                self._clean()
        self.stdout.write(f"Rapport : {folder}/rapport.md")
        self.stdout.write(line(told))
        if not found.passed and not options["train"]:
            raise CommandError("Une promesse n'a pas tenu : voir le rapport.")

    def _play(self, options) -> Played:
        base = (options["base"] or (settings.ORIGINS or [HERE])[0]).rstrip("/")
        trains = options["train"]
        speed = options["speed"] or (1 if trains else None)
        day = profiles.profile(options["profile"], speed=speed, scale=options["scale"])
        cookies = stage.set_up(agents=0 if trains else day.agents_there, talks_at_once=day.talks_at_once)
        people = self._seat(trains, base, day, options) if trains else []
        play = Play(
            day,
            seconds=options["minutes"] * 60,
            seed=options["seed"],
            base=base,
            token=stage.token(),
            cookies=cookies,
        )
        tell = (lambda text: None) if options["quiet"] else self.stdout.write
        return asyncio.run(play.train(people, tell) if trains else play.run(tell))

    def _seat(self, username: str, base: str, day: profiles.Profile, options) -> list:
        """Who will come to this agent."""
        try:
            agent = stage.seat(username=username)
            desks = set(agent.desks.exclude(stands_for=None).values_list("stands_for", flat=True))
            people = victims_for(desks, count=options["victims"], day=day, seed=options["seed"])
        except Agent.DoesNotExist as error:
            raise CommandError(f"Aucun agent actif ne s'appelle « {username} ».") from error
        except NobodyComes as error:
            raise CommandError(f"Aucune victime jouée n'irait aux bureaux de « {username} ».") from error
        self.stdout.write(f"{agent.public_name} s'exerce : {base}/console/ (les demandes disent EXERCICE).")
        return people

    def _clean(self) -> None:
        gone = stage.clear()
        self.stdout.write(
            f"Retirés : {gone.dossiers} dossiers, {gone.desks} bureaux et {gone.agents} agents d'exercice."
        )


@contextlib.contextmanager
def _stopped_is_interrupted():
    """Stopped from outside is as stopped by Ctrl+C: what the exercise made is taken away."""
    usual = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, usual)


def _others_count() -> bool:
    """On a guichet that serves real people the sums move by themselves."""
    return not settings.DEMO
