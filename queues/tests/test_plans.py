"""What a desk asks of PostgreSQL is found by an index, however many days are past."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from bench.queues.databases import COUNT_ON, PAST_EVENTS, PAST_TICKETS
from conftest import House
from events.outbox import relay_batch
from queues import handlers, snapshot
from queues.services import tickets
from queues.snapshot import build_snapshot
from queues.tests.test_join import join
from queues.waits import TICKET_OF_EVENT

GROWS = {"queues_ticket", "queues_ticketevent", "queues_quote"}
SOME, MORE = 6000, 12_000
PAST_QUOTES = """
INSERT INTO queues_quote (ticket_id, provider_id, low, middle, high, at, outcome)
SELECT id, provider_id, 300, 600, 900, issued_at, 'called' FROM queues_ticket WHERE id > %(after)s
"""
Statement = tuple[str, Any]


def add_past(house: House, first: int, upto: int) -> None:
    """Past tickets, served, with their events and quotes, 300 on each of the days before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM queues_ticket")
        [after] = cursor.fetchone()
        counter = {"counter": house.counter.pk}
        numbers = {"queues": 1, "first": first, "last": upto - 1}
        only_this = PAST_TICKETS.replace(
            "FROM queues_queue", f"FROM queues_queue WHERE id = {house.queue.pk}"
        )
        cursor.execute(only_this, counter | numbers)
        cursor.execute(PAST_EVENTS, counter | {"after": after})
        cursor.execute(PAST_QUOTES, {"after": after})
        cursor.execute(COUNT_ON, {"after": after})
        cursor.execute("ANALYZE")


@contextmanager
def noted() -> Iterator[list[Statement]]:
    """The statements of the block that can be explained."""
    statements: list[Statement] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith(("SELECT", "WITH", "UPDATE", "INSERT")):
            statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


def a_day(house: House) -> list[Statement]:
    """All that joining, calling, serving, telling and looking asks."""
    join(house)
    relay_batch()
    with noted() as statements:
        join(house)
        called = tickets.ticket_call_next(actor=house.actor, counter_id=house.counter.pk)
        tickets.ticket_start(actor=house.actor, ticket_id=called.pk)
        tickets.ticket_complete(actor=house.actor, ticket_id=called.pk)
        tickets.ticket_cancel(actor=house.actor, ticket_id=join(house).pk)
        relay_batch()
        build_snapshot(house.queue.pk)
        Client().post(
            f"/api/v1/public/queues/{house.queue.pk}/tickets", {}, content_type="application/json"
        )
    return statements


def scans(statements: list[Statement]) -> set[tuple[str, str]]:
    """How the tables that grow are read: by which index; "" for row after row."""
    found: set[tuple[str, str]] = set()
    with connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            [plans] = cursor.fetchone()
            plans = json.loads(plans) if isinstance(plans, str) else plans
            found |= {scan for plan in plans for scan in _scans(plan["Plan"])}
    return found


def _scans(node: dict[str, Any], table: str = "") -> Iterator[tuple[str, str]]:
    """The scans of a plan; a bitmap's index stands below what it is read with."""
    table = node.get("Relation Name", table)
    kind = node["Node Type"]
    if kind.endswith("Scan") and kind != "Bitmap Heap Scan" and table in GROWS:
        yield table, node.get("Index Name", "")
    for inner in node.get("Plans", []):
        yield from _scans(inner, table if kind == "Bitmap Heap Scan" else "")


@pytest.fixture
def old_house(in_house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house with three weeks behind it; nobody listens to what happens there."""
    monkeypatch.setattr(handlers, "publish", lambda _: None)
    add_past(in_house, 0, SOME)
    return in_house


def test_nothing_is_read_row_after_row_and_what_is_past_changes_no_plan(old_house: House) -> None:
    after_weeks = scans(a_day(old_house))
    add_past(old_house, SOME, MORE)
    assert scans(a_day(old_house)) == after_weeks
    assert "" not in {index for _, index in after_weeks}


def test_without_the_index_of_the_line_all_that_is_past_would_be_read(old_house: House) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX ticket_line")
    assert ("queues_ticket", "") in scans(a_day(old_house))


def test_without_a_look_for_each_ticket_all_would_be_read_for_the_newest_events(
    old_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    join_all = "LEFT JOIN queues_ticket AS ticket ON ticket.id = event.ticket_id"
    joined = snapshot.READ_QUEUES.replace(TICKET_OF_EVENT, join_all)
    monkeypatch.setattr(snapshot, "READ_QUEUES", joined)
    assert ("queues_ticket", "") in scans(a_day(old_house))
