"""What people read: a range in honest minutes.

A range is rounded outwards, so that rounding never makes it promise more, and to steps that grow
with it, so that it does not look more exact than it is.
"""

from dataclasses import dataclass
from math import ceil, floor

from queues.forecast.estimate import Estimate

MINUTE = 60
HOUR = 60
ANY_MINUTE = 3
# Up to so many minutes, steps of so many.
STEPS = ((10, 1), (60, 5), (120, 10))
LONGEST_STEP = 30
MINUTES_UP_TO = 120


@dataclass(frozen=True, slots=True)
class ShownWait:
    """A wait as it is shown, in whole minutes."""

    low: int
    middle: int
    high: int
    is_next: bool
    is_any_minute: bool

    @property
    def text(self) -> str:
        """In English: "20–35 min, most likely 25", "Next, within 5 min" or "Any minute"."""
        if self.is_any_minute:
            return "Any minute"
        if self.high > MINUTES_UP_TO:
            low, middle, high = (f"{minutes / HOUR:g}" for minutes in self._minutes)
            unit = "h"
        else:
            low, middle, high = (str(minutes) for minutes in self._minutes)
            unit = "min"
        if self.is_next:
            return f"Next, within {high} {unit}"
        if low == "0":
            return f"Up to {high} {unit}, most likely {middle}"
        if low == high:
            return f"About {high} {unit}"
        return f"{low}–{high} {unit}, most likely {middle}"

    @property
    def _minutes(self) -> tuple[int, int, int]:
        return self.low, self.middle, self.high


def shown(estimate: Estimate) -> ShownWait:
    """Rounds an estimate for people: the ends outwards, the middle to the nearest.

    The app does the same (``pwa/client/src/shared/wait.ts``).
    """
    step = _step(ceil(estimate.high / MINUTE))
    low = floor(estimate.low / MINUTE / step) * step
    high = max(ceil(estimate.high / MINUTE / step) * step, 1)
    # Its own step, but in hours: in a range from nothing to 15 minutes, 2 is not 0.
    finer = step if high > MINUTES_UP_TO else _step(ceil(estimate.middle / MINUTE))
    least = step if high > MINUTES_UP_TO else 1
    nearest = floor(estimate.middle / MINUTE / finer + 0.5) * finer
    middle = min(max(nearest, low, least), high)
    return ShownWait(
        low=low,
        middle=middle,
        high=high,
        is_next=estimate.ahead == 0,
        is_any_minute=high <= ANY_MINUTE,
    )


def _step(high: int) -> int:
    return next((step for up_to, step in STEPS if high <= up_to), LONGEST_STEP)
