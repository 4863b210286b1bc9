"""Who holds a ticket is told of calls and of coming near: once, in words that are true."""

from datetime import timedelta
from typing import Any

import pytest
from django_scopes import scope

from conftest import House
from events.models import OutboxMessage
from notifications.messages import compose
from notifications.models import Kind, Notification, Outcome
from notifications.services.planning import News, notifications_plan
from notifications.tests.conftest import Post
from notifications.tests.push_service import signed_claims
from providers.models import Trade
from queues.models import Counter, Ticket
from queues.services.queues import queue_create
from queues.services.tickets import (
    ticket_call_next,
    ticket_cancel,
    ticket_defer,
    ticket_recall,
    ticket_start,
)
from queues.services.transfers import ticket_transfer
from queues.services.undo import ticket_undo
from queues.tests.test_join import join
from waitlessq import clock


def call(house: House, counter: Counter | None = None) -> Ticket:
    return ticket_call_next(actor=house.actor, counter_id=(counter or house.counter).pk)


def said(messages: list[Any]) -> list[tuple[str, str]]:
    return [(message["title"], message["body"]) for message in messages]


TURN = ("A001, it is your turn", "Clinic: please go to counter 1.")


def test_a_call_reaches_the_phone_encrypted_and_signed(in_house: House, post: Post) -> None:
    subscription = post.subscribe(join(in_house))
    call(in_house)
    [message] = post.deliver()
    assert said([message]) == [TURN]
    assert (message["tag"], message["lang"], message["dir"]) == ("ticket-A001", "en", "ltr")
    assert (message["url"], message["urgent"]) == ("#/ticket", True)
    [received] = post.service.received
    assert signed_claims(received, subscription.server_key) | {"exp": 0} == {
        "aud": post.service.origin,
        "sub": "mailto:desk@clinic.example",
        "exp": 0,
    }
    assert received.headers["content-encoding"] == "aes128gcm"
    assert received.headers["urgency"] == "high"
    assert 0 < int(received.headers["ttl"]) <= 300
    assert 0 < len(received.headers["topic"]) <= 32
    assert len(received.body) <= 4096


@pytest.mark.parametrize(
    ("language", "direction", "title"),
    [("he", "rtl", "A001, תורך הגיע"), ("ar", "rtl", "A001، حان دورك")],
)
def test_it_speaks_the_readers_language(
    in_house: House, post: Post, language: str, direction: str, title: str
) -> None:
    post.subscribe(join(in_house), language=language)
    call(in_house)
    [message] = post.deliver()
    assert (message["title"], message["lang"], message["dir"]) == (title, language, direction)


def test_an_event_that_is_handled_twice_is_told_once(in_house: House, post: Post) -> None:
    post.subscribe(join(in_house))
    call(in_house)
    again = [
        OutboxMessage(
            provider_id=each.provider_id,
            topic=each.topic,
            subject_id=each.subject_id,
            payload=each.payload,
        )
        for each in OutboxMessage.objects.all()
    ]
    assert said(post.deliver()) == [TURN]
    OutboxMessage.objects.bulk_create(again)
    assert post.deliver() == []


def test_who_is_called_once_more_is_told_once_more(in_house: House, post: Post) -> None:
    ticket = join(in_house)
    post.subscribe(ticket)
    call(in_house)
    assert said(post.deliver()) == [TURN]
    ticket_recall(actor=in_house.actor, ticket_id=ticket.pk)
    assert said(post.deliver()) == [TURN]


def test_every_device_of_the_ticket_is_told_and_nobody_elses(in_house: House, post: Post) -> None:
    first, second = join(in_house), join(in_house)
    post.subscribe(first, "phone")
    post.subscribe(first, "tablet")
    post.subscribe(second, "another")
    call(in_house)
    post.deliver()
    assert sorted(post.service.paths()) == ["phone", "tablet"]


def test_what_is_over_is_not_told(in_house: House, post: Post) -> None:
    post.subscribe(join(in_house))
    called = call(in_house)
    ticket_start(actor=in_house.actor, ticket_id=called.pk)
    assert post.deliver() == []
    assert Notification.objects.get().outcome == Outcome.OVERTAKEN


def test_an_old_call_is_not_told(in_house: House, post: Post) -> None:
    post.subscribe(join(in_house))
    call(in_house)
    post.relay()
    with clock.override(clock.now() + timedelta(minutes=6)):
        assert post.deliver() == []
    assert Notification.objects.get().outcome == Outcome.LATE


