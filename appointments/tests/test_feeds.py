"""Calendars: bookings to follow, read back by another library; what others say of a resource."""

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from typing import Any
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
import requests
from dateutil.rrule import _iterinfo, rrulestr
from django.core import mail
from django.core.cache import cache
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings
from rest_framework.request import Request
from vobject.base import readOne

from appointments import busy, tasks
from appointments.api.feeds import feed_answer
from appointments.busy import NoCalendarError, busy_times
from appointments.errors import OutsideHoursError
from appointments.models import (
    Appointment,
    AppointmentMail,
    AvailabilityException,
    BusyFeed,
    CalendarFeed,
    MailKind,
)
from appointments.services import feeds
from appointments.services.bookings import appointment_cancel, appointment_reschedule
from appointments.services.feeds import (
    BUSY_FEED_DUE,
    busy_feed_add,
    busy_feed_read,
    busy_feed_remove,
    busy_feed_retry,
    busy_feeds_read,
)
from appointments.services.mails import send_due_mails
from appointments.services.resources import resource_update
from appointments.tests.cast import Practice
from appointments.tokens import APPOINTMENT, appointment_token
from conftest import House, add_member, client_of
from events.models import OutboxMessage
from providers.models import Role
from providers.services.customers import customer_find_or_create
from waitlessq import clock
from waitlessq.cache import READING_FEEDS
from waitlessq.errors import InvalidInputError
from waitlessq.outbound import NotPublicError, TooLargeError
from waitlessq.tokens import id_from

ZONE = ZoneInfo("Asia/Jerusalem")
FIRST, LAST = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 11, 1, tzinfo=UTC)
URL = "https://calendar.example/ada.ics"


def calendar(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//x//EN\n{body}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def times(*events: str, first: datetime = FIRST, last: datetime = LAST) -> list[str]:
    found = busy_times(calendar(*events), ZONE, first, last)
    return [
        f"{datetime.fromtimestamp(start, ZONE):%d.%m. %H:%M}–"
        f"{datetime.fromtimestamp(end, ZONE):%d.%m. %H:%M}"
        for start, end in found
    ]


WEEKLY = (
    "UID:1\nDTSTART;TZID=Asia/Jerusalem:20261124T100000\n"
    "DTEND;TZID=Asia/Jerusalem:20261124T110000\nRRULE:FREQ=WEEKLY;COUNT=3"
)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (["DTSTART:20261124T080000Z\nDTEND:20261124T090000Z"], ["24.11. 10:00–24.11. 11:00"]),
        (["DTSTART:20261124T100000\nDURATION:PT30M"], ["24.11. 10:00–24.11. 10:30"]),
        (["DTSTART;VALUE=DATE:20261124"], ["24.11. 00:00–25.11. 00:00"]),
        (["DTSTART:20261124T100000Z"], []),
        (["DTSTART;VALUE=DATE:20261124\nTRANSP:TRANSPARENT"], []),
        (["DTSTART;VALUE=DATE:20261124\nSTATUS:CANCELLED"], []),
        (["DTSTART;VALUE=DATE:20200101"], []),
        (
            ["DTSTART;VALUE=DATE:20261124\nRRULE:FREQ=DAILY;UNTIL=20261125"],
            ["24.11. 00:00–26.11. 00:00"],
        ),
        (
            ["DTSTART;VALUE=DATE:20261124", "DTSTART;VALUE=DATE:20261125"],
            ["24.11. 00:00–26.11. 00:00"],
        ),
        (
            [WEEKLY + "\nEXDATE;TZID=Asia/Jerusalem:20261201T100000"],
            ["24.11. 10:00–24.11. 11:00", "08.12. 10:00–08.12. 11:00"],
        ),
        (
            # One of them was put off by a day.
            [
                WEEKLY,
                (
                    "UID:1\nRECURRENCE-ID;TZID=Asia/Jerusalem:20261201T100000\n"
                    "DTSTART;TZID=Asia/Jerusalem:20261202T120000\nDURATION:PT1H"
                ),
            ],
            [
                "24.11. 10:00–24.11. 11:00",
                "02.12. 12:00–02.12. 13:00",
                "08.12. 10:00–08.12. 11:00",
            ],
        ),
        (
            # Until a day, and that day too; the wall stays when clocks change.
            [
                (
                    "DTSTART;TZID=Asia/Jerusalem:20270324T100000\nDURATION:PT1H\n"
                    "RRULE:FREQ=DAILY;UNTIL=20270327"
                )
            ],
            [f"{day}.03. 10:00–{day}.03. 11:00" for day in (24, 25, 26, 27)],
        ),
        (
            ["DTSTART:20261031T220000Z\nDURATION:P3D"],
            ["01.11. 00:00–04.11. 00:00"],
        ),
    ],
)
def test_what_a_calendar_says_is_when_somebody_is_busy(
    events: list[str], expected: list[str]
) -> None:
    assert times(*events) == expected


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html>",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR",
        b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
        calendar("DTSTART:20261124T100000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY"),
        calendar("DTSTART:20261124T100000Z\nDURATION:PT1M\nRRULE:FREQ=HOURLY"),
        calendar("DTSTART:20261124T100000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY;INTERVAL=0"),
        calendar("DTSTART:20261124T100000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY;BYSECOND=0,1"),
        calendar("DTSTART;VALUE=DATE:00010101\nDURATION:P9999999D\nRRULE:FREQ=DAILY"),
        calendar(*["DTSTART;VALUE=DATE:20261124\nRRULE:FREQ=DAILY"] * 20),
        calendar(*["DTSTART;VALUE=DATE:20261124"] * 5001),
        calendar(
            "DTSTART:20261124T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\n"
            "RECURRENCE-ID:20261125T100000Z\nRECURRENCE-ID:20261126T100000Z"
        ),
        calendar("DTSTART:20261124T100000Z\nDTSTART:20261125T100000Z"),
    ],
    ids=range(14),
)
def test_what_is_none_or_too_much_is_refused(content: bytes) -> None:
    with pytest.raises(NoCalendarError):
        busy_times(content, ZONE, FIRST, LAST)


