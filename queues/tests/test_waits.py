"""Waits in the snapshot: stored estimators that relays move on, and who reads them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now
from django.db.transaction import atomic
from django.test import Client
from django_scopes import scope

from conftest import House, build_house
from events.outbox import relay_batch
from events.parts import PARTS
from providers.models import Location
from queues import handlers, snapshot
from queues.forecast import Called, CounterChanged, Event, Finished, Joined, Left, Moved
from queues.models import Queue, QueueStatus, Quote, SavedForecast, Source, Ticket
from queues.services import forecasts, tickets
from queues.services.counters import counter_close, counter_open, counter_update
from queues.services.queues import queue_update
from queues.services.transfers import ticket_transfer
from queues.snapshot import FRESH_SECONDS, build_snapshot, etag, read_snapshot
from queues.tests.test_life import other_queue
from queues.waits import CALLS_TO_TELL, event_from
from waitlessq import clock
from waitlessq.streams.publisher import PublishError, StreamMessage

pytestmark = pytest.mark.django_db(transaction=True)

STEP = timedelta(minutes=3)


@pytest.fixture(autouse=True)
def _saved_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in a state is looked at here; how seldom it is written has tests of its own."""
    monkeypatch.setattr(forecasts, "SAVED_AFTER", 1)


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    """A morning that began yesterday would be none: who is called is of the same day."""
    with clock.override(clock.now().replace(hour=10, minute=0)):
        yield


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[StreamMessage]:
    """What was published, in turn."""
    messages: list[StreamMessage] = []
    monkeypatch.setattr(handlers, "publish", messages.extend)
    return messages


@pytest.fixture
def busy(told: list[StreamMessage]) -> Iterator[House]:
    """A house where people wait, and some were called before; no relay saw it yet."""
    house = build_house("clinic")
    with scope(provider=house.provider):
        a_morning(house)
        yield house


def a_morning(house: House, calls: int = CALLS_TO_TELL, waiting: int = 3) -> None:
    """So many were called after 6 minutes each, and so many wait, the first for 6 minutes."""
    start = clock.now() - STEP * (calls + 3)
    for number in range(calls + 2):
        with clock.override(start + number * STEP):
            join(house)
            if number >= 2:
                finish_and_call(house)
    for _ in range(waiting - 2):
        join(house)


def join(house: House, **more: Any) -> Ticket:
    more = {"source": Source.STAFF} | more
    return tickets.ticket_join(actor=house.actor, queue_id=house.queue.pk, **more)


def finish_and_call(house: House) -> Ticket | None:
    turn = tickets.ticket_finish_and_call_next(actor=house.actor, counter_id=house.counter.pk)
    return turn.called


def saved(house: House) -> SavedForecast:
    return SavedForecast.objects.get(queue=house.queue)


def waits_in(document: Mapping[str, Any]) -> list[Any]:
    return [*document["waits"], document["newcomer"]]


def relay_all() -> None:
    while relay_batch().messages:
        pass


def snapshots(told: list[StreamMessage]) -> list[Mapping[str, Any]]:
    return [message.data for message in told if message.event == "snapshot"]


def test_everybody_in_line_and_who_would_join_is_told_a_range(busy: House) -> None:
    document = build_snapshot(busy.queue.pk)
    assert len(document["waits"]) == len(document["waiting"]) == 3
    waits = waits_in(document)
    assert all(0 <= low <= middle <= high for low, middle, high in waits)
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]


def test_nobody_is_told_anything_while_no_counter_is_open(busy: House) -> None:
    finish_and_call(busy)
    tickets.ticket_cancel(actor=busy.actor, ticket_id=at_counter(busy).pk)
    for counter in (busy.counter, busy.counter2):
        assert build_snapshot(busy.queue.pk)["waits"]
        counter_close(actor=busy.actor, counter_id=counter.pk)
    document = build_snapshot(busy.queue.pk)
    assert (document["waiting_total"], waits_in(document)) == (2, [None])
    counter_open(actor=busy.actor, counter_id=busy.counter.pk)
    assert all(waits_in(build_snapshot(busy.queue.pk)))


def at_counter(house: House) -> Ticket:
    return Ticket.objects.get(counter=house.counter, state="called")


def test_nobody_is_told_anything_before_some_were_called(
    told: list[StreamMessage],
) -> None:
    house = build_house("clinic")
    with scope(provider=house.provider):
        a_morning(house, calls=CALLS_TO_TELL - 1)
        assert waits_in(build_snapshot(house.queue.pk)) == [None]
        finish_and_call(house)
        assert all(waits_in(build_snapshot(house.queue.pk)))


