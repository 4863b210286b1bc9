"""Which database is read: the rules of choosing, with replicas that are only said to be there."""

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.signing import Signer
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django_redis import get_redis_connection
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from integrations.models import ApiKey
from providers.models import Location, Member, User
from waitlessq import positions
from waitlessq.db import replicas
from waitlessq.db.reading import UNKNOWN, Reader, newest, note_write, reading
from waitlessq.db.replicas import Replica
from waitlessq.db.router import ReplicaRouter
from waitlessq.db.rows import insert_statement, update_statement
from waitlessq.db.transactions import one_transaction
from waitlessq.middleware import ReadYourWritesMiddleware
from waitlessq.tokens import held_by

PRIMARY = "default"


class SaidReplica(Replica):
    """Has replayed what it says."""

    def __init__(self, alias: str, replayed: int) -> None:
        super().__init__(alias)
        self.replayed = replayed
        self.is_in = True
        self.asked = 0

    def has_replayed(self, position: int) -> bool:
        self.asked += 1
        return position <= self.replayed


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> SaidReplica:
    """The only replica, which has come to position 10."""
    near = SaidReplica("replica1", 10)
    monkeypatch.setattr(replicas, "usable", lambda: [near] if near.is_in else [])
    return near


def source(model: type = Location, **hints: object) -> str:
    return ReplicaRouter().db_for_read(model, **hints)


@pytest.mark.parametrize(
    ("position", "expected"), [(0, "replica1"), (10, "replica1"), (11, PRIMARY), (UNKNOWN, PRIMARY)]
)
def test_a_replica_is_read_that_has_replayed_enough(
    near: SaidReplica, position: int, expected: str
) -> None:
    with reading(lambda: position):
        assert source() == expected


def test_what_a_token_was_made_for_is_read_from_the_primary(near: SaidReplica) -> None:
    signer = Signer(salt="test")
    with reading(lambda: 0):
        assert held_by(signer.sign("7"), signer, lambda pk: (pk, source())) == (7, PRIMARY)


def test_a_token_that_was_not_made_here_leads_nowhere() -> None:
    signer = Signer(salt="test")
    for token in ("", "7", Signer(salt="another").sign("7"), signer.sign("seven")):
        with pytest.raises(Http404):
            held_by(token, signer, lambda pk: pk)


def test_outside_of_requests_and_tasks_the_primary_is_read(near: SaidReplica) -> None:
    assert source() == PRIMARY


def test_of_several_the_one_that_has_come_far_enough_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [SaidReplica("replica1", 5), SaidReplica("replica2", 20), SaidReplica("replica3", 7)]
    monkeypatch.setattr(replicas, "usable", lambda: found)
    with reading(lambda: 15):
        assert source() == "replica2"


def test_one_request_reads_one_replica_and_asks_once(near: SaidReplica) -> None:
    asked = []

    def find() -> int:
        asked.append(1)
        return 3

    with reading(find):
        assert [source() for _ in range(5)] == ["replica1"] * 5
    assert (len(asked), near.asked) == (1, 1)


def test_without_a_replica_nobody_asks_for_a_position(near: SaidReplica) -> None:
    near.is_in = False
    with reading(lambda: pytest.fail("nobody needs it")):
        assert source() == PRIMARY


def test_a_replica_that_is_lost_on_the_way_is_not_read_again(near: SaidReplica) -> None:
    with reading(lambda: 0):
        assert source() == "replica1"
        near.take_out("it died")
        assert source() == PRIMARY
        near.is_in = True
        assert source() == PRIMARY


@pytest.mark.django_db
def test_in_a_transaction_the_primary_is_read(near: SaidReplica) -> None:
    with reading(lambda: 0), transaction.atomic():
        assert source() == PRIMARY


def test_after_a_write_the_primary_is_read(near: SaidReplica) -> None:
    for write in (note_write, lambda: ReplicaRouter().db_for_write(Location)):
        with reading(lambda: 0) as reader:
            write()
            assert source() == PRIMARY
            assert reader.has_written


def test_a_foreign_key_that_is_assigned_in_a_read_is_no_write(near: SaidReplica) -> None:
    with reading(lambda: 0, may_write=False) as reader:
        ReplicaRouter().db_for_write(Location)
        assert source() == "replica1"
        assert not reader.has_written


def test_what_a_service_commits_is_a_write(near: SaidReplica, db: None) -> None:
    with reading(lambda: 0) as reader:
        with one_transaction():
            pass
        assert reader.has_written


@pytest.mark.parametrize(
    "write", [insert_statement, lambda row: update_statement(row, {"name": "Main"})]
)
def test_what_is_written_without_the_orm_is_a_write(
    near: SaidReplica, write: Callable[[Location], object]
) -> None:
    with reading(lambda: 0) as reader:
        write(Location())
        assert reader.has_written


def test_what_a_page_asks_for_because_it_was_told_is_read_from_the_primary(
    near: SaidReplica,
) -> None:
    with reading(lambda: 0):
        assert newest(source)() == PRIMARY


@pytest.mark.parametrize("model", [User, Member, ApiKey])
def test_who_may_do_what_is_read_from_the_primary(near: SaidReplica, model: type) -> None:
    with reading(lambda: 0):
        assert source(model) == PRIMARY
        assert source(Location, instance=model()) == PRIMARY
        assert source(Location, instance=Location()) == "replica1"


def test_a_replica_behind_its_limit_is_out_until_it_has_caught_up() -> None:
    one = Replica("replica1")
    states = []
    for position, lag in [
        (5, 0.1),
        (5, 4.9),
        (5, 5.1),
        (9, 0.0),
        (None, None),
        (9, 0.0),
        (9, None),
    ]:
        one.note(position, lag)
        states.append(one.is_in)
    assert states == [True, True, False, True, False, True, False]


