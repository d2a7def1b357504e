"""The announcements as an Atom feed, all of them or those of a département and a subject."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed

from diagnostic.prevention import current, markup
from diagnostic.prevention.current import Notice
from diagnostic.prevention.forms import FilterForm
from diagnostic.prevention.kit import LICENCE, SOURCE, edited_at
from diagnostic.prevention.library import library
from guichet.territory.departements import departement_name

MOST = 50
NAMESPACE = uuid.UUID("6f1a4b0e-5d0c-4f3b-9d5e-0f1c5f6f2a17")


@dataclass(frozen=True, slots=True)
class Chosen:
    departement: str
    threat: str

    @property
    def query(self) -> str:
        pairs = {"departement": self.departement, "atteinte": self.threat}
        return urlencode({name: value for name, value in pairs.items() if value})

    def address(self, name: str) -> str:
        return reverse(name) + (f"?{self.query}" if self.query else "")


def chosen_by(request) -> Chosen:
    return Chosen(**FilterForm(request.GET).chosen())


def shown_to(chosen: Chosen) -> tuple[Notice, ...]:
    return current.shown(timezone.now(), departement=chosen.departement, threat=chosen.threat)[:MOST]


def etag(request) -> str:
    """What has not changed is not sent again to those who read the feed every few minutes."""
    chosen = chosen_by(request)
    seen = [request.get_host(), chosen.query, *(f"{n.id} {n.changed_at.isoformat()}" for n in shown_to(chosen))]
    return '"' + hashlib.sha256("\n".join(seen).encode()).hexdigest()[:32] + '"'


class SteadyFeed(Atom1Feed):
    """While nothing is announced, the date of the feed is that of the edition: it does not move at each request."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else edited_at()


class AnnouncementsFeed(Feed):
    feed_type = SteadyFeed
    language = "fr"
    author_name = SOURCE
    feed_copyright = LICENCE
    subtitle = "Ce qui circule en ce moment, et quoi faire."
    description_template = "prevention/feed_entry.html"

    def __call__(self, request, *args, **kwargs):
        response = super().__call__(request, *args, **kwargs)
        response["Cache-Control"] = "public, max-age=300"
        return response

    def get_object(self, request) -> Chosen:
        return chosen_by(request)

    def title(self, chosen: Chosen) -> str:
        about = [departement_name(chosen.departement)] if chosen.departement else []
        about += [library().name_of(chosen.threat)] if chosen.threat else []
        return " - ".join(["Alertes du Guichet cyber", *about])

    def link(self, chosen: Chosen) -> str:
        return chosen.address("prevention:alerts")

    def feed_url(self, chosen: Chosen) -> str:
        return chosen.address("prevention:feed")

    def feed_guid(self, chosen: Chosen) -> str:
        return uuid.uuid5(NAMESPACE, chosen.query).urn

    def items(self, chosen: Chosen) -> tuple[Notice, ...]:
        return shown_to(chosen)

    def item_title(self, notice: Notice) -> str:
        return notice.title

    def item_link(self, notice: Notice) -> str:
        return reverse("prevention:alert", args=[notice.id])

    def item_guid(self, notice: Notice) -> str:
        return notice.id.urn

    def item_pubdate(self, notice: Notice) -> datetime:
        return notice.starts_at

    def item_updateddate(self, notice: Notice) -> datetime:
        return notice.changed_at

    def item_categories(self, notice: Notice) -> list[str]:
        return [*map(library().name_of, notice.threats), *map(departement_name, notice.departements)]

    def get_context_data(self, *, item: Notice, **kwargs) -> dict:
        return {"notice": item, "blocks": markup.blocks(item.body)}
