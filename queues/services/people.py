"""Who joins: what a queue asks for, and nothing else, becomes a customer."""

from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop

from providers.actors import Actor
from providers.models import Customer
from providers.services.customers import customer_find_or_create
from queues.models import Ask, Queue
from waitlessq.errors import InvalidInputError, NotFoundError

MISSING = {
    "name": gettext_noop("Write a name."),
    "phone": gettext_noop("Write a phone number."),
}


@dataclass(frozen=True, slots=True)
class Person:
    """What somebody told of themselves, and in which language; or a customer who is known."""

    name: str = ""
    phone: str = ""
    language: str = ""
    customer_id: int | None = None


NOBODY = Person()


def customer_for(queue: Queue, person: Person, *, actor: Actor) -> Customer | None:
    """The customer whom a ticket of this queue is issued to; None where it asks for nothing.

    Whatever else was told is kept nowhere. A customer who is known is asked for nothing more.

    Raises:
        InvalidInputError: the queue asks for what is missing, or it cannot be used.
        NotFoundError: the provider has no such customer.
    """
    if queue.is_anonymous:
        return None
    if person.customer_id is not None:
        return _known(actor, person.customer_id)
    told = {
        field: text.strip()
        for field, ask, text in (
            ("name", queue.asks_name, person.name),
            ("phone", queue.asks_phone, person.phone),
        )
        if _is_told(field, Ask(ask), text)
    }
    if not told:
        return None
    region = queue.location.phone_region
    return customer_find_or_create(actor=actor, region=region, language=person.language, **told)


def _is_told(field: str, ask: Ask, text: str) -> bool:
    if ask == Ask.REQUIRED and not text.strip():
        raise InvalidInputError(field, gettext(MISSING[field]))
    return ask != Ask.NO and bool(text.strip())


def _known(actor: Actor, customer_id: int) -> Customer:
    customer = Customer.objects.filter(pk=customer_id, provider=actor.provider).first()
    if customer is None:
        raise NotFoundError("There is no such customer.")
    return customer
