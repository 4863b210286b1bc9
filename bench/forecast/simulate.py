"""`python -m bench.forecast.simulate FILE [SEED]`: a made-up log in which people come in groups.

No log at hand has groups, so whether their size helps the estimate is tried on this one: three
counters, three services, people who lose patience, one ticket in four for several people, who
take half as long again for each one more. The same seed gives the same log.
"""

import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from pathlib import Path
from random import Random

DAYS = 90
OPENS, OPEN_HOURS = 8, 9
COUNTERS = 3
ARRIVALS_AN_HOUR = 23.0
PATIENCE_MINUTES = 60.0
SERVICE_MINUTES = {"quick": 4.0, "standard": 7.0, "long": 12.0}
SERVICE_SHARES = (5, 3, 2)
GROUP_SIZES, GROUP_SHARES = (1, 2, 3, 4, 6), (75, 12, 6, 4, 3)
LONGER_WITH_EACH = 0.5
# Services vary about their mean, as real ones do, less than an exponential would.
SHAPE = 2.0
COLUMNS = (
    "queue_id ticket_id service priority server_id joined_at called_at finished_at outcome people"
)


@dataclass(frozen=True, slots=True)
class Visit:
    """Who comes, in minutes from opening."""

    joins: float
    patience: float
    service: str
    people: int
    length: float


def visits(random: Random) -> Iterator[Visit]:
    """A day's, in order of joining."""
    at = 0.0
    while (at := at + random.expovariate(ARRIVALS_AN_HOUR / 60)) < OPEN_HOURS * 60:
        [service] = random.choices(list(SERVICE_MINUTES), SERVICE_SHARES)
        [people] = random.choices(GROUP_SIZES, GROUP_SHARES)
        mean = SERVICE_MINUTES[service] * (1 + LONGER_WITH_EACH * (people - 1))
        length = random.gammavariate(SHAPE, mean / SHAPE)
        yield Visit(at, random.expovariate(1 / PATIENCE_MINUTES), service, people, length)


def served(day: Iterator[Visit]) -> Iterator[tuple[Visit, str, float | None, float]]:
    """Each visit with its counter, when it was called, None if it left before, and its end."""
    free = [(0.0, f"C{number}") for number in range(1, COUNTERS + 1)]
    heapify(free)
    for visit in day:
        since, counter = free[0]
        called = max(since, visit.joins)
        if called - visit.joins > visit.patience:
            yield visit, "", None, visit.joins + visit.patience
            continue
        heappop(free)
        heappush(free, (called + visit.length, counter))
        yield visit, counter, called, called + visit.length


def time_of(opening: datetime, minutes: float | None) -> str:
    """As logs write it; empty for None."""
    if minutes is None:
        return ""
    return (opening + timedelta(minutes=minutes)).isoformat("T", "seconds")


def main(arguments: Sequence[str]) -> None:
    """Writes the log."""
    path = Path(arguments[0])
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    random = Random(seed)  # noqa: S311 (chance, no secret)
    first = datetime(2024, 1, 1, OPENS)  # noqa: DTZ001 (a log's times are local)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS.split())
        for day in range(DAYS):
            opening = first + timedelta(days=day)
            for number, (visit, counter, called, end) in enumerate(served(visits(random))):
                times = [
                    ""
                    if at is None
                    else (opening + timedelta(minutes=at)).isoformat("T", "seconds")
                    for at in (visit.joins, called, end)
                ]
                outcome = "abandoned" if called is None else "served"
                ticket = f"{day:03}-{number:04}"
                row = ["groups", ticket, visit.service, 0, counter, *times, outcome, visit.people]
                writer.writerow(row)


if __name__ == "__main__":
    main(sys.argv[1:])
