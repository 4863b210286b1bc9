"""The wait list: who would take a time that becomes free."""

from datetime import datetime, timedelta

from django.utils.translation import gettext

from appointments.models import FreedSlot, Offer, OfferState, WaitlistEntry, WaitlistState
from appointments.services.locks import lock_entry
from appointments.services.offers import end_offer
from appointments.services.seats import Wish, find_place, meant
from providers.actors import Actor
from providers.models import Customer
from waitlessq import clock
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import InvalidInputError

LONGEST_WINDOW = timedelta(days=90)


@in_transaction
def waitlist_join(
    *, actor: Actor, wish: Wish, last: datetime, customer: Customer | None = None
) -> WaitlistEntry:
    """Waits for a time of the wish's service, from when it names until before ``last``.

    Raises:
        InvalidInputError: the window is empty, over, or longer than 90 days.
        DomainError: what ``find_place`` raises.
    """
    place = find_place(actor, wish)
    if customer is not None:
        actor.check_owns(customer)
    first, last = place.starts_at, meant(last, place.location)
    if last <= max(first, clock.now()):
        raise InvalidInputError("last", gettext("Choose a later time."))
    if last > first + LONGEST_WINDOW:
        raise InvalidInputError(
            "last", gettext("Choose %(days)s days at the most.") % {"days": LONGEST_WINDOW.days}
        )
    return WaitlistEntry.objects.create(
        provider=actor.provider,
        location=place.location,
        service=place.policy.service,
        resource_id=wish.resource_id,
        customer=customer,
        first=first,
        last=last,
    )


@in_transaction
def waitlist_leave(*, actor: Actor, entry_id: int) -> WaitlistEntry:
    """Waits no more; gives an open offer back. Once more does nothing. Locks the entry.

    Raises:
        NotFoundError: there is no such entry.
    """
    entry = lock_entry(actor, entry_id)
    for offer in Offer.objects.filter(entry=entry, state=OfferState.OPEN).select_related("entry"):
        end_offer(offer, OfferState.REFUSED)
    if entry.state == WaitlistState.WAITING:
        update_row(entry, {"state": WaitlistState.LEFT})
    return entry


@in_transaction
def waitlist_ask_holder(
    *, freed_id: int, service_id: int, holder: str, customer_id: int | None
) -> None:
    """Lets somebody whom another app knows as ``holder`` be asked next about a freed slot.

    Locks the freed slot. Does nothing where it is gone, or the holder was asked already.
    """
    freed = FreedSlot.objects.select_for_update(of=("self",)).filter(pk=freed_id).first()
    entries = WaitlistEntry.objects.filter(freed=freed_id, holder=holder)
    if freed is None or freed.ends_at <= clock.now() or entries.exists():
        return
    WaitlistEntry.objects.create(
        provider_id=freed.provider_id,
        location_id=freed.location_id,
        service_id=service_id,
        customer_id=customer_id,
        holder=holder,
        freed=freed,
        first=freed.starts_at,
        last=freed.ends_at,
    )
    update_row(freed, {"due_at": clock.now()})
