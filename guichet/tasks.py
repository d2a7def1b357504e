from celery import shared_task

from diagnostic.prevention import proposals
from guichet.figures_tables import TABLES
from guichet.observatory import publishing


@shared_task(name="guichet.figures")
def publish_figures() -> None:
    """Every night: the months and years that are over, once; what moved since is a revision."""
    publishing.publish(TABLES)


@shared_task(name="guichet.threats")
def watch_threats() -> None:
    """Every hour. What it finds waits as a draft for an editor."""
    proposals.propose()
