"""Where links in mails lead: to pages for whoever has the token (pwa/views/links.py)."""

from django.conf import settings
from django.urls import reverse

from appointments.tokens import appointment_token, feed_token, waitlist_token


def booking_link(appointment_id: int) -> str:
    """The page of an appointment; empty where nobody said how the platform is reached."""
    return _link("booking", appointment_token(appointment_id))


def waitlist_link(entry_id: int) -> str:
    """The page of an entry of the wait list; empty as above."""
    return _link("waiting", waitlist_token(entry_id))


def feed_link(feed_id: int) -> str:
    """The calendar of a feed; empty as above."""
    return _link("feed", feed_token(feed_id))


def feed_close_link(feed_id: int) -> str:
    """The page that closes a feed; empty as above."""
    return _link("feed-close", feed_token(feed_id))


def _link(page: str, token: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(page, args=[token])}" if settings.PUBLIC_URL else ""
