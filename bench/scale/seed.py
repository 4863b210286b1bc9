"""What the load is about: providers, queues in which people wait, counters, keys, tickets.

Runs in the platform's environment (`python -m bench.scale.seed QUEUES WAITING FILE`) and writes
what the load needs to know. The people who wait are put there by one statement; all that happens to
them afterwards goes through the platform.
"""

import json
import sys
from pathlib import Path
from typing import Any

import django

QUEUES_OF_A_PROVIDER = 10
WAITING = """
WITH issued AS (
    INSERT INTO queues_ticket (provider_id, queue_id, business_date, number, code, priority,
        order_key, source, reference, state, call_count, issued_at)
    SELECT queue.provider_id, queue.id, (now() AT TIME ZONE 'UTC')::date, number,
        queue.prefix || to_char(number, 'FM000'), 0, at.at, 'pwa', '', 'waiting', 0, at.at
    FROM queues_queue AS queue, generate_series(1, %(waiting)s) AS number,
        LATERAL (SELECT now() - make_interval(secs => 30 * (%(waiting)s - number)) AS at) AS at
    WHERE queue.id = ANY(%(queues)s)
    RETURNING id, provider_id, queue_id, number, code, order_key, issued_at
)
INSERT INTO queues_ticketevent (provider_id, queue_id, ticket_id, sequence, type, actor, from_state,
    to_state, data, at)
SELECT issued.provider_id, queue_id, issued.id, queue.sequence + number, 'issued', 'bench', '',
    'waiting', jsonb_build_object('code', code, 'number', number,
        'business_date', (now() AT TIME ZONE 'UTC')::date, 'service', null, 'people', 1,
        'priority', 0, 'order_key', order_key, 'source', 'pwa', 'reference', ''), issued_at
FROM issued JOIN queues_queue AS queue ON queue.id = queue_id
"""
COUNTED = """
UPDATE queues_queue SET sequence = sequence + %(waiting)s, last_number = %(waiting)s,
    last_number_date = (now() AT TIME ZONE 'UTC')::date
WHERE id = ANY(%(queues)s)
"""


def main(queues: int, waiting: int) -> dict[str, Any]:
    """Makes everything, and says what the load needs."""
    from django.db import connection, transaction  # noqa: PLC0415 (settings come first)
    from django_scopes import scopes_disabled  # noqa: PLC0415

    from queues.models import Ticket  # noqa: PLC0415
    from queues.tokens import token_for  # noqa: PLC0415
    from waitlessq.streams.channels import secret_name  # noqa: PLC0415

    made: list[dict[str, Any]] = []
    number = 0
    while len(made) < queues:
        number += 1
        made += _provider(number, min(QUEUES_OF_A_PROVIDER, queues - len(made)))
    ids = [one["queue"] for one in made]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WAITING, {"queues": ids, "waiting": waiting})
        cursor.execute(COUNTED, {"queues": ids, "waiting": waiting})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    with scopes_disabled():
        rows = Ticket.objects.filter(queue_id__in=ids).order_by("number", "queue_id")
        tickets = [
            {"queue": queue, "token": token_for(pk), "channel": secret_name("tickets", pk)}
            for pk, queue in rows.values_list("pk", "queue_id")
        ]
    return {"queues": made, "tickets": tickets}


def _provider(number: int, queues: int) -> list[dict[str, Any]]:
    from django_scopes import scope  # noqa: PLC0415

    from integrations.keys import api_key_create  # noqa: PLC0415
    from providers.actors import Actor  # noqa: PLC0415
    from providers.models import Role, Trade, User  # noqa: PLC0415
    from providers.services.locations import location_create  # noqa: PLC0415
    from providers.services.providers import provider_create  # noqa: PLC0415
    from queues.services.counters import counter_create, counter_open  # noqa: PLC0415
    from queues.services.queues import queue_create  # noqa: PLC0415

    slug = f"bench-{number}"
    owner, _ = User.objects.get_or_create(email="owner@bench.example")
    provider = provider_create(name=f"Bench {number}", slug=slug, trade=Trade.CLINIC, owner=owner)
    actor = Actor.system(provider)
    made = []
    with scope(provider=provider):
        location = location_create(actor=actor, name="Main", time_zone="UTC")
        _, key = api_key_create(actor=actor, name="Bench", role=Role.STAFF)
        for index in range(queues):
            letter = "ABCDEFGHJK"[index]
            queue = queue_create(
                actor=actor, location=location, name=f"Queue {letter}", prefix=letter, services=[]
            )
            counter = counter_create(
                actor=actor, location=location, name=str(index + 1), queues=[queue]
            )
            counter_open(actor=actor, counter_id=counter.pk)
            made.append({"queue": queue.pk, "counter": counter.pk, "slug": slug, "key": key})
    return made


if __name__ == "__main__":
    django.setup()
    Path(sys.argv[3]).write_text(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
