"""Why somebody was called before somebody else: out of the events of both, and nothing else.

It names the other by number only, as the board does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models.functions import Coalesce
from django.utils.translation import gettext, gettext_noop

from queues.history import fields_after
from queues.models import EventType, Queue, Ticket, TicketEvent, TicketState
from waitlessq.errors import NotFoundError


class Reason(StrEnum):
    """Why one ticket was called before another."""

    BEFORE_YOU_CAME = "before_you_came"
    CAME_EARLIER = "came_earlier"
    PRIORITY = "priority"
    YOU_LET_AHEAD = "you_let_ahead"
    YOU_ASKED_FOR_TIME = "you_asked_for_time"
    YOU_WERE_CALLED = "you_were_called"
    YOU_WERE_ELSEWHERE = "you_were_elsewhere"
    OTHER_SERVICE = "other_service"
    BY_HAND = "by_hand"


SENTENCES = {
    Reason.BEFORE_YOU_CAME: gettext_noop("%(code)s was called before you took your number."),
    Reason.CAME_EARLIER: gettext_noop("%(code)s took a number earlier than you."),
    Reason.PRIORITY: gettext_noop(
        "%(code)s has priority here: it counts as %(minutes)s min of waiting."
    ),
    Reason.YOU_LET_AHEAD: gettext_noop("You let %(code)s go first."),
    Reason.YOU_ASKED_FOR_TIME: gettext_noop("You had asked for more time then."),
    Reason.YOU_WERE_CALLED: gettext_noop("You had been called then, or were at a counter."),
    Reason.YOU_WERE_ELSEWHERE: gettext_noop("You were not in this line yet."),
    Reason.OTHER_SERVICE: gettext_noop("%(code)s was called to a counter for another service."),
    Reason.BY_HAND: gettext_noop("The desk chose %(code)s itself."),
}


@dataclass(frozen=True, slots=True)
class Why:
    """Why the ticket ``code``, called at that time, came first.

    ``minutes`` is what its priority is worth, where that is why; else None.
    """

    code: str
    called_at: datetime
    reason: Reason
    minutes: int | None = None

    @property
    def detail(self) -> str:
        """It in a sentence, in the language of the request."""
        return gettext(SENTENCES[self.reason]) % {"code": self.code, "minutes": self.minutes}


def why_before(mine: Ticket, code: str) -> Why:
    """Why the ticket ``code`` of the same day was called before mine, which is another's.

    Raises:
        NotFoundError: no such ticket was called in my queue.
    """
    call = _last_call(mine, code)
    if call is None or call.ticket is None:
        raise NotFoundError(gettext("No such number was called in this queue today."))
    reason = _reason(mine, call, call.ticket)
    minutes = None
    if reason == Reason.PRIORITY:
        theirs = _before(call.ticket, call)
        worth = call.ticket.issued_at - theirs["order_key"]
        minutes = int(worth.total_seconds() // 60)
    return Why(code, call.at, reason, minutes)


def _last_call(mine: Ticket, code: str) -> TicketEvent | None:
    """By number and day, which an index answers however many tickets there were."""
    digits = code[len(code.rstrip("0123456789")) :]
    if not digits or len(digits) > len(str(2**31)) - 1:
        return None
    issuers = Queue.objects.filter(location=mine.queue.location_id).values_list("pk", flat=True)
    others = (
        Ticket.objects.alias(issuer=Coalesce("issued_by", "queue"))
        .filter(
            issuer__in=list(issuers),
            business_date=mine.business_date,
            number=int(digits),
            code=code,
        )
        .exclude(pk=mine.pk)
    )
    calls = TicketEvent.objects.filter(
        ticket__in=[other.pk for other in others], type=EventType.CALLED, queue=mine.queue_id
    )
    return calls.select_related("ticket").order_by("-id").first()


def _reason(mine: Ticket, call: TicketEvent, other: Ticket) -> Reason:
    if call.at < mine.issued_at:
        return Reason.BEFORE_YOU_CAME
    own, theirs = _before(mine, call), _before(other, call)
    if own["queue_id"] != call.queue_id:
        return Reason.YOU_WERE_ELSEWHERE
    if own["state"] == TicketState.DEFERRED:
        return Reason.YOU_ASKED_FOR_TIME
    if own["state"] != TicketState.WAITING:
        return Reason.YOU_WERE_CALLED
    if (own["order_key"], mine.pk) < (theirs["order_key"], other.pk):
        return _out_of_turn(mine, call)
    return _ahead(mine, other, own, theirs, call)


def _out_of_turn(mine: Ticket, call: TicketEvent) -> Reason:
    """Why a call took somebody who was further back."""
    services = call.data.get("services", [])
    if services and mine.service_id is not None and mine.service_id not in services:
        return Reason.OTHER_SERVICE
    return Reason.BY_HAND


def _ahead(
    mine: Ticket, other: Ticket, own: dict[str, Any], theirs: dict[str, Any], call: TicketEvent
) -> Reason:
    """Why somebody was further ahead in the line."""
    was_moved = any(event.type == EventType.DEFERRED for event in _events(mine, call))
    if was_moved and theirs["order_key"] > mine.queue.order_key(mine.issued_at, mine.priority):
        return Reason.YOU_LET_AHEAD
    if other.issued_at <= mine.issued_at:
        return Reason.CAME_EARLIER
    return Reason.PRIORITY


def _before(ticket: Ticket, call: TicketEvent) -> dict[str, Any]:
    """What a ticket was just before a call."""
    return fields_after(_events(ticket, call))


def _events(ticket: Ticket, call: TicketEvent) -> Iterable[TicketEvent]:
    return TicketEvent.objects.filter(ticket=ticket, pk__lt=call.pk).order_by("id")
