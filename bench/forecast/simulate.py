"""`python -m bench.forecast.simulate FILE [SEED]`: the log of a made-up branch with groups.

No log at hand has groups, so whether their size helps the estimate is tried on this one: one ticket
in four is for several people, who take half as long again for each one more. Tests use the same
branch, without groups. The same seed gives the same log.
"""

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from integrations.replay.log import LogRow, Outcome

ZONE = ZoneInfo("UTC")
FIRST_DAY = date(2024, 1, 1)
OPENS, CLOSES = time(9), time(15)
SERVICE_SECONDS = {"quick": 180.0, "long": 600.0}
PATIENCE_SECONDS = 3600.0
PRIORITY_SHARE = 0.1
LUNCH = range(12, 13)
GROUP_SIZES, GROUP_SHARES = (1, 2, 3, 4, 6), (75, 12, 6, 4, 3)
LONGER_WITH_EACH = 0.5
DAYS_WRITTEN = 90
# As the scorer takes each step of priority.
HEAD_START = timedelta(seconds=90)
COLUMNS = (
    "queue_id ticket_id service priority server_id joined_at called_at finished_at outcome people"
)


@dataclass(frozen=True, slots=True)
class Branch:
    """A log, and the sizes of its groups by line."""

    rows: list[LogRow] = field(default_factory=list)
    people: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrival:
    """People who come, with what they need and how long they would wait, in seconds."""

    at: datetime
    service: str
    priority: int
    people: int
    service_seconds: float
    patience: float


def simulated_branch(
    days: int,
    seed: int = 8,
    head_start: timedelta = timedelta(0),
    *,
    with_groups: bool = False,
) -> Branch:
    """``days`` days of one queue: three counters, one at lunch; two services; some give up."""
    random = Random(seed)  # noqa: S311 (chance, no secret)
    branch = Branch()
    for day in range(days):
        arrivals = _arrivals(random, FIRST_DAY + timedelta(days=day), with_groups=with_groups)
        _add_day(branch, arrivals, head_start)
    return branch


def _add_day(branch: Branch, arrivals: Sequence[Arrival], head_start: timedelta) -> None:
    day = arrivals[0].at.date()
    free = [(datetime.combine(day, OPENS, ZONE), f"C{number}") for number in range(3)]
    waiting: list[tuple[datetime, int]] = []
    first, place = len(branch.rows), 0
    while place < len(arrivals) or waiting:
        now, server = heappop(free)
        while place < len(arrivals) and (not waiting or arrivals[place].at <= now):
            arrival = arrivals[place]
            heappush(waiting, (arrival.at - arrival.priority * head_start, place))
            now = max(now, arrival.at)
            place += 1
        if now.hour in LUNCH and server != "C0":
            heappush(free, (now.replace(hour=LUNCH.stop, minute=0, second=0), server))
            continue
        _, number = heappop(waiting)
        arrival = arrivals[number]
        # The counter may have been free before anybody came.
        now = max(now, arrival.at)
        gives_up = arrival.at + timedelta(seconds=arrival.patience)
        called = None if gives_up < now else now
        ends = gives_up if called is None else now + timedelta(seconds=arrival.service_seconds)
        heappush(free, (max(now, ends) if called else now, server))
        row = _row(first + number, arrival, server if called else "", called, ends)
        branch.rows.append(row)
        branch.people[row.line] = arrival.people


def _arrivals(random: Random, day: date, *, with_groups: bool) -> list[Arrival]:
    arrivals = []
    now = datetime.combine(day, OPENS, ZONE)
    # Some days are busier, and everything is slower on some.
    pace, slowness = random.uniform(90, 160), random.uniform(0.8, 1.2)
    while (now := now + timedelta(seconds=round(random.expovariate(1 / pace)))).time() < CLOSES:
        service = random.choices(list(SERVICE_SECONDS), [3, 1])[0]
        people = random.choices(GROUP_SIZES, GROUP_SHARES)[0] if with_groups else 1
        mean = SERVICE_SECONDS[service] * (1 + LONGER_WITH_EACH * (people - 1))
        seconds = random.gammavariate(3, mean / 3) * slowness
        patience = random.expovariate(1 / PATIENCE_SECONDS)
        priority = int(random.random() < PRIORITY_SHARE)
        arrivals.append(
            Arrival(now, service, priority, people, round(seconds) + 1, round(patience) + 1)
        )
    return arrivals


def _row(
    number: int, arrival: Arrival, server: str, called: datetime | None, ends: datetime
) -> LogRow:
    return LogRow(
        line=number + 2,
        queue="branch",
        ticket=str(number),
        service=arrival.service,
        priority=arrival.priority,
        server=server,
        joined_at=arrival.at,
        called_at=called,
        finished_at=ends,
        outcome=Outcome.ABANDONED if called is None else Outcome.SERVED,
        business_date=arrival.at.date(),
        crosses_midnight=False,
    )


def main(arguments: Sequence[str]) -> None:
    """Writes the log."""
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    branch = simulated_branch(DAYS_WRITTEN, seed, HEAD_START, with_groups=True)
    with Path(arguments[0]).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS.split())
        for row in sorted(branch.rows, key=lambda row: row.line):
            times = (row.joined_at, row.called_at, row.finished_at)
            writer.writerow(
                [
                    *(row.queue, row.ticket, row.service, row.priority, row.server),
                    *("" if at is None else f"{at:%Y-%m-%dT%H:%M:%S}" for at in times),
                    *(row.outcome, branch.people[row.line]),
                ]
            )


if __name__ == "__main__":
    main(sys.argv[1:])
