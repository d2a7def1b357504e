"""Two series that the policeman follows, in a prepared guichet; prints their keys and the one of a dossier."""

import json

import django

django.setup()

from guichet.accounts.models import Agent  # noqa: E402 (after setup)
from tests.victims import factory  # noqa: E402
from victims.models import Dossier  # noqa: E402
from victims.services import complaints, series, sightings  # noqa: E402

ACCOUNTS = ("FR76 3000 6000 0112 3456 7890 189", "DE89 3704 0044 0532 0130 00")


def told(account: str) -> Dossier:
    """A dossier whose complaint tells of this account; without its papers, which nobody reads here."""
    dossier = factory.dossier(factory.SCAM)
    complaint = complaints.start(dossier=dossier)
    sightings.note_filed(record=complaint, sections={"traces": {"ibans": account}})
    return dossier


def main() -> None:
    agent, found = Agent.objects.get(username="policier"), []
    for account in ACCOUNTS:
        mine, _other = told(account), told(account)
        Dossier.objects.filter(pk=mine.pk).update(assigned_agent=agent)
        mine.refresh_from_db()
        found.append(series.propose(agent=agent, dossier=mine, fingerprint_id=mine.sightings.get().fingerprint_id))
    names = {"one": found[0], "two": found[1]}
    keys = {name: {"id": str(each.pk), "code": each.code} for name, each in names.items()}
    print(json.dumps({**keys, "dossier": str(mine.pk)}))


if __name__ == "__main__":
    main()
