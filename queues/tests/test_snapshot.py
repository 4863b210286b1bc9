"""The queue snapshot: what everybody who waits reads."""

import json
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.cache import cache
from django.test import Client
from django_scopes import scope
from redis.exceptions import ConnectionError as RedisConnectionError

from conftest import House
from queues import snapshot
from queues.models import Queue, QueueStatus, Ticket
from queues.services import tickets
from queues.services.counters import counter_close, counter_update
from queues.services.queues import queue_update
from queues.snapshot import CODES_LISTED, RANGES_LISTED, build_snapshot, etag, read_snapshot
from queues.tests.test_join import join
from waitlessq import clock


def call(house: House) -> Ticket:
    return tickets.ticket_call_next(actor=house.actor, counter_id=house.counter.pk)


def get(house: House, **headers: str) -> Any:
    return Client().get(f"/api/v1/public/queues/{house.queue.pk}/snapshot", headers=headers)


def fill(house: House, number: int) -> None:
    """So many people waiting, in the order of their numbers, without an event each."""
    first = join(house)
    Ticket.objects.bulk_create(
        Ticket(
            provider=house.provider,
            queue=house.queue,
            business_date=first.business_date,
            number=n,
            code=f"A{n:03}",
            order_key=first.order_key,
            issued_at=first.issued_at,
            source=first.source,
        )
        for n in range(2, number + 1)
    )


def test_an_empty_queue_says_so(in_house: House) -> None:
    document = build_snapshot(in_house.queue.pk)
    assert document.pop("as_of")
    assert document == {
        "queue": in_house.queue.pk,
        "name": "Walk-in",
        "status": "open",
        "sequence": 2,
        "opens_at": None,
        "joins_from": None,
        "remote_join": True,
        "open_counters": 2,
        "called": [],
        "called_by_mistake": [],
        "waiting_total": 0,
        "waiting": [],
        "waiting_ranges": [],
        "waits": [],
        "newcomer": None,
    }


def test_it_shows_who_is_called_where_and_who_waits_in_call_order(in_house: House) -> None:
    first, *_ = [join(in_house), join(in_house), join(in_house, priority=1), join(in_house)]
    tickets.ticket_call(actor=in_house.actor, ticket_id=first.pk, counter_id=in_house.counter2.pk)
    last = call(in_house)
    tickets.ticket_recall(actor=in_house.actor, ticket_id=first.pk)
    document = build_snapshot(in_house.queue.pk)
    assert document["waiting"] == ["A002", "A004"]
    assert document["waiting_total"] == 2
    called = [(c["code"], c["counter"], c["state"], c["call_count"]) for c in document["called"]]
    assert called == [("A003", "1", "called", 1), ("A001", "2", "called", 2)]
    assert datetime.fromisoformat(document["called"][0]["called_at"]) == last.called_at


def test_whoever_is_served_is_still_shown_and_whoever_left_is_not(in_house: House) -> None:
    served, gone = join(in_house), join(in_house)
    call(in_house)
    tickets.ticket_start(actor=in_house.actor, ticket_id=served.pk)
    tickets.ticket_cancel(actor=in_house.actor, ticket_id=gone.pk)
    document = build_snapshot(in_house.queue.pk)
    assert [c["state"] for c in document["called"]] == ["serving"]
    assert document["waiting"] == []
    tickets.ticket_complete(actor=in_house.actor, ticket_id=served.pk)
    assert build_snapshot(in_house.queue.pk)["called"] == []


def test_it_is_of_one_queue_and_one_provider(in_house: House, other_house: House) -> None:
    with scope(provider=other_house.provider):
        join(other_house)
    assert get(in_house).json()["waiting"] == []
    assert get(other_house).json()["waiting"] == ["A001"]


def test_it_names_nobody(in_house: House) -> None:
    join(in_house, reference="4711-secret")
    call(in_house)
    join(in_house)
    body = get(in_house).json()
    assert body.keys() == {
        "queue",
        "name",
        "status",
        "sequence",
        "opens_at",
        "joins_from",
        "remote_join",
        "open_counters",
        "called",
        "waiting_total",
        "waiting",
        "waiting_ranges",
        "as_of",
        "waits",
        "newcomer",
        "called_by_mistake",
    }
    called = {"code", "counter", "state", "call_count", "called_at", "come_by", "date"}
    assert body["called"][0].keys() == called
    assert "4711" not in json.dumps(body)


