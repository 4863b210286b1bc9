"""When a location is open: plain data and plain functions, in UTC outside and wall time inside."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from providers.public_holidays import public_holidays
from waitlessq.walltime import instant

LOOK_AHEAD = timedelta(days=400)
"""Whoever does not open for so long is not said to open at all."""

DAY = timedelta(days=1)


class Span(NamedTuple):
    """From opening to closing, in wall time; what closes no later than it opens, the next day."""

    opens: time
    closes: time


class Interval(NamedTuple):
    """From the first instant to just before the second; both in UTC."""

    start: datetime
    end: datetime


ALL_DAY = (Span(time(), time()),)


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of a location.

    ``week`` has the spans of each weekday (0 is Monday) on which it opens; without any it is
    always open. ``exceptions`` count instead of the week and of public holidays on their dates;
    one without a span is a day closed. ``country`` is empty unless it closes on public holidays.
    ``names`` says why a day is not as usual.
    """

    zone: ZoneInfo
    week: Mapping[int, Sequence[Span]] = field(default_factory=dict)
    exceptions: Mapping[date, Sequence[Span]] = field(default_factory=dict)
    names: Mapping[date, str] = field(default_factory=dict)
    country: str = ""
    subdivision: str = ""

    def between(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """When it is open from ``start`` until ``end``, in order; none overlap or touch."""
        merged: Interval | None = None
        for interval in self._raw(start, end):
            if merged is not None and interval.start <= merged.end:
                merged = Interval(merged.start, max(merged.end, interval.end))
                continue
            if merged is not None:
                yield merged
            merged = interval
        if merged is not None:
            yield merged

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at an instant; at that of closing it is not any more."""
        return any(True for _ in self._raw(at, at + timedelta(microseconds=1)))

    def opens_next(self, after: datetime) -> datetime | None:
        """The first opening later than ``after``; None if there is none for 400 days."""
        for interval in self.between(after, after + LOOK_AHEAD):
            if interval.start > after:
                return interval.start
        return None

    def closes_next(self, after: datetime) -> datetime | None:
        """The first closing later than ``after``; None if there is none for 400 days."""
        horizon = after + LOOK_AHEAD
        for interval in self.between(after, horizon):
            return interval.end if interval.end < horizon else None
        return None

    def spans_on(self, day: date) -> Sequence[Span]:
        """The spans that begin on a date."""
        if day in self.exceptions:
            return self.exceptions[day]
        if self.holiday_on(day):
            return ()
        return self.week.get(day.weekday(), ()) if self.week else ALL_DAY

    def name_on(self, day: date) -> str:
        """Why a date is not as usual; empty if it is, or nobody said."""
        return self.names.get(day, "") if day in self.exceptions else self.holiday_on(day)

    def holiday_on(self, day: date) -> str:
        """The name of the public holiday on which it closes."""
        if not self.country:
            return ""
        return public_holidays(self.country, self.subdivision, day.year).get(day, "")

    def _raw(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """The spans that reach into a stretch of time, cut to it, by their beginning."""
        # What runs past midnight belongs to the day before; 24 hours can be 25.
        day = (start - 2 * DAY).astimezone(self.zone).date()
        last = end.astimezone(self.zone).date()
        while day <= last:
            for interval in sorted(self._interval(day, span) for span in self.spans_on(day)):
                cut = Interval(max(interval.start, start), min(interval.end, end))
                if cut.start < cut.end:
                    yield cut
            day += DAY

    def _interval(self, day: date, span: Span) -> Interval:
        closing_day = day + DAY if span.closes <= span.opens else day
        return Interval(
            instant(day, span.opens, self.zone), instant(closing_day, span.closes, self.zone)
        )
