"""`make bench`: ratios against baselines measured in the same run. Needs PostgreSQL and Redis."""

import sys

from tests import places, services
from tests.bench import journeys, talks, tree


def main() -> int:
    if absent := services.missing("postgresql", "redis"):
        print(f"make bench needs {', '.join(absent)}", file=sys.stderr)
        return 1
    place = places.production(processes=0)
    try:
        place.start()
        figures = {**tree.run(), **journeys.run(place.environment), **talks.run(place.environment)}
    finally:
        place.stop()
    print(" ".join(f"{name}={value}" for name, value in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