Change = Callable[[House], object]
CHANGES: dict[str, Change] = {
    "a join": join,
    "a call": call,
    "a start": lambda h: tickets.ticket_start(actor=h.actor, ticket_id=call(h).pk),
    "a pause": lambda h: queue_update(
        actor=h.actor, queue_id=h.queue.pk, status=QueueStatus.PAUSED
    ),
    "a closed counter": lambda h: counter_close(actor=h.actor, counter_id=h.counter.pk),
    "a renamed counter": lambda h: counter_update(actor=h.actor, counter_id=h.counter.pk, name="9"),
    "a counter that serves elsewhere": lambda h: counter_update(
        actor=h.actor, counter_id=h.counter.pk, queues=[]
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_gives_a_new_tag_and_the_new_document(in_house: House, change: str) -> None:
    join(in_house)
    before = get(in_house)
    CHANGES[change](in_house)
    after = get(in_house)
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.json() == json.loads(json.dumps(build_snapshot(in_house.queue.pk)))
    assert after.json()["sequence"] > before.json()["sequence"]


def test_a_counter_that_serves_the_queue_no_more_keeps_its_name_on_the_board(
    in_house: House,
) -> None:
    join(in_house)
    call(in_house)
    counter_update(actor=in_house.actor, counter_id=in_house.counter.pk, queues=[])
    get(in_house)
    counter_update(actor=in_house.actor, counter_id=in_house.counter.pk, name="9")
    assert get(in_house).json()["called"][0]["counter"] == "9"


@pytest.mark.parametrize("header", ["{}", '"other", {}', "W/{}", "*"])
def test_who_has_the_newest_is_told_so(in_house: House, header: str) -> None:
    tag = get(in_house).headers["ETag"]
    response = get(in_house, If_None_Match=header.format(tag))
    assert response.status_code == HTTPStatus.NOT_MODIFIED
    assert response.content == b""
    assert response.headers["ETag"] == tag
    assert "max-age=1" in response.headers["Cache-Control"]


def test_who_has_an_old_one_gets_the_new_one(in_house: House) -> None:
    tag = get(in_house).headers["ETag"]
    join(in_house)
    response = get(in_house, If_None_Match=tag)
    assert response.status_code == HTTPStatus.OK
    assert response.json()["waiting"] == ["A001"]


def test_it_may_be_kept_by_everybody_for_a_second(in_house: House) -> None:
    response = get(in_house)
    assert response.headers["Cache-Control"] == "public, max-age=1"
    assert "Cookie" not in response.headers.get("Vary", "")
    assert not response.cookies


def test_the_second_reader_costs_no_query_but_the_queues(
    in_house: House, django_assert_num_queries: Any
) -> None:
    join(in_house)
    get(in_house)
    with django_assert_num_queries(1) as queries:
        get(in_house)
    assert "queues_ticket" not in queries[0]["sql"]


def test_building_it_is_one_statement_and_so_of_one_moment(
    in_house: House, django_assert_num_queries: Any
) -> None:
    for waiting in (5, 50):
        for _ in range(waiting):
            join(in_house)
        call(in_house) if waiting == 5 else None
        with django_assert_num_queries(1):
            build_snapshot(in_house.queue.pk)


@pytest.mark.parametrize("gone", [["get_many"], ["set_many"], ["get_many", "set_many"]])
def test_without_a_cache_it_is_the_same(
    in_house: House, monkeypatch: pytest.MonkeyPatch, gone: list[str]
) -> None:
    join(in_house)
    with clock.override(clock.now()):
        with_cache = [get(in_house).content for _ in range(2)]
        cache.delete_pattern("*")  # type: ignore[attr-defined]
        for name in gone:
            monkeypatch.setattr(cache, name, Mock(return_value={}))
        assert [get(in_house).content for _ in range(2)] == with_cache


def test_a_cache_that_does_not_answer_is_no_failure(
    in_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    join(in_house)
    broken = Mock(side_effect=RedisConnectionError)
    monkeypatch.setattr("redis.connection.ConnectionPool.get_connection", broken)
    assert get(in_house).json()["waiting"] == ["A001"]


def test_a_document_of_an_older_format_is_not_taken(
    in_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = get(in_house).headers["ETag"]
    monkeypatch.setattr(snapshot, "FORMAT", snapshot.FORMAT + 1)
    assert get(in_house).headers["ETag"] != tag


def test_a_document_is_kept_under_its_own_number_not_the_one_asked_for(
    in_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = Queue.objects.get(pk=in_house.queue.pk)
    join(in_house)
    newest = read_snapshot(stale)
    assert newest["sequence"] == stale.sequence + 1
    monkeypatch.setattr(snapshot, "build_snapshots", Mock(side_effect=AssertionError))
    assert read_snapshot(Queue.objects.get(pk=stale.pk)) == newest
    assert f"-{newest['sequence']}-" in etag(newest)


@pytest.mark.parametrize("waiting", [CODES_LISTED, CODES_LISTED + 1, 1000])
def test_past_some_hundred_it_lists_ranges(in_house: House, waiting: int) -> None:
    fill(in_house, waiting)
    document = build_snapshot(in_house.queue.pk)
    assert document["waiting_total"] == waiting
    assert document["waiting"] == [f"A{n:03}" for n in range(1, CODES_LISTED + 1)]
    rest = [("A301", f"A{waiting}" if waiting < 1000 else "A1000")]
    assert document["waiting_ranges"] == (rest if waiting > CODES_LISTED else [])


def test_ranges_skip_whoever_left_and_follow_the_order_of_the_line(in_house: House) -> None:
    fill(in_house, 310)
    Ticket.objects.filter(number=305).update(state="cancelled")
    ahead = Ticket.objects.get(number=308)
    Ticket.objects.filter(number=308).update(order_key=ahead.order_key.replace(year=2020))
    assert build_snapshot(in_house.queue.pk)["waiting_ranges"] == [
        ("A300", "A304"),
        ("A306", "A307"),
        ("A309", "A310"),
    ]


def test_a_range_has_one_prefix(in_house: House) -> None:
    fill(in_house, 310)
    Ticket.objects.filter(number__gte=306).update(code="B000")
    ranges = build_snapshot(in_house.queue.pk)["waiting_ranges"]
    assert ranges == [("A301", "A305"), ("B000", "B000")]


def test_its_size_has_a_bound(in_house: House) -> None:
    fill(in_house, 1000)
    Ticket.objects.filter(number__in=range(2, 1000, 2)).update(state="cancelled")
    document = build_snapshot(in_house.queue.pk)
    assert len(document["waiting"]) == CODES_LISTED
    assert len(document["waiting_ranges"]) == RANGES_LISTED
    assert len(json.dumps(document)) < 8_000


@pytest.mark.parametrize("path", ["999999999/snapshot", f"{10**30}/snapshot"])
def test_a_queue_that_is_none_has_none(client: Client, db: None, path: str) -> None:
    response = client.get(f"/api/v1/public/queues/{path}")
    assert (response.status_code, response.json()["code"]) == (404, "not-found")
