"""Calendars: the bookings of somebody to follow, and what others say that a resource does."""

import logging
from datetime import timedelta

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
from appointments.selectors import moment
from appointments.services.changes import calendar_changed
from appointments.services.mails import address_of, plan_feed_mail
from appointments.slots import Stretch
from providers.actors import Actor
from providers.models import Customer, Member
from waitlessq import clock
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import InvalidInputError, NotFoundError
from waitlessq.outbound import NotPublicError, OutboundSession, TooLargeError, check_url

logger = logging.getLogger(__name__)

MOST_BYTES = 4 * 1024 * 1024
SECONDS = 15.0
MOST_PER_RESOURCE = 5
AT_ONCE = 20
EVERY = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=6)
CLAIMED_FOR = timedelta(minutes=5)
BEHIND, AHEAD = timedelta(days=1), timedelta(days=370)
SCHEMES = ("https",)


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
    if resource.busy_feeds.count() >= MOST_PER_RESOURCE:
        raise InvalidInputError("url", gettext("Remove another calendar first."))
    try:
        with transaction.atomic():
            return BusyFeed.objects.create(provider=actor.provider, resource=resource, url=url)
    except IntegrityError:
        raise InvalidInputError("url", gettext("This calendar is there already.")) from None


@in_transaction
def busy_feed_remove(*, actor: Actor, feed: BusyFeed) -> None:
    """What the calendar said blocks nothing any more."""
    if not actor.owns(feed.resource.location):
        raise NotFoundError("There is no such calendar.")
    feed.delete()
    calendar_changed(actor.provider.pk)


def busy_feeds_read() -> int:
    """Reads the calendars that are due, each on its own; how many."""
    claimed = _claim()
    with OutboundSession(seconds=SECONDS, most_bytes=MOST_BYTES, schemes=SCHEMES) as session:
        for feed in claimed:
            with scope(provider=feed.provider):
                busy_feed_read(feed=feed, session=session)
    return len(claimed)


@in_transaction
def _claim() -> list[BusyFeed]:
    now = clock.now()
    with scopes_disabled():
        due = BusyFeed.objects.select_for_update(skip_locked=True, of=("self",))
        rows = due.select_related("provider", "resource__location")
        found = list(rows.filter(due_at__lte=now).order_by("due_at")[:AT_ONCE])
        ids = [feed.pk for feed in found]
        # Whoever dies with it leaves it to the next one.
        BusyFeed.objects.filter(pk__in=ids).update(due_at=now + CLAIMED_FOR)
    return found


def busy_feed_read(*, feed: BusyFeed, session: requests.Session) -> None:
    """Asks for the calendar and keeps what it says instead of what it said.

    What can not be read is noted, and asked for again, less often each time; what it said before
    stays. Nothing of a calendar is kept but when somebody is busy.
    """
    now = clock.now()
    try:
        answer = session.get(
            feed.url,
            headers={"If-None-Match": feed.etag, "Accept": "text/calendar"}
            if feed.etag
            else {"Accept": "text/calendar"},
        )
        if answer.status_code == requests.codes.not_modified:
            _note_read(feed, feed.etag, None)
            return
        if answer.status_code != requests.codes.ok:
            _note_problem(feed, FeedProblem.REFUSED)
            return
        zone = feed.resource.zone
        times = busy_times(answer.content, zone, now - BEHIND, now + AHEAD)
    except NotPublicError:
        _note_problem(feed, FeedProblem.NOT_PUBLIC)
    except TooLargeError:
        _note_problem(feed, FeedProblem.TOO_LARGE)
    except NoCalendarError:
        _note_problem(feed, FeedProblem.NO_CALENDAR)
    except (requests.RequestException, OSError):
        _note_problem(feed, FeedProblem.UNREACHABLE)
    else:
        _note_read(feed, answer.headers.get("ETag", "")[:200], times)


@in_transaction
def _note_read(feed: BusyFeed, etag: str, times: list[Stretch] | None) -> None:
    if not BusyFeed.objects.select_for_update().filter(pk=feed.pk).exists():
        return
    if times is not None:
        AvailabilityException.objects.filter(feed=feed).delete()
        AvailabilityException.objects.bulk_create(
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
        calendar_changed(feed.provider_id)
    now = clock.now()
    update_row(
        feed, {"etag": etag, "read_at": now, "problem": "", "failures": 0, "due_at": now + EVERY}
    )


@in_transaction
def _note_problem(feed: BusyFeed, problem: FeedProblem) -> None:
    pause = min(EVERY * 2 ** min(feed.failures, 8), LONGEST_PAUSE)
    changes = {
        "problem": problem,
        "failures": min(feed.failures + 1, 1000),
        "due_at": clock.now() + pause,
    }
    BusyFeed.objects.filter(pk=feed.pk).update(**changes)
