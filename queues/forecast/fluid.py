"""The forward pass: how long the line takes, one ticket after another."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import exp

from queues.forecast.bookings import Coming

LONGEST = 86_400.0
"""No wait is foreseen past a day."""

RateAt = Callable[[float], tuple[float, float]]
"""The usual calls per second so many seconds from now, and until when, from now, they hold."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the next hours look like from now.

    ``drift`` is how today differs; it fades with twice ``drift_half_life`` seconds.
    ``abandonment`` is leaves per second of each who waits; ``start`` the seconds to opening.
    """

    rate_at: RateAt
    drift: float
    drift_half_life: float
    abandonment: float
    start: float = 0.0

    def calls_per_second(self, seconds: float) -> float:
        """How fast the line is called from, so many seconds from now."""
        rate, _ = self.rate_at(seconds)
        return rate * (1 + (self.drift - 1) * exp(-seconds / (2 * self.drift_half_life)))

    def raw_waits(self, weights: Iterable[float], coming: Sequence[Coming] = ()) -> Iterator[float]:
        """Seconds from now to each call, for calls that take ``weights`` times the usual.

        Of those who are ``coming``, by place, each goes before the places from its own on that are
        not called yet when it comes, as an ordinary call times its chance.

        The fluid queue-length estimate with abandonment (Ibrahim & Whitt 2009, 2011: QL and its
        refinement for impatient customers; Ang et al. 2016 for its use as a feature): of those
        ahead, e^(−θu) are still there after u seconds. Never falls from one call to the next.
        """
        u, holds_until, rate = self.start, self.start, 0.0
        fading, longest = 1 / (2 * self.drift_half_life), max(LONGEST, self.start)
        drift, abandonment = self.drift - 1, self.abandonment
        waiting, known = deque(coming), list[tuple[float, float]]()
        for place, weight in enumerate(weights):
            while waiting and waiting[0].place <= place:
                one = waiting.popleft()
                heappush(known, (one.seconds, one.chance))
            while True:
                if u >= holds_until:
                    rate, holds_until = self.rate_at(u)
                u += exp(-abandonment * u) * weight / (rate * (1 + drift * exp(-fading * u)))
                u = min(u, longest)
                if not known or known[0][0] > u:
                    break
                _, weight = heappop(known)  # noqa: PLW2901 (the next call before this place's)
            yield u