def opaque_rule(rule: str, since: str = "20200115T100000") -> bytes:
    return calendar(f"DTSTART;TZID=Asia/Jerusalem:{since}\nDURATION:PT1H\nRRULE:{rule}")


@pytest.mark.parametrize("since", ["19700131T100000", "20200229T100000", "20261115T100000"])
@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=3", "FREQ=DAILY;BYMONTH=2,11;BYDAY=MO",
        "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=3;BYDAY=SU,WE;WKST=SU",
        "FREQ=MONTHLY", "FREQ=MONTHLY;INTERVAL=5;BYDAY=-1FR", "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=YEARLY", "FREQ=YEARLY;INTERVAL=2;BYMONTH=3,12;BYDAY=1SU", "FREQ=YEARLY;BYWEEKNO=1",
        "FREQ=YEARLY;BYMONTH=1", "FREQ=DAILY;COUNT=20800", "FREQ=DAILY;UNTIL=20261224T080000Z",
    ],
)  # fmt: skip
def test_a_rule_comes_when_it_would_if_it_were_followed_from_its_beginning(
    rule: str, since: str
) -> None:
    found = busy_times(opaque_rule(rule, since), ZONE, FIRST, LAST)
    begins = datetime.strptime(since, "%Y%m%dT%H%M%S")  # noqa: DTZ007 (on the wall)
    last = LAST.replace(tzinfo=None) + timedelta(days=1)
    repeats = rrulestr(rule.replace("T080000Z", "T100000"), dtstart=begins)
    expected = {begins, *repeats.between(begins, last, inc=True)}
    instants = sorted(at.replace(tzinfo=ZONE).astimezone(UTC) for at in expected)
    assert [start for start, _ in found] == [
        int(at.timestamp()) for at in instants if FIRST <= at < LAST
    ]


@pytest.mark.parametrize("since", ["19700131T100000", "20261101T100000"])
@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY", "YEARLY"])
def test_a_rule_that_never_comes_is_given_up_soon(
    monkeypatch: pytest.MonkeyPatch, frequency: str, since: str
) -> None:
    steps: list[int] = []
    rebuild = _iterinfo.rebuild

    def counted(self: Any, year: int, month: int) -> None:
        steps.append(year)
        rebuild(self, year, month)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(_iterinfo, "rebuild", counted)
    never = opaque_rule(f"FREQ={frequency};BYMONTH=2;BYMONTHDAY=30", since)
    assert len(busy_times(never, ZONE, FIRST, LAST)) <= 1
    assert len(steps) < 400 * 12, "not the months of 8,000 years"


