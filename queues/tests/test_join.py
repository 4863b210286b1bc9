from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import House
from providers.services.services import service_create
from queues.errors import (
    GroupTooLargeError,
    QueueFullError,
    QueueNotOpenError,
    ReferenceTakenError,
    ServiceNotTakenError,
)
from queues.models import EventType, Queue, QueueStatus, Source, Ticket, TicketEvent
from queues.selectors import position
from queues.services.queues import queue_update
from queues.services.tickets import ticket_call_next, ticket_join
from waitlessq import clock
from waitlessq.errors import NotFoundError


def join(house: House, **fields: Any) -> Ticket:
    defaults: dict[str, Any] = {
        "actor": house.actor,
        "queue_id": house.queue.pk,
        "source": Source.STAFF,
    }
    return ticket_join(**(defaults | fields))


def test_numbers_count_up_without_gaps(in_house: House) -> None:
    assert [join(in_house).code for _ in range(3)] == ["A001", "A002", "A003"]


def test_numbers_begin_again_with_the_business_date_of_the_location(in_house: House) -> None:
    # 21:59 and 22:00 UTC are either side of midnight in Jerusalem.
    with clock.override(datetime(2026, 1, 5, 21, 59, tzinfo=UTC)):
        before = join(in_house)
    with clock.override(datetime(2026, 1, 5, 22, 0, tzinfo=UTC)):
        after = join(in_house)
    assert (before.code, before.business_date) == ("A001", date(2026, 1, 5))
    assert (after.code, after.business_date) == ("A001", date(2026, 1, 6))


def test_a_clock_that_goes_back_a_day_goes_on_with_that_days_numbers(in_house: House) -> None:
    for day in (5, 5, 6, 5, 6):
        with clock.override(datetime(2026, 1, day, 12, tzinfo=UTC)):
            last = join(in_house)
    assert last.code == "A002"
    assert Ticket.objects.filter(business_date=date(2026, 1, 5)).count() == 3


def test_the_line_is_in_order_of_joining_and_people_at_a_counter_are_not_in_it(
    in_house: House,
) -> None:
    tickets = [join(in_house) for _ in range(3)]
    assert [position(ticket) for ticket in tickets] == [1, 2, 3]
    ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    assert [position(Ticket.objects.get(pk=t.pk)) for t in tickets] == [None, 1, 2]


def test_priority_is_a_head_start_in_time_that_the_others_outlast(in_house: House) -> None:
    # The queue's head start is 15 minutes for each step.
    with clock.override(datetime(2026, 1, 5, 9, 0, tzinfo=UTC)):
        long_waiting = join(in_house)
    with clock.override(datetime(2026, 1, 5, 9, 10, tzinfo=UTC)):
        just_came = join(in_house)
    with clock.override(datetime(2026, 1, 5, 9, 16, tzinfo=UTC)):
        urgent = join(in_house, priority=1)
    assert [position(t) for t in (long_waiting, urgent, just_came)] == [1, 2, 3]


@pytest.mark.parametrize("status", [QueueStatus.PAUSED, QueueStatus.CLOSING, QueueStatus.CLOSED])
def test_only_an_open_queue_takes_tickets(in_house: House, status: QueueStatus) -> None:
    queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, status=status)
    with pytest.raises(QueueNotOpenError) as error:
        join(in_house)
    assert error.value.data == {"queue_status": status}


def test_a_full_queue_takes_nobody_until_somebody_is_called(in_house: House) -> None:
    queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, capacity=1)
    join(in_house)
    with pytest.raises(QueueFullError):
        join(in_house)
    ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    assert join(in_house).code == "A002"


def test_a_queue_takes_only_its_services(in_house: House) -> None:
    assert join(in_house, service_id=in_house.service.pk).service == in_house.service
    elsewhere = service_create(actor=in_house.actor, name="Elsewhere")
    with pytest.raises(ServiceNotTakenError):
        join(in_house, service_id=elsewhere.pk)


def test_a_reference_belongs_to_one_ticket_of_the_queue(in_house: House) -> None:
    join(in_house, reference="42")
    with pytest.raises(ReferenceTakenError):
        join(in_house, reference="42")


def test_another_providers_queue_can_not_be_joined(in_house: House, other_house: House) -> None:
    with pytest.raises(NotFoundError):
        join(in_house, queue_id=other_house.queue.pk)


def test_joining_leaves_an_event_with_what_it_takes_to_rebuild_the_ticket(
    in_house: House,
) -> None:
    ticket = join(in_house, priority=2, reference="42")
    event = TicketEvent.objects.get(ticket=ticket)
    assert (event.type, event.to_state, event.actor) == (EventType.ISSUED, "waiting", "system")
    assert event.data["code"] == "A001"
    assert event.data["priority"] == 2
    assert event.data["order_key"] == ticket.order_key.isoformat()


def test_a_group_counts_as_many_and_is_as_large_as_the_queue_allows(in_house: House) -> None:
    assert join(in_house).people == 1
    with pytest.raises(GroupTooLargeError) as error:
        join(in_house, people=2)
    assert error.value.data == {"max_people": 1}
    queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, max_people=4, capacity=5)
    group = join(in_house, people=3)
    assert (group.people, group.code) == (3, "A002")
    with pytest.raises(QueueFullError):
        join(in_house, people=2)
    assert join(in_house).code == "A003"


@settings(max_examples=50)
@given(
    arrivals=st.lists(st.tuples(st.integers(0, 120), st.integers(0, 9)), max_size=60),
    head_start=st.integers(0, 60),
)
def test_who_waited_longer_than_the_largest_head_start_is_behind_nobody_who_came_later(
    arrivals: list[tuple[int, int]], head_start: int
) -> None:
    queue = Queue(head_start=timedelta(minutes=head_start))
    start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    mine = queue.order_key(start, 0)
    for minutes, priority in arrivals:
        theirs = queue.order_key(start + timedelta(minutes=minutes), priority)
        assert (theirs < mine) == (minutes < priority * head_start)
        assert theirs >= mine or minutes < 9 * head_start
