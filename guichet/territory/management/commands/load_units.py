from guichet.territory.enums import UNIT_TOPICS
from guichet.territory.loading.command import LoadCommand
from guichet.territory.loading.formats import read_units
from guichet.territory.loading.units import write_units


class Command(LoadCommand):
    help = "Charge la liste des unités de gendarmerie ou des services de police qui accueillent le public."

    def read(self, content):
        institution, rows, rejected = read_units(content)
        return UNIT_TOPICS[institution], lambda edition, day, force: write_units(
            institution, rows, rejected=rejected, day=day, force=force
        )