def test_no_rule_is_followed_for_longer_than_is_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = count()
    monkeypatch.setattr(busy, "stopwatch", Mock(monotonic=lambda: next(seconds)))
    with pytest.raises(NoCalendarError):
        busy_times(opaque_rule("FREQ=DAILY;COUNT=99"), ZONE, FIRST, LAST)


class Calendars(requests.Session):
    """Answers with what it is told to, and remembers what it was asked."""

    def __init__(self, *answers: Any) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[dict[str, str]] = []

    def get(self, url: str | bytes, **more: Any) -> requests.Response:
        self.asked.append(more["headers"])
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code, response._content = answer
        response.headers["ETag"] = '"1"'
        return response


def text(practice: Practice, hour: int) -> str:
    start = practice.at(hour).astimezone(UTC)
    return f"DTSTART:{start:%Y%m%dT%H%M%SZ}\nDURATION:PT1H\nSUMMARY:Secret"


def opaque(practice: Practice, hour: int) -> bytes:
    return calendar(text(practice, hour))


def test_a_busy_calendar_blocks_slots_until_it_is_gone(practice: Practice) -> None:
    actor = practice.house.actor
    feed = busy_feed_add(actor=actor, resource=practice.ada, url="webcal://calendar.example/x")
    assert feed.url.startswith("https://")
    calendars = Calendars((200, opaque(practice, 10)), (304, b""), (200, calendar()))
    busy_feed_read(feed=feed, session=calendars)
    with pytest.raises(OutsideHoursError):
        practice.book(practice.wish(10, resource=practice.ada))
    practice.book(practice.wish(11, resource=practice.ada))
    assert not AvailabilityException.objects.exclude(reason="").exists()
    busy_feed_read(feed=feed, session=calendars)
    assert [asked.get("If-None-Match") for asked in calendars.asked] == [None, '"1"']
    assert feed.times.count() == 1
    busy_feed_read(feed=feed, session=calendars)
    practice.book(practice.wish(10, resource=practice.ada))
    busy_feed_remove(actor=actor, feed=feed)
    assert not AvailabilityException.objects.exists()


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((404, b""), "refused"),
        ((301, b""), "refused"),
        ((200, b"<html>"), "no-calendar"),
        (NotPublicError(), "not-public"),
        (TooLargeError(), "too-large"),
        (requests.ConnectionError(), "unreachable"),
        (requests.ReadTimeout(), "unreachable"),
    ],
)
def test_a_calendar_that_can_not_be_read_keeps_what_it_said(
    practice: Practice, answer: Any, problem: str
) -> None:
    feed = busy_feed_add(actor=practice.house.actor, resource=practice.ada, url=URL)
    busy_feed_read(feed=feed, session=Calendars((200, opaque(practice, 10))))
    pauses = []
    for _ in range(2):
        busy_feed_read(feed=feed, session=Calendars(answer))
        feed.refresh_from_db()
        pauses.append(feed.due_at - clock.now())
    assert (feed.problem, feed.failures, feed.times.count()) == (problem, 2, 1)
    assert pauses[0] < pauses[1]
    busy_feed_read(feed=feed, session=Calendars((200, calendar())))
    feed.refresh_from_db()
    assert (feed.problem, feed.failures) == ("", 0)


def test_a_calendar_that_says_the_same_is_not_written_again(practice: Practice) -> None:
    feed = busy_feed_add(actor=practice.house.actor, resource=practice.ada, url=URL)
    same = opaque(practice, 10).replace(b"SUMMARY", b"DTSTAMP:20261124T100000Z\r\nSUMMARY")
    more = calendar(*(text(practice, hour) for hour in (10, 12)))
    calendars = Calendars(*((200, said) for said in (opaque(practice, 10), same, more)))
    busy_feed_read(feed=feed, session=calendars)
    [kept] = feed.times.all()
    for expected in (1, 2):
        busy_feed_read(feed=feed, session=calendars)
        assert feed.times.count() == expected
        assert feed.times.filter(pk=kept.pk).exists(), "nobody looks for times anew"


