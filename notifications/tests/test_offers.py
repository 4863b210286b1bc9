"""Who waits for a time is told when one is kept for them, for as long as it is kept."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import translation

from appointments.models import Appointment, Offer, WaitlistEntry
from appointments.services.bookings import appointment_cancel
from appointments.services.offers import OFFERED_FOR, OFFERED_QUICKLY_FOR, freed_slots_offer
from appointments.services.resources import resource_update
from appointments.services.waitlist import waitlist_join, waitlist_leave
from appointments.tests.cast import Practice, build_practice
from appointments.tokens import waitlist_token
from appointments.words import when
from conftest import House
from notifications.models import Notification, Outcome, PushSubscription
from notifications.tasks import forget_subscriptions
from notifications.tests.conftest import Post
from notifications.tests.test_api import ENDPOINT, P, described
from queues.models import Source, Ticket
from queues.services.tickets import ticket_join
from waitlessq import clock


@pytest.fixture
def practice(in_house: House, post: Post) -> Practice:
    """Ada alone gives advice, and can be booked without notice."""
    practice = build_practice(in_house, minimum_notice=timedelta())
    resource_update(actor=in_house.actor, resource=practice.ben, is_active=False)
    return practice


@pytest.fixture
def booked(practice: Practice) -> Appointment:
    return practice.book(practice.wish(10))


@pytest.fixture
def entry(practice: Practice) -> WaitlistEntry:
    """Somebody waits for a time of that morning."""
    return waitlist_join(actor=practice.customer, wish=practice.wish(9), last=practice.at(12))


def free(practice: Practice, booked: Appointment, post: Post) -> None:
    appointment_cancel(actor=practice.house.actor, appointment_id=booked.pk)
    pass_on(post)


def pass_on(post: Post) -> None:
    """What was freed is noted and offered: to the list, and if nobody wants it, to the line."""
    for _ in range(2):
        post.relay()
        freed_slots_offer()


def shown(offer: Offer, practice: Practice) -> str:
    return f"{offer.expires_at.astimezone(practice.house.location.zone):%H:%M}"


def test_a_time_that_is_free_is_told_with_its_end(
    practice: Practice, booked: Appointment, entry: WaitlistEntry, post: Post
) -> None:
    post.subscribe(entry)
    free(practice, booked, post)
    offer = entry.offers.get()
    [message] = post.deliver()
    time = when(booked.starts_at, practice.house.location.zone)
    assert message["title"] == f"{time} is free"
    assert message["body"] == f"Clinic: kept for you until {shown(offer, practice)}."
    assert (message["tag"], message["url"]) == (f"waitlist-{entry.pk}", "#/bookings")
    [received] = post.service.received
    kept = (offer.expires_at - clock.now()).total_seconds()
    assert kept - 1 <= int(received.headers["ttl"]) <= OFFERED_FOR.total_seconds()


@pytest.mark.parametrize("language", ["he", "ar"])
def test_it_speaks_the_readers_language_and_is_short(
    practice: Practice, booked: Appointment, entry: WaitlistEntry, post: Post, language: str
) -> None:
    post.subscribe(entry, language=language)
    free(practice, booked, post)
    [message] = post.deliver()
    with translation.override(language):
        assert message["title"].startswith(when(booked.starts_at, practice.house.location.zone))
    assert "free" not in message["title"]
    assert len(message["title"]) <= 30
    assert shown(entry.offers.get(), practice) in message["body"]


def test_what_was_answered_or_has_run_out_is_not_told(
    practice: Practice, booked: Appointment, entry: WaitlistEntry, post: Post
) -> None:
    post.subscribe(entry)
    free(practice, booked, post)
    post.relay()
    waitlist_leave(actor=practice.customer, entry_id=entry.pk)
    assert post.deliver() == []
    assert Notification.objects.get().outcome == Outcome.OVERTAKEN


def test_an_offer_is_useless_once_it_has_run_out(
    practice: Practice, booked: Appointment, entry: WaitlistEntry, post: Post
) -> None:
    post.subscribe(entry)
    free(practice, booked, post)
    post.relay()
    with clock.override(entry.offers.get().expires_at):
        assert post.deliver() == []
    assert Notification.objects.get().outcome == Outcome.LATE


def test_who_waits_in_line_is_told_with_the_number(
    practice: Practice, booked: Appointment, post: Post
) -> None:
    with clock.override(booked.starts_at - timedelta(minutes=30)):
        ticket = wait_in_line(practice)
        post.subscribe(ticket)
        free(practice, booked, post)
        offer = Offer.objects.get()
        [message] = post.deliver()
        assert message["title"] == "A001: 10:00 is free"
        until = shown(offer, practice)
        assert message["body"] == (
            f"Clinic: a booking in place of waiting, kept for you until {until}."
        )
        assert (message["tag"], message["url"]) == ("ticket-A001", "#/ticket")
        [received] = post.service.received
        assert int(received.headers["ttl"]) <= OFFERED_QUICKLY_FOR.total_seconds()


def wait_in_line(practice: Practice) -> Ticket:
    return ticket_join(
        actor=practice.house.actor,
        queue_id=practice.house.queue.pk,
        source=Source.STAFF,
        service_id=practice.house.service.pk,
    )


def test_a_browser_subscribes_with_the_token_of_the_wait(entry: WaitlistEntry) -> None:
    headers = {"Waitlist-Token": waitlist_token(entry.pk)}
    for path, body, left in (
        ("push", described(), 1),
        ("push/remove", {"endpoint": ENDPOINT}, 0),
    ):
        answer = Client().post(
            f"{P}/waitlist/{path}", body, content_type="application/json", headers=headers
        )
        assert answer.status_code == HTTPStatus.NO_CONTENT
        assert PushSubscription.objects.filter(entry=entry).count() == left


def test_who_waits_no_more_is_forgotten(
    practice: Practice, entry: WaitlistEntry, post: Post
) -> None:
    left = waitlist_join(actor=practice.customer, wish=practice.wish(9), last=practice.at(12))
    post.subscribe(left)
    kept = post.subscribe(entry)
    waitlist_leave(actor=practice.customer, entry_id=left.pk)
    forget_subscriptions()
    assert list(PushSubscription.objects.all()) == [kept]
    with clock.override(entry.last + timedelta(hours=25)):
        forget_subscriptions()
    assert not PushSubscription.objects.exists()