def test_who_was_called_by_mistake_is_told_so(in_house: House, post: Post) -> None:
    ticket = join(in_house)
    post.subscribe(ticket)
    call(in_house)
    assert said(post.deliver()) == [TURN]
    ticket_undo(actor=in_house.actor, ticket_id=ticket.pk)
    assert said(post.deliver()) == [
        (
            "A001 was called by mistake",
            "Clinic: sorry. You keep your place: you are next.",
        )
    ]


def test_who_never_heard_of_the_mistake_is_told_nothing(in_house: House, post: Post) -> None:
    ticket = join(in_house)
    post.subscribe(ticket)
    call(in_house)
    ticket_undo(actor=in_house.actor, ticket_id=ticket.pk)
    assert post.deliver() == []


def test_who_moves_up_to_the_third_place_is_told_once(in_house: House, post: Post) -> None:
    tickets = [join(in_house) for _ in range(5)]
    post.relay()
    for ticket in tickets[2:]:
        post.subscribe(ticket, ticket.code)
    assert post.deliver() == []
    call(in_house)
    near = ("A004: please come back", "Clinic: 2 people before you.")
    assert said(post.deliver()) == [near]
    # The line changes, and their places in it, but nobody comes near who was not.
    join(in_house)
    ticket_cancel(actor=in_house.actor, ticket_id=tickets[4].pk)
    assert post.deliver() == []


def test_who_joins_a_short_line_knows_the_place(in_house: House, post: Post) -> None:
    post.subscribe(join(in_house))
    assert post.deliver() == []


def test_who_let_others_go_first_is_told_when_it_comes_near_again(
    in_house: House, post: Post
) -> None:
    tickets = [join(in_house) for _ in range(5)]
    post.relay()
    post.subscribe(tickets[1])
    ticket_defer(actor=in_house.actor, ticket_id=tickets[1].pk, people=3)
    assert post.deliver() == []
    for counter in (in_house.counter, in_house.counter2):
        call(in_house, counter)
    assert said(post.deliver()) == [
        ("A002: please come back", "Clinic: 2 people before you."),
    ]


@pytest.mark.parametrize(
    ("trade", "where"),
    [
        (Trade.CLINIC, "you wait in another line now:"),
        (Trade.COUNCIL, "you wait in Passports now:"),
    ],
)
def test_who_is_moved_hears_where_but_of_a_clinic_not_for_what(
    in_house: House, post: Post, trade: Trade, where: str
) -> None:
    in_house.provider.trade = trade
    in_house.provider.save()
    other = queue_create(
        actor=in_house.actor, location=in_house.location, name="Passports", prefix="B"
    )
    ticket = join(in_house)
    post.subscribe(ticket)
    ticket_transfer(actor=in_house.actor, ticket_id=ticket.pk, queue_id=other.pk)
    # An event in each of the two queues, one notification.
    assert said(post.deliver()) == [("A001 was moved", f"Clinic: {where} you are next.")]


@pytest.mark.parametrize("language", ["en", "he", "ar"])
def test_titles_are_short_and_begin_with_the_number(
    in_house: House, post: Post, language: str
) -> None:
    ticket = join(in_house)
    subscription = post.subscribe(ticket, language=language)
    Ticket.objects.filter(pk=ticket.pk).update(code="AB123")
    for kind in (Kind.APPROACHING, Kind.CALLED, Kind.MISTAKE, Kind.MOVED):
        if kind == Kind.CALLED:
            call(in_house)
        if kind == Kind.MISTAKE:
            Notification.objects.update(outcome=Outcome.SENT)
            ticket_undo(actor=in_house.actor, ticket_id=ticket.pk)
        notifications_plan([News(kind, key=kind, ticket_id=ticket.pk)])
        notification = Notification.objects.get(kind=kind, subscription=subscription)
        message = compose(notification)
        assert message is not None, kind
        assert message.title.startswith("AB123"), message.title
        assert len(message.title) <= 30, message.title


def test_nothing_of_another_provider_is_told(
    in_house: House, other_house: House, post: Post
) -> None:
    post.subscribe(join(in_house))
    with scope(provider=other_house.provider):
        join(other_house)
        call(other_house)
    assert post.deliver() == []


def test_calls_of_who_did_not_subscribe_cost_one_look(
    in_house: House, post: Post, django_assert_num_queries: Any
) -> None:
    news = [News(Kind.CALLED, key=str(number), ticket_id=number) for number in range(100)]
    with django_assert_num_queries(1):
        notifications_plan(news)
    with django_assert_num_queries(0):
        notifications_plan([])
