"""How long services, and groups, hold a counter, one against another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

PRIOR_SERVICES = 10.0
HALF_LIFE = 60.0
OVERALL_HALF_LIFE = 600.0
LARGEST_GROUP = 8
"""Larger ones count as this."""

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
    """Mean seconds from call to finish, per service, shrunk towards the mean of all.

    ``groups`` are by their size: how many times as long as their service takes for one, shrunk
    towards as long. Where nobody comes in groups they change nothing.
    """

    overall: FadingMean = field(default_factory=FadingMean)
    services: dict[str, FadingMean] = field(default_factory=dict)
    groups: dict[int, FadingMean] = field(default_factory=dict)

    def add(self, service: str, seconds: float, people: int = 1) -> None:
        """Somebody was served."""
        self.overall.add(seconds, OVERALL_HALF_LIFE)
        if service in self.services or len(self.services) < SERVICES_KEPT:
            alone = seconds / self._of_group(people)
            self.services.setdefault(service, FadingMean()).add(alone, HALF_LIFE)
        if people > 1:
            size = min(people, LARGEST_GROUP)
            usual = self.overall.mean * self._of_service(service)
            self.groups.setdefault(size, FadingMean()).add(seconds / usual, HALF_LIFE)

    def weight(self, service: str, people: int = 1) -> float:
        """How long such a ticket takes over the mean of all; 1 where nothing is known."""
        return self._of_service(service) * self._of_group(people)

    def _of_service(self, service: str) -> float:
        own = self.services.get(service)
        if own is None or self.overall.mean <= 0:
            return 1.0
        return _shrunk(own, self.overall.mean) / self.overall.mean

    def _of_group(self, people: int) -> float:
        own = self.groups.get(min(people, LARGEST_GROUP))
        return 1.0 if own is None else _shrunk(own, 1.0)

    def to_dict(self) -> dict[str, Any]:
        """For ``from_dict``."""
        return {
            "overall": [self.overall.weight, self.overall.mean],
            "services": {name: [one.weight, one.mean] for name, one in self.services.items()},
            "groups": [[size, one.weight, one.mean] for size, one in self.groups.items()],
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of ``to_dict``."""
        return cls(
            FadingMean(*saved["overall"]),
            {name: FadingMean(*one) for name, one in saved["services"].items()},
            {size: FadingMean(*one) for size, *one in saved["groups"]},
        )


def _shrunk(own: FadingMean, towards: float) -> float:
    prior = PRIOR_SERVICES * towards
    return (own.weight * own.mean + prior) / (own.weight + PRIOR_SERVICES)
