"""A small branch, simulated: the same log each time it is asked for."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from random import Random
from zoneinfo import ZoneInfo

from integrations.replay.log import LogRow, Outcome

ZONE = ZoneInfo("UTC")
FIRST_DAY = date(2024, 1, 1)
OPENS, CLOSES = time(9), time(15)
SERVICE_SECONDS = {"quick": 180.0, "long": 600.0}
PATIENCE_SECONDS = 3600.0
LUNCH = range(12, 13)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person who comes, with what they need and how long they would wait, in seconds."""

    at: datetime
    service: str
    priority: int
    service_seconds: float
    patience: float


def simulated_branch(
    days: int, seed: int = 8, head_start: timedelta = timedelta(0)
) -> list[LogRow]:
    """``days`` days of one queue: three counters, one at lunch; two services; some give up."""
    random = Random(seed)
    rows: list[LogRow] = []
    for day in range(days):
        rows += _day(random, FIRST_DAY + timedelta(days=day), len(rows), head_start)
    return rows


def _day(random: Random, day: date, first: int, head_start: timedelta) -> list[LogRow]:
    arrivals = _arrivals(random, day)
    free = [(datetime.combine(day, OPENS, ZONE), f"C{number}") for number in range(3)]
    waiting: list[tuple[datetime, int]] = []
    rows: list[LogRow] = []
    place = 0
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
        rows.append(_row(first + number, arrival, server if called else "", called, ends))
    return rows


def _arrivals(random: Random, day: date) -> list[Arrival]:
    arrivals = []
    now = datetime.combine(day, OPENS, ZONE)
    # Some days are busier, and everything is slower on some.
    pace, slowness = random.uniform(90, 160), random.uniform(0.8, 1.2)
    while (now := now + timedelta(seconds=round(random.expovariate(1 / pace)))).time() < CLOSES:
        service = random.choices(list(SERVICE_SECONDS), [3, 1])[0]
        seconds = random.gammavariate(3, SERVICE_SECONDS[service] / 3) * slowness
        patience = random.expovariate(1 / PATIENCE_SECONDS)
        priority = int(random.random() < 0.1)
        arrivals.append(Arrival(now, service, priority, round(seconds) + 1, round(patience) + 1))
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
