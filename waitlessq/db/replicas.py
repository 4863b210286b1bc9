"""What each process knows of the replicas: who can be read from, and how far each has come.

Of each replica a thread asks four times a second. One that is dead, frozen, or further behind
than ``REPLICA_LAG_SECONDS`` is left out until it answers and has caught up. How far behind it is,
is the age of the last transaction that it has replayed; so that a primary without work does not
look like a replica without news, relays commit an empty transaction every second (``beat``).
"""

import logging
import os
import random
import time
from collections.abc import Sequence
from functools import cache
from threading import Event, Lock, Thread
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, connections

from waitlessq.metrics import REPLICA_IN, REPLICA_LAG

logger = logging.getLogger(__name__)

PREFIX = "replica"
# Together what a request waits at most for a replica that froze, before it asks the primary.
PROBE_SECONDS = 0.25
PROBE_TIMEOUT_SECONDS = 0.6
BEAT_SECONDS = 1.0
PROBE = """
SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint,
    extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float
WHERE pg_is_in_recovery()
"""
REPLAYED = "SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint"
# An id alone is written down as a commit, without a table and without waiting for the disk.
BEAT = "SELECT pg_current_xact_id()"


class Replica:
    """One replica, as this process knows it. Positions are bytes of WAL; they only grow."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.is_in = False
        self.lag_seconds: float | None = None
        self._replayed = 0

    def has_replayed(self, position: int) -> bool:
        """Whether a read there sees what was committed at ``position``; asks if it is not known."""
        if position > self._replayed:
            with connections[self.alias].cursor() as cursor:
                cursor.execute(REPLAYED)
                # The primary answers nothing, should the replica be gone at this very moment.
                self._replayed = max(self._replayed, cursor.fetchone()[0] or 0)
        return position <= self._replayed

    def note(self, position: int | None, lag_seconds: float | None) -> None:
        """Takes in what the replica said of itself; without a position it is none."""
        self.lag_seconds = lag_seconds
        if position is None or lag_seconds is None:
            self.take_out("it has not replayed anything yet, or is no replica")
        elif lag_seconds > settings.REPLICA_LAG_SECONDS:
            self.take_out(f"it is {lag_seconds:.1f} s behind")
        else:
            self._replayed = max(self._replayed, position)
            if not self.is_in:
                logger.info("%s is read from.", self.alias)
            self.is_in = True
        REPLICA_LAG.labels(self.alias).set(lag_seconds or 0)
        REPLICA_IN.labels(self.alias).set(self.is_in)

    def take_out(self, reason: object) -> None:
        """Nothing is read there until it has been asked again."""
        if self.is_in:
            logger.warning("%s is left out: %s", self.alias, reason)
        self.is_in = False
        REPLICA_IN.labels(self.alias).set(0)

    def forget_position(self) -> None:
        """A new connection may lead to a server that starts from an earlier position."""
        self._replayed = 0


@cache
def all_replicas() -> Sequence[Replica]:
    """Every replica of the settings."""
    return [Replica(alias) for alias in settings.DATABASES if alias.startswith(PREFIX)]


def replica(alias: str) -> Replica:
    """The replica of this alias."""
    return next(one for one in all_replicas() if one.alias == alias)


def usable() -> list[Replica]:
    """The replicas to read from, in random order; none in a process that has just begun."""
    _prober.start()
    found = [one for one in all_replicas() if one.is_in]
    random.shuffle(found)
    return found


def current_position() -> int:
    """How far the primary has written: whoever has replayed this sees all that was committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint")
        position: int = cursor.fetchone()[0]
    return position


def beat() -> None:
    """Commits an empty transaction, so that replicas can tell how far behind they are."""
    if all_replicas():
        with connection.cursor() as cursor:
            cursor.execute(BEAT)


class _ProbeConnection(psycopg.Connection[tuple[Any, ...]]):
    """Waits for no answer longer than a moment: a frozen server answers nothing at all."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        return super().wait(gen, interval, timeout or PROBE_TIMEOUT_SECONDS)


class _Prober:
    """The threads that ask; they are started when something is first to be read in this process.

    One for each replica, so that one which is frozen holds up no news of the others.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._threads: list[Thread] = []
        self._stop = Event()

    def start(self) -> None:
        """Starts them unless they run."""
        if not self._threads:
            with self._lock:
                if not self._threads:
                    self._stop = Event()
                    self._threads = [self._started(one) for one in all_replicas()]

    def stop(self) -> None:
        """Ends them and what they hold open; they can be started again."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _started(self, one: Replica) -> Thread:
        thread = Thread(target=self._run, args=[one, self._stop], name=one.alias, daemon=True)
        thread.start()
        return thread

    def _run(self, one: Replica, stop: Event) -> None:
        line: _ProbeConnection | None = None
        while not stop.is_set():
            began = time.monotonic()
            line = self._ask(one, line)
            stop.wait(max(0.0, PROBE_SECONDS - (time.monotonic() - began)))
        if line is not None:
            line.close()

    def _ask(self, one: Replica, line: _ProbeConnection | None) -> _ProbeConnection | None:
        """Asks on the line, or a new one; the line to ask on again, if it is good for that."""
        try:
            if line is None:
                parameters = connections[one.alias].get_connection_params()
                line = _ProbeConnection.connect(**parameters, autocommit=True)
                one.forget_position()
            row = line.execute(PROBE).fetchone()
        except psycopg.Error as error:
            one.take_out(error)
            if line is not None:
                line.close()
            return None
        one.note(*(row or (None, None)))
        return line


_prober = _Prober()


def stop() -> None:
    """Ends the asking; nothing is read from replicas until something asks for them again."""
    _prober.stop()
    _trust_nobody()


def _trust_nobody() -> None:
    for one in all_replicas():
        one.is_in = False
        one.forget_position()


def _forget_after_fork() -> None:
    # A thread does not survive a fork, and the connections are the parent's.
    _prober.__init__()  # type: ignore[misc]
    if all_replicas.cache_info().currsize:
        _trust_nobody()


os.register_at_fork(after_in_child=_forget_after_fork)
