"""What a fault may take hold of."""

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from guichet.simulation.client import Client
from tests.faults.proxy import Proxy
from tests.faults.servers import Postgres, Redis
from tests.places import Daphne

if TYPE_CHECKING:
    from tests.faults.chaos import Cast


@dataclass
class World:
    """`broken`: what a person would complain of, in words, besides lines lost or shown wrong."""

    postgres: Postgres
    redis: Redis
    daphnes: list[Daphne]
    proxies: list[Proxy]
    random: random.Random
    cast: "Cast"
    broken: list[str] = field(default_factory=list)

    def direct(self) -> list[str]:
        """The daphnes themselves, past the network that the faults break."""
        return [daphne.url.replace("http", "ws") for daphne in self.daphnes]

    def victims(self) -> list[Client]:
        return [client for client in self.cast.clients if client.role == "victim"]
