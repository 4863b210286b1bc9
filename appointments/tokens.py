"""What proves, without an account, that one holds a time or an appointment.

As of tickets, a token is the id, signed (docs/adr/0002); each kind is signed for itself.
"""

from django.core.signing import Signer

APPOINTMENT = Signer(salt="appointments.appointment")
HOLD = Signer(salt="appointments.hold")
FEED = Signer(salt="appointments.feed")
WAITLIST = Signer(salt="appointments.waitlist")


def appointment_token(appointment_id: int) -> str:
    """The token of an appointment; always the same one."""
    return APPOINTMENT.sign(str(appointment_id))


def hold_token(hold_id: int) -> str:
    """The token of a hold; always the same one."""
    return HOLD.sign(str(hold_id))


def waitlist_token(entry_id: int) -> str:
    """The token of an entry of the wait list; always the same one."""
    return WAITLIST.sign(str(entry_id))


def feed_token(feed_id: int) -> str:
    """The token of a calendar feed; always the same one, of no use once the feed is closed."""
    return FEED.sign(str(feed_id))
