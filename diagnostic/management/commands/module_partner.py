"""`manage.py module_partner add|list|retire`: the sites that may frame the module."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from diagnostic.module import services
from diagnostic.module.models import Partner

BY = "commande"


class Command(BaseCommand):
    help = "Ajoute, liste ou retire un site partenaire du module."

    def add_arguments(self, parser):
        actions = parser.add_subparsers(dest="action", required=True)
        adding = actions.add_parser("add", help="Ajoute un site, actif aussitôt.")
        adding.add_argument("slug")
        adding.add_argument("origins", nargs="+", help="https://www.exemple.fr")
        adding.add_argument("--name", default="")
        adding.add_argument("--contact", required=True)
        actions.add_parser("list", help="Les sites, et leurs parcours du mois.")
        retiring = actions.add_parser("retire", help="Retire un site : son prochain cadre est refusé.")
        retiring.add_argument("slug")

    def handle(self, *args, action, **options):
        getattr(self, f"run_{action}")(**options)

    def run_add(self, *, slug, origins, name, contact, **options):
        try:
            partner = services.add_partner(
                slug=slug, name=name or slug, origins="\n".join(origins), contact=contact, actor=BY
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{partner.slug} : actif")

    def run_list(self, **options):
        for partner in services.with_counts(Partner.objects.order_by("slug"), timezone.localdate()):
            state = "actif" if partner.active else "en attente" if partner.activated_at is None else "retiré"
            origins = " ".join(partner.origins.split())
            self.stdout.write(f"{partner.slug} : {state}, {partner.this_month} parcours, {origins}")

    def run_retire(self, *, slug, **options):
        partner = Partner.objects.filter(slug=slug).first()
        if partner is None or not services.deactivate(partner, actor=BY):
            raise CommandError(f"Aucun site actif ne s’appelle « {slug} ».")
        self.stdout.write(f"{slug} : retiré")