def test_who_may_not_join_is_not_told_how_long_it_would_take(busy: House) -> None:
    queue_update(actor=busy.actor, queue_id=busy.queue.pk, status=QueueStatus.PAUSED)
    document = build_snapshot(busy.queue.pk)
    assert document["newcomer"] is None
    assert all(document["waits"])


def test_a_request_says_what_the_relay_says(busy: House) -> None:
    with clock.override(clock.now()):
        by_request = build_snapshot(busy.queue.pk)
        relay_all()
        by_relay = build_snapshot(busy.queue.pk)
        assert saved(busy).sequence == by_relay["sequence"]
        assert by_request == by_relay
        join(busy)
        # Of this the stored estimator knows nothing yet.
        assert len(build_snapshot(busy.queue.pk)["waits"]) == 4


def test_the_same_events_twice_change_nothing(busy: House) -> None:
    relay_all()
    before = saved(busy).state
    with atomic():
        forecasts.forecasts_update([busy.queue.pk])
    assert saved(busy).state == before
    SavedForecast.objects.all().delete()
    with atomic():
        forecasts.forecasts_update([busy.queue.pk])
    assert saved(busy).state == before


def test_a_long_history_is_taken_in_step_by_step(
    busy: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecasts, "EVENTS_AT_ONCE", 5)
    relay_all()
    assert saved(busy).sequence == 5
    newest = Queue.objects.get().sequence
    steps = 0
    while saved(busy).sequence < newest:
        # It is due at once, though nothing changed.
        handlers.publish_due()
        steps += 1
    assert steps == (newest - 1) // 5
    stepped = saved(busy).state
    monkeypatch.setattr(forecasts, "EVENTS_AT_ONCE", 1000)
    SavedForecast.objects.all().delete()
    with atomic():
        forecasts.forecasts_update([busy.queue.pk])
    assert saved(busy).state == stepped


def test_a_queue_far_behind_says_nothing_until_it_caught_up(
    busy: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "UNSEEN_READ", 10)
    assert waits_in(build_snapshot(busy.queue.pk)) == [None]
    relay_all()
    assert all(waits_in(build_snapshot(busy.queue.pk)))