def test_the_days_that_come_into_view_are_asked_for_once_a_day(practice: Practice) -> None:
    feed = busy_feed_add(actor=practice.house.actor, resource=practice.ada, url=URL)
    rule = opaque(practice, 10).replace(b"DURATION", b"RRULE:FREQ=DAILY\r\nDURATION")
    calendars = Calendars((200, rule), (304, b""), (200, rule))
    busy_feed_read(feed=feed, session=calendars)
    last = feed.times.latest("starts_at").starts_at
    for hours in (23, 25):
        with clock.override(clock.now() + timedelta(hours=hours)):
            busy_feed_read(feed=feed, session=calendars)
    assert ["If-None-Match" in asked for asked in calendars.asked] == [False, True, False]
    assert feed.times.latest("starts_at").starts_at > last


def test_what_breaks_on_one_calendar_is_noted_and_read_on(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    for resource in (practice.ada, practice.ben):
        busy_feed_add(actor=practice.house.actor, resource=resource, url=URL)
    first, second = BusyFeed.objects.order_by("due_at")
    monkeypatch.setattr(feeds, "busy_times", Mock(side_effect=[RecursionError, []]))
    answers = iter([(200, b"1"), (200, b"2")])
    monkeypatch.setattr(feeds, "OutboundSession", lambda **_: Calendars(next(answers)))
    monkeypatch.setattr(feeds, "AT_ONCE", 1)
    busy_feeds_read()
    problems = sorted(BusyFeed.objects.values_list("problem", flat=True))
    assert problems == ["", "no-calendar"]
    assert {first.pk, second.pk} == set(BusyFeed.objects.values_list("pk", flat=True))


def test_each_calendar_is_asked_with_cookies_of_its_own(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Calendars] = []

    def session(**_: Any) -> Calendars:
        made.append(Calendars((404, b"")))
        return made[-1]

    for resource in (practice.ada, practice.ben):
        busy_feed_add(actor=practice.house.actor, resource=resource, url=URL)
    monkeypatch.setattr(feeds, "OutboundSession", session)
    assert busy_feeds_read() is False
    assert [len(one.asked) for one in made] == [1, 1]


def test_a_full_batch_leaves_others_to_the_next_task(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        busy_feed_add(
            actor=practice.house.actor, resource=practice.ada, url=f"https://c.example/{number}"
        )
    monkeypatch.setattr(feeds, "BATCH", 2)
    monkeypatch.setattr(feeds, "OutboundSession", lambda **_: Calendars((404, b"")))
    again = Mock()
    monkeypatch.setattr(tasks, "send_soon", again)
    for _ in range(2):
        tasks.read_busy_feeds()
    assert set(BusyFeed.objects.values_list("failures", flat=True)) == {1}
    assert again.call_count == 1


def test_one_task_at_a_time_waits_for_other_servers(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Mock(return_value=False)
    monkeypatch.setattr(tasks, "busy_feeds_read", read)
    read.side_effect = [KeyError, False]
    with pytest.raises(KeyError):
        tasks.read_busy_feeds()
    cache.add(READING_FEEDS.key(), 1, READING_FEEDS.seconds)
    tasks.read_busy_feeds()
    assert read.call_count == 1
    cache.delete(READING_FEEDS.key())
    tasks.read_busy_feeds()
    assert read.call_count == 2


def test_a_calendar_that_failed_is_asked_again_when_somebody_says_so(practice: Practice) -> None:
    actor = practice.house.actor
    feed = busy_feed_add(actor=actor, resource=practice.ada, url=URL)
    for _ in range(3):
        busy_feed_read(feed=feed, session=Calendars((404, b"")))
        feed.refresh_from_db()
    since = feed.failing_since
    assert feed.due_at > clock.now() + timedelta(minutes=30)
    busy_feed_retry(actor=actor, feed=feed)
    assert feed.due_at <= clock.now()
    assert since is not None
    # Once for adding it, once for this: nobody waits for the regular task.
    assert OutboxMessage.objects.filter(topic=BUSY_FEED_DUE, subject_id=feed.pk).count() == 2
    busy_feed_read(feed=feed, session=Calendars((200, calendar())))
    assert feed.failing_since is None


def test_what_leads_into_the_house_is_not_asked(practice: Practice) -> None:
    feed = busy_feed_add(
        actor=practice.house.actor, resource=practice.ada, url="https://localhost/x.ics"
    )
    busy_feeds_read()
    feed.refresh_from_db()
    assert (feed.problem, feed.failures) == ("not-public", 1)
    busy_feeds_read()
    feed.refresh_from_db()
    assert feed.failures == 1, "it is not due for a while"


@pytest.mark.parametrize(
    "url", ["", "http://calendar.example/x", "https://10.0.0.1/x", "file:///etc/passwd"]
)
def test_an_address_that_is_none_is_refused(practice: Practice, url: str) -> None:
    with pytest.raises(InvalidInputError):
        busy_feed_add(actor=practice.house.actor, resource=practice.ada, url=url)


def test_a_calendar_is_there_once_and_there_are_few(practice: Practice) -> None:
    for number in range(5):
        busy_feed_add(
            actor=practice.house.actor, resource=practice.ada, url=f"https://c.example/{number}"
        )
    for url in ("https://c.example/0", "https://c.example/9"):
        with pytest.raises(InvalidInputError):
            busy_feed_add(actor=practice.house.actor, resource=practice.ada, url=url)
    with pytest.raises(InvalidInputError):
        busy_feed_add(actor=practice.house.actor, resource=practice.ben, url="")
    assert BusyFeed.objects.count() == 5


def feed_of(client: Client, path: str, **headers: str) -> str:
    said = client.post(path, headers=headers).json()["url"]
    return str(said).removeprefix("http://testserver")


def starts(client: Client, path: str) -> list[datetime]:
    entry: Any = readOne(client.get(path).text)  # type: ignore[no-untyped-call]
    return [event.dtstart.value for event in entry.contents.get("vevent", [])]


def test_a_member_follows_their_bookings(practice: Practice, house: House) -> None:
    member = add_member(house.provider, Role.STAFF)
    resource_update(actor=house.actor, resource=practice.ada, member=member)
    dana = customer_find_or_create(actor=house.actor, name="Dana", email="dana@example.org")
    booked = practice.book(practice.wish(10, resource=practice.ada), customer=dana)
    practice.book(practice.wish(10, resource=practice.ben))
    staff, program = client_of(member), Client()
    path = feed_of(staff, "/api/v1/providers/clinic/calendar-feed")
    assert starts(program, path) == [practice.at(10)]
    answer = program.get(path)
    assert "Dana" not in answer.text
    assert "Advice" not in answer.text, "a clinic's services are nobody's business"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    again = program.get(path, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == HTTPStatus.NOT_MODIFIED
    appointment_reschedule(actor=house.actor, appointment_id=booked.pk, starts_at=practice.at(11))
    changed = program.get(path, headers={"If-None-Match": answer["ETag"]})
    assert changed.status_code == HTTPStatus.OK
    staff.delete("/api/v1/providers/clinic/calendar-feed")
    assert program.get(path).status_code == HTTPStatus.NOT_FOUND
    assert feed_of(staff, "/api/v1/providers/clinic/calendar-feed") != path


def ask_for_feed(booked: Appointment) -> int:
    mine = {"Appointment-Token": appointment_token(booked.pk)}
    answer = Client().post("/api/v1/public/appointment/feed", headers=mine)
    assert b"feeds" not in answer.content, "it is told to nobody but by mail"
    return answer.status_code


def mailed_links() -> list[str]:
    """The paths of the feed and of the page that ends it, out of the newest mail."""
    send_due_mails()
    return re.findall(r"https://queues.example(/feeds/\S+)", str(mail.outbox[-1].body))


def test_a_customer_follows_all_their_bookings(practice: Practice, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://queues.example"
    dana = customer_find_or_create(
        actor=practice.house.actor, name="Dana", email="dana@example.org"
    )
    first, second, gone = (
        practice.book(practice.wish(hour), customer=dana) for hour in (10, 12, 14)
    )
    practice.book(practice.wish(9))
    appointment_cancel(actor=practice.house.actor, appointment_id=gone.pk)
    client = Client()
    assert ask_for_feed(first) == HTTPStatus.ACCEPTED
    path, end = mailed_links()
    assert mail.outbox[-1].to == ["dana@example.org"]
    assert starts(client, path) == [first.starts_at, second.starts_at]
    assert "Whoever has" in client.get(end).text
    assert client.get(path).status_code == HTTPStatus.OK, "looking ends nothing"
    assert "leads nowhere any more" in client.post(end).text
    for over in (path, end):
        assert client.get(over).status_code == HTTPStatus.NOT_FOUND


def test_a_booking_in_anothers_name_opens_none_of_their_bookings(
    practice: Practice, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://queues.example"
    who = {"name": "Dana", "email": "dana@example.org"}
    dana = customer_find_or_create(actor=practice.house.actor, **who)
    practice.book(practice.wish(10), customer=dana)
    send_due_mails()
    strangers = Appointment.objects.get(pk=book_publicly(practice, 12, **who))
    assert ask_for_feed(strangers) == HTTPStatus.ACCEPTED
    send_due_mails()
    assert {one for sent in mail.outbox for one in sent.to} == {"dana@example.org"}
    # With an address of one's own it is a customer of one's own.
    more = book_publicly(practice, 14, **who, phone="+972501234567")
    assert Appointment.objects.get(pk=more).customer != dana
    dana.refresh_from_db()
    assert dana.contact_points.count() == 1


def book_publicly(practice: Practice, hour: int, **who: str) -> int:
    body = {
        "service": practice.house.service.pk,
        "starts_at": practice.at(hour).isoformat(),
        **who,
    }
    path = "/api/v1/public/providers/clinic/appointments"
    made = Client().post(path, body, content_type="application/json")
    assert made.status_code == HTTPStatus.CREATED, made.text
    appointment_id = id_from(APPOINTMENT, made.json()["token"])
    assert appointment_id is not None
    return appointment_id


def test_a_calendar_is_mailed_once_an_hour(practice: Practice) -> None:
    dana = customer_find_or_create(
        actor=practice.house.actor, name="Dana", email="dana@example.org"
    )
    booked = [practice.book(practice.wish(hour), customer=dana) for hour in (10, 12)]
    for one in booked * 2:
        ask_for_feed(one)
    asked = AppointmentMail.objects.filter(kind=MailKind.FEED)
    assert asked.count() == 1
    # What changes meanwhile makes it no less true.
    appointment_cancel(actor=practice.house.actor, appointment_id=booked[0].pk)
    assert asked.filter(done_at=None).count() == 1
    with clock.override(clock.now() + timedelta(hours=1)):
        ask_for_feed(booked[1])
    assert asked.count() == 2


def test_whom_nobody_can_write_to_has_no_calendar(practice: Practice) -> None:
    dana = customer_find_or_create(actor=practice.house.actor, name="Dana")
    for booked in (
        practice.book(practice.wish(10)),
        practice.book(practice.wish(12), customer=dana),
    ):
        assert ask_for_feed(booked) == HTTPStatus.CONFLICT
    assert not CalendarFeed.objects.exists()


def test_managers_see_what_can_not_be_read(owner: Client, practice: Practice) -> None:
    path = "/api/v1/providers/clinic/busy-feeds"
    body = {"resource": practice.ada.pk, "url": URL}
    made = owner.post(path, body, content_type="application/json")
    assert made.status_code == HTTPStatus.CREATED
    feed = BusyFeed.objects.select_related("provider", "resource__location").get()
    busy_feed_read(feed=feed, session=Calendars((500, b"")))
    page = owner.get(path)
    [shown] = page.json()["results"]
    assert (shown["problem"], shown["read_at"]) == ("refused", None)
    assert shown["shown_as"] == "calendar.example/…da.ics"
    assert URL not in page.text, "who knows it can read the calendar"
    again = owner.post(f"{path}/{made.json()['id']}/retry")
    assert again.json()["due_at"] < shown["due_at"]
    refused = owner.post(path, body | {"url": "x"}, content_type="application/json")
    assert refused.json()["errors"][0]["field"] == "url"
    gone = owner.delete(f"{path}/{made.json()['id']}")
    assert gone.status_code == HTTPStatus.NO_CONTENT


def test_at_a_providers_domain_the_feed_is_at_the_platform(
    rf: RequestFactory, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://queues.example"
    url = feed_answer(Request(rf.post("/")), 7).data["url"]
    assert url.startswith("https://queues.example/feeds/")
