from guichet.territory.enums import Topic
from guichet.territory.loading.command import LoadCommand
from guichet.territory.loading.competences import write_competences
from guichet.territory.loading.formats import read_competences


class Command(LoadCommand):
    help = "Charge le fichier « Compétence territoriale gendarmerie et police nationales »."

    def read(self, content):
        rows, rejected = read_competences(content)
        return Topic.COMPETENCES, lambda edition, day, force: write_competences(
            rows, edition=edition, rejected=rejected, day=day, force=force
        )