def test_a_state_of_another_version_is_made_anew(
    busy: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As a relay that has just begun: what it has at hand is no other version's.
    monkeypatch.setattr(forecasts, "STATES_AT_HAND", 0)
    relay_all()
    before = saved(busy)
    SavedForecast.objects.update(state={"format": 0})
    assert waits_in(build_snapshot(busy.queue.pk)) == [None]
    with atomic():
        forecasts.forecasts_update([busy.queue.pk])
    assert saved(busy).state == before.state


def test_what_was_not_told_is_not_taken_in(busy: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The estimator, the quotes and the message go together."""

    def refuse(messages: object) -> None:
        raise PublishError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(handlers, "publish", refuse)
        assert relay_batch().failed_topics == 1
    assert not SavedForecast.objects.exists()
    assert not Quote.objects.exists()
    relay_all()
    assert saved(busy).sequence == Queue.objects.get().sequence


def due_in(house: House) -> float | None:
    """Seconds until it is told again, by the database's clock, which all relays share."""
    rows = SavedForecast.objects.filter(queue=house.queue)
    due: timedelta | None = rows.values_list(
        ExpressionWrapper(F("due_at") - Now(), DurationField()), flat=True
    ).get()
    return None if due is None else due.total_seconds()


def test_while_somebody_waits_it_is_told_again_with_the_same_number(
    busy: House, told: list[StreamMessage]
) -> None:
    relay_all()
    seconds = due_in(busy)
    assert seconds is not None
    assert 0 < seconds <= forecasts.TOLD_AGAIN_AFTER_SECONDS < FRESH_SECONDS
    handlers.publish_due()
    [before] = snapshots(told)
    SavedForecast.objects.update(due_at=Now())
    with clock.override(clock.now() + timedelta(minutes=2)):
        handlers.publish_due()
    _, again = snapshots(told)
    assert again["sequence"] == before["sequence"]
    assert again["as_of"] > before["as_of"]
    assert again["waits"] != before["waits"]
    assert etag(dict(again)) != etag(dict(before))
    assert read_snapshot(Queue.objects.get()) == again
    seconds = due_in(busy)
    assert seconds is not None
    assert seconds > 0


def test_a_queue_where_nobody_waits_or_can_be_told_rests(busy: House) -> None:
    finish_and_call(busy)
    tickets.ticket_cancel(actor=busy.actor, ticket_id=at_counter(busy).pk)
    for counter in (busy.counter, busy.counter2):
        counter_close(actor=busy.actor, counter_id=counter.pk)
    relay_all()
    SavedForecast.objects.update(due_at=Now())
    handlers.publish_due()
    assert due_in(busy) is None
    counter_open(actor=busy.actor, counter_id=busy.counter.pk)
    relay_all()
    assert due_in(busy) is not None
    while finish_and_call(busy):
        pass
    relay_all()
    assert due_in(busy) is None


def test_looking_for_due_queues_costs_one_query(
    busy: House, django_assert_num_queries: Any
) -> None:
    relay_all()
    with atomic(), django_assert_num_queries(1):
        assert forecasts.due_queues(range(PARTS)) == []


def test_a_reader_is_never_given_waits_that_ran_down(busy: House) -> None:
    queue = Queue.objects.get()
    before = read_snapshot(queue)
    later = clock.now() + timedelta(seconds=FRESH_SECONDS + 1)
    assert read_snapshot(queue) == before
    with clock.override(later):
        after = read_snapshot(queue)
    assert (after["sequence"], after["waits"] == before["waits"]) == (before["sequence"], False)


def test_the_first_wait_that_a_ticket_is_told_is_kept(busy: House) -> None:
    relay_all()
    assert Quote.objects.count() == 3
    with clock.override(clock.now()):
        ticket = join(busy)
        relay_all()
        document = build_snapshot(busy.queue.pk)
    quote = Quote.objects.get(ticket=ticket)
    assert [quote.low, quote.middle, quote.high] == list(document["waits"][-1])
    assert quote.at.isoformat() == document["as_of"]
    finish_and_call(busy)
    relay_all()
    assert Quote.objects.get(ticket=ticket).middle == quote.middle


def test_who_was_called_before_anything_was_told_has_no_quote(busy: House) -> None:
    first = Ticket.objects.filter(state="waiting").order_by("order_key").first()
    finish_and_call(busy)
    relay_all()
    assert not Quote.objects.filter(ticket=first).exists()


def test_the_provider_says_the_wait_of_each_queue(busy: House) -> None:
    [queue] = Client().get("/api/v1/public/providers/clinic").json()["queues"]
    assert queue["wait"] == list(build_snapshot(busy.queue.pk)["newcomer"])


def test_a_counter_that_serves_the_queue_no_longer_is_none_of_its(busy: House) -> None:
    finish_and_call(busy)
    tickets.ticket_cancel(actor=busy.actor, ticket_id=at_counter(busy).pk)
    relay_all()
    ids = {busy.counter.pk, busy.counter2.pk}
    assert set(saved(busy).state["open_counters"]) == ids
    counter_update(actor=busy.actor, counter_id=busy.counter.pk, queues=[])
    counter_update(actor=busy.actor, counter_id=busy.counter2.pk, name="other")
    relay_all()
    assert saved(busy).state["open_counters"] == [busy.counter2.pk]


def row(before: str, after: str, **more: Any) -> list[Any]:
    """What is read of an event of ticket 7."""
    fields = {"is_here": True, "came": None, "key": NINE.isoformat()} | more
    own = [fields["is_here"], fields["came"], fields["key"], None, 0, 1, [], None, None, None]
    return [1, NINE.isoformat(), before, after, 7, *own]


NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "event"),
    [
        (row("", "waiting"), Joined(1, NINE, 7, NINE)),
        (row("on_hold", "waiting"), Joined(1, NINE, 7, NINE)),
        (row("waiting", "waiting"), Moved(1, NINE, 7, NINE)),
        (row("waiting", "called"), Called(1, NINE, 7)),
        (row("waiting", "cancelled"), Left(1, NINE, 7)),
        (row("waiting", "waiting", came=True), Joined(1, NINE, 7, NINE)),
        (row("waiting", "waiting", came=False), Moved(1, NINE, 7, NINE)),
        (row("waiting", "waiting", is_here=False), Left(1, NINE, 7, gave_up=False)),
        (row("waiting", "somewhere"), Left(1, NINE, 7)),
        (row("waiting", "deferred"), Left(1, NINE, 7, gave_up=False)),
        (row("deferred", "called"), None),
        (row("serving", "completed"), Finished(1, NINE, 7)),
        (row("called", "no_show"), Finished(1, NINE, 7, served=False)),
        (row("serving", "waiting", is_here=False), Finished(1, NINE, 7, served=False)),
        (row("called", "called"), None),
        (row("called", "serving"), None),
        (row("serving", "on_hold"), None),
        ([1, NINE.isoformat(), "", "", None, *[None] * 10], None),
        (
            [1, NINE.isoformat(), "", "", None, *[None] * 7, 3, True, None],
            CounterChanged(1, NINE, 3, is_open=True),
        ),
        (
            [1, NINE.isoformat(), "", "", None, *[None] * 7, 3, True, False],
            CounterChanged(1, NINE, 3, is_open=False),
        ),
    ],
)
def test_an_event_is_understood_by_its_states(given: list[Any], event: Event | None) -> None:
    assert event_from(given) == event


