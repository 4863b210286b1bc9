"""How several relays divide among themselves what there is to tell.

What messages are about falls into ``PARTS`` by its id. A part is told by the relay whose
connection holds its advisory lock: by one at a time, so that what happens to a queue is told in
order, and by another one soon after that connection has ended. They are counted by a lock that all
of them share, so nobody has to be told how many there are.
"""

import time
from collections.abc import Collection

from django.db import connection

PARTS = 16
"""More relays than this have nothing to do."""

DIVIDE_SECONDS = 0.5
JOIN = "SELECT pg_advisory_lock_shared(hashtextextended('events.relay', 0))"
# Which place this one has among those that are there, and how many they are.
PLACE = """
SELECT count(*) FILTER (WHERE pid < pg_backend_pid()), count(*) FROM pg_locks
WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted AND objsubid = 1
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND (classid::bigint << 32) | objid::bigint = hashtextextended('events.relay', 0)
"""
TAKE = "SELECT pg_try_advisory_lock(hashtextextended('events.relay.part', %s))"
GIVE_UP = "SELECT pg_advisory_unlock(hashtextextended('events.relay.part', %s))"


class Share:
    """The parts that this process tells, as long as its connection lives."""

    def __init__(self) -> None:
        self.parts: frozenset[int] = frozenset()
        self._has_joined = False
        self._divided_at = float("-inf")

    @property
    def has_first(self) -> bool:
        """Whether it is the one that does what one alone must do."""
        return 0 in self.parts

    def divide(self, *, may_give_up: bool) -> None:
        """Takes what falls to this process and is free, and gives up what falls to others.

        Call it between passes only. Twice a second it looks again; in between nothing is asked.
        """
        if time.monotonic() - self._divided_at < DIVIDE_SECONDS:
            return
        with connection.cursor() as cursor:
            if not self._has_joined:
                cursor.execute(JOIN)
                self._has_joined = True
            cursor.execute(PLACE)
            place, members = cursor.fetchone()
        fair = frozenset(range(place, PARTS, members))
        if may_give_up:
            self._give_up(self.parts - fair)
        self._take(fair - self.parts)
        self._divided_at = time.monotonic()

    def _take(self, parts: Collection[int]) -> None:
        self.parts |= {part for part in parts if _ask(TAKE, part)}

    def _give_up(self, parts: Collection[int]) -> None:
        for part in parts:
            _ask(GIVE_UP, part)
        self.parts -= frozenset(parts)


def _ask(statement: str, part: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [part])
        said: bool = cursor.fetchone()[0]
    return said
