"""A small observatory of its own: two tables of the same people, and one of both by year."""

from datetime import date

from guichet.observatory.models import Count
from guichet.observatory.tables import Margin, Table


def first(value: str) -> str:
    return value.partition("/")[0]


def second(value: str) -> str:
    return value.partition("/")[2]


PLACES = {"01": "Ain", "59": "Nord", "75": "Paris"}
PETS = {"chat": "Chat", "chien": "Chien", "rat": "Rat"}
BOTH = {
    f"{p}/{a}": f"{x} : {y}" for p, x in {**PLACES, "autres": "A"}.items() for a, y in {**PETS, "autres": "A"}.items()
}
TABLES = (
    Table("lieux", "essai", "Lieux", "essais", labels=lambda: PLACES, group="g", read=first),
    Table("animaux", "essai", "Animaux", "essais", labels=lambda: PETS, group="g", read=second),
    Table(
        "lieux-animaux",
        "essai",
        "Les deux",
        "essais",
        labels=lambda: BOTH,
        group="g",
        margins=(Margin("lieux", first), Margin("animaux", second)),
        yearly=True,
    ),
)


def counted(value: str, n: int, day: date, key: str = "essai") -> None:
    Count.objects.create(day=day, key=key, value=value, n=n)
