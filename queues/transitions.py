"""Which states of a ticket lead where: the one table that services ask.

An undo is not in it: it leads to wherever the ticket was before (queues/services/undo.py).
"""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext, gettext_noop

from queues.errors import IllegalTransitionError
from queues.models import EventType, Ticket, TicketState

TRANSITIONS: Mapping[EventType, Mapping[TicketState, TicketState]] = MappingProxyType(
    {
        EventType.CALLED: {
            TicketState.WAITING: TicketState.CALLED,
            TicketState.DEFERRED: TicketState.CALLED,
        },
        EventType.RECALLED: {TicketState.CALLED: TicketState.CALLED},
        EventType.STARTED: {TicketState.CALLED: TicketState.SERVING},
        EventType.HELD: {TicketState.SERVING: TicketState.ON_HOLD},
        EventType.RESUMED: {TicketState.ON_HOLD: TicketState.SERVING},
        EventType.RETURNED: {
            TicketState.CALLED: TicketState.WAITING,
            TicketState.ON_HOLD: TicketState.WAITING,
            TicketState.DEFERRED: TicketState.WAITING,
        },
        EventType.COMPLETED: {TicketState.SERVING: TicketState.COMPLETED},
        EventType.NO_SHOW: {TicketState.CALLED: TicketState.NO_SHOW},
        # Who was not served before the day was over, too: somebody opened again.
        EventType.REJOINED: {
            TicketState.NO_SHOW: TicketState.WAITING,
            TicketState.EXPIRED: TicketState.WAITING,
        },
        # Moves it in the line (docs/adr/0007).
        EventType.DEFERRED: {TicketState.WAITING: TicketState.WAITING},
        # Out of the line for some minutes, at the same place (docs/adr/0010).
        EventType.POSTPONED: {
            TicketState.WAITING: TicketState.DEFERRED,
            TicketState.CALLED: TicketState.DEFERRED,
            TicketState.DEFERRED: TicketState.DEFERRED,
        },
        # The day is over: back at the next opening, at the same place, or not at all.
        EventType.CARRIED_OVER: {
            TicketState.WAITING: TicketState.DEFERRED,
            TicketState.CALLED: TicketState.DEFERRED,
            TicketState.DEFERRED: TicketState.DEFERRED,
            TicketState.ON_HOLD: TicketState.DEFERRED,
        },
        EventType.EXPIRED: {
            TicketState.WAITING: TicketState.EXPIRED,
            TicketState.CALLED: TicketState.EXPIRED,
            TicketState.SERVING: TicketState.EXPIRED,
            TicketState.DEFERRED: TicketState.EXPIRED,
            TicketState.ON_HOLD: TicketState.EXPIRED,
        },
        # Into the line of another queue; an event in both.
        EventType.TRANSFERRED: {
            TicketState.WAITING: TicketState.WAITING,
            TicketState.DEFERRED: TicketState.WAITING,
            TicketState.CALLED: TicketState.WAITING,
            TicketState.SERVING: TicketState.WAITING,
            TicketState.ON_HOLD: TicketState.WAITING,
        },
        EventType.CANCELLED: {
            TicketState.WAITING: TicketState.CANCELLED,
            TicketState.DEFERRED: TicketState.CANCELLED,
            TicketState.CALLED: TicketState.CANCELLED,
            TicketState.SERVING: TicketState.CANCELLED,
            TicketState.ON_HOLD: TicketState.CANCELLED,
        },
    }
)

# Nobody can ask for these.
BY_ITSELF = frozenset({EventType.CARRIED_OVER, EventType.EXPIRED})

NOW: Mapping[TicketState, str] = MappingProxyType(
    {
        TicketState.WAITING: gettext_noop("%(code)s is waiting; that can not be done now."),
        TicketState.DEFERRED: gettext_noop("%(code)s comes later; that can not be done now."),
        TicketState.CALLED: gettext_noop("%(code)s is called; that can not be done now."),
        TicketState.SERVING: gettext_noop("%(code)s is being served; that can not be done now."),
        TicketState.ON_HOLD: gettext_noop("%(code)s is on hold; that can not be done now."),
        TicketState.COMPLETED: gettext_noop("%(code)s is done; that can not be done now."),
        TicketState.NO_SHOW: gettext_noop("%(code)s did not come; that can not be done now."),
        TicketState.CANCELLED: gettext_noop("%(code)s has left; that can not be done now."),
        TicketState.EXPIRED: gettext_noop(
            "%(code)s ended when the day was over; that can not be done now."
        ),
    }
)


def next_state(ticket: Ticket, event: EventType) -> TicketState:
    """The state that ``event`` brings the ticket to.

    Raises:
        IllegalTransitionError: the ticket's state does not allow it; says what it does allow.
    """
    try:
        return TRANSITIONS[event][TicketState(ticket.state)]
    except KeyError:
        raise illegal(ticket) from None


def illegal(ticket: Ticket) -> IllegalTransitionError:
    """The refusal of a change, because of the ticket's state; says what that does allow."""
    state = TicketState(ticket.state)
    possible = sorted(
        e.value for e, table in TRANSITIONS.items() if state in table and e not in BY_ITSELF
    )
    return IllegalTransitionError(
        gettext(NOW[state]) % {"code": ticket.code}, state=state.value, possible=possible
    )
