"""Calendars: the bookings of somebody to follow, and what others say that a resource does."""

import logging
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import requests
from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django_scopes import scope, scopes_disabled

from appointments.busy import NoCalendarError, busy_times
from appointments.errors import NoAddressError
from appointments.models import (
    Appointment,
    AvailabilityException,
    BusyFeed,
    CalendarFeed,
    ExceptionKind,
    FeedProblem,
    Resource,
)
from appointments.selectors import moment, second
from appointments.services.changes import calendar_changed
from appointments.services.locks import lock_resources
from appointments.services.mails import address_of, plan_feed_mail
from appointments.slots import Stretch
from events.outbox import emit
from providers.actors import Actor
from providers.models import Customer, Member
from waitlessq import clock
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import InvalidInputError, NotFoundError
from waitlessq.outbound import NotPublicError, OutboundSession, TooLargeError, check_url

logger = logging.getLogger(__name__)

MOST_BYTES = 4 * 1024 * 1024
SECONDS = 8.0
MOST_PER_RESOURCE = 5
# What a task claims, and how many of those it waits for at the same time.
BATCH, AT_ONCE = 40, 20
EVERY = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=6)
CLAIMED_FOR = timedelta(minutes=5)
BEHIND, AHEAD = timedelta(days=1), timedelta(days=370)
# So long what a calendar said last is taken for the year ahead.
FOLLOWED_FOR = timedelta(days=1)
SCHEMES = ("https",)
BUSY_FEED_DUE = "busy_feed.due"
# The narrower first.
PROBLEMS: dict[type[Exception], FeedProblem] = {
    NotPublicError: FeedProblem.NOT_PUBLIC,
    TooLargeError: FeedProblem.TOO_LARGE,
    requests.RequestException: FeedProblem.UNREACHABLE,
    OSError: FeedProblem.UNREACHABLE,
}
# Some calendars stamp each answer with the time at which they were asked.
STAMPS = re.compile(rb"^DTSTAMP.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a calendar answered; no content if it is still what it was."""

    content: bytes | None
    etag: str


@in_transaction
def calendar_feed_open(
    *, actor: Actor, member: Member | None = None, customer: Customer | None = None
) -> CalendarFeed:
    """The feed of a member or of a customer; the same one until it is closed."""
    actor.check_owns(member or customer)  # type: ignore[arg-type]
    feed, _ = CalendarFeed.objects.get_or_create(
        member=member, customer=customer, defaults={"provider": actor.provider}
    )
    return feed


@in_transaction
def calendar_feed_mail(*, actor: Actor, appointment: Appointment) -> None:
    """Opens the feed of an appointment's customer, and mails them where it is. Locks the feed.

    Whoever holds the appointment may have booked it in that customer's name, so nobody is told
    but by mail (docs/adr/0018).

    Raises:
        NoAddressError: nobody said where to write to.
    """
    actor.check_owns(appointment)
    customer = appointment.customer
    if customer is None or address_of(customer) is None:
        raise NoAddressError(gettext("Please give the provider your e-mail address."))
    feed = calendar_feed_open(actor=actor, customer=customer)
    CalendarFeed.objects.select_for_update().get(pk=feed.pk)
    plan_feed_mail(appointment)


@in_transaction
def calendar_feed_close(*, feed: CalendarFeed) -> None:
    """Its address leads nowhere any more; the next one is another. Once more does nothing."""
    CalendarFeed.objects.filter(pk=feed.pk).delete()


@in_transaction
def busy_feed_add(*, actor: Actor, resource: Resource, url: str) -> BusyFeed:
    """Lets a calendar elsewhere block the resource's times; it is read soon, and then regularly.

    Locks the resource.

    Raises:
        NotFoundError: the resource is not the actor's.
        InvalidInputError: it is no public address, is there already, or one too many.
    """
    if not actor.owns(resource.location):
        raise NotFoundError("There is no such resource.")
    url = url.strip().replace("webcal://", "https://", 1)
    try:
        check_url(url, SCHEMES)
    except NotPublicError:
        message = gettext("Write the calendar's address, beginning with https://.")
        raise InvalidInputError("url", message) from None
    lock_resources([resource.pk])
    if resource.busy_feeds.count() >= MOST_PER_RESOURCE:
        raise InvalidInputError("url", gettext("Remove another calendar first."))
    try:
        with transaction.atomic():
            feed = BusyFeed.objects.create(provider=actor.provider, resource=resource, url=url)
    except IntegrityError:
        raise InvalidInputError("url", gettext("This calendar is there already.")) from None
    _emit_due(feed)
    return feed


@in_transaction
def busy_feed_remove(*, actor: Actor, feed: BusyFeed) -> None:
    """What the calendar said blocks nothing any more."""
    _check_owns(actor, feed)
    feed.delete()
    calendar_changed(actor.provider.pk)


@in_transaction
def busy_feed_retry(*, actor: Actor, feed: BusyFeed) -> None:
    """Lets the calendar be asked now, all of it, however often it could not be read."""
    _check_owns(actor, feed)
    update_row(feed, {"due_at": clock.now(), "etag": "", "digest": ""})
    _emit_due(feed)


def _check_owns(actor: Actor, feed: BusyFeed) -> None:
    if not actor.owns(feed.resource.location):
        raise NotFoundError("There is no such calendar.")


def _emit_due(feed: BusyFeed) -> None:
    emit(BUSY_FEED_DUE, provider_id=feed.provider_id, subject_id=feed.pk, payload={})


def busy_feeds_read() -> bool:
    """Reads a batch of the calendars that are due, longest due first; whether it was a full one.

    Several are waited for at the same time; each has a session, and so cookies, of its own, and
    fails on its own. Whoever calls it again, or elsewhere, reads others.
    """
    claimed = _claim()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = {pool.submit(_ask_alone, feed, clock.now()): feed for feed in claimed}
        for answer in as_completed(asked):
            feed = asked.pop(answer)
            with scope(provider=feed.provider):
                _keep(feed, answer.result())
    return len(claimed) == BATCH


@in_transaction
def _claim() -> list[BusyFeed]:
    now = clock.now()
    with scopes_disabled():
        due = BusyFeed.objects.select_for_update(skip_locked=True, of=("self",))
        rows = due.select_related("provider", "resource__location")
        found = list(rows.filter(due_at__lte=now).order_by("due_at")[:BATCH])
        ids = [feed.pk for feed in found]
        # Whoever dies with it leaves it to the next one.
        BusyFeed.objects.filter(pk__in=ids).update(due_at=now + CLAIMED_FOR)
    return found


def busy_feed_read(*, feed: BusyFeed, session: requests.Session) -> None:
    """Asks for the calendar and keeps what it says instead of what it said.

    What can not be read is noted, and asked for again, less often each time; what it said before
    stays. Nothing of a calendar is kept but when somebody is busy.
    """
    _keep(feed, _ask(feed, clock.now(), session))


def _ask_alone(feed: BusyFeed, now: datetime) -> Answer | FeedProblem:
    """Runs in a thread: reads nothing from the database."""
    with OutboundSession(seconds=SECONDS, most_bytes=MOST_BYTES, schemes=SCHEMES) as session:
        return _ask(feed, now, session)


def _ask(feed: BusyFeed, now: datetime, session: requests.Session) -> Answer | FeedProblem:
    headers = {"Accept": "text/calendar"}
    # "Still the same" says nothing of the days that have come into view since.
    if feed.etag and _is_followed(feed, now):
        headers["If-None-Match"] = feed.etag
    try:
        answer = session.get(feed.url, headers=headers)
    except tuple(PROBLEMS) as error:
        return next(problem for kind, problem in PROBLEMS.items() if isinstance(error, kind))
    except Exception:
        logger.exception("%s could not be asked.", feed)
        return FeedProblem.UNREACHABLE
    if answer.status_code == requests.codes.not_modified and "If-None-Match" in headers:
        return Answer(None, feed.etag)
    if answer.status_code != requests.codes.ok:
        return FeedProblem.REFUSED
    return Answer(answer.content, answer.headers.get("ETag", "")[:200])


def _is_followed(feed: BusyFeed, now: datetime) -> bool:
    return feed.followed_at is not None and feed.followed_at > now - FOLLOWED_FOR


def _keep(feed: BusyFeed, answer: Answer | FeedProblem) -> None:
    if isinstance(answer, FeedProblem):
        _note_problem(feed, answer)
        return
    now = clock.now()
    try:
        digest = feed.digest if answer.content is None else _digest(answer.content)
        if answer.content is None or (digest == feed.digest and _is_followed(feed, now)):
            _note_read(feed, {"etag": answer.etag})
            return
        times = busy_times(answer.content, feed.resource.zone, now - BEHIND, now + AHEAD)
        _note_read(feed, {"etag": answer.etag, "digest": digest, "followed_at": now}, times)
    except NoCalendarError:
        _note_problem(feed, FeedProblem.NO_CALENDAR)
    except Exception:
        # Others wrote it: it must not be in the way of the calendars after it.
        logger.exception("%s can not be followed.", feed)
        _note_problem(feed, FeedProblem.NO_CALENDAR)


def _digest(content: bytes) -> str:
    return sha256(STAMPS.sub(b"", content)).hexdigest()


@in_transaction
def _note_read(
    feed: BusyFeed, changes: dict[str, str | datetime], times: list[Stretch] | None = None
) -> None:
    now = clock.now()
    known = BusyFeed.objects.select_for_update().filter(pk=feed.pk, url=feed.url)
    if not known.exists():
        return
    if times is not None and _replace_times(feed, times):
        calendar_changed(feed.provider_id)
    read = {"read_at": now, "due_at": now + EVERY}
    update_row(feed, {**changes, **read, "problem": "", "failing_since": None, "failures": 0})


def _replace_times(feed: BusyFeed, times: Iterable[Stretch]) -> bool:
    """Writes only what is not there, and removes what is no more; whether there was anything."""
    had = {
        Stretch(second(starts_at), second(ends_at)): pk
        for pk, starts_at, ends_at in feed.times.values_list("pk", "starts_at", "ends_at")
    }
    wanted = set(times)
    gone = [pk for stretch, pk in had.items() if stretch not in wanted]
    new = sorted(wanted - had.keys())
    if gone:
        AvailabilityException.objects.filter(pk__in=gone).delete()
    AvailabilityException.objects.bulk_create(_closed(feed, new))
    return bool(gone or new)


def _closed(feed: BusyFeed, times: Iterable[Stretch]) -> Iterator[AvailabilityException]:
    return (
        AvailabilityException(
            provider_id=feed.provider_id,
            resource_id=feed.resource_id,
            feed=feed,
            kind=ExceptionKind.CLOSED,
            starts_at=moment(start),
            ends_at=moment(end),
        )
        for start, end in times
    )


@in_transaction
def _note_problem(feed: BusyFeed, problem: FeedProblem) -> None:
    pause = min(EVERY * 2 ** min(feed.failures, 8), LONGEST_PAUSE)
    now = clock.now()
    changes = {
        "problem": problem,
        "failing_since": feed.failing_since or now,
        "failures": min(feed.failures + 1, 1000),
        "due_at": now + pause,
    }
    BusyFeed.objects.filter(pk=feed.pk).update(**changes)