def test_the_highest_position_that_was_seen_needs_no_question() -> None:
    one = Replica("replica1")
    one.note(100, 0.0)
    one.note(90, 0.0)
    assert one.has_replayed(100)
    one.forget_position()
    with pytest.raises(Exception, match="replica1"):  # It would ask, and there is none here.
        one.has_replayed(90)


Handler = Callable[[HttpRequest], HttpResponse]


@pytest.fixture
def middleware(monkeypatch: pytest.MonkeyPatch, near: SaidReplica) -> Callable[[Handler], Handler]:
    monkeypatch.setattr("waitlessq.middleware.all_replicas", lambda: [near])
    monkeypatch.setattr(positions, "current_position", lambda: 42)
    return ReadYourWritesMiddleware


def write(_: HttpRequest) -> HttpResponse:
    note_write()
    return HttpResponse()


@pytest.mark.parametrize("method", ["post", "patch", "put", "delete"])
def test_a_request_that_may_write_reads_from_the_primary(
    middleware: Callable[[Handler], Handler], method: str
) -> None:
    request = getattr(RequestFactory(), method)("/")
    response = middleware(lambda _: HttpResponse(source()))(request)
    assert response.content.decode() == PRIMARY
    assert not response.cookies


def test_a_browser_carries_its_position_and_can_not_forge_it(
    middleware: Callable[[Handler], Handler],
) -> None:
    cookie = middleware(write)(RequestFactory().post("/")).cookies["position"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 60)
    for text, expected in [(cookie.value, 42), (cookie.value + "x", 0), ("42", 0), ("", 0)]:
        request = RequestFactory().get("/")
        request.COOKIES["position"] = text
        assert positions.find(request) == expected


@pytest.fixture
def _redis_is_trusted() -> Iterator[None]:
    redis = get_redis_connection("default")
    redis.set(positions._key("since"), 0)
    yield
    redis.delete(*redis.keys(positions._key("*")))
    positions._some_were_not_kept.clear()


@pytest.mark.usefixtures("_redis_is_trusted")
@pytest.mark.parametrize("header", ["Authorization", "Ticket-Token"])
def test_the_position_of_a_key_or_token_is_kept_for_it(
    middleware: Callable[[Handler], Handler], header: str
) -> None:
    mine, others = ({"headers": {header: name}} for name in ("mine", "another's"))
    response = middleware(write)(RequestFactory().post("/", **mine))  # type: ignore[arg-type]
    assert not response.cookies
    assert positions.find(RequestFactory().get("/", **mine)) == 42  # type: ignore[arg-type]
    assert positions.find(RequestFactory().get("/", **others)) == 0  # type: ignore[arg-type]


@pytest.mark.usefixtures("_redis_is_trusted")
def test_a_key_that_writes_asks_for_no_position_until_it_reads(
    middleware: Callable[[Handler], Handler], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Mock(side_effect=[42, 43])
    monkeypatch.setattr(positions, "current_position", asked)
    mine: dict[str, Any] = {"headers": {"Authorization": "mine"}}

    def write_again() -> None:
        middleware(write)(RequestFactory().post("/", **mine))

    write_again()
    write_again()
    assert asked.call_count == 0
    found = [positions.find(RequestFactory().get("/", **mine)) for _ in range(2)]
    assert (found, asked.call_count) == ([42, 42], 1)
    write_again()
    assert positions.find(RequestFactory().get("/", **mine)) == 43


@pytest.mark.usefixtures("_redis_is_trusted")
def test_what_is_written_while_the_position_is_asked_for_is_not_forgotten(
    middleware: Callable[[Handler], Handler], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine: dict[str, Any] = {"headers": {"Authorization": "mine"}}
    request = RequestFactory().get("/", **mine)

    def overtaken() -> int:
        monkeypatch.setattr(positions, "current_position", lambda: 43)
        middleware(write)(RequestFactory().post("/", **mine))
        return 42

    middleware(write)(RequestFactory().post("/", **mine))
    monkeypatch.setattr(positions, "current_position", overtaken)
    assert [positions.find(request) for _ in range(2)] == [42, 43]


@pytest.mark.usefixtures("_redis_is_trusted")
def test_where_redis_is_gone_or_forgot_keys_read_from_the_primary(
    middleware: Callable[[Handler], Handler], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = RequestFactory().get("/", headers={"Authorization": "mine"})
    assert positions.find(request) == 0

    def gone(_: str) -> None:
        raise RedisError("gone")

    with monkeypatch.context() as without:
        without.setattr(positions, "get_redis_connection", gone)
        middleware(write)(RequestFactory().post("/", headers={"Authorization": "mine"}))
        assert positions.find(request) == UNKNOWN
    # It is back, and knows nothing of what was written meanwhile.
    assert positions.find(request) == UNKNOWN
    redis = get_redis_connection("default")
    redis.set(positions._key("since"), 0)
    assert positions.find(request) == 0
    redis.delete(positions._key("since"))
    assert [positions.find(request) for _ in range(2)] == [UNKNOWN, UNKNOWN]


def test_a_position_that_can_not_be_had_is_one_that_no_replica_reaches(
    middleware: Callable[[Handler], Handler], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> int:
        raise PoolTimeout

    monkeypatch.setattr(positions, "current_position", gone)
    cookie = middleware(write)(RequestFactory().post("/")).cookies["position"]
    request = RequestFactory().get("/")
    request.COOKIES["position"] = cookie.value
    assert positions.find(request) == UNKNOWN


def test_a_reader_has_no_replica_to_begin_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicas, "usable", list)
    assert Reader(lambda: 0).alias() == PRIMARY
