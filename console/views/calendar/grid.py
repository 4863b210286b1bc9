"""The calendar's grid: its columns, and where in them things stand, in minutes on the wall.

A column is a day of a resource, or of everybody. What reaches over midnight stands in both days.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from django.utils.formats import get_format

from appointments.models import (
    Appointment,
    AvailabilityException,
    Resource,
    ResourceKind,
    SlotHold,
)
from appointments.slots import Stretch
from appointments.transitions import Change, changes_from
from waitlessq import clock

T = TypeVar("T")

DAY_MINUTES = 24 * 60
HOUR = 60
# Where nobody works and nothing is booked.
USUAL_HOURS = (9 * HOUR, 17 * HOUR)
# The least height at which a booking can be read and hit.
LEAST_MINUTES = 15
TWO_LINES = 25


class Span(NamedTuple):
    """From the first minute of a day on, so many."""

    start: int
    minutes: int

    @property
    def end(self) -> int:
        """The minute after the last one."""
        return self.start + self.minutes


@dataclass(frozen=True)
class Block:
    """A booking in a column; of those side by side, its lane and how many there are."""

    appointment: Appointment
    span: Span
    lane: int
    lanes: int

    @property
    def resource_id(self) -> int | None:
        """Whom it is with: staff before rooms."""
        had = [row.resource for row in self.appointment.resources.all()]
        first = min(had, key=lambda one: (one.kind != ResourceKind.STAFF, one.pk), default=None)
        return None if first is None else first.pk

    @property
    def is_short(self) -> bool:
        """Whether there is room for one line."""
        return self.span.minutes < TWO_LINES

    @property
    def is_movable(self) -> bool:
        """Whether it may still be moved."""
        return Change.RESCHEDULED in changes_from(self.appointment)


@dataclass(frozen=True)
class Kept:
    """A time in a column that is kept while somebody fills in a form, or is offered to somebody."""

    hold: SlotHold
    span: Span
    lane: int
    lanes: int

    @property
    def is_offered(self) -> bool:
        """Whether it is for somebody on the wait list, or in line."""
        return hasattr(self.hold, "offer")

    @property
    def ends_at(self) -> datetime:
        """When what may be booked would end."""
        return self.hold.starts_at + self.hold.service.duration


@dataclass(frozen=True)
class Closed:
    """A closed time: somebody entered it, and why; or a calendar elsewhere says so."""

    span: Span
    reason: str
    is_elsewhere: bool


@dataclass(frozen=True)
class Column:
    """A day of a resource, else of everybody. ``now`` is this minute, if it is today."""

    day: date
    resource: Resource | None
    opened: Sequence[Span]
    closed: Sequence[Closed]
    blocks: Sequence[Block]
    kept: Sequence[Kept]
    now: int | None


@dataclass(frozen=True)
class Grid:
    """What a calendar shows, between two whole hours."""

    columns: Sequence[Column]
    first: int
    last: int

    @property
    def hours(self) -> Iterator[tuple[int, str]]:
        """The whole hours, each with its name."""
        return (
            (minute, f"{minute // HOUR:02}:00") for minute in range(self.first, self.last, HOUR)
        )

    @property
    def bookings(self) -> int:
        """How many it shows; one that has two resources counts once."""
        return len({block.appointment.pk for one in self.columns for block in one.blocks})


@dataclass(frozen=True)
class Contents:
    """What there is to be shown: when resources, by id, are open, and what is booked."""

    zone: ZoneInfo
    resources: Sequence[Resource]
    opened: dict[int, Sequence[Stretch]]
    closed: Sequence[AvailabilityException]
    appointments: Sequence[Appointment]
    holds: Sequence[SlotHold]


def build_grid(contents: Contents, columns: Iterable[tuple[date, Resource | None]]) -> Grid:
    """The grid of these days and resources, as high as what stands in it."""
    built = [_column(contents, day, resource) for day, resource in columns]
    booked = [block.span for one in built for block in one.blocks]
    kept = [hold.span for one in built for hold in one.kept]
    opened = [span for one in built for span in _opened(contents, one.day, one.resource)]
    # What is always open, as rooms are, says nothing of when people come.
    spans = [*booked, *kept, *(span for span in opened if span.minutes < DAY_MINUTES)]
    first = min((span.start for span in spans), default=USUAL_HOURS[0])
    last = max((span.end for span in spans), default=USUAL_HOURS[1])
    return Grid(built, first // HOUR * HOUR, -(-last // HOUR) * HOUR)


def _column(contents: Contents, day: date, resource: Resource | None) -> Column:
    zone, ids = contents.zone, _ids(contents, resource)
    on_day = span_on(day, zone)
    closed = [
        Closed(span, one.reason, one.feed_id is not None)
        for one in contents.closed
        if resource and one.resource_id in ids and (span := on_day(one.starts_at, one.ends_at))
    ]
    times: list[tuple[Appointment | SlotHold, datetime]] = [
        *((one, one.ends_at) for one in contents.appointments),
        *((one, one.starts_at + one.service.duration) for one in contents.holds),
    ]
    taken = [
        (one, span)
        for one, ends_at in times
        if resource is None or ids & {row.resource_id for row in one.resources.all()}
        if (span := on_day(one.starts_at, ends_at))
    ]
    now = clock.now().astimezone(zone)
    minute = now.hour * HOUR + now.minute if now.date() == day else None
    blocks, kept = [], []
    for (one, span), lane in in_lanes(taken):
        if isinstance(one, Appointment):
            blocks.append(Block(one, span, *lane))
        else:
            kept.append(Kept(one, span, *lane))
    opened = merged(_opened(contents, day, resource))
    return Column(day, resource, opened, closed, blocks, kept, minute)


def _ids(contents: Contents, resource: Resource | None) -> set[int]:
    return {one.pk for one in ([resource] if resource else contents.resources)}


def _opened(contents: Contents, day: date, resource: Resource | None) -> list[Span]:
    on_day = span_on(day, contents.zone)
    staff = {one.pk for one in contents.resources if one.kind == ResourceKind.STAFF}
    # Everybody's hours are the people's, where there are some: a room is mostly open.
    ids = _ids(contents, resource)
    return [
        span
        for pk in ((staff or ids) if resource is None else ids)
        for one in contents.opened.get(pk, ())
        if (span := on_day(*(datetime.fromtimestamp(at, UTC) for at in one)))
    ]


def span_on(day: date, zone: ZoneInfo) -> Callable[[datetime, datetime], Span | None]:
    """Tells what of a stretch of time the wall shows on a day."""

    def on_day(starts_at: datetime, ends_at: datetime) -> Span | None:
        start, end = (_minute(at.astimezone(zone), day) for at in (starts_at, ends_at))
        if start >= DAY_MINUTES or ends_at.astimezone(zone).date() < day or end == 0:
            return None
        # A clock that is put back shows an end before the start.
        return Span(start, max(end - start, 1))

    return on_day


def _minute(there: datetime, day: date) -> int:
    if there.date() < day:
        return 0
    return DAY_MINUTES if there.date() > day else there.hour * HOUR + there.minute


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same minutes in spans that do not touch."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            end = max(found[-1].end, span.end)
            found[-1] = Span(found[-1].start, end - found[-1].start)
        else:
            found.append(span)
    return found


def in_lanes(
    items: Iterable[tuple[T, Span]],
) -> Iterator[tuple[tuple[T, Span], tuple[int, int]]]:
    """Each item with its lane, and how many lanes those need that stand side by side with it."""
    group: list[tuple[tuple[T, Span], int]] = []
    ends: list[int] = []
    for item in sorted(items, key=lambda each: each[1]):
        start = item[1].start
        if ends and start >= max(ends):
            yield from ((one, (lane, len(ends))) for one, lane in group)
            group, ends = [], []
        lane = next((n for n, end in enumerate(ends) if end <= start), len(ends))
        end = start + max(item[1].minutes, LEAST_MINUTES)
        ends[lane : lane + 1] = [end]
        group.append((item, lane))
    yield from ((one, (lane, len(ends))) for one, lane in group)


def week_of(day: date) -> list[date]:
    """The seven days of the week that a day is in, from the day that the reader's weeks begin."""
    sunday_first = (day.weekday() + 1) % 7
    begins: int = get_format("FIRST_DAY_OF_WEEK")
    first = day - timedelta(days=(sunday_first - begins) % 7)
    return [first + timedelta(days=n) for n in range(7)]
