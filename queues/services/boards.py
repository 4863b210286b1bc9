"""Boards: setting them up, and pairing screens with them.

A screen that nobody knows yet gets a secret and shows a short code; a manager types the code, and
the secret is that board's from then on. A code is one of 11,000,000,000, lives for ten minutes and
works once, and few are open at a time, so that guessing finds none.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from providers.actors import Actor
from providers.models import Location
from providers.services.named import unique_name
from queues.errors import TooManyPairingsError
from queues.models import Board, Pairing, Queue
from queues.tokens import secret_hash
from waitlessq import clock
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import InvalidInputError, NotFoundError

# No vowels, so no words; none of the letters that are taken for another or for a digit.
CODE_LETTERS = "BCDFGHJKLMNPRSTVXZ"
CODE_LENGTH = 8
CODE_LIVES = timedelta(minutes=10)
MOST_OPEN_CODES = 200
MOST_QUEUES = 7
"""One stream has eight channels, and one of them is the heartbeat."""


class OpenPairing(NamedTuple):
    """What a screen is given: the code that it shows, and the secret that it keeps."""

    code: str
    secret: str


@in_transaction
def board_create(*, actor: Actor, name: str, queues: Sequence[Queue], **fields: Any) -> Board:
    """A new board of the location that the queues are of; ``fields`` are the model's settings.

    Raises:
        InvalidInputError: the queues are none, too many, or not of one location.
        NameTakenError: the location has a board of this name.
        NotFoundError: a queue is not the provider's, or at a location closed to the actor.
    """
    location = _location_of(actor, queues)
    with unique_name(name):
        board = Board.objects.create(
            provider=actor.provider, location=location, name=name, **fields
        )
    board.queues.set(queues)
    return board


@in_transaction
def board_update(
    *, actor: Actor, board_id: int, queues: Sequence[Queue] | None = None, **changes: Any
) -> Board:
    """Changes settings; the screen follows within half a minute. Locks the board.

    Raises:
        InvalidInputError: the queues are none, too many, or not of one location.
        NameTakenError: the location has a board of this name.
        NotFoundError: there is no such board, or a queue is not the provider's.
    """
    board = _lock_board(actor, board_id)
    if queues is not None:
        changes["location"] = _location_of(actor, queues)
        board.queues.set(queues)
    with unique_name(changes.get("name", board.name)):
        return update_row(board, changes)


@in_transaction
def board_remove(*, actor: Actor, board_id: int) -> None:
    """Forgets a board; its screen says so. Locks the board.

    Raises:
        NotFoundError: there is no such board.
    """
    _lock_board(actor, board_id).delete()


def pairing_open() -> OpenPairing:
    """A code for a screen that nobody knows; forgets the codes that are too old.

    Raises:
        TooManyPairingsError: as many codes as may be are open already.
    """
    now = clock.now()
    Pairing.objects.filter(expires_at__lte=now).delete()
    if Pairing.objects.count() >= MOST_OPEN_CODES:
        raise TooManyPairingsError("Too many screens are being paired. Try again in 10 minutes.")
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    secret = secrets.token_urlsafe(32)
    Pairing.objects.create(code=code, secret_hash=secret_hash(secret), expires_at=now + CODE_LIVES)
    return OpenPairing(code, secret)


@in_transaction
def board_pair(*, actor: Actor, board_id: int, code: str) -> Board:
    """The screen that shows the code is this board's from now on, and no other. Locks both.

    Raises:
        InvalidInputError: no screen shows this code.
        NotFoundError: there is no such board.
    """
    board = _lock_board(actor, board_id)
    typed = "".join(letter for letter in code.upper() if letter.isalpha())
    now = clock.now()
    pairing = Pairing.objects.select_for_update().filter(code=typed, expires_at__gt=now).first()
    if pairing is None:
        raise InvalidInputError("code", "No screen shows this code.")
    pairing.delete()
    return update_row(board, {"secret_hash": pairing.secret_hash, "paired_at": now})


@in_transaction
def board_unpair(*, actor: Actor, board_id: int) -> Board:
    """Its screen may not show it any more; a second time changes nothing. Locks the board.

    Raises:
        NotFoundError: there is no such board.
    """
    board = _lock_board(actor, board_id)
    return update_row(board, {"secret_hash": "", "paired_at": None})


def _lock_board(actor: Actor, board_id: int) -> Board:
    boards = Board.objects.select_for_update(no_key=True).filter(provider=actor.provider)
    board = boards.filter(pk=board_id).first()
    if board is None or not actor.works_at(board.location_id):
        raise NotFoundError("There is no such board.")
    return board


def _location_of(actor: Actor, queues: Sequence[Queue]) -> Location:
    for queue in queues:
        if not actor.owns(queue.location):
            raise NotFoundError("There is no such queue.")
    locations = {queue.location for queue in queues}
    if len(locations) != 1:
        raise InvalidInputError("queues", "Choose queues of one location.")
    if len(queues) > MOST_QUEUES:
        raise InvalidInputError("queues", f"Choose {MOST_QUEUES} queues at the most.")
    return locations.pop()
