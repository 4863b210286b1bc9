"""What an earlier replay of the same log has done, read from the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django_scopes import scope

from integrations.replay.plan import CALLS, Action, Kind, Plan
from providers.models import Provider
from queues.models import Ticket


@dataclass(frozen=True, slots=True)
class Known:
    """A ticket that exists: its id, and when what happened to it."""

    id: int
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None

    def has(self, kind: Kind) -> bool:
        """Whether an action of this kind happened to the ticket."""
        if kind is Kind.JOIN:
            return True
        if kind in CALLS:
            return self.called_at is not None
        return (self.started_at if kind is Kind.START else self.ended_at) is not None


def known_tickets(
    provider: Provider, plan: Plan, queues: Mapping[str, int]
) -> Sequence[Known | None]:
    """For each row of the plan its ticket, if there is one."""
    fields = ("queue_id", "reference", "id", "called_at", "started_at", "ended_at")
    # In a transaction, since a replica may lag behind what was just replayed.
    with scope(provider=provider), transaction.atomic():
        tickets = Ticket.objects.filter(queue__in=queues.values()).exclude(reference="")
        known = {
            (queue, reference): Known(*rest)
            for queue, reference, *rest in tickets.values_list(*fields)
        }
    return [known.get((queues[row.queue], row.ticket)) for row in plan.rows]


def is_done(action: Action, tickets: Sequence[Known | None]) -> bool:
    """Whether the action happened in an earlier replay."""
    ticket = tickets[action.ticket]
    return ticket is not None and ticket.has(action.kind)
