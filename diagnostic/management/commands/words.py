"""`manage.py words evaluate`: how often the free words find the right case, on the labelled sentences of the tests."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from diagnostic import content
from diagnostic.words.matcher import matcher
from diagnostic.words.measure import SEEN, UNSEEN, evaluate, labelled

FOLDER = Path(settings.BASE_DIR) / "tests" / "diagnostic" / "words"


class Command(BaseCommand):
    help = "Mesure « Décrivez ce qui vous arrive » ; dernière ligne : les chiffres."

    def add_arguments(self, parser):
        actions = parser.add_subparsers(dest="action", required=True)
        measuring = actions.add_parser("evaluate", help="Part des phrases dont le bon cas est proposé.")
        measuring.add_argument(
            "--part", choices=[UNSEEN, SEEN], default=UNSEEN, help="unseen : jamais vues au réglage."
        )
        measuring.add_argument("--folder", default=str(FOLDER), help="Dossier des phrases étiquetées.")
        measuring.add_argument("--missed", action="store_true", help="Dit les phrases manquées (part seen seulement).")

    def handle(self, *args, action, part, folder, missed, **options):
        sentences = [sentence for sentence in labelled(Path(folder)) if sentence.unseen == (part == UNSEEN)]
        if not sentences:
            raise CommandError(f"Aucune phrase étiquetée dans {folder}.")
        if missed and part == UNSEEN:
            raise CommandError("Les phrases jamais vues ne se lisent pas : elles ne mesureraient plus rien.")
        figures = evaluate(matcher(content.published()), sentences)
        for sentence, keys in figures.missed if missed else ():
            self.stdout.write(f"{sentence.label} : « {sentence.text} » -> {', '.join(keys) or 'rien'}")
        self.stdout.write(f"{figures.sentences} phrases ({part})")
        self.stdout.write(figures.line())
