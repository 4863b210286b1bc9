"""What was done last in the calendar, and how it is taken back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from django.core.cache import cache

from providers.actors import Actor
from queues.services.undo import UNDO_FOR
from waitlessq import clock
from waitlessq.cache import UNDO

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Done:
    """What an action says, and what takes it back: an address, and the form to be sent there."""

    said: str
    undo: str = ""
    form: Form = field(default_factory=dict)


def offer_undo(actor: Actor, done: Done) -> None:
    """Remembers what the member can take back: the last thing done in the calendar.

    In the cache, for as long as it is possible: without a cache there is no offer, and nothing else
    is lost.
    """
    key = UNDO.key(actor.name, "calendar")
    if done.undo:
        cache.set(key, asdict(done) | {"until": clock.now() + UNDO_FOR}, UNDO.seconds)
    else:
        cache.delete(key)


def offered_undo(actor: Actor) -> dict[str, Any] | None:
    """What can be taken back, and for how many seconds yet."""
    offer: dict[str, Any] | None = cache.get(UNDO.key(actor.name, "calendar"))
    if offer is None:
        return None
    left = int((offer["until"] - clock.now()).total_seconds())
    return offer | {"seconds_left": left, "form_key": uuid4()}
