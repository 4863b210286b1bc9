"""Several relays at once: no event is missed by a queue's estimator, and none is taken in twice."""

import time
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.db.transaction import atomic
from django_scopes import scope

from appointments.models import Appointment
from appointments.tests.cast import build_practice
from conftest import House, build_house
from events.models import OutboxMessage
from events.outbox import relay_batch
from queues import handlers
from queues.models import Queue, SavedForecast, Source
from queues.services import figures, forecasts
from queues.services.queues import queue_create
from queues.services.tickets import ticket_join
from tests.races.at_once import at_once
from waitlessq import clock

JOINS = 60


@pytest.fixture
def house(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house whose changes are told to nobody."""
    monkeypatch.setattr(handlers, "publish", lambda _: None)
    # What was learned is written each time, so that a row shows who was last.
    monkeypatch.setattr(forecasts, "SAVED_AFTER", 1)
    return build_house("clinic")


def join_often(house: House, done: Event) -> None:
    with scope(provider=house.provider):
        for _ in range(JOINS):
            ticket_join(actor=house.actor, queue_id=house.queue.pk, source=Source.STAFF)
    done.set()


def relay(done: Event) -> None:
    """A few messages at a time, so that two relays have the same queue."""
    while relay_batch(limit=2).messages or not done.is_set():
        pass


def saved_after_a_crowd(house: House) -> dict[str, Any]:
    done = Event()
    at_once([partial(join_often, house, done), *[partial(relay, done)] * 3])
    relay_batch()
    with scope(provider=house.provider):
        assert not OutboxMessage.objects.filter(topic="queue.changed").exists()
        saved = SavedForecast.objects.get()
        return {"sequence": saved.sequence, "state": saved.state}


def test_two_relays_lose_nothing(house: House) -> None:
    after = saved_after_a_crowd(house)
    with scope(provider=house.provider):
        assert after["sequence"] == Queue.objects.get().sequence
        assert len(after["state"]["line"]["waiting"]) == JOINS
        SavedForecast.objects.all().delete()
        with atomic():
            forecasts.forecasts_update([house.queue.pk])
        assert SavedForecast.objects.get().state == after["state"]


def join_and_relay(house: House) -> None:
    with scope(provider=house.provider):
        ticket_join(actor=house.actor, queue_id=house.queue.pk, source=Source.STAFF)
    relay_batch()


@pytest.mark.parametrize("row_decides", [True, False])
def test_what_a_relay_has_at_hand_is_of_no_use_once_another_went_on(
    house: House, monkeypatch: pytest.MonkeyPatch, row_decides: bool
) -> None:
    """If what it has were trusted, as a control, it would forget who joined meanwhile."""
    if not row_decides:
        trusting = forecasts.LOCK_STATES.replace(
            "saved.seen IS DISTINCT FROM at_hand.seen", "at_hand.seen IS NULL"
        )
        monkeypatch.setattr(forecasts, "LOCK_STATES", trusting)
    join_and_relay(house)
    at_once([partial(join_and_relay, house)])
    join_and_relay(house)
    with scope(provider=house.provider):
        waiting = SavedForecast.objects.get().state["line"]["waiting"]
    assert len(waiting) == (3 if row_decides else 2)


@pytest.mark.parametrize("is_locked", [True, False])
def test_a_relay_that_was_held_up_undoes_nothing_because_of_the_lock(
    house: House, monkeypatch: pytest.MonkeyPatch, is_locked: bool
) -> None:
    """Without the lock, as a control, it does."""
    if not is_locked:
        unlocked = forecasts.LOCK_STATES.replace("FOR UPDATE OF saved", "")
        monkeypatch.setattr(forecasts, "LOCK_STATES", unlocked)
    relay_batch()
    with scope(provider=house.provider):
        ticket_join(actor=house.actor, queue_id=house.queue.pk, source=Source.STAFF)
    is_held_up, is_overtaken = Event(), Event()
    save = forecasts._save

    def slow_save(*args: Any, **more: Any) -> None:
        if not is_held_up.is_set():
            is_held_up.set()
            # In vain where the other has to wait for the lock.
            is_overtaken.wait(timeout=0.5)
        save(*args, **more)

    monkeypatch.setattr(forecasts, "_save", slow_save)

    def first() -> None:
        with atomic():
            forecasts.forecasts_update([house.queue.pk])

    def second() -> None:
        is_held_up.wait(timeout=10)
        with scope(provider=house.provider):
            ticket_join(actor=house.actor, queue_id=house.queue.pk, source=Source.STAFF)
        first()
        is_overtaken.set()

    at_once([first, second])
    with scope(provider=house.provider):
        is_newest = SavedForecast.objects.get().sequence == Queue.objects.get().sequence
    assert is_newest == is_locked


LOCK_STATE = "SELECT FROM queues_savedforecast WHERE queue_id = %s FOR UPDATE"
SOMEBODY_WAITS = """
SELECT EXISTS (SELECT FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database())
"""


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        # Else a transaction sees the same activity all the time.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(SOMEBODY_WAITS)
        return bool(cursor.fetchone()[0])


def test_rates_of_those_who_come_are_written_in_the_order_in_which_relays_lock(
    house: House,
) -> None:
    """Who has the first queue's estimator may go on to the second's, whoever waits for it."""
    with scope(provider=house.provider):
        practice = build_practice(house)
        second = queue_create(
            actor=house.actor, location=house.location, name="B", services=[house.service]
        )
        practice.book(practice.wish(10))
        Appointment.objects.update(state="fulfilled")
        relay_batch()
        with atomic():
            forecasts.forecasts_update([house.queue.pk, second.pk])
        # A row that is written anew lies behind the other one.
        SavedForecast.objects.filter(queue=house.queue).update(show_rate=None)
    is_held = Event()

    def as_a_relay() -> None:
        with atomic(), connection.cursor() as cursor:
            cursor.execute(LOCK_STATE, [house.queue.pk])
            is_held.set()
            begun = time.monotonic()
            while not somebody_waits() and time.monotonic() < begun + 10:
                time.sleep(0.01)
            cursor.execute(f"{LOCK_STATE} NOWAIT", [second.pk])

    def as_the_job() -> None:
        is_held.wait(timeout=10)
        with clock.override(practice.at(17)), connection.cursor() as cursor:
            # So large tables are read: as the rows lie.
            for way in ("nestloop", "mergejoin", "indexscan", "bitmapscan"):
                cursor.execute(f"SET enable_{way} = off")
            figures.show_rates_update()

    at_once([as_a_relay, as_the_job])
    with scope(provider=house.provider):
        assert None not in SavedForecast.objects.values_list("show_rate", flat=True)
