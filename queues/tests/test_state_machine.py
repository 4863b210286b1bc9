"""Random actions on two queues and three counters; what must always hold is looked at after each.

Refused or done, an action leaves everything whole: see ``Lines.check``.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db.models import F
from django_scopes import scope, scopes_disabled
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from conftest import House, build_house
from events.models import OutboxMessage
from providers.actors import Actor
from providers.models import Role
from providers.services.services import service_create
from queues.models import Counter, Queue, Source, Ticket, TicketEvent, TicketState
from queues.models.ticket import AT_COUNTER
from queues.selectors import position
from queues.services import tickets
from queues.services.changes import QUEUE_CHANGED
from queues.services.counters import counter_close, counter_create, counter_open
from queues.services.due import deferrals_end, grace_times_end
from queues.services.queues import queue_create, queue_update
from queues.services.transfers import ticket_transfer
from queues.services.undo import ticket_undo
from queues.snapshot import build_snapshot
from queues.tests.test_life import assert_rebuilt
from waitlessq import clock
from waitlessq.errors import DomainError

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
CAPACITY = 6
POLICY: dict[str, Any] = {
    "capacity": CAPACITY,
    "max_people": 3,
    "grace_time": timedelta(minutes=2),
    "call_limit": 2,
}
ON_TICKET: dict[str, Callable[..., Ticket]] = {
    "recall": tickets.ticket_recall,
    "start": tickets.ticket_start,
    "hold": tickets.ticket_hold,
    "resume": tickets.ticket_resume,
    "return": tickets.ticket_return,
    "return early": tickets.ticket_return_early,
    "complete": tickets.ticket_complete,
    "no-show": tickets.ticket_mark_no_show,
    "rejoin": tickets.ticket_rejoin,
    "cancel": tickets.ticket_cancel,
    "undo": ticket_undo,
}
WHICH = st.integers(0, 99)
_houses = count(1)


class Lines(RuleBasedStateMachine):
    """A house whose tickets go through everything."""

    house: House
    queues: list[Queue]
    counters: list[Counter]

    @initialize()
    def build(self) -> None:
        self.now = START
        self.house = build_house(f"house-{next(_houses)}")
        self.staff = [
            Actor(self.house.provider, f"member:{number}", Role.STAFF) for number in (1, 2)
        ]
        with self.at_work():
            house = self.house
            second = queue_create(
                actor=house.actor, location=house.location, name="Second", prefix="B", **POLICY
            )
            queue_update(actor=house.actor, queue_id=house.queue.pk, **POLICY)
            other = service_create(actor=house.actor, name="Other")
            house.queue.services.add(other)
            self.services = [None, house.service.pk, other.pk]
            self.queues = [house.queue, second]
            skilled = counter_create(
                actor=house.actor,
                location=house.location,
                name="3",
                queues=self.queues,
                services=[other],
            )
            counter_open(actor=house.actor, counter_id=skilled.pk)
            self.counters = [house.counter, house.counter2, skilled]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        with clock.override(self.now), scope(provider=self.house.provider):
            yield

    def attempt(self, who: int, service: Callable[..., object], **what: Any) -> bool:
        """Whether it was done; refused, it left nothing behind."""
        self.now += timedelta(seconds=7)
        with self.at_work():
            before = TicketEvent.objects.count()
            try:
                service(actor=self.staff[who % 2], **what)
            except DomainError:
                assert TicketEvent.objects.count() == before
                return False
            return True

    def ticket(self, which: int) -> int:
        with self.at_work():
            ids = list(Ticket.objects.order_by("id").values_list("pk", flat=True))
        return ids[-1 - which % len(ids)]

    def has_tickets(self) -> bool:
        with self.at_work():
            return Ticket.objects.exists()

    @rule(who=WHICH, queue=WHICH, service=WHICH, priority=st.integers(0, 2), people=WHICH)
    def join(self, who: int, queue: int, service: int, priority: int, people: int) -> None:
        taken = self.queues[queue % 2]
        is_done = self.attempt(
            who,
            tickets.ticket_join,
            queue_id=taken.pk,
            source=Source.STAFF,
            service_id=self.services[service % 3] if taken == self.queues[0] else None,
            priority=priority,
            people=1 + people % 4,
        )
        if is_done:
            with self.at_work():
                there = Ticket.objects.filter(queue=taken, state__in=["waiting", "deferred"])
                assert sum(ticket.people for ticket in there) <= CAPACITY

    @rule(who=WHICH, counter=WHICH)
    def call_next(self, who: int, counter: int) -> None:
        self.attempt(who, tickets.ticket_call_next, counter_id=self.counters[counter % 3].pk)

    @rule(who=WHICH, counter=WHICH)
    def finish_and_call_next(self, who: int, counter: int) -> None:
        chosen = self.counters[counter % 3]
        self.attempt(who, tickets.ticket_finish_and_call_next, counter_id=chosen.pk)

    @precondition(has_tickets)
    @rule(who=WHICH, which=WHICH, counter=WHICH)
    def call(self, who: int, which: int, counter: int) -> None:
        chosen = {"ticket_id": self.ticket(which), "counter_id": self.counters[counter % 3].pk}
        self.attempt(who, tickets.ticket_call, **chosen)

    @precondition(has_tickets)
    @rule(who=WHICH, which=WHICH, action=st.sampled_from(sorted(ON_TICKET)))
    def act(self, who: int, which: int, action: str) -> None:
        self.attempt(who, ON_TICKET[action], ticket_id=self.ticket(which))

    @precondition(has_tickets)
    @rule(who=WHICH, which=WHICH, people=st.integers(1, 3))
    def defer(self, who: int, which: int, people: int) -> None:
        self.attempt(who, tickets.ticket_defer, ticket_id=self.ticket(which), people=people)

    @precondition(has_tickets)
    @rule(who=WHICH, which=WHICH, minutes=st.integers(1, 5))
    def postpone(self, who: int, which: int, minutes: int) -> None:
        self.attempt(who, tickets.ticket_postpone, ticket_id=self.ticket(which), minutes=minutes)

    @precondition(has_tickets)
    @rule(who=WHICH, which=WHICH, queue=WHICH)
    def transfer(self, who: int, which: int, queue: int) -> None:
        chosen = {"ticket_id": self.ticket(which), "queue_id": self.queues[queue % 2].pk}
        self.attempt(who, ticket_transfer, **chosen)

    @rule(who=WHICH, counter=WHICH, opens=st.booleans())
    def open_or_close(self, who: int, counter: int, opens: bool) -> None:
        service = counter_open if opens else counter_close
        self.attempt(who, service, counter_id=self.counters[counter % 3].pk)

    @rule(minutes=st.integers(1, 4))
    def let_time_pass(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        with clock.override(self.now), scopes_disabled():
            deferrals_end()
            grace_times_end()
        with self.at_work():
            assert not Ticket.objects.filter(state="deferred", deferred_until__lte=self.now)
            assert not Ticket.objects.filter(state="called", come_by__lte=self.now)

    @invariant()
    def check(self) -> None:
        if not hasattr(self, "counters"):
            return
        with self.at_work():
            rows = list(Ticket.objects.all())
            for counter in self.counters:
                assert sum(t.counter_id == counter.pk and t.state in AT_COUNTER for t in rows) <= 1
            events = 0
            for queue in self.queues:
                events += self.check_queue(queue, rows)
            # A change, its event and its message are there together.
            told = OutboxMessage.objects.filter(
                topic=QUEUE_CHANGED, provider_id=self.house.provider.pk
            )
            assert told.count() == events
            for ticket in rows:
                assert (ticket.deferred_until is not None) == (ticket.state == TicketState.DEFERRED)
                assert ticket.come_by is None or ticket.state == TicketState.CALLED
                assert_rebuilt(ticket)

    def check_queue(self, queue: Queue, rows: list[Ticket]) -> int:
        """How many events it has, without a gap; its numbers have none either."""
        sequences = TicketEvent.objects.filter(queue=queue).order_by("sequence")
        stored = Queue.objects.get(pk=queue.pk).sequence
        assert list(sequences.values_list("sequence", flat=True)) == list(range(1, stored + 1))
        issued = sorted(t.number for t in rows if (t.issued_by_id or t.queue_id) == queue.pk)
        assert issued == list(range(1, len(issued) + 1))
        line = sorted(
            (t for t in rows if t.queue_id == queue.pk and t.state == TicketState.WAITING),
            key=lambda t: (t.order_key, t.pk),
        )
        assert [position(ticket) for ticket in line] == list(range(1, len(line) + 1))
        shown = build_snapshot(queue.pk)
        assert shown["waiting"] == [ticket.code for ticket in line]
        at_counter = [t for t in rows if t.queue_id == queue.pk and t.state in AT_COUNTER]
        assert len(shown["called"]) == len(at_counter)
        return stored


@pytest.mark.django_db
def test_whatever_is_done_to_two_queues_they_stay_whole() -> None:
    """The same examples each time, so that what fails fails again."""
    run_state_machine_as_test(
        Lines,
        settings=settings(
            max_examples=5,
            stateful_step_count=25,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def skip_a_number(_: Ticket) -> None:
    Queue.objects.update(last_number=F("last_number") + 1)


def change_without_an_event(ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(call_count=7)


def lose_a_message(_: Ticket) -> None:
    OutboxMessage.objects.order_by("-id")[0].delete()


def lose_a_sequence_number(_: Ticket) -> None:
    Queue.objects.update(sequence=F("sequence") + 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "breaks", [skip_a_number, change_without_an_event, lose_a_message, lose_a_sequence_number]
)
def test_a_line_that_is_not_whole_is_noticed(breaks: Callable[[Ticket], None]) -> None:
    """As a control: what the checks are for, they see."""
    lines = Lines()
    lines.build()
    lines.join(who=0, queue=0, service=0, priority=0, people=0)
    lines.check()
    with lines.at_work():
        breaks(Ticket.objects.get())
    lines.join(who=0, queue=0, service=0, priority=0, people=0)
    with pytest.raises(AssertionError):
        lines.check()
