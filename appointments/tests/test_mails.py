"""Mails and invitations: due in PostgreSQL, sent once, read back by another library."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import translation
from vobject.base import Component, readOne

from appointments.calendars import uid
from appointments.models import Appointment, AppointmentMail, MailKind
from appointments.services import mails
from appointments.services.bookings import (
    Details,
    appointment_cancel,
    appointment_reschedule,
    series_book,
)
from appointments.services.mails import send_due_mails
from appointments.services.resources import booking_rules_set
from appointments.tests.cast import Practice, build_practice
from appointments.words import when
from conftest import House
from providers.services.customers import customer_find_or_create
from waitlessq import clock


def book(practice: Practice, email: str = "dana@example.org", language: str = "") -> Appointment:
    customer = customer_find_or_create(
        actor=practice.house.actor, name="Dana", email=email, language=language
    )
    return practice.book(practice.wish(10), practice.customer, customer=customer)


def calendar_of(sent: mail.EmailMessage) -> Component:
    _, content, mime = sent.attachments[0]
    assert mime.startswith("text/calendar; method=")
    entry: Component = readOne(content)  # type: ignore[no-untyped-call]
    return entry


def test_a_booking_is_confirmed_moved_and_cancelled_in_one_calendar_entry(
    practice: Practice,
) -> None:
    booked = book(practice)
    assert send_due_mails() == 1
    appointment_reschedule(
        actor=practice.customer, appointment_id=booked.pk, starts_at=practice.at(11)
    )
    assert send_due_mails() == 1
    appointment_cancel(actor=practice.customer, appointment_id=booked.pk)
    assert send_due_mails() == 1
    first, moved, gone = (calendar_of(sent) for sent in mail.outbox)
    events = [entry.vevent for entry in (first, moved, gone)]
    assert len({event.uid.value for event in events}) == 1
    assert [int(event.sequence.value) for event in events] == [0, 1, 2]
    assert [entry.method.value for entry in (first, moved, gone)] == [
        "REQUEST",
        "REQUEST",
        "CANCEL",
    ]
    assert events[0].dtstart.value == practice.at(10)
    assert events[1].dtstart.value == practice.at(11)
    assert events[2].status.value == "CANCELLED"
    assert events[0].summary.value == "Clinic", "a clinic's services are nobody's business"
    assert "dana@example.org" in events[0].attendee.value
    assert send_due_mails() == 0


def test_a_series_is_one_mail_with_an_invitation_for_each(practice: Practice) -> None:
    dana = customer_find_or_create(
        actor=practice.house.actor, name="Dana", email="dana@example.org"
    )
    made = series_book(
        actor=practice.house.actor, wish=practice.wish(10), details=Details(dana), weeks=1,
        times=3, skip_conflicts=False,
    )  # fmt: skip
    alone = book(practice, "noa@example.org")
    appointment_cancel(actor=practice.house.actor, appointment_id=made[0].pk)
    assert send_due_mails() == 3
    told, gone, other = sorted(mail.outbox, key=lambda sent: len(sent.attachments), reverse=True)
    assert "Your bookings are confirmed." in told.subject
    entries = [readOne(content) for _, content, _ in told.attachments]  # type: ignore[no-untyped-call]
    assert [entry.vevent.dtstart.value for entry in entries] == [one.starts_at for one in made[1:]]
    assert {entry.vevent.uid.value for entry in entries} == {uid(one) for one in made[1:]}
    assert all(when(one.starts_at, one.location.zone) in str(told.body) for one in made[1:])
    assert {calendar_of(one).vevent.uid.value for one in (gone, other)} == {
        uid(made[0]),
        uid(alone),
    }
    assert send_due_mails() == 0


def test_reminders_are_due_before_the_start_and_follow_it(practice: Practice) -> None:
    booking_rules_set(actor=practice.house.actor, reminder_minutes=[60, 120, 60 * 24 * 30])
    booked = book(practice)
    appointment_reschedule(
        actor=practice.house.actor, appointment_id=booked.pk, starts_at=practice.at(12)
    )
    due = AppointmentMail.objects.filter(kind=MailKind.REMINDER).order_by("due_at")
    assert [one.due_at for one in due] == [practice.at(10), practice.at(11)]
    with clock.override(practice.at(10)):
        send_due_mails()
    assert "A reminder of your booking" in mail.outbox[-1].body
    appointment_cancel(actor=practice.house.actor, appointment_id=booked.pk)
    assert not due.filter(done_at__isnull=True).exists()


def test_nobody_is_reminded_of_what_is_over(practice: Practice) -> None:
    book(practice)
    send_due_mails()
    with clock.override(practice.at(10, 1)):
        assert send_due_mails() == 0
    assert not AppointmentMail.objects.filter(kind="reminder", done_at__isnull=True).exists()


def test_what_could_not_be_sent_is_sent_later_and_once(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(practice)

    def refuse(*_: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(mail.EmailMessage, "send", refuse)
        assert send_due_mails() == 0
    assert send_due_mails() == 0, "it is claimed for a while"
    with clock.override(clock.now() + mails.CLAIMED_FOR + timedelta(seconds=1)):
        assert send_due_mails() == 1
        assert send_due_mails() == 0


def test_who_gave_no_address_gets_no_mail(practice: Practice) -> None:
    practice.book(practice.wish(9), practice.customer)
    book(practice, email="")
    assert send_due_mails() == 0
    assert mail.outbox == []


def test_mails_speak_the_customers_language_and_name_what_is_no_secret(
    in_house: House,
) -> None:
    in_house.provider.trade = "salon"
    in_house.provider.save()
    practice = build_practice(in_house)
    with translation.override("en"):
        book(practice, language="he")
        send_due_mails()
    assert "התור" in mail.outbox[0].body
    assert calendar_of(mail.outbox[0]).vevent.summary.value == "Advice, Clinic"
