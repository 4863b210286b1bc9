"""What happens by itself, with time, to queues and tickets. For relays: in no provider's scope.

Each queue or ticket is a transaction of its own. What is due is looked for without a lock and
asked again behind the queue's, so a press at a desk or phone at that very moment wins or loses
whole.
"""

import logging
from collections.abc import Callable, Collection

from django.db import connection
from django_scopes import scope, scopes_disabled

from providers.actors import Actor
from providers.models import Provider
from queues.models import Queue, QueueStatus
from queues.services.opening import counters_rest, queue_follow_hours
from queues.services.tickets import ticket_no_show_due, ticket_return_due
from waitlessq import clock
from waitlessq.errors import DomainError

logger = logging.getLogger(__name__)

AT_ONCE = 25
"""So many at a time: it holds up what else relays do."""

QUEUES_DUE = """
SELECT id, provider_id FROM queues_queue WHERE turns_at <= %s ORDER BY turns_at LIMIT %s
"""
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


def queues_turn() -> None:
    """Opens and closes a few of the queues whose hours say so by now."""
    _each_due(QUEUES_DUE, _turn_queue, subject="queue_id")


def queues_follow_locations(location_ids: Collection[int]) -> None:
    """Opens and closes the queues of these locations as their hours say now."""
    with scopes_disabled():
        queues = list(
            Queue.objects.select_related("provider")
            .filter(location__in=location_ids)
            .order_by("id")
        )
    for queue in queues:
        with scope(provider=queue.provider):
            queue_follow_hours(actor=Actor.system(queue.provider), queue_id=queue.pk)


def _turn_queue(*, actor: Actor, queue_id: int) -> None:
    if queue_follow_hours(actor=actor, queue_id=queue_id).status == QueueStatus.CLOSED:
        counters_rest(actor=actor, queue_id=queue_id)


def _each_due(due: str, service: Callable[..., object], subject: str = "ticket_id") -> None:
    with connection.cursor() as cursor:
        cursor.execute(due, [clock.now(), AT_ONCE])
        rows = cursor.fetchall()
    if not rows:
        return
    providers = Provider.objects.in_bulk({provider_id for _, provider_id in rows})
    for subject_id, provider_id in rows:
        provider = providers[provider_id]
        try:
            with scope(provider=provider):
                service(actor=Actor.system(provider), **{subject: subject_id})
        except DomainError as error:
            # Something else happened to it first.
            logger.info("%s %s is not due any more: %s", subject, subject_id, error.detail)
