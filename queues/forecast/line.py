"""Who waits, in call order."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Self

TICKETS_FOLLOWED = 5000
"""Tickets that join a longer line are not followed, so that the state has a bound."""

Key = tuple[float, int]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket in line. Times are epoch seconds.

    ``raw`` is the raw wait that was foreseen when it joined with ``ahead`` before it; None where
    there was nothing to learn from.
    """

    ticket: int
    joined_at: float
    order_key: float
    service: str
    priority: int
    ahead: int
    raw: float | None
    people: int = 1

    @property
    def key(self) -> Key:
        """Its place among the others."""
        return self.order_key, self.ticket

    @property
    def kind(self) -> tuple[str, int]:
        """What its service's length depends on: the service, and how many people come."""
        return self.service, self.people


class Line:
    """The waiting tickets by order key, then number."""

    def __init__(self) -> None:
        self._keys: list[Key] = []
        self._waiting: dict[int, Waiting] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Waiting]:
        return (self._waiting[ticket] for _, ticket in self._keys)

    def __contains__(self, ticket: int) -> bool:
        return ticket in self._waiting

    @property
    def keys(self) -> Sequence[Key]:
        """The places of all, in order."""
        return self._keys

    def ahead_of(self, key: Key) -> int:
        """How many are called before the one with this key."""
        return bisect_left(self._keys, key)

    def add(self, waiting: Waiting) -> None:
        """Puts a ticket in its place, if there is room for it."""
        if waiting.ticket not in self._waiting and len(self._keys) < TICKETS_FOLLOWED:
            insort(self._keys, waiting.key)
            self._waiting[waiting.ticket] = waiting

    def remove(self, ticket: int) -> Waiting | None:
        """Takes a ticket out; None if it is not in line."""
        waiting = self._waiting.pop(ticket, None)
        if waiting is not None:
            del self._keys[bisect_left(self._keys, waiting.key)]
        return waiting

    def to_dict(self) -> dict[str, Any]:
        """For ``from_dict``."""
        return {"waiting": [list(astuple(waiting)) for waiting in self]}

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of ``to_dict``."""
        line = cls()
        for fields in saved["waiting"]:
            line.add(Waiting(*fields))
        return line