def test_the_estimator_follows_the_line(busy: House) -> None:
    relay_all()
    late = join(busy, priority=1)
    tickets.ticket_cancel(actor=busy.actor, ticket_id=late.pk)
    join(busy, priority=2, service_id=busy.service.pk)
    relay_all()
    line = [waiting[0] for waiting in saved(busy).state["line"]["waiting"]]
    waiting = Ticket.objects.filter(state="waiting").order_by("order_key", "pk")
    assert line == [ticket.pk for ticket in waiting]
    first = saved(busy).state["line"]["waiting"][0]
    assert first[3:5] == [str(busy.service.pk), 2]


def outcomes() -> dict[str, str]:
    """Of each quoted ticket that is not open any more, what came of it."""
    quotes = Quote.objects.exclude(outcome="").select_related("ticket")
    return {quote.ticket.code: quote.outcome for quote in quotes}


def test_what_came_of_each_quote_is_kept(busy: House) -> None:
    relay_all()
    other = other_queue(busy)
    called, gone, sent = Ticket.objects.filter(state="waiting").order_by("order_key")
    patient, last = join(busy), join(busy)
    relay_all()
    assert outcomes() == {}
    with clock.override(clock.now() + STEP):
        finish_and_call(busy)
        tickets.ticket_cancel(actor=busy.actor, ticket_id=gone.pk)
        ticket_transfer(actor=busy.actor, ticket_id=sent.pk, queue_id=other.pk)
        tickets.ticket_defer(actor=busy.actor, ticket_id=patient.pk, people=1)
        relay_all()
    assert outcomes() == {
        called.code: "called",
        gone.code: "left",
        sent.code: "transferred",
        patient.code: "moved",
    }
    called.refresh_from_db()
    assert Quote.objects.get(ticket=called).ended_at == called.called_at
    assert Quote.objects.get(ticket=last).ended_at is None
    state = saved(busy).state
    assert state["abandonment"][0] == 1, "a transfer is not giving up"
    there = SavedForecast.objects.get(queue=other).state
    assert [waiting[0] for waiting in there["line"]["waiting"]] == [sent.pk]


def test_a_call_by_mistake_does_not_count_and_a_later_one_does_not_replace_the_first(
    busy: House,
) -> None:
    relay_all()
    first = Ticket.objects.filter(state="waiting").order_by("order_key")[0]
    start = clock.now()

    def later(minutes: int, action: Callable[..., object], **more: Any) -> None:
        with clock.override(start + timedelta(minutes=minutes)):
            action(actor=busy.actor, **more)
            relay_all()

    at = {"counter_id": busy.counter.pk}
    later(1, tickets.ticket_finish_and_call_next, **at)
    assert outcomes() == {first.code: "called"}
    later(2, tickets.ticket_return, ticket_id=first.pk)
    assert outcomes() == {}
    later(3, tickets.ticket_finish_and_call_next, **at)
    later(4, tickets.ticket_mark_no_show, ticket_id=first.pk)
    later(5, tickets.ticket_rejoin, ticket_id=first.pk)
    later(6, tickets.ticket_finish_and_call_next, **at)
    quote = Quote.objects.get(ticket=first)
    assert (quote.outcome, quote.ended_at) == ("called", start + timedelta(minutes=3))
    # From the first event on it comes to the same.
    SavedForecast.objects.all().delete()
    with atomic():
        forecasts.forecasts_update([busy.queue.pk])
    again = Quote.objects.get(ticket=first)
    assert (again.outcome, again.ended_at) == (quote.outcome, quote.ended_at)


def test_who_is_back_in_line_before_a_relay_looked_still_has_an_open_quote(busy: House) -> None:
    relay_all()
    first = Ticket.objects.filter(state="waiting").order_by("order_key")[0]
    finish_and_call(busy)
    tickets.ticket_return(actor=busy.actor, ticket_id=first.pk)
    relay_all()
    assert outcomes() == {}


