import pytest

from diagnostic.models import Announcement, SheetText
from diagnostic.prevention import current, services
from diagnostic.prevention.enums import Level, State
from guichet.accounts.enums import Role
from guichet.accounts.models import Agent


@pytest.fixture(autouse=True)
def _nothing_kept():
    """What a process remembers of the database does not go from one test to the next."""
    current.forget()
    yield
    for kept in (current.wordings, current.notices):
        kept.forget()
        kept.value = kept.empty


@pytest.fixture
def person(db):
    """An agent of this role, with or without the key of the admin."""

    def create(role: str, *, staff: bool = True) -> Agent:
        number = str(7000 + Agent.objects.count())
        return Agent.objects.create_user(f"{role}-{number}", service_number=number, role=role, is_staff=staff)

    return create


@pytest.fixture
def editor(person):
    return person(Role.EDITOR)


@pytest.fixture
def announce(editor):
    """A published announcement; whatever is said changes it."""

    def create(title: str = "Faux SMS de péage", **changes) -> Announcement:
        fields = {
            "summary": "Un SMS réclame quelques euros.",
            "body": "Ne touchez pas le lien.",
            "level": Level.ATTENTION,
            "state": State.PUBLISHED,
            **changes,
        }
        found = services.save_announcement(Announcement(title=title, **fields), agent=editor)
        current.forget()
        return found

    return create


@pytest.fixture
def write(editor):
    """A draft of this sheet."""

    def create(slug: str = "faux-proche", **words) -> SheetText:
        return services.save_sheet_text(SheetText(slug=slug, **words), agent=editor)

    return create


@pytest.fixture
def publish(write, editor):
    def create(slug: str = "faux-proche", **words) -> SheetText:
        text = write(slug, **words)
        services.publish_sheet_text(text, agent=editor)
        current.forget()
        text.refresh_from_db()
        return text

    return create
