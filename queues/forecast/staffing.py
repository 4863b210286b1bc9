"""How many counters are open, against how many usually are at this time of the week."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import sqrt
from typing import Any, Self

from queues.forecast.call_rates import HALF_LIFE_DAYS, PRIOR_CALLS
from queues.forecast.half_hours import SLOTS


@dataclass(slots=True)
class Staffing:
    """Seconds of exposure by half hour, and the same times the counters that were open."""

    counter_seconds: list[float] = field(default_factory=lambda: [0.0] * SLOTS)
    seconds: list[float] = field(default_factory=lambda: [0.0] * SLOTS)
    all_counter_seconds: float = 0.0
    all_seconds: float = 0.0

    def factor(self, slot: int, counters: int, overall_rate: float) -> float:
        """What the usual rate is to be multiplied by while so many counters are open.

        The square root of now over usual: a counter more is not yet as many calls more, as whoever
        sits there may do other things, and what lasts the drift learns. The usual number of a
        half hour is shrunk towards that of all, as the rates are, by the time of 20 calls.
        """
        if not counters or not self.all_counter_seconds:
            return 1.0
        prior = PRIOR_CALLS / overall_rate
        average = self.all_counter_seconds / self.all_seconds
        usual = (self.counter_seconds[slot] + prior * average) / (self.seconds[slot] + prior)
        return sqrt(counters / usual)

    def add_exposure(self, slot: int, counters: int, seconds: float) -> None:
        """Somebody waited while so many counters were open."""
        self.counter_seconds[slot] += counters * seconds
        self.seconds[slot] += seconds
        self.all_counter_seconds += counters * seconds
        self.all_seconds += seconds

    def decay(self, days: int) -> None:
        """Halves the past's weight every 30 days."""
        kept = 0.5 ** (days / HALF_LIFE_DAYS)
        self.counter_seconds = [one * kept for one in self.counter_seconds]
        self.seconds = [one * kept for one in self.seconds]
        self.all_counter_seconds *= kept
        self.all_seconds *= kept

    def copy(self) -> Self:
        """One that can be moved on without moving this."""
        return replace(
            self, counter_seconds=self.counter_seconds.copy(), seconds=self.seconds.copy()
        )

    def to_dict(self) -> dict[str, Any]:
        """Half hours without exposure are left out."""
        used = [slot for slot in range(SLOTS) if self.seconds[slot]]
        return {
            "slots": [[slot, self.counter_seconds[slot], self.seconds[slot]] for slot in used],
            "all": [self.all_counter_seconds, self.all_seconds],
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of ``to_dict``."""
        staffing = cls()
        for slot, counter_seconds, seconds in saved["slots"]:
            staffing.counter_seconds[slot], staffing.seconds[slot] = counter_seconds, seconds
        staffing.all_counter_seconds, staffing.all_seconds = saved["all"]
        return staffing
