from guichet.territory.enums import Topic
from guichet.territory.loading.command import LoadCommand
from guichet.territory.loading.communes import write_communes
from guichet.territory.loading.formats import read_communes


class Command(LoadCommand):
    help = "Charge communes.json du code officiel géographique, seul ou dans l’archive du paquet."

    def read(self, content):
        territory, rejected = read_communes(content)
        return Topic.COMMUNES, lambda edition, day, force: write_communes(
            territory, rejected=rejected, day=day, force=force
        )
