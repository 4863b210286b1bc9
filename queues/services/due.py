"""What happens to tickets by itself, with time. For relays: in no provider's scope.

Each ticket is a transaction of its own. What is due is looked for without a lock and asked again
behind the queue's, so a press at a desk or phone at that very moment wins or loses whole.
"""

import logging
from collections.abc import Callable

from django.db import connection
from django_scopes import scope

from providers.actors import Actor
from providers.models import Provider
from queues.models import Ticket
from queues.services.tickets import ticket_no_show_due, ticket_return_due
from waitlessq import clock
from waitlessq.errors import DomainError

logger = logging.getLogger(__name__)

AT_ONCE = 25
"""So many tickets at a time: it holds up what else relays do."""

DEFERRED_DUE = """
SELECT id, provider_id FROM queues_ticket WHERE state = 'deferred' AND deferred_until <= %s
ORDER BY deferred_until LIMIT %s
"""
NO_SHOW_DUE = """
SELECT id, provider_id FROM queues_ticket WHERE state = 'called' AND come_by <= %s
ORDER BY come_by LIMIT %s
"""


def deferrals_end() -> None:
    """Brings a few of those back into the line whose time is over."""
    _each_due(DEFERRED_DUE, ticket_return_due)


def grace_times_end() -> None:
    """Makes no-shows of a few of those who were called and did not come in time."""
    _each_due(NO_SHOW_DUE, ticket_no_show_due)


def _each_due(due: str, service: Callable[..., Ticket | None]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(due, [clock.now(), AT_ONCE])
        rows = cursor.fetchall()
    if not rows:
        return
    providers = Provider.objects.in_bulk({provider_id for _, provider_id in rows})
    for ticket_id, provider_id in rows:
        provider = providers[provider_id]
        try:
            with scope(provider=provider):
                service(actor=Actor.system(provider), ticket_id=ticket_id)
        except DomainError as error:
            # Something else happened to it first.
            logger.info("Ticket %s is not due any more: %s", ticket_id, error.detail)
