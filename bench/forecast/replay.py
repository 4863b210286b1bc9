"""Replaying a log through the estimator: what it said to each ticket, and what came of it."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from bench.forecast.baselines import Baselines, BaselineState
from bench.forecast.log_events import LogEvent
from integrations.replay.log import LogRow, Outcome
from queues.forecast import Calendar, Estimate, Joined, QueueForecast


@dataclass(frozen=True, slots=True)
class Quote:
    """An estimate given to a ticket that waited and was served.

    ``asked_after`` is seconds since it joined; ``wait`` what it waited from then on.
    """

    row: LogRow
    asked_after: float
    wait: float
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class FirstQuote(Quote):
    """The estimate when it joined, and the others' answers."""

    baselines: Baselines


@dataclass(slots=True)
class Told:
    """All quotes of a replay: when joining, and again some time later to who still waited.

    ``without`` counts tickets that waited and were served, but had no estimate.
    """

    first: list[FirstQuote] = field(default_factory=list)
    again: list[tuple[FirstQuote, Quote]] = field(default_factory=list)
    without: int = 0


class Replay:
    """Plays events through one estimator per queue, as fast as it goes.

    ``again_after`` seconds after joining, who still waits is quoted again.
    """

    def __init__(self, calendar: Calendar, again_after: float = 60.0) -> None:
        self.forecasts: dict[str, QueueForecast] = defaultdict(partial(QueueForecast, calendar))
        self._baselines: dict[str, BaselineState] = defaultdict(BaselineState)
        self._again_after = timedelta(seconds=again_after)
        self._to_ask: deque[tuple[datetime, FirstQuote, int]] = deque()

    def learn(self, events: Iterable[LogEvent]) -> None:
        """Plays history that is not scored."""
        self.score(events, first_date=date.max)

    def score(self, events: Iterable[LogEvent], first_date: date = date.min) -> Told:
        """Plays events; quotes all tickets that join on ``first_date`` or later."""
        told = Told()
        for played in events:
            row, event = played.row, played.event
            told.again.extend(self._ask_again(event.at))
            forecast, baselines = self.forecasts[row.queue], self._baselines[row.queue]
            if isinstance(event, Joined) and row.business_date >= first_date and _counts(row):
                quote = _quote(forecast, baselines, row, event)
                if quote is None:
                    told.without += 1
                else:
                    told.first.append(quote)
                    self._to_ask.append((event.at + self._again_after, quote, event.ticket))
            forecast.update(event)
            baselines.update(row, event)
        return told

    def _ask_again(self, now: datetime) -> Iterator[tuple[FirstQuote, Quote]]:
        while self._to_ask and self._to_ask[0][0] < now:
            at, first, ticket = self._to_ask.popleft()
            row = first.row
            if row.called_at is None or row.called_at <= at:
                continue
            for estimate in self.forecasts[row.queue].estimates(at):
                if estimate.ticket == ticket:
                    after = self._again_after.total_seconds()
                    yield first, Quote(row, after, first.wait - after, estimate)
                    break


def _counts(row: LogRow) -> bool:
    """Whether it waited and was served."""
    return row.outcome == Outcome.SERVED and row.called_at != row.joined_at


def _quote(
    forecast: QueueForecast, baselines: BaselineState, row: LogRow, event: Joined
) -> FirstQuote | None:
    estimate = forecast.newcomer(
        event.at,
        order_key=event.order_key,
        service=event.service,
        priority=event.priority,
        bookings=event.bookings,
    )
    if estimate is None or row.called_at is None:
        return None
    wait = (row.called_at - row.joined_at).total_seconds()
    answers = baselines.answers(forecast, event.at, estimate.ahead)
    return FirstQuote(row, 0.0, wait, estimate, answers)
