"""Subscriptions go with what they are about, and with whom."""

from datetime import timedelta

from appointments.tests.cast import build_practice
from conftest import House
from notifications.models import Notification, PushSubscription
from notifications.tasks import forget_subscriptions
from notifications.tests.conftest import Post
from notifications.tests.test_calls import call
from providers.services.customers import customer_erase, customer_find_or_create
from queues.models import Ask, Queue
from queues.services.people import Person
from queues.services.tickets import ticket_cancel
from queues.tests.test_join import join
from waitlessq import clock


def test_a_day_after_the_end_nothing_is_left(in_house: House, post: Post) -> None:
    ended, waits = join(in_house), join(in_house)
    post.subscribe(ended)
    kept = post.subscribe(waits)
    call(in_house)
    post.deliver()
    ticket_cancel(actor=in_house.actor, ticket_id=ended.pk)
    forget_subscriptions()
    assert PushSubscription.objects.count() == 2
    with clock.override(clock.now() + timedelta(hours=25)):
        forget_subscriptions()
    assert list(PushSubscription.objects.all()) == [kept]
    assert not Notification.objects.exists()


def test_a_day_after_an_appointment_nothing_is_left(in_house: House, post: Post) -> None:
    practice = build_practice(in_house)
    booked = practice.book(practice.wish(10))
    post.subscribe(booked)
    with clock.override(booked.ends_at + timedelta(hours=23)):
        forget_subscriptions()
        assert PushSubscription.objects.exists()
    with clock.override(booked.ends_at + timedelta(hours=25)):
        forget_subscriptions()
    assert not PushSubscription.objects.exists()


def test_who_is_erased_takes_the_subscriptions_along(in_house: House, post: Post) -> None:
    Queue.objects.update(asks_name=Ask.OPTIONAL)
    practice = build_practice(in_house)
    dana = customer_find_or_create(actor=in_house.actor, name="Dana")
    post.subscribe(join(in_house, person=Person(customer_id=dana.pk)))
    post.subscribe(practice.book(practice.wish(10), customer=dana))
    others = post.subscribe(join(in_house))
    customer_erase(actor=in_house.actor, customer_id=dana.pk)
    assert list(PushSubscription.objects.all()) == [others]
