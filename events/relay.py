"""The process that tells what happened: it looks into the outbox many times a second.

It polls, and nobody wakes it: a wake-up for each change would cost every request a message to
Redis, and save a page 25 ms on average. While all is told it says so on the heartbeat channel,
so that pages know that silence means that nothing happened.
"""

import logging
import time
from collections.abc import Callable, Collection
from threading import Event

from django.db import DatabaseError, InterfaceError, connection

from events.health import outbox_state
from events.outbox import RELAY_BATCH, are_for_pages, relay_batch
from waitlessq.db import replicas
from waitlessq.metrics import OUTBOX_AGE, OUTBOX_MESSAGES
from waitlessq.streams.channels import HEARTBEAT
from waitlessq.streams.publisher import PublishError, StreamMessage, publish

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.05
HEARTBEAT_SECONDS = 3.0
LONGEST_PAUSE_SECONDS = 1.0
TAKE_TURN = "SELECT pg_try_advisory_lock(hashtextextended('events.relay', 0))"
REGULAR_SECONDS = 0.25

Task = Callable[[], None]

_regular_tasks: list[Task] = []


def regularly(task: Task) -> Task:
    """Registers what each relay does four times a second, beside what it is asked for.

    It holds up the telling while it runs, so it must do a little at a time. Whatever it raises is
    logged, and it is run again.
    """
    _regular_tasks.append(task)
    return task


class _Failing:
    """Topics whose handlers failed: each is left alone for a while, longer each time."""

    def __init__(self) -> None:
        self._until: dict[str, tuple[float, float]] = {}

    def resting(self) -> set[str]:
        """Those that are not to be tried now."""
        now = time.monotonic()
        return {topic for topic, (until, _) in self._until.items() if now < until}

    def note(self, failed: Collection[str]) -> None:
        """What came of a pass; what was tried and did not fail works again."""
        tried_anew = self._until.keys() - self.resting() - set(failed)
        for topic in tried_anew:
            del self._until[topic]
        for topic in failed:
            _, pause = self._until.get(topic, (0.0, POLL_SECONDS))
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            self._until[topic] = (time.monotonic() + pause, pause)

    @property
    def keeps_pages_waiting(self) -> bool:
        """Whether pages are not told all that there is to tell them."""
        return are_for_pages(self._until)


class _Relay:
    """One process's part: at most one of several has the turn, the others stand by."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._has_turn = False
        self._failing = _Failing()
        self._beaten_at = float("-inf")
        self._regular_at = float("-inf")
        self._committed_at = float("-inf")
        self._noted_at = float("-inf")

    def run(self) -> None:
        """Tries again and again until it is stopped; less often while something fails."""
        pause = POLL_SECONDS
        while not self._stop.wait(pause):
            is_well = self._tell()
            pause = POLL_SECONDS if is_well else min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _tell(self) -> bool:
        """Tells what there is; whether nothing is left to be told."""
        try:
            self._beat_for_replicas()
            if not self._take_turn():
                return False
            while not self._stop.is_set():
                resting = self._failing.resting()
                relayed = relay_batch(without=resting)
                self._failing.note(relayed.failed)
                if relayed.messages < RELAY_BATCH:
                    break
            self._run_regular_tasks()
            self._note_outbox()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The outbox can not be read: %s", error)
            connection.close()
            self._has_turn = False
            return False
        except Exception:
            logger.exception("A regular task failed; it is run again.")
            return False
        # What fails for others is no reason to leave pages without a sign.
        return self._failing.keeps_pages_waiting or self._beat()

    def _run_regular_tasks(self) -> None:
        if time.monotonic() - self._regular_at >= REGULAR_SECONDS:
            for task in _regular_tasks:
                task()
            self._regular_at = time.monotonic()

    def _note_outbox(self) -> None:
        if time.monotonic() - self._noted_at >= HEARTBEAT_SECONDS:
            count, seconds = outbox_state()
            OUTBOX_MESSAGES.set(count)
            OUTBOX_AGE.set(seconds)
            self._noted_at = time.monotonic()

    def _beat_for_replicas(self) -> None:
        """Whoever has the turn, or none: a replica without news must not look left behind."""
        if time.monotonic() - self._committed_at >= replicas.BEAT_SECONDS:
            replicas.beat()
            self._committed_at = time.monotonic()

    def _take_turn(self) -> bool:
        """Whether this is the relay that tells: PostgreSQL gives the turn to one connection.

        So messages of a queue are published in order, and a heartbeat speaks for all of them.
        """
        if not self._has_turn:
            with connection.cursor() as cursor:
                cursor.execute(TAKE_TURN)
                [self._has_turn] = cursor.fetchone()
        return self._has_turn

    def _beat(self) -> bool:
        if time.monotonic() - self._beaten_at < HEARTBEAT_SECONDS:
            return True
        try:
            publish([StreamMessage(HEARTBEAT, HEARTBEAT, {})])
        except PublishError as error:
            logger.warning("No heartbeat: %s", error)
            return False
        self._beaten_at = time.monotonic()
        return True


def relay_until(stop: Event) -> None:
    """Hands over messages until ``stop`` is set. Of several relays one works at a time.

    Nothing ends it: while the database is gone, or handlers or regular tasks fail, it tries again,
    at least every second.
    """
    _Relay(stop).run()
