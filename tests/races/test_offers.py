"""Offers of freed times: two at once, an answer and an end, leaving while being asked.

Whoever has an entry's lock has its offers. With the lock out of the way each race is lost.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django_scopes import scope

from appointments.models import Appointment, FreedSlot, Offer, SlotHold, WaitlistEntry
from appointments.selectors import holders_waiting
from appointments.services import offers
from appointments.services import waitlist as waitlist_services
from appointments.services.bookings import Details, appointment_book_held
from appointments.services.offers import (
    freed_slot_offer,
    freed_slots_offer,
    offer_accept,
    offers_expire,
)
from appointments.services.resources import resource_update
from appointments.services.waitlist import waitlist_join, waitlist_leave
from appointments.tests.cast import Practice, build_practice
from conftest import build_house
from providers.actors import Actor
from queues.models import Source
from queues.services import offers as line
from queues.services.tickets import ticket_join
from tests.races.at_once import at_once
from waitlessq import clock
from waitlessq.errors import DomainError

WAIT_SECONDS = 5


@pytest.fixture
def practice(transactional_db: None) -> Iterator[Practice]:
    house = build_house("small")
    with scope(provider=house.provider):
        made = build_practice(house)
        resource_update(actor=house.actor, resource=made.ben, is_active=False)
        yield made


@pytest.fixture
def entry(practice: Practice) -> WaitlistEntry:
    return waitlist_join(actor=practice.customer, wish=practice.wish(9), last=practice.at(12))


def freed(practice: Practice, hour: int) -> FreedSlot:
    return FreedSlot.objects.create(
        provider=practice.house.provider,
        location=practice.house.location,
        resource_ids=[practice.ada.pk],
        starts_at=practice.at(hour),
        ends_at=practice.at(hour, 15),
        due_at=clock.now(),
    )


def together(practice: Practice, *jobs: Any) -> list[str]:
    """What each job came to."""

    def outcome(job: Any) -> str:
        try:
            with scope(provider=practice.house.provider):
                job()
        except (DomainError, IntegrityError, offers._BusyError) as error:
            return type(error).__name__
        return "done"

    return at_once([partial(outcome, job) for job in jobs])


class Meeting:
    """Two meet: one comes as far as a place, the other passes or waits for a lock meanwhile."""

    def __init__(self) -> None:
        self._is_there, self._is_over = Event(), Event()

    def stop_at(self, function: Any) -> Any:
        """The function, which goes on once the other is done, or has waited long enough."""

        def stopped(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            if not self._is_there.is_set():
                self._is_there.set()
                self._is_over.wait(0.5)
            return result

        return stopped

    def other(self, job: Any) -> Any:
        """The job, which begins once the first is there."""

        def run() -> None:
            self._is_there.wait(WAIT_SECONDS)
            try:
                job()
            finally:
                self._is_over.set()

        return run


def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads entries without locking them."""

    def look(entry_id: int) -> WaitlistEntry | None:
        return WaitlistEntry.objects.filter(pk=entry_id).first()

    def look_at(_actor: Actor, entry_id: int) -> WaitlistEntry:
        return WaitlistEntry.objects.select_related("location").get(pk=entry_id)

    monkeypatch.setattr(offers, "try_lock_entry", look)
    for module in (offers, waitlist_services):
        monkeypatch.setattr(module, "lock_entry", look_at)


@pytest.mark.parametrize("is_locked", [True, False])
def test_nobody_is_asked_about_two_times_at_once(
    practice: Practice, entry: WaitlistEntry, monkeypatch: pytest.MonkeyPatch, is_locked: bool
) -> None:
    if not is_locked:
        without_lock(monkeypatch)
    meeting = Meeting()
    monkeypatch.setattr(offers, "lock_resources", meeting.stop_at(lambda _ids: None))
    first, second = (freed(practice, hour) for hour in (10, 11))
    outcomes = together(
        practice,
        partial(freed_slot_offer, freed_id=first.pk),
        meeting.other(partial(freed_slot_offer, freed_id=second.pk)),
    )
    if not is_locked:
        assert sorted(outcomes) == ["IntegrityError", "done"]
        return
    assert outcomes == ["done", "_BusyError"]
    # What is put off is not lost: it is asked about once the first is answered.
    offers_of = Offer.objects.filter(entry=entry)
    assert offers_of.count() == 1
    with clock.override(clock.now() + offers.OFFERED_FOR):
        freed_slots_offer()
        assert offers_of.count() == 2


