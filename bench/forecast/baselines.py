"""What the estimate is compared with: the estimators that others use, kept per queue."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from integrations.replay.log import LogRow, Outcome
from queues.forecast import Called, Event, Finished, QueueForecast

PRIOR_SERVICE_SECONDS = 300.0
SERVICES_REMEMBERED = 1000
RECENT_SECONDS = 1800.0
SHARE_OF_THE_NEWEST = 0.1


@dataclass(frozen=True, slots=True)
class Baselines:
    """Seconds, one for each estimator.

    - ``naive``: position × mean service time / servers that are busy at that moment.
    - ``naive_recent``: the same, with all servers that were seen in the last 30 minutes.
    - ``les``: the wait of the last to enter service, of those who waited (Ibrahim & Whitt 2009).
    - ``moving_average``: of waits, 0.9 of the old and 0.1 of the new.
    - ``qlm``: queue length with abandonment, 1 / (λ + iθ) for each place in line (Ibrahim & Whitt
      2011: QL with the Markovian refinement), with the usual rate of the time of the week.
    """

    naive: float
    naive_recent: float
    les: float
    moving_average: float
    qlm: float


class BaselineState:
    """What the estimators know of one queue."""

    def __init__(self) -> None:
        self._busy: dict[int, str] = {}
        self._recent: deque[tuple[datetime, str]] = deque()
        self._service_mean = PRIOR_SERVICE_SECONDS
        self._services = 1
        self._les = 0.0
        self._moving_average: float | None = None

    def update(self, row: LogRow, event: Event) -> None:
        """Takes in an event of the queue."""
        match event:
            case Called():
                self._call(row, event)
            case Finished():
                self._busy.pop(event.ticket, None)
                if row.called_at is not None and row.outcome == Outcome.SERVED:
                    self._add_service((row.finished_at - row.called_at).total_seconds())

    def answers(self, forecast: QueueForecast, now: datetime, ahead: int) -> Baselines:
        """What each estimator says to a newcomer with so many ahead."""
        total = (ahead + 1) * self._service_mean
        rate, leaving = forecast.call_rate(now), forecast.abandonment_rate
        return Baselines(
            naive=total / max(len(self._busy), 1),
            naive_recent=total / max(self._recent_servers(now), 1),
            les=self._les,
            moving_average=self._moving_average or 0.0,
            qlm=sum(1 / (rate + place * leaving) for place in range(ahead + 1)),
        )

    def _call(self, row: LogRow, event: Called) -> None:
        self._busy[event.ticket] = row.server or f"unknown {event.ticket}"
        if row.server:
            self._recent.append((event.at, row.server))
        wait = (event.at - row.joined_at).total_seconds()
        if wait <= 0:
            return
        self._les = wait
        old = wait if self._moving_average is None else self._moving_average
        self._moving_average = old + SHARE_OF_THE_NEWEST * (wait - old)

    def _add_service(self, seconds: float) -> None:
        if seconds > 0:
            self._services = min(self._services + 1, SERVICES_REMEMBERED)
            self._service_mean += (seconds - self._service_mean) / self._services

    def _recent_servers(self, now: datetime) -> int:
        while self._recent and (now - self._recent[0][0]).total_seconds() > RECENT_SECONDS:
            self._recent.popleft()
        return len({server for _, server in self._recent}.union(self._busy.values()))
