"""What was learned from the model's errors: how actual waits compare with raw ones."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

LEVELS = (0.1, 0.5, 0.9)
DEFAULT_LOGS = (-1.6, -0.2, 0.75)
TICKETS_FOR_OWN_LOGS = 50
SHRINKAGE = 40.0
LARGEST_LOG = 5.0
SETS_KEPT = 256
"""Groups past these share what the queue learned, so that the state has a bound."""

LAST_POSITIONS = (0, 1, 2, 4, 7, 12)
"""How many are ahead, at most, in each bucket but the last."""

BUCKETS = len(LAST_POSITIONS) + 1

# About 1 / density at each level, which is the step that converges fastest; and how many values
# the present remembers.
GAINS = (4.5, 2.1, 3.0)
MEMORY = 300
FIRST_STEPS = 4

Logs = tuple[float, float, float]
Group = tuple[int, int] | tuple[int, int, str]


def bucket_of(ahead: int) -> int:
    """The position bucket of a ticket: 0, 1, 2, 3–4, 5–7, 8–12 or 13 and more ahead."""
    return bisect_left(LAST_POSITIONS, ahead)


@dataclass(slots=True)
class TrackedQuantiles:
    """The 10 %, 50 % and 90 % quantiles of a stream that changes slowly, in four numbers.

    Stochastic approximation: each value moves a quantile a step up or down, in the proportion in
    which values should fall to either side (Robbins & Monro 1951; Tierney 1983). The step shrinks
    until it is that of 300 values, and stays there so that the past is forgotten.
    """

    count: int = 0
    logs: Logs = DEFAULT_LOGS

    def add(self, value: float) -> None:
        """Takes in a value."""
        self.count = min(self.count + 1, MEMORY)
        step = 1 / min(self.count + FIRST_STEPS, MEMORY)
        low, middle, high = (
            log + gain * step * (level - (value < log))
            for log, gain, level in zip(self.logs, GAINS, LEVELS, strict=True)
        )
        self.logs = (low, middle, high)

    def shrunk(self, prior: Logs) -> Logs:
        """Weighted ``n / (n + 40)`` against ``prior``."""
        own = self.count / (self.count + SHRINKAGE)
        others = 1 - own
        low, middle, high = self.logs
        return (
            own * low + others * prior[0],
            own * middle + others * prior[1],
            own * high + others * prior[2],
        )


class Ratios:
    """Quantiles of log(actual wait / raw wait): of the queue, and of its groups.

    A group is a position bucket and a priority, and within it a service; each is shrunk towards
    the one that holds it, so a group that has seen little says what the larger one says.
    """

    def __init__(self) -> None:
        self._queue = TrackedQuantiles()
        self._groups: dict[Group, TrackedQuantiles] = {}

    def logs(self, bucket: int, priority: int, service: str) -> Logs:
        """The 10 %, 50 % and 90 % quantiles for a ticket, in order."""
        logs = self._queue.logs if self._queue.count >= TICKETS_FOR_OWN_LOGS else DEFAULT_LOGS
        for group in _groups(bucket, priority, service):
            own = self._groups.get(group)
            if own is not None:
                logs = own.shrunk(logs)
        low, middle, high = sorted(logs)
        return low, middle, high

    def learn(self, bucket: int, priority: int, service: str, log_ratio: float) -> None:
        """Takes in what became of a ticket; only once it was called."""
        value = min(max(log_ratio, -LARGEST_LOG), LARGEST_LOG)
        self._queue.add(value)
        containing = self._queue.logs
        for group in _groups(bucket, priority, service):
            own = self._groups.get(group)
            if own is None:
                if len(self._groups) >= SETS_KEPT:
                    return
                own = self._groups[group] = TrackedQuantiles(logs=containing)
            own.add(value)
            containing = own.logs

    def to_dict(self) -> dict[str, Any]:
        """For ``from_dict``."""
        return {
            "queue": [self._queue.count, *self._queue.logs],
            "groups": [
                [list(group), [own.count, *own.logs]] for group, own in self._groups.items()
            ],
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of ``to_dict``."""
        ratios = cls()
        ratios._queue = _tracked(saved["queue"])
        ratios._groups = {tuple(group): _tracked(own) for group, own in saved["groups"]}
        return ratios


def _groups(bucket: int, priority: int, service: str) -> tuple[Group, Group]:
    return (bucket, priority), (bucket, priority, service)


def _tracked(saved: list[Any]) -> TrackedQuantiles:
    count, low, middle, high = saved
    return TrackedQuantiles(count, (low, middle, high))