@pytest.mark.parametrize("is_locked", [True, False])
def test_who_leaves_while_being_asked_keeps_no_time(
    practice: Practice, entry: WaitlistEntry, monkeypatch: pytest.MonkeyPatch, is_locked: bool
) -> None:
    if not is_locked:
        without_lock(monkeypatch)
    meeting = Meeting()
    monkeypatch.setattr(offers, "lock_resources", meeting.stop_at(lambda _ids: None))
    slot = freed(practice, 10)
    outcomes = together(
        practice,
        partial(freed_slot_offer, freed_id=slot.pk),
        meeting.other(partial(waitlist_leave, actor=practice.customer, entry_id=entry.pk)),
    )
    assert outcomes == ["done", "done"]
    entry.refresh_from_db()
    assert entry.state == "left"
    is_kept = SlotHold.objects.exists() and Offer.objects.filter(state="open").exists()
    assert is_kept is not is_locked


@pytest.mark.parametrize("is_locked", [True, False])
def test_what_is_accepted_as_it_runs_out_stays_accepted(
    practice: Practice, entry: WaitlistEntry, monkeypatch: pytest.MonkeyPatch, is_locked: bool
) -> None:
    if not is_locked:
        without_lock(monkeypatch)
    freed(practice, 10)
    freed_slots_offer()
    offer = entry.offers.get()
    meeting = Meeting()
    monkeypatch.setattr(offers, "appointment_book_held", meeting.stop_at(appointment_book_held))

    def expire() -> None:
        with clock.override(offer.expires_at + timedelta(seconds=1)):
            offers_expire()

    accept = partial(
        offer_accept,
        actor=practice.customer,
        entry_id=entry.pk,
        offer_id=offer.pk,
        details=Details(),
    )
    assert together(practice, accept, meeting.other(expire)) == ["done", "done"]
    offer.refresh_from_db()
    assert Appointment.objects.count() == 1
    assert (offer.state == "accepted") is is_locked


def unclaimed(slot: FreedSlot) -> dict[int, dict[str, Any]]:
    """What a relay is told of a slot that nobody on the list wants."""
    told = {
        "location": slot.location_id,
        "resources": slot.resource_ids,
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
    }
    return {slot.pk: told}


class TwoRelays:
    """Two who wait in line, and two relays that know of one freed time each, at one moment."""

    def __init__(self, practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
        house = practice.house
        joining = partial(
            ticket_join, actor=house.actor, source=Source.STAFF, service_id=house.service.pk
        )
        tickets = [joining(queue_id=house.queue.pk) for _ in range(2)]
        self.holders = [line.holder_of(ticket.pk) for ticket in tickets]
        self.slots = [freed(practice, hour) for hour in (10, 11)]
        self._practice = practice
        self._meeting = Meeting()
        monkeypatch.setattr(line, "_likely_waits", lambda _queues: {})
        monkeypatch.setattr(line, "holders_waiting", self._meeting.stop_at(holders_waiting))

    def run(self) -> list[str]:
        """What each of them came to; the second begins once the first has read who is asked."""
        first, second = (partial(self._relay, slot) for slot in self.slots)
        return together(self._practice, first, self._meeting.other(second))

    def asked(self) -> list[tuple[int | None, str]]:
        """Who is asked about which time."""
        entries = WaitlistEntry.objects.order_by("freed")
        return list(entries.values_list("freed", "holder"))

    def _relay(self, slot: FreedSlot) -> None:
        with clock.override(self._practice.at(9)):
            line.freed_slots_offer_to_line(unclaimed(slot))


def test_two_relays_ask_two_who_wait_in_line(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    relays = TwoRelays(practice, monkeypatch)
    assert relays.run() == ["done", "done"]
    one, other = relays.slots
    assert relays.asked() == [(one.pk, relays.holders[0]), (other.pk, relays.holders[1])]


def test_without_the_lock_the_database_asks_nobody_about_two(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "_lock_line", lambda _location_id: None)
    relays = TwoRelays(practice, monkeypatch)
    assert sorted(relays.run()) == ["IntegrityError", "done"]
    assert len(relays.asked()) == 1


def test_without_lock_and_index_one_is_asked_about_two(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "_lock_line", lambda _location_id: None)
    name = "holder_is_asked_about_one"
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
        [definition] = cursor.fetchone()
        cursor.execute(f"DROP INDEX {name}")
    try:
        relays = TwoRelays(practice, monkeypatch)
        assert relays.run() == ["done", "done"]
        assert [holder for _, holder in relays.asked()] == [relays.holders[0]] * 2
    finally:
        WaitlistEntry.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(definition)
