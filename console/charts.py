"""Charts as plain geometry, for templates to draw as SVG.

Across, places are percentages, so that a chart fits a phone and its texts keep their size; upwards
they are pixels from the top. Everything begins at zero. Time goes from left to right in every
language.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

HEIGHT = 200
"""Of the plot, in pixels; above it there is room for half a word at the axis."""

TOP = 12
BAR_SHARE = 0.7
LABELS_ON_PHONES = 5
SCALES = (4, 10, 20, 30, 40, 60, 90, 120, 180, 240, 360, 480, 720, 1440)


@dataclass(frozen=True, slots=True)
class Bar:
    """From the bottom up; ``label`` stands in it, at its foot."""

    x: float
    width: float
    y: float
    height: float
    centre: float
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """From one point to the next."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A word beside an axis; a minor one is left out where there is little room."""

    at: float
    label: str
    is_minor: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: bars, a line over them, and the words at both axes."""

    bars: Sequence[Bar]
    across: Sequence[Tick]
    upwards: Sequence[Tick]
    line: Sequence[Line] = field(default_factory=tuple)
    points: Sequence[tuple[float, float]] = field(default_factory=tuple)
    goal: float | None = None

    @property
    def bottom(self) -> int:
        """Where zero is."""
        return TOP + HEIGHT

    @property
    def full_height(self) -> int:
        """With the words below."""
        return TOP + HEIGHT + 28


def share_chart(shares: Mapping[int, float], goal: float) -> Chart:
    """A bar for the share of each hour, and a line at what is meant."""
    slots = _Slots(shares, per_hour=1)
    return Chart(
        bars=[
            slots.bar(hour, _up(share, 1), f"{share * 100:.0f} %") for hour, share in shares.items()
        ],
        across=slots.ticks(),
        upwards=[Tick(_up(share, 1), f"{share * 100:.0f} %") for share in (0, goal, 1)],
        goal=_up(goal, 1),
    )


def wait_chart(waits: Mapping[int, tuple[int, int]]) -> Chart:
    """Of each half hour the median in minutes as a line, over a bar up to what nine in ten had."""
    slots = _Slots(waits, per_hour=2)
    top = _scale(max(ninetieth for _, ninetieth in waits.values()))
    points = {slot: (slots.centre(slot), _up(median, top)) for slot, (median, _) in waits.items()}
    return Chart(
        bars=[slots.bar(slot, _up(ninetieth, top), "") for slot, (_, ninetieth) in waits.items()],
        across=slots.ticks(),
        upwards=[Tick(_up(minutes, top), str(minutes)) for minutes in (0, top // 2, top)],
        line=[Line(*points[slot], *points[slot + 1]) for slot in points if slot + 1 in points],
        points=list(points.values()),
    )


class _Slots:
    """Places of hours or their halves across, from the first to the last that is there."""

    def __init__(self, slots: Iterable[int], per_hour: int) -> None:
        known = sorted(slots)
        self._per_hour = per_hour
        # From a full hour to a full hour, so that each is marked at its beginning.
        self._first = known[0] // per_hour * per_hour
        self._end = (known[-1] // per_hour + 1) * per_hour
        self._width = 100 / (self._end - self._first)

    def centre(self, slot: int) -> float:
        return round((slot - self._first + 0.5) * self._width, 2)

    def bar(self, slot: int, y: float, label: str) -> Bar:
        width = round(self._width * BAR_SHARE, 2)
        centre = self.centre(slot)
        return Bar(round(centre - width / 2, 2), width, y, TOP + HEIGHT - y, centre, label)

    def ticks(self) -> list[Tick]:
        hours = range(self._first // self._per_hour, self._end // self._per_hour)
        every = -(-len(hours) // LABELS_ON_PHONES)
        # Under the middle of the hour, whatever it is cut into.
        middle = (self._per_hour - 1) / 2
        return [
            Tick(
                round((hour * self._per_hour - self._first + middle + 0.5) * self._width, 2),
                f"{hour:02}",
                is_minor=number % every > 0,
            )
            for number, hour in enumerate(hours)
        ]


def _scale(most: float) -> int:
    return next((minutes for minutes in SCALES if most <= minutes), SCALES[-1])


def _up(value: float, top: float) -> float:
    return round(TOP + HEIGHT * (1 - min(value / top, 1)), 1)
