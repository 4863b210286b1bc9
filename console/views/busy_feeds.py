"""What people read of calendars elsewhere that block times here."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from appointments.models import BusyFeed, FeedProblem

# Why a calendar could not be read, and what can be done.
PROBLEMS: dict[str, tuple[Any, Any]] = {
    FeedProblem.NOT_PUBLIC: (
        gettext_lazy("its address leads to no server on the internet"),
        gettext_lazy("Remove it, and add the address that the other calendar shows."),
    ),
    FeedProblem.UNREACHABLE: (
        gettext_lazy("its server does not answer"),
        gettext_lazy("It is asked again by itself. If that lasts, see whether it opens elsewhere."),
    ),
    FeedProblem.REFUSED: (
        gettext_lazy("its server does not give it out"),
        gettext_lazy("Its secret address may be another by now: remove it, and add the new one."),
    ),
    FeedProblem.TOO_LARGE: (
        gettext_lazy("it is too large"),
        gettext_lazy("Share a calendar that has less in it."),
    ),
    FeedProblem.NO_CALENDAR: (
        gettext_lazy("what is there is no calendar that can be followed"),
        gettext_lazy("See that it is the address in iCal format, not that of a page."),
    ),
}


@dataclass(frozen=True)
class ShownFeed:
    """A calendar elsewhere; ``why`` and ``advice`` are empty while it can be read."""

    feed: BusyFeed
    why: Any = ""
    advice: Any = ""


def shown_feed(feed: BusyFeed) -> ShownFeed:
    """The calendar as people read of it."""
    return ShownFeed(feed, *PROBLEMS.get(feed.problem, ()))
