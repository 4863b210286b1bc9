"""Tokens that prove, without an account, that one holds something: its id, signed.

Each kind is signed with a salt of its own, so that none is taken for another (docs/adr/0002).
"""

from collections.abc import Callable
from typing import TypeVar

from django.core.signing import BadSignature, Signer
from django.http import Http404

from waitlessq.db.reading import read_newest

T = TypeVar("T")


def id_from(signer: Signer, token: str) -> int | None:
    """The id that was signed; None if it was not signed here."""
    try:
        return int(signer.unsign(token))
    except (BadSignature, ValueError):
        return None


def held_by(token: str, signer: Signer, find: Callable[[int], T | None]) -> T:
    """What the token was made for, which ``find`` looks up by its id.

    From now on the request reads the newest: what is held may be so new that no replica has it.

    Raises:
        Http404: the token was not made here, or what it was for is gone.
    """
    read_newest()
    pk = id_from(signer, token)
    found = None if pk is None else find(pk)
    if found is None:
        raise Http404
    return found