# How seldom a state is written, and that nothing is lost by it.


def told_after_each_step(house: House, saved_after: int, patch: pytest.MonkeyPatch) -> list[Any]:
    """A day in which a relay looks after each step; what it told, and what is kept of quotes."""
    patch.setattr(forecasts, "SAVED_AFTER", saved_after)
    told = []
    start = clock.now()
    for step in range(12):
        with clock.override(start + step * STEP):
            ticket = join(house, priority=step % 3 // 2)
            if step % 4 == 3:
                tickets.ticket_cancel(actor=house.actor, ticket_id=ticket.pk)
            elif step % 2:
                finish_and_call(house)
            relay_all()
            document = build_snapshot(house.queue.pk)
            told.append((document["waits"], document["newcomer"]))
    quotes = Quote.objects.order_by("ticket__number")
    return [told, list(quotes.values_list("ticket__code", "low", "middle", "high", "outcome"))]


def test_a_state_that_is_seldom_written_or_at_hand_says_the_same(
    told: list[StreamMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []
    with clock.override(datetime(2026, 11, 24, 9, tzinfo=UTC)):
        for saved_after, at_hand, slug in (
            (1, 0, "always"),
            (7, 0, "seldom"),
            (7, 1, "at-hand"),
            (10_000, 0, "never"),
        ):
            monkeypatch.setattr(forecasts, "STATES_AT_HAND", at_hand)
            house = build_house(slug)
            with scope(provider=house.provider):
                a_morning(house)
                said.append(told_after_each_step(house, saved_after, monkeypatch))
                kept = saved(house)
                assert kept.seen == Queue.objects.get().sequence
                assert (kept.sequence == 0) == (slug == "never")
    assert said[0] == said[1] == said[2] == said[3]
    assert len(said[0][1]) > 10


def test_an_estimator_at_hand_moves_with_its_location(busy: House) -> None:
    """Its half hours are those of the clock on the wall."""
    at_noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    slot = slot_at(busy, at_noon)
    Location.objects.filter(pk=busy.location.pk).update(time_zone="Pacific/Auckland")
    assert slot_at(busy, at_noon) != slot


def slot_at(house: House, at: datetime) -> int:
    """The half hour of the week to the queue's estimator, once it is moved on."""
    join(house)
    [updated] = forecasts.forecasts_update([house.queue.pk]).values()
    calendar = updated.forecast._calendar
    return calendar.slot(calendar.local(at.timestamp()))


def test_a_state_is_not_written_for_a_few_events(
    busy: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay_all()
    before = saved(busy)
    monkeypatch.setattr(forecasts, "SAVED_AFTER", 20)
    for _ in range(19):
        join(busy)
        relay_all()
    after = saved(busy)
    assert (after.sequence, after.state) == (before.sequence, before.state)
    assert after.seen == before.seen + 19
    join(busy)
    relay_all()
    assert saved(busy).sequence == saved(busy).seen == before.seen + 20


def test_events_that_waits_do_not_depend_on_count_as_well(
    busy: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_and_call(busy)
    relay_all()
    monkeypatch.setattr(forecasts, "SAVED_AFTER", 3)
    for _ in range(3):
        tickets.ticket_recall(actor=busy.actor, ticket_id=at_counter(busy).pk)
        relay_all()
    assert saved(busy).sequence == Queue.objects.get().sequence


def test_a_relay_that_is_killed_loses_nothing(busy: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connection ends with it: after each event one pass is cut off before it commits."""
    monkeypatch.setattr(forecasts, "SAVED_AFTER", 4)
    relay_all()
    waiting = list(Ticket.objects.filter(state="waiting").order_by("order_key"))
    for _ in range(9):
        join(busy)
        finish_and_call(busy)
        killed_in_the_middle(monkeypatch)
        relay_all()
    assert outcomes().keys() >= {ticket.code for ticket in waiting}
    with clock.override(clock.now()):
        after_kills = build_snapshot(busy.queue.pk)
        SavedForecast.objects.all().delete()
        assert build_snapshot(busy.queue.pk) == after_kills


def killed_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(messages: object) -> None:
        with connection.cursor() as cursor, suppress(OperationalError):
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as patch:
        patch.setattr(handlers, "publish", die)
        with pytest.raises((OperationalError, InterfaceError)):
            relay_batch()
    connection.close()
