"""Compares, in SQL, what the platform stored with what the log says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection, transaction

from integrations.replay.log import LogRow, Outcome
from integrations.replay.plan import Plan
from queues.models import TicketState

SHOWN = 5

STATES = {
    Outcome.SERVED: TicketState.COMPLETED,
    Outcome.ABANDONED: TicketState.CANCELLED,
    Outcome.NO_SHOW: TicketState.NO_SHOW,
}
EVENTS = {Outcome.SERVED: 4, Outcome.ABANDONED: 2, Outcome.NO_SHOW: 3}

LOAD = """
CREATE TEMPORARY TABLE replayed (
    line integer, queue_id bigint, reference text, issued_at timestamptz, called_at timestamptz,
    started_at timestamptz, ended_at timestamptz, state text, business_date date, events bigint
) ON COMMIT DROP
"""
COPY = "COPY replayed FROM STDIN"
ANALYZE = "ANALYZE replayed"

LOST = """
SELECT line, reference || ' has no ticket' FROM replayed WHERE NOT EXISTS (
    SELECT FROM queues_ticket AS ticket
    WHERE ticket.queue_id = replayed.queue_id AND ticket.reference = replayed.reference
) ORDER BY line
"""
DOUBLED = """
SELECT NULL, code || ' of ' || business_date || CASE
    WHEN reference = '' THEN ', which has no reference,' ELSE ', reference ' || reference || ','
    END || ' is not in the log'
FROM queues_ticket AS ticket
WHERE queue_id = ANY(%(queues)s) AND NOT EXISTS (
    SELECT FROM replayed
    WHERE replayed.queue_id = ticket.queue_id AND replayed.reference = ticket.reference
)
AND business_date BETWEEN coalesce(%(first_date)s, business_date)
    AND coalesce(%(last_date)s, business_date)
ORDER BY id
"""
# One row for each value that differs; NULLs are values here.
DIFFERENT = """
SELECT line, log.reference || ': ' || name || ' is ' || coalesce(stored, 'empty') ||
    ', in the log ' || coalesce(logged, 'empty')
FROM replayed AS log JOIN queues_ticket AS ticket
ON ticket.queue_id = log.queue_id AND ticket.reference = log.reference
CROSS JOIN LATERAL (VALUES
    ('issued_at', ticket.issued_at::text, log.issued_at::text),
    ('called_at', ticket.called_at::text, log.called_at::text),
    ('started_at', ticket.started_at::text, log.started_at::text),
    ('ended_at', ticket.ended_at::text, log.ended_at::text),
    ('state', ticket.state, log.state),
    ('business_date', ticket.business_date::text, log.business_date::text)
) AS compared (name, stored, logged)
WHERE stored IS DISTINCT FROM logged ORDER BY line
"""
EVENTS_MISSING = """
SELECT line, log.reference || ' has ' || coalesce(counted.events, 0) || ' events instead of ' ||
    log.events
FROM replayed AS log JOIN queues_ticket AS ticket
ON ticket.queue_id = log.queue_id AND ticket.reference = log.reference
LEFT JOIN (
    SELECT ticket_id, count(*) AS events FROM queues_ticketevent
    WHERE queue_id = ANY(%(queues)s) GROUP BY ticket_id
) AS counted ON counted.ticket_id = ticket.id
WHERE coalesce(counted.events, 0) <> log.events ORDER BY line
"""
SEQUENCE_GAPS = """
SELECT NULL, 'queue ' || queue.name || ' has ' || count(event.id) || ' events, numbered ' ||
    coalesce(min(event.sequence), 0) || ' to ' || coalesce(max(event.sequence), 0) ||
    ', and counted to ' || queue.sequence
FROM queues_queue AS queue LEFT JOIN queues_ticketevent AS event ON event.queue_id = queue.id
WHERE queue.id = ANY(%(queues)s) GROUP BY queue.id
HAVING count(event.id) <> queue.sequence OR coalesce(max(event.sequence), 0) <> queue.sequence
    OR coalesce(min(event.sequence), 1) <> 1
ORDER BY queue.id
"""
QUESTIONS = {
    "lost": LOST,
    "not in the log": DOUBLED,
    "different": DIFFERENT,
    "events": EVENTS_MISSING,
    "sequence": SEQUENCE_GAPS,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """What one question found: how many answers, and the first few as sentences."""

    count: int
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of the check: how many tickets were compared, and the differences by question."""

    tickets: int
    differences: dict[str, Difference]

    @property
    def count(self) -> int:
        """How many differences there are."""
        return sum(difference.count for difference in self.differences.values())


def check(
    plan: Plan,
    queues: Mapping[str, int],
    first_date: date | None = None,
    last_date: date | None = None,
) -> Checked:
    """Compares every row of the plan with its ticket, and looks for tickets beyond.

    ``first_date`` and ``last_date`` are the dates to which the plan was limited.
    """
    parameters = {
        "queues": list(queues.values()),
        "first_date": first_date,
        "last_date": last_date,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOAD)
        with cursor.copy(COPY) as copy:
            for row in plan.rows:
                copy.write_row(_expected(row, queues[row.queue]))
        cursor.execute(ANALYZE)
        differences = {}
        for question, statement in QUESTIONS.items():
            cursor.execute(statement, parameters)
            found = cursor.fetchall()
            differences[question] = Difference(len(found), [_text(*row) for row in found[:SHOWN]])
    return Checked(len(plan.rows), differences)


def _expected(row: LogRow, queue_id: int) -> tuple[int | str | date | datetime | None, ...]:
    served = row.outcome == Outcome.SERVED
    return (
        row.line,
        queue_id,
        row.ticket,
        row.joined_at,
        row.called_at,
        row.called_at if served else None,
        row.finished_at,
        STATES[row.outcome].value,
        row.business_date,
        EVENTS[row.outcome],
    )


def _text(line: int | None, sentence: str) -> str:
    return sentence if line is None else f"line {line}: {sentence}"
