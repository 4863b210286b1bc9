"""How today differs from other days."""

from dataclasses import dataclass
from math import log

PRIOR_CALLS = 20.0
HALF_LIFE_CALLS = 40.0
SHORTEST_HALF_LIFE = 900.0
LONGEST_HALF_LIFE = 43_200.0


def half_life(overall_rate: float) -> float:
    """Seconds in which a queue's recent past loses half its weight: the time of 40 calls.

    That is 15 minutes, the least, for a call centre, about an hour for a branch, and 12 hours, the
    most, for the very slow.
    """
    return min(max(HALF_LIFE_CALLS / overall_rate, SHORTEST_HALF_LIFE), LONGEST_HALF_LIFE)


@dataclass(slots=True)
class Drift:
    """Calls seen against calls expected, both fading, on a clock that runs only while exposed.

    ``(20 + seen) / (20 + expected)``: a weighted average of recent history, as in Bassamboo &
    Ibrahim, shrunk towards 1.
    """

    seen: float = 0.0
    expected: float = 0.0

    @property
    def factor(self) -> float:
        """What the usual rate is to be multiplied by, now."""
        return (PRIOR_CALLS + self.seen) / (PRIOR_CALLS + self.expected)

    def add_call(self) -> None:
        """Somebody who waited was called."""
        self.seen += 1

    def add_exposure(self, seconds: float, rate: float, half_life_seconds: float) -> None:
        """Lets time pass in which ``rate`` calls per second were expected."""
        kept = 0.5 ** (seconds / half_life_seconds)
        self.seen *= kept
        # The integral of what fades while it comes in.
        self.expected = self.expected * kept + rate * half_life_seconds / log(2) * (1 - kept)
