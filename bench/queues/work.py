"""The requests that are measured, as HTTP and as scripts."""

import itertools
import random
from collections.abc import Iterator
from http import HTTPStatus

from django.db import connection
from django.test import Client

from bench.queues.clients import Connection, request
from bench.queues.people import SLUG, People
from bench.queues.statements import script, written_down

FIRST_SEQUENCE, FIRST_NUMBER = 7_000_001, 5_000_001
PUBLIC = "/api/v1/public"
OWN = f"/api/v1/providers/{SLUG}"
LINE = """
INSERT INTO queues_ticket (provider_id, queue_id, business_date, number, code, priority, order_key,
    source, reference, state, call_count, issued_at)
SELECT queue.provider_id, queue.id, current_date, %(from)s + n, 'A' || (%(from)s + n), 0,
    at, 'pwa', '', 'waiting', 0, at
FROM queues_queue AS queue, generate_series(1, %(length)s) AS n,
    LATERAL (SELECT now() - interval '1 h' + n * interval '1 s' AS at) AS issued
WHERE queue.id = ANY(%(queues)s)
"""


class Work:
    """What clients send; the counters are those of the first queues, one each."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._headers = {"Authorization": f"Bearer {people.api_key}"}
        self._cookie = {"Cookie": f"sessionid={people.session}"}

    def join(self, client: Connection) -> Iterator[bool]:
        """Joins any queue."""
        choose = random.Random(id(client))  # noqa: S311 (no secret)
        while True:
            path = f"{PUBLIC}/queues/{choose.choice(self._people.queues)}/tickets"
            yield client.send(request("POST", path, {}, b"{}"))[0] == HTTPStatus.CREATED

    def snapshot(self, client: Connection) -> Iterator[bool]:
        """Looks at any queue."""
        choose = random.Random(id(client))  # noqa: S311
        while True:
            path = f"{PUBLIC}/queues/{choose.choice(self._people.queues)}/snapshot"
            yield client.send(request("GET", path, {}))[0] == HTTPStatus.OK

    def changed_snapshot(self, client: Connection, place: int) -> Iterator[bool]:
        """Joins a queue and looks at it: its snapshot is built anew."""
        for queue in itertools.cycle(self._people.queues[place :: len(self._people.counters)]):
            joined = request("POST", f"{PUBLIC}/queues/{queue}/tickets", {}, b"{}")
            is_joined = client.send(joined)[0] == HTTPStatus.CREATED
            shown = request("GET", f"{PUBLIC}/queues/{queue}/snapshot", {})
            yield is_joined and client.send(shown)[0] == HTTPStatus.OK

    def call(self, client: Connection, place: int) -> Iterator[bool]:
        """Calls the next to this client's counter, and says that nobody came."""
        call = f"{OWN}/counters/{self._people.counters[place]}/call-next"
        while True:
            status, body = client.send(request("POST", call, self._headers))
            ticket = body.partition(b'"id":')[2].partition(b",")[0].decode()
            missed = f"{OWN}/tickets/{ticket}/no-show"
            done, _ = client.send(request("POST", missed, self._headers))
            yield status == done == HTTPStatus.OK

    def desk(self, client: Connection, place: int) -> Iterator[bool]:
        """Opens the desk of this client's counter."""
        path = f"/console/{SLUG}/desk/{self._people.counters[place]}/"
        while True:
            yield client.send(request("GET", path, self._cookie))[0] == HTTPStatus.OK

    # As scripts

    def scripts(self) -> dict[str, str]:
        """Of each kind of request, what it asks of PostgreSQL."""
        people = self._people
        queue, counter = people.queues[0], people.counters[0]
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE queues_queue SET sequence = %s, last_number = %s, "
                "last_number_date = current_date",
                [FIRST_SEQUENCE, FIRST_NUMBER],
            )
        client = Client(SERVER_NAME="localhost", headers=self._headers)
        known = {queue: ":queue", counter: ":counter"}
        with written_down() as joining:
            joined = client.post(f"{PUBLIC}/queues/{queue}/tickets", b"{}", "application/json")
        path = f"{PUBLIC}/queues/{queue}/snapshot"
        client.get(path)
        with written_down() as looking:
            client.get(path)
        with written_down() as calling:
            called = client.post(f"{OWN}/counters/{counter}/call-next")
        ticket = called.json()["id"]
        with written_down() as missing:
            client.post(f"{OWN}/tickets/{ticket}/no-show")
        if joined.status_code != HTTPStatus.CREATED or called.status_code != HTTPStatus.OK:
            raise RuntimeError(f"{joined.content!r} {called.content!r}")
        any_queue = f"\\set queue random({people.queues[0]}, {people.queues[-1]})\n"
        moved = {FIRST_NUMBER + 1: ":q_last_number", ticket: ":t_id"}
        own_counter = f"\\set queue {queue} + :client_id\n\\set counter {counter} + :client_id\n"
        return {
            "join": any_queue
            + script(
                joining,
                known
                | {
                    FIRST_SEQUENCE + 1: ":q_sequence + 1",
                    FIRST_NUMBER + 1: ":q_last_number + 1",
                    f"A{FIRST_NUMBER + 1}": "'A' || (:q_last_number + 1)",
                    ticket: ":e_ticket_id",
                },
            ),
            "snapshot": any_queue + script(looking, known),
            "call": own_counter
            + script(calling, known | moved | {FIRST_SEQUENCE + 2: ":q_sequence + 1"})
            + script(missing, known | moved | {FIRST_SEQUENCE + 3: ":q_sequence + 1"}),
        }
