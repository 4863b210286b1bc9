"""Offers of freed slots: to the next in line, with a hold that runs out, then to the one after.

What is freed is a row that says when somebody is to be asked (``FreedSlot.due_at``); a worker asks,
one transaction for each (docs/appointments.md). An entry's row is the lock of its offers. Whoever
answers takes the entry's lock first, then the freed slot's; whoever asks has the freed slot's, and
does not wait for an entry's; resources come last.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext
from django_scopes import scope, scopes_disabled

from appointments.errors import HoldExpiredError, NotBookableError, OfferOverError
from appointments.models import (
    Appointment,
    FreedSlot,
    Offer,
    OfferState,
    SlotHold,
    WaitlistEntry,
    WaitlistState,
)
from appointments.selectors import (
    Calendar,
    bookable_policy,
    moment,
    read_again,
    read_calendar,
    second,
    services_of,
)
from appointments.services.bookings import Details, appointment_book_held
from appointments.services.changes import calendar_changed
from appointments.services.locks import lock_entry, lock_resources, try_lock_entry
from appointments.services.mails import plan_offer_mail
from appointments.services.seats import Wish, choose_seats, find_place, take_seats
from appointments.slots import Stretch
from events.outbox import emit
from providers.actors import Actor
from waitlessq import clock
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import DomainError, NotFoundError

logger = logging.getLogger(__name__)

OFFER_CHANGED = "offer.changed"
SLOT_UNCLAIMED = "slot.unclaimed"
OFFERED_FOR = timedelta(minutes=30)
# Who is asked about a time that is near, or stands in line, is asked to be quick.
OFFERED_QUICKLY_FOR = timedelta(minutes=5)
NEAR = timedelta(hours=4)
AT_ONCE = 50
PUT_OFF = timedelta(minutes=1)
SOON = timedelta(seconds=5)


class _BusyError(Exception):
    """Whose turn it is answers another offer, is made one or leaves, at this moment."""


def freed_slots_offer() -> int:
    """Ends offers that have run out, and asks who is next about all that is free; how many.

    What another worker is at is left to it.
    """
    offers_expire()
    made, last = 0, 0
    while due := _due(after=last):
        for freed in due:
            # What is left of it is offered on.
            while _offer_or_put_off(freed):
                made += 1
        last = due[-1].pk
    return made


def _offer_or_put_off(freed: FreedSlot) -> bool:
    """Whether it was offered; what fails waits a minute, since others are due as well."""
    with scope(provider=freed.provider):
        try:
            return freed_slot_offer(freed_id=freed.pk) is not None
        except _BusyError:
            pause = SOON
        except Exception:
            logger.exception("Freed slot %s could not be offered; it is tried again.", freed.pk)
            pause = PUT_OFF
        FreedSlot.objects.filter(pk=freed.pk).update(due_at=clock.now() + pause)
        return False


def _due(after: int) -> list[FreedSlot]:
    with scopes_disabled():
        due = FreedSlot.objects.filter(due_at__lte=clock.now(), pk__gt=after).order_by("pk")
        return list(due.select_related("provider")[:AT_ONCE])


@in_transaction
def freed_slot_offer(*, freed_id: int) -> Offer | None:
    """Asks the next in line about a freed slot that is due; None if nobody wants it.

    While somebody takes a part of it, the rest stays due. What no customer on the list wants is
    told as ``slot.unclaimed``; it is due again when an offer runs out that keeps a part of it, or
    somebody who would take it. Locks the freed slot, then the entry and resources of who is asked.
    """
    rows = FreedSlot.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    freed = rows.select_related("provider", "location").filter(pk=freed_id).first()
    now = clock.now()
    if freed is None or freed.due_at is None or freed.due_at > now:
        return None
    if freed.ends_at <= now:
        update_row(freed, {"due_at": None})
        return None
    offer = _ask_next(freed)
    if offer is None:
        _tell_unclaimed(freed)
    update_row(freed, {"due_at": _next_answer(freed) if offer is None else now})
    return offer


def _ask_next(freed: FreedSlot) -> Offer | None:
    openings = _Openings(freed)
    for entry in _in_line(freed):
        opening = openings.first_for(entry)
        if opening is None:
            continue
        offer = _try(freed, entry, opening)
        if offer is not None:
            return offer
        # Somebody was faster: what is free now is another question.
        openings = _Openings(freed)
    # Who is in a line is asked about this one only, and it is nothing for them.
    holders = WaitlistEntry.objects.filter(freed=freed, state=WaitlistState.WAITING)
    holders.exclude(offers__state=OfferState.OPEN).update(state=WaitlistState.LEFT)
    return None


def _would_take(freed: FreedSlot) -> QuerySet[WaitlistEntry]:
    return WaitlistEntry.objects.filter(
        Q(resource=None) | Q(resource__in=freed.resource_ids),
        Q(freed=None) | Q(freed=freed),
        location=freed.location_id,
        state=WaitlistState.WAITING,
        first__lt=freed.ends_at,
        last__gt=max(freed.starts_at, clock.now()),
        service__in=services_of(freed.resource_ids),
    )


def _in_line(freed: FreedSlot) -> QuerySet[WaitlistEntry]:
    """Who would take it and was not asked yet: customers in the order they came, then holders.

    Who let offers run out comes after who did not.
    """
    asked = Offer.objects.filter(freed=freed)
    persons = asked.filter(entry__customer__isnull=False)
    answering = Offer.objects.filter(state=OfferState.OPEN)
    found = _would_take(freed).exclude(customer__in=persons.values("entry__customer"))
    found = found.exclude(pk__in=asked.values("entry")).exclude(pk__in=answering.values("entry"))
    missed = Count("offers", filter=Q(offers__state=OfferState.EXPIRED))
    return found.annotate(missed=missed).order_by("holder", "missed", "id")


def _next_answer(freed: FreedSlot) -> datetime | None:
    """When the first of the offers runs out that are in the way of asking again."""
    offers = Offer.objects.filter(state=OfferState.OPEN, expires_at__gt=clock.now())
    offers = offers.filter(Q(freed=freed) | Q(entry__in=_would_take(freed)))
    found: datetime | None = offers.aggregate(first=Min("expires_at"))["first"]
    return found


class _Opening(NamedTuple):
    """A free time, and the calendar that it was found in."""

    calendar: Calendar
    start: int


class _Openings:
    """The free times of a freed slot: read once for each service, however many are in line."""

    def __init__(self, freed: FreedSlot) -> None:
        self._freed = freed
        self._wanted = set(freed.resource_ids)
        self._calendars: dict[int, Calendar | None] = {}
        self._starts: dict[tuple[int, int | None], list[int]] = {}

    def first_for(self, entry: WaitlistEntry) -> _Opening | None:
        """The first time for an entry with, or in, what was freed."""
        calendar = self._calendar(entry.service_id)
        if calendar is None:
            return None
        notice = timedelta() if entry.holder else calendar.policy.minimum_notice
        first = second(max(entry.first, clock.now() + notice))
        last = second(entry.last)
        starts = self._starts_of(calendar, entry)
        start = next((start for start in starts if first <= start < last), None)
        return None if start is None else _Opening(calendar, start)

    def _calendar(self, service_id: int) -> Calendar | None:
        if service_id not in self._calendars:
            freed = self._freed
            within = Stretch(second(max(freed.starts_at, clock.now())), second(freed.ends_at))
            try:
                policy = bookable_policy(service_id)
            except NotBookableError:
                self._calendars[service_id] = None
            else:
                self._calendars[service_id] = read_calendar(policy, freed.location, within)
        return self._calendars[service_id]

    def _starts_of(self, calendar: Calendar, entry: WaitlistEntry) -> list[int]:
        key = entry.service_id, entry.resource_id
        if key not in self._starts:
            found = calendar.slots(entry.resource_id)
            self._starts[key] = [start for start, ids in found if not self._wanted.isdisjoint(ids)]
        return self._starts[key]


def _try(freed: FreedSlot, entry: WaitlistEntry, opening: _Opening) -> Offer | None:
    """Holds the time for the entry and offers it; None if it was just taken by somebody else.

    Raises:
        _BusyError: something else happens to the entry.
    """
    locked = try_lock_entry(entry.pk)
    if locked is None or Offer.objects.filter(entry=entry, state=OfferState.OPEN).exists():
        raise _BusyError
    if locked.state != WaitlistState.WAITING:
        return None
    try:
        hold = _hold(freed, entry, opening)
    except DomainError:
        return None
    return _made(freed, entry, hold)


def _hold(freed: FreedSlot, entry: WaitlistEntry, opening: _Opening) -> SlotHold:
    """Raises what a booking of the time raises, before anything is written."""
    calendar, starts_at = opening.calendar, moment(opening.start)
    wish = Wish(entry.service_id, starts_at, freed.location_id, entry.resource_id)
    lock_resources(find_place(Actor.system(freed.provider), wish).resource_ids)
    seats = choose_seats(
        read_again(calendar), starts_at, entry.resource_id, preferred=freed.resource_ids
    )
    with transaction.atomic():
        hold = SlotHold.objects.create(
            provider=freed.provider,
            location=freed.location,
            service=calendar.policy.service,
            starts_at=starts_at,
            expires_at=clock.now() + _held_for(entry, starts_at),
        )
        take_seats(freed.provider_id, seats, hold=hold)
    return hold


def _held_for(entry: WaitlistEntry, starts_at: datetime) -> timedelta:
    is_near = entry.holder or starts_at < clock.now() + NEAR
    return OFFERED_QUICKLY_FOR if is_near else OFFERED_FOR


def _made(freed: FreedSlot, entry: WaitlistEntry, hold: SlotHold) -> Offer:
    offer = Offer.objects.create(
        provider=freed.provider,
        entry=entry,
        freed=freed,
        hold=hold,
        starts_at=hold.starts_at,
        ends_at=hold.starts_at + hold.service.duration,
        expires_at=hold.expires_at,
    )
    _tell(offer)
    plan_offer_mail(offer)
    calendar_changed(freed.provider_id)
    return offer


@in_transaction
def offer_accept(*, actor: Actor, entry_id: int, offer_id: int, details: Details) -> Appointment:
    """Books what is offered, for the customer of the entry. Locks the entry, then the hold.

    Emits ``appointment.changed`` and ``offer.changed``.

    Raises:
        NotFoundError: the entry has no such offer.
        OfferOverError: it was answered, or has run out.
        InvalidInputError: an answer is missing.
    """
    offer = _lock_open(actor, entry_id, offer_id)
    details = replace(details, customer=offer.entry.customer)
    try:
        appointment = appointment_book_held(
            actor=actor, hold_id=offer.hold_id or 0, details=details
        )
    except HoldExpiredError:
        raise _over() from None
    # The hold is used up, and the database has taken it off the offer.
    offer.hold = None
    update_row(offer, {"state": OfferState.ACCEPTED, "appointment": appointment})
    update_row(offer.entry, {"state": WaitlistState.BOOKED})
    _tell(offer)
    return appointment


@in_transaction
def offer_refuse(*, actor: Actor, entry_id: int, offer_id: int) -> Offer:
    """Gives back what is offered, for the one after. Locks the entry, then the freed slot.

    Raises:
        NotFoundError: the entry has no such offer.
        OfferOverError: it was answered, or has run out.
    """
    offer = _lock_open(actor, entry_id, offer_id)
    end_offer(offer, OfferState.REFUSED)
    return offer


def offers_expire() -> int:
    """Gives back what was offered and not answered in time; how many."""
    ended, last = 0, 0
    while due := _run_out(after=last):
        for offer in due:
            with scope(provider=offer.provider):
                ended += _expire_or_leave(offer)
        last = due[-1].pk
    return ended


def _run_out(after: int) -> list[Offer]:
    with scopes_disabled():
        due = Offer.objects.filter(state=OfferState.OPEN, expires_at__lte=clock.now())
        return list(due.filter(pk__gt=after).select_related("provider").order_by("pk")[:AT_ONCE])


def _expire_or_leave(offer: Offer) -> bool:
    """Whether it was ended; what fails is tried again the next time, and holds nobody else up."""
    try:
        return _expire(offer)
    except Exception:
        logger.exception("Offer %s could not be ended; it is tried again.", offer.pk)
        return False


@in_transaction
def _expire(due: Offer) -> bool:
    # Whoever accepts it this moment has the lock, and wins.
    if try_lock_entry(due.entry_id) is None:
        return False
    rows = Offer.objects.select_related("entry")
    offer = rows.filter(pk=due.pk, state=OfferState.OPEN).first()
    if offer is not None:
        end_offer(offer, OfferState.EXPIRED)
    return offer is not None


def end_offer(offer: Offer, state: OfferState) -> None:
    """Frees an offer's time and lets the next in line be asked. The caller has its entry's lock."""
    SlotHold.objects.filter(pk=offer.hold_id or 0).delete()
    offer.hold = None
    update_row(offer, {"state": state})
    if offer.entry.holder:
        update_row(offer.entry, {"state": WaitlistState.LEFT})
    FreedSlot.objects.filter(pk=offer.freed_id).update(due_at=clock.now())
    _tell(offer)
    calendar_changed(offer.provider_id)


def _lock_open(actor: Actor, entry_id: int, offer_id: int) -> Offer:
    lock_entry(actor, entry_id)
    rows = Offer.objects.select_related("entry__location", "entry__customer")
    offer = rows.filter(pk=offer_id, entry=entry_id).first()
    if offer is None:
        raise NotFoundError("There is no such offer.")
    if offer.state != OfferState.OPEN or offer.expires_at <= clock.now():
        raise _over()
    return offer


def _over() -> OfferOverError:
    return OfferOverError(gettext("This time is not kept for you any more."))


def _tell(offer: Offer) -> None:
    emit(
        OFFER_CHANGED,
        provider_id=offer.provider_id,
        subject_id=offer.pk,
        payload={"entry": offer.entry_id, "holder": offer.entry.holder, "state": offer.state},
    )


def _tell_unclaimed(freed: FreedSlot) -> None:
    emit(
        SLOT_UNCLAIMED,
        provider_id=freed.provider_id,
        subject_id=freed.pk,
        payload={
            "location": freed.location_id,
            "resources": freed.resource_ids,
            "starts_at": freed.starts_at.isoformat(),
            "ends_at": freed.ends_at.isoformat(),
        },
    )
