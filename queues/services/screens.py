"""Screens (boards and kiosks): setting them up, and pairing devices with them.

A device that nobody knows yet gets a secret and shows a short code; a manager types the code, and
the secret is that screen's from then on. A code is one of 11,000,000,000, lives for ten minutes and
works once, and few are open at a time, so that guessing finds none. It is good for the kind of
screen whose page shows it.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from django.utils.translation import gettext

from events.outbox import emit
from providers.actors import Actor
from providers.models import Location
from providers.services.named import unique_name
from queues.errors import TooManyPairingsError
from queues.models import Kiosk, Pairing, Queue, Screen
from queues.tokens import secret_hash
from waitlessq import clock
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import InvalidInputError, NotFoundError

S = TypeVar("S", bound=Screen)

# No vowels, so no words; none of the letters that are taken for another or for a digit.
CODE_LETTERS = "BCDFGHJKLMNPRSTVXZ"
CODE_LENGTH = 8
CODE_LIVES = timedelta(minutes=10)
MOST_OPEN_CODES = 200
MOST_QUEUES = 7
"""One stream has eight channels, and one of them is the heartbeat."""

HELP_ASKED = "kiosk.help_asked"


class OpenPairing(NamedTuple):
    """What a device is given: the code that it shows, and the secret that it keeps."""

    code: str
    secret: str


@in_transaction
def screen_create(
    *, kind: type[S], actor: Actor, name: str, queues: Sequence[Queue], **fields: Any
) -> S:
    """A new screen of the location that the queues are of; ``fields`` are the model's settings.

    Raises:
        InvalidInputError: the queues are none, too many, or not of one location.
        NameTakenError: the location has a screen of this kind and name.
        NotFoundError: a queue is not the provider's, or at a location closed to the actor.
    """
    location = _location_of(actor, queues)
    with unique_name(name):
        screen = kind.objects.create(
            provider=actor.provider, location=location, name=name, **fields
        )
    screen.queues.set(queues)
    return screen


@in_transaction
def screen_update(
    *,
    kind: type[S],
    actor: Actor,
    screen_id: int,
    queues: Sequence[Queue] | None = None,
    **changes: Any,
) -> S:
    """Changes settings; the device follows within half a minute. Locks the screen.

    Raises:
        InvalidInputError: the queues are none, too many, or not of one location.
        NameTakenError: the location has a screen of this kind and name.
        NotFoundError: there is no such screen, or a queue is not the provider's.
    """
    screen = _lock_screen(kind, actor, screen_id)
    if queues is not None:
        changes["location"] = _location_of(actor, queues)
        screen.queues.set(queues)
    with unique_name(changes.get("name", screen.name)):
        return update_row(screen, changes)


@in_transaction
def screen_remove(*, kind: type[Screen], actor: Actor, screen_id: int) -> None:
    """Forgets a screen; its device says so. Locks the screen.

    Raises:
        NotFoundError: there is no such screen.
    """
    _lock_screen(kind, actor, screen_id).delete()


def pairing_open(*, kind: type[Screen]) -> OpenPairing:
    """A code for a device that nobody knows; forgets the codes that are too old.

    Raises:
        TooManyPairingsError: as many codes as may be are open already.
    """
    now = clock.now()
    Pairing.objects.filter(expires_at__lte=now).delete()
    if Pairing.objects.count() >= MOST_OPEN_CODES:
        raise TooManyPairingsError("Too many screens are being paired. Try again in 10 minutes.")
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    secret = secrets.token_urlsafe(32)
    Pairing.objects.create(
        code=code,
        kind=_name_of(kind),
        secret_hash=secret_hash(secret),
        expires_at=now + CODE_LIVES,
    )
    return OpenPairing(code, secret)


@in_transaction
def screen_pair(*, kind: type[S], actor: Actor, screen_id: int, code: str) -> S:
    """The device that shows the code is this screen's from now on, and no other. Locks both.

    Raises:
        InvalidInputError: no device of this kind shows this code.
        NotFoundError: there is no such screen.
    """
    screen = _lock_screen(kind, actor, screen_id)
    typed = "".join(letter for letter in code.upper() if letter.isalpha())
    now = clock.now()
    shown = Pairing.objects.select_for_update().filter(kind=_name_of(kind), expires_at__gt=now)
    pairing = shown.filter(code=typed).first()
    if pairing is None:
        raise InvalidInputError("code", "No screen shows this code.")
    pairing.delete()
    return update_row(screen, {"secret_hash": pairing.secret_hash, "paired_at": now})


@in_transaction
def screen_unpair(*, kind: type[S], actor: Actor, screen_id: int) -> S:
    """Its device may not show it any more; a second time changes nothing. Locks the screen.

    Raises:
        NotFoundError: there is no such screen.
    """
    screen = _lock_screen(kind, actor, screen_id)
    return update_row(screen, {"secret_hash": "", "paired_at": None})


@in_transaction
def kiosk_ask_help(*, kiosk: Kiosk) -> None:
    """Somebody at the kiosk wants somebody to come. Emits ``kiosk.help_asked``; desks ring."""
    emit(
        HELP_ASKED,
        provider_id=kiosk.provider_id,
        subject_id=kiosk.pk,
        payload={"location": kiosk.location_id, "kiosk": kiosk.name},
    )


def _name_of(kind: type[Screen]) -> str:
    return str(kind._meta.model_name)


def _lock_screen(kind: type[S], actor: Actor, screen_id: int) -> S:
    screens = kind.objects.select_for_update(no_key=True).filter(provider=actor.provider)
    screen = screens.filter(pk=screen_id).first()
    if screen is None or not actor.works_at(screen.location_id):
        raise NotFoundError("There is no such screen.")
    return screen


def _location_of(actor: Actor, queues: Sequence[Queue]) -> Location:
    for queue in queues:
        if not actor.owns(queue.location):
            raise NotFoundError("There is no such queue.")
    locations = {queue.location for queue in queues}
    if len(locations) != 1:
        raise InvalidInputError("queues", gettext("Choose queues of one location."))
    if len(queues) > MOST_QUEUES:
        message = gettext("Choose %(most)s queues at the most.") % {"most": MOST_QUEUES}
        raise InvalidInputError("queues", message)
    return locations.pop()
