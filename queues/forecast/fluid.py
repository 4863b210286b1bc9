"""The forward pass: how long the line takes, one ticket after another."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import exp

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

    def raw_waits(self, weights: Iterable[float]) -> Iterator[float]:
        """Seconds from now to each call, for calls that take ``weights`` times the usual.

        The fluid queue-length estimate with abandonment (Ibrahim & Whitt 2009, 2011: QL and its
        refinement for impatient customers; Ang et al. 2016 for its use as a feature): of those
        ahead, e^(−θu) are still there after u seconds. Never falls from one call to the next.
        """
        u, holds_until, rate = self.start, self.start, 0.0
        fading, longest = 1 / (2 * self.drift_half_life), max(LONGEST, self.start)
        drift, abandonment = self.drift - 1, self.abandonment
        for weight in weights:
            if u >= holds_until:
                rate, holds_until = self.rate_at(u)
            u += exp(-abandonment * u) * weight / (rate * (1 + drift * exp(-fading * u)))
            u = min(u, longest)
            yield u
