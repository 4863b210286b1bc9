"""How a delay goes through a day: a pure function over stretches of whole seconds."""

from collections.abc import Sequence
from typing import NamedTuple


class Taken(NamedTuple):
    """A seat of a resource that is taken, buffers included; empty is the session of no class."""

    resource: int
    seat: int
    session: str
    start: int
    end: int

    def later(self, seconds: int) -> "Taken":
        """The same so much later."""
        return self._replace(start=self.start + seconds, end=self.end + seconds)

    def excludes(self, other: "Taken") -> bool:
        """Whether the two can not be at one time, as the database says it (docs/adr/0014)."""
        return self.resource == other.resource and (
            self.seat == other.seat or self.session != other.session
        )


def delays(groups: Sequence[Sequence[Taken]], fixed: Sequence[Taken], first_by: int) -> list[int]:
    """By how many seconds each group of seats moves: the first so much, the others as they must.

    ``groups`` are what moves together, by start; ``fixed`` is what stays. A gap takes up what fits
    into it. Who would run into what stays comes after it.
    """
    moved: list[Taken] = []
    found = []
    for number, group in enumerate(groups):
        # Whoever came first is first, however late.
        by = max(first_by if number == 0 else 0, *_behind(group, moved), 0)
        while (more := max([by, *_behind(group, _met(group, fixed, by))])) > by:
            by = more
        moved += [taken.later(by) for taken in group]
        found.append(by)
    return found


def _behind(group: Sequence[Taken], others: Sequence[Taken]) -> list[int]:
    """By how much the group must move to come after each of the others that excludes it."""
    return [other.end - taken.start for taken in group for other in others if taken.excludes(other)]


def _met(group: Sequence[Taken], fixed: Sequence[Taken], by: int) -> list[Taken]:
    """What the group would run into so much later."""
    later = [taken.later(by) for taken in group]
    return [
        other
        for other in fixed
        if any(
            taken.excludes(other) and taken.start < other.end and taken.end > other.start
            for taken in later
        )
    ]
