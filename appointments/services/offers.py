"""Offers of freed slots: to the next in line, with a hold that runs out, then to the one after.

What is freed is a row that says when somebody is to be asked (``FreedSlot.due_at``); a worker asks,
one transaction for each (docs/appointments.md). Whoever needs several locks takes the freed slot's
first, then resources; or the offer's, then the freed slot's.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext
from django_scopes import scope, scopes_disabled

from appointments.errors import HoldExpiredError, OfferOverError
from appointments.models import (
    Appointment,
    FreedSlot,
    Offer,
    OfferState,
    SlotHold,
    WaitlistEntry,
    WaitlistState,
)
from appointments.selectors import bookable_policy, moment, read_again, read_calendar, second
from appointments.services.bookings import Details, appointment_book_held
from appointments.services.changes import calendar_changed
from appointments.services.locks import lock_resources
from appointments.services.mails import plan_offer_mail
from appointments.services.seats import Wish, choose_seats, find_place, take_seats
from appointments.slots import Slot, Stretch
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
MOST_TRIED = 20


def freed_slots_offer() -> int:
    """Ends offers that have run out, and asks who is next about all that is free; how many."""
    offers_expire()
    made = 0
    while due := _due():
        for freed in due:
            made += _offer_or_put_off(freed)
    return made


def _offer_or_put_off(freed: FreedSlot) -> int:
    """Whether it was offered; what fails waits a minute, since others are due as well."""
    with scope(provider=freed.provider):
        try:
            return int(freed_slot_offer(freed_id=freed.pk) is not None)
        except Exception:
            logger.exception("Freed slot %s could not be offered; it is tried again.", freed.pk)
            FreedSlot.objects.filter(pk=freed.pk).update(due_at=clock.now() + PUT_OFF)
            return 0


def _due() -> list[FreedSlot]:
    with scopes_disabled():
        due = FreedSlot.objects.filter(due_at__lte=clock.now()).order_by("due_at", "id")
        return list(due.select_related("provider")[:AT_ONCE])


@in_transaction
def freed_slot_offer(*, freed_id: int) -> Offer | None:
    """Asks the next in line about a freed slot that is due; None if nobody wants it.

    While somebody takes a part of it, the rest stays due. What no customer on the list wants is
    told as ``slot.unclaimed``. Locks the freed slot, then the resources of who is asked.
    """
    rows = FreedSlot.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    freed = rows.select_related("provider", "location").filter(pk=freed_id).first()
    now = clock.now()
    if freed is None or freed.due_at is None or freed.due_at > now:
        return None
    offer = None
    if freed.ends_at > now:
        for entry in _in_line(freed):
            offer = _try(freed, entry)
            if offer is not None:
                break
        else:
            _tell_unclaimed(freed)
    update_row(freed, {"due_at": None if offer is None else now})
    return offer


def _in_line(freed: FreedSlot) -> Iterable[WaitlistEntry]:
    """Who would take it and was not asked yet: customers in the order they came, then holders."""
    asked = Offer.objects.filter(Q(freed=freed) | Q(state=OfferState.OPEN)).values("entry")
    entries = WaitlistEntry.objects.filter(
        Q(resource=None) | Q(resource__in=freed.resource_ids),
        Q(freed=None) | Q(freed=freed),
        location=freed.location_id,
        state=WaitlistState.WAITING,
        first__lt=freed.ends_at,
        last__gt=max(freed.starts_at, clock.now()),
        service__resources__in=freed.resource_ids,
    )
    found = entries.exclude(pk__in=asked).distinct().order_by("holder", "id")
    return found.select_related("customer")[:MOST_TRIED]


def _try(freed: FreedSlot, entry: WaitlistEntry) -> Offer | None:
    """Holds a time in the freed slot for the entry and offers it; None if none fits."""
    try:
        return _offer(freed, entry)
    except DomainError:
        # Not booked any more, or just taken by somebody else.
        return None


def _offer(freed: FreedSlot, entry: WaitlistEntry) -> Offer | None:
    """Raises what a booking of the time raises, before anything is written."""
    policy = bookable_policy(entry.service_id)
    earliest = clock.now() if entry.holder else clock.now() + policy.minimum_notice
    within = Stretch(
        second(max(freed.starts_at, entry.first, earliest)),
        second(min(freed.ends_at, entry.last)),
    )
    if within.end <= within.start:
        return None
    calendar = read_calendar(policy, freed.location, within)
    slot = _first_of(calendar.slots(entry.resource_id), freed)
    if slot is None:
        return None
    starts_at = moment(slot.start)
    wish = Wish(entry.service_id, starts_at, freed.location_id, entry.resource_id)
    place = find_place(Actor.system(freed.provider), wish)
    lock_resources(place.resource_ids)
    seats = choose_seats(
        read_again(calendar), starts_at, entry.resource_id, preferred=freed.resource_ids
    )
    with transaction.atomic():
        hold = SlotHold.objects.create(
            provider=freed.provider,
            location=freed.location,
            service=policy.service,
            starts_at=starts_at,
            expires_at=clock.now() + _held_for(entry, starts_at),
        )
        take_seats(freed.provider_id, seats, hold=hold)
    return _made(freed, entry, hold)


def _first_of(slots: Iterable[Slot], freed: FreedSlot) -> Slot | None:
    """The first time at which it would be with, or in, what was freed."""
    wanted = set(freed.resource_ids)
    return next(
        (
            slot
            for slot in slots
            if any(choice.resource in wanted for of in slot.choices for choice in of)
        ),
        None,
    )


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
    """Books what is offered, for the customer of the entry. Locks the offer, then its hold.

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
    """Gives back what is offered, for the one after. Locks the offer, then the freed slot.

    Raises:
        NotFoundError: the entry has no such offer.
        OfferOverError: it was answered, or has run out.
    """
    offer = _lock_open(actor, entry_id, offer_id)
    end_offer(offer, OfferState.REFUSED)
    return offer


def offers_expire() -> int:
    """Gives back what was offered and not answered in time; how many."""
    with scopes_disabled():
        due = Offer.objects.filter(state=OfferState.OPEN, expires_at__lte=clock.now())
        found = list(due.select_related("provider").order_by("expires_at", "id")[:AT_ONCE])
    for offer in found:
        with scope(provider=offer.provider):
            _expire(offer.pk)
    return len(found)


@in_transaction
def _expire(offer_id: int) -> None:
    # Whoever accepts it this moment has the lock, and wins.
    rows = Offer.objects.select_for_update(skip_locked=True, of=("self",))
    offer = rows.select_related("entry").filter(pk=offer_id, state=OfferState.OPEN).first()
    if offer is not None:
        end_offer(offer, OfferState.EXPIRED)


def end_offer(offer: Offer, state: OfferState) -> None:
    """Frees a locked offer's time, and lets the next in line be asked. The caller's transaction."""
    SlotHold.objects.filter(pk=offer.hold_id or 0).delete()
    offer.hold = None
    update_row(offer, {"state": state})
    if offer.entry.holder:
        update_row(offer.entry, {"state": WaitlistState.LEFT})
    FreedSlot.objects.filter(pk=offer.freed_id).update(due_at=clock.now())
    _tell(offer)
    calendar_changed(offer.provider_id)


def _lock_open(actor: Actor, entry_id: int, offer_id: int) -> Offer:
    rows = Offer.objects.select_for_update(of=("self",)).select_related(
        "entry__location", "entry__customer"
    )
    offer = rows.filter(pk=offer_id, entry=entry_id).first()
    if offer is None or not actor.owns(offer.entry.location):
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
