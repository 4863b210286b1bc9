"""How fast the line is called from, by half hour of the week."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from queues.forecast.half_hours import SLOTS

PRIOR_CALLS = 20.0
"""How many calls the overall rate is worth beside a half hour's own."""

HALF_LIFE_DAYS = 30.0


@dataclass(slots=True)
class CallRates:
    """Calls per second of exposure: time in which somebody waited and the queue was served.

    A half hour's rate is ``(A + 20) / (B + 20 / r)`` with its calls A, its exposure B and the
    overall rate r: the posterior mean of a Poisson rate under a gamma prior worth 20 calls. r
    itself starts from ``prior_call_seconds``, seconds from call to call, worth one call.
    """

    prior_call_seconds: float
    calls: list[float] = field(default_factory=lambda: [0.0] * SLOTS)
    exposure: list[float] = field(default_factory=lambda: [0.0] * SLOTS)
    all_calls: float = 0.0
    all_exposure: float = 0.0

    def overall(self) -> float:
        """Calls per second, whatever the time."""
        return (self.all_calls + 1) / (self.all_exposure + self.prior_call_seconds)

    def rate(self, slot: int) -> float:
        """Calls per second in a half hour of the week."""
        prior_seconds = PRIOR_CALLS / self.overall()
        return (self.calls[slot] + PRIOR_CALLS) / (self.exposure[slot] + prior_seconds)

    def add_call(self, slot: int) -> None:
        """Somebody who waited was called."""
        self.calls[slot] += 1
        self.all_calls += 1

    def add_exposure(self, slot: int, seconds: float) -> None:
        """Somebody waited, and could have been called."""
        self.exposure[slot] += seconds
        self.all_exposure += seconds

    def decay(self, days: int) -> None:
        """Halves the past's weight every 30 days."""
        kept = 0.5 ** (days / HALF_LIFE_DAYS)
        self.calls = [count * kept for count in self.calls]
        self.exposure = [seconds * kept for seconds in self.exposure]
        self.all_calls *= kept
        self.all_exposure *= kept

    def copy(self) -> Self:
        """One that can be moved on without moving this."""
        return replace(self, calls=self.calls.copy(), exposure=self.exposure.copy())

    def to_dict(self) -> dict[str, Any]:
        """Half hours without exposure are left out."""
        used = [slot for slot in range(SLOTS) if self.exposure[slot] or self.calls[slot]]
        return {
            "slots": [[slot, self.calls[slot], self.exposure[slot]] for slot in used],
            "all": [self.all_calls, self.all_exposure],
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any], prior_call_seconds: float) -> Self:
        """The inverse of ``to_dict``."""
        rates = cls(prior_call_seconds)
        for slot, calls, exposure in saved["slots"]:
            rates.calls[slot], rates.exposure[slot] = calls, exposure
        rates.all_calls, rates.all_exposure = saved["all"]
        return rates
