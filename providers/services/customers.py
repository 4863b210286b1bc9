"""Writes of customers: the one place where anything personal comes and goes."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from providers.actors import Actor
from providers.contacts import (
    cleaned_name,
    cleaned_notes,
    folded,
    normalised_email,
    normalised_phone,
)
from providers.models import ContactKind, ContactPoint, Customer, Role
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import NotFoundError

LOCK_CONTACT_POINT = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


class Reached(NamedTuple):
    """By what somebody can be reached; ``normalised`` is what is compared."""

    kind: ContactKind
    normalised: str
    value: str


@in_transaction
def customer_find_or_create(
    *,
    actor: Actor,
    name: str = "",
    phone: str = "",
    email: str = "",
    region: str | None = None,
    language: str = "",
) -> Customer:
    """Who has this number or address and this name; else a new customer.

    People of one household share a number, so another name is another customer. Who has no name
    yet gets this one; without a name, it is the only one with that number, if there is just one.
    A name alone is nobody known. What is known already stays as it is.

    That holds for staff, who know whom they have before them. What anybody else says of
    themselves is not proven: they are only known by exactly what was said before (docs/adr/0018).

    ``region`` is the country of a number without its country's code (``Location.phone_region``).
    Locks the number and the address, so that whoever comes twice at once is one customer.

    Raises:
        InvalidInputError: a name, number or address cannot be used; it says which and why.
    """
    name = cleaned_name(name)
    reached = _reached(phone.strip(), email.strip(), region)
    _lock_contact_points(actor, reached)
    known = _known if actor.may(Role.STAFF) else _same
    customer = known(actor, name, reached)
    if customer is None:
        customer = Customer.objects.create(
            provider=actor.provider, name=name, name_folded=folded(name), language=language
        )
    elif actor.may(Role.STAFF):
        missing = {"name": name, "name_folded": folded(name)} if name and not customer.name else {}
        if language and not customer.language:
            missing["language"] = language
        update_row(customer, missing)
    _reach(customer, reached)
    return customer


@in_transaction
def customer_update(
    *, actor: Actor, customer_id: int, name: str | None = None, notes: str | None = None
) -> Customer:
    """Renames a customer, or changes what is noted of them. Locks the customer.

    Raises:
        InvalidInputError: the name or the notes are too long.
        NotFoundError: there is no such customer.
    """
    customer = _lock(actor, customer_id)
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = cleaned_name(name)
        changes["name_folded"] = folded(changes["name"])
    if notes is not None:
        changes["notes"] = cleaned_notes(notes)
    return update_row(customer, changes)


@in_transaction
def customer_erase(*, actor: Actor, customer_id: int) -> None:
    """Forgets a person for good; their tickets and all times stay, as nobody's.

    Locks the customer.

    Raises:
        NotFoundError: there is no such customer.
    """
    _lock(actor, customer_id).delete()


def _lock(actor: Actor, customer_id: int) -> Customer:
    customers = Customer.objects.select_for_update().filter(provider=actor.provider)
    customer = customers.filter(pk=customer_id).first()
    if customer is None:
        raise NotFoundError("There is no such customer.")
    return customer


def _reached(phone: str, email: str, region: str | None) -> list[Reached]:
    reached = []
    if phone:
        reached.append(Reached(ContactKind.PHONE, normalised_phone(phone, region), phone))
    if email:
        reached.append(Reached(ContactKind.EMAIL, normalised_email(email), email))
    return reached


def _lock_contact_points(actor: Actor, reached: Sequence[Reached]) -> None:
    for each in sorted(reached):
        with connection.cursor() as cursor:
            about = f"contact {actor.provider.pk} {each.kind} {each.normalised}"
            cursor.execute(LOCK_CONTACT_POINT, [about])


def _same(actor: Actor, name: str, reached: Sequence[Reached]) -> Customer | None:
    """The customer with this very name and these contact points, and no other."""
    said = {(each.kind, each.normalised) for each in reached}
    if not said:
        return None
    found = Customer.objects.filter(
        contact_points__in=_points(actor, reached[0]), name_folded=folded(name)
    )
    for customer in found.order_by("id").prefetch_related("contact_points"):
        if {(one.kind, one.normalised) for one in customer.contact_points.all()} == said:
            return customer
    return None


def _known(actor: Actor, name: str, reached: Sequence[Reached]) -> Customer | None:
    """The customer with one of these contact points whom the name fits."""
    for each in reached:
        found = Customer.objects.filter(contact_points__in=_points(actor, each)).order_by("id")
        customer = _fitting(list(found), folded(name))
        if customer is not None:
            return customer
    return None


def _points(actor: Actor, reached: Reached) -> QuerySet[ContactPoint]:
    return ContactPoint.objects.filter(
        provider=actor.provider, kind=reached.kind, normalised=reached.normalised
    )


def _fitting(found: Sequence[Customer], name_folded: str) -> Customer | None:
    by_name = [one for one in found if one.name_folded == name_folded]
    nameless = [one for one in found if not one.name]
    if by_name or nameless:
        return (by_name or nameless)[0]
    return found[0] if len(found) == 1 and not name_folded else None


def _reach(customer: Customer, reached: Sequence[Reached]) -> None:
    """Adds the contact points that the customer does not have."""
    ContactPoint.objects.bulk_create(
        [
            ContactPoint(
                provider_id=customer.provider_id,
                customer=customer,
                kind=each.kind,
                value=each.value,
                normalised=each.normalised,
            )
            for each in reached
        ],
        ignore_conflicts=True,
    )
