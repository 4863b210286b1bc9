"""What proves, without an account, that one holds a ticket or is a board.

A ticket's token is its id, signed: nothing is stored, so nothing can leak from the database, and
no index of random values slows the tickets down as they grow (docs/adr/0002). A board's secret is
random, so that it can be revoked.
"""

import hashlib

from django.core.signing import Signer

from waitlessq.tokens import id_from

TICKET = Signer(salt="queues.ticket")


def token_for(ticket_id: int) -> str:
    """The token of a ticket; always the same one."""
    return TICKET.sign(str(ticket_id))


def ticket_id_from(token: str) -> int | None:
    """The id of the ticket that the token is for; None if it was not made here."""
    return id_from(TICKET, token)


def secret_hash(secret: str) -> str:
    """What is kept of a board's secret; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
