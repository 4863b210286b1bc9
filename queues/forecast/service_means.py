"""How long services hold a counter, one against another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

PRIOR_SERVICES = 10.0
HALF_LIFE = 60.0
OVERALL_HALF_LIFE = 600.0
SERVICES_KEPT = 64
"""Services past these count as average, so that the state has a bound."""


@dataclass(slots=True)
class FadingMean:
    """A mean in which each value weighs half as much once ``half_life`` others came."""

    weight: float = 0.0
    mean: float = 0.0

    def add(self, value: float, half_life: float) -> None:
        """Takes in a value."""
        faded = self.weight * 0.5 ** (1 / half_life)
        self.weight = faded + 1
        self.mean += (value - self.mean) / self.weight


@dataclass(slots=True)
class ServiceMeans:
    """Mean seconds from call to finish, per service, shrunk towards the mean of all."""

    overall: FadingMean = field(default_factory=FadingMean)
    services: dict[str, FadingMean] = field(default_factory=dict)

    def add(self, service: str, seconds: float) -> None:
        """Somebody was served."""
        self.overall.add(seconds, OVERALL_HALF_LIFE)
        if service in self.services or len(self.services) < SERVICES_KEPT:
            self.services.setdefault(service, FadingMean()).add(seconds, HALF_LIFE)

    def weight(self, service: str) -> float:
        """The service's mean over the mean of all; 1 where nothing is known."""
        own = self.services.get(service)
        if own is None or self.overall.mean <= 0:
            return 1.0
        prior = PRIOR_SERVICES * self.overall.mean
        shrunk = (own.weight * own.mean + prior) / (own.weight + PRIOR_SERVICES)
        return shrunk / self.overall.mean

    def to_dict(self) -> dict[str, Any]:
        """For ``from_dict``."""
        return {
            "overall": [self.overall.weight, self.overall.mean],
            "services": {name: [one.weight, one.mean] for name, one in self.services.items()},
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of ``to_dict``."""
        return cls(
            FadingMean(*saved["overall"]),
            {name: FadingMean(*one) for name, one in saved["services"].items()},
        )
