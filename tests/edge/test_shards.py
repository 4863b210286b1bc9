"""Event streams that shards hold, told by the publisher that production has."""

import time
from collections.abc import Callable, Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.edge.running import Edge, Stream
from waitlessq.streams import publisher, shards
from waitlessq.streams.channels import HEARTBEAT, secret_name
from waitlessq.streams.publisher import PublishError, StreamMessage, publish

Follow = Callable[..., list[Stream]]
# So many that no shard is without one.
MANY = 12
BEAT = StreamMessage(HEARTBEAT, HEARTBEAT, {})


@pytest.fixture(autouse=True)
def _told_by_us(edge: Edge, settings: Settings) -> Iterator[None]:
    settings.STREAM_SHARDS = list(edge.shard_urls)
    yield
    publisher._shards(edge.shard_urls).close()
    publisher._shards.cache_clear()


def snapshot(number: int, queue: int = 7) -> StreamMessage:
    return StreamMessage(
        f"queues-{queue}", "snapshot", {"sequence": number}, f"2-{queue}-{number}-1"
    )


@pytest.fixture
def follow(edge: Edge) -> Iterator[Follow]:
    """Opens streams that end with the test."""
    opened: list[Stream] = []

    def open_streams(channels: str, count: int = 1) -> list[Stream]:
        new = [Stream(edge.ports.streams, channels) for _ in range(count)]
        opened.extend(new)
        return new

    yield open_streams
    for stream in opened:
        stream.close()


def test_whoever_listens_on_whichever_shard_is_told_of_its_channels_only(
    edge: Edge, follow: Follow
) -> None:
    streams = follow("queues-11,heartbeat", MANY)
    publish([snapshot(1, 12), snapshot(1, 11), BEAT])
    for stream in streams:
        assert stream.next() == ("snapshot", '{"sequence":1}')
        assert stream.next() == ("heartbeat", "{}")


def test_who_connects_is_told_the_newest_message(edge: Edge, follow: Follow) -> None:
    publish([snapshot(1, 21), snapshot(2, 21)])
    for stream in follow("queues-21", MANY):
        assert stream.next() == ("snapshot", '{"sequence":2}')


def test_a_secret_channel_is_told_to_whoever_has_its_name(edge: Edge, follow: Follow) -> None:
    name = secret_name("tickets", 5)
    [holder] = follow(f"{name},queues-31")
    [guesser] = follow(f"tickets-5-{'0' * 32},tickets-5,queues-31")
    publish([StreamMessage(name, "changed", {"sequence": 1}), snapshot(9, 31)])
    assert holder.next() == ("changed", '{"sequence":1}')
    assert guesser.next() == ("snapshot", '{"sequence":9}')


@pytest.mark.parametrize(
    "channels",
    ["", "queues", "queues-", "Queues-1", "queues-1;x", ",".join(["queues-1"] * 9), "queues-1/x"],
)
def test_what_names_no_channel_is_no_stream(channels: str, follow: Follow) -> None:
    assert follow(channels)[0].status == 404


def test_nobody_publishes_where_streams_are(edge: Edge) -> None:
    for path in ("/publish/queues-7", "/streams/queues-7"):
        answer = edge.ask(path, method="POST", port=edge.ports.streams)
        assert answer.status in {404, 405}


def test_streams_may_be_followed_from_anywhere_without_cookies(edge: Edge, follow: Follow) -> None:
    [stream] = follow("queues-1")
    assert stream.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in stream.headers


def test_a_queue_is_read_from_what_shards_were_told(edge: Edge) -> None:
    publish([snapshot(5, 41), BEAT])
    path = "/api/v1/public/queues/41/snapshot"
    answer = edge.ask(path)
    assert answer.body == b'{"sequence":5}'
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"].startswith("public, max-age=1")
    tag = answer.headers["ETag"]
    assert tag == '"2-41-5-1"'
    assert edge.ask(path, headers={"If-None-Match": tag}).status == 304
    assert edge.web.asked == []
    # Of another they know nothing.
    assert edge.ask("/api/v1/public/queues/42/snapshot").body == b"web"


def test_what_a_shard_says_is_not_what_another_origin_gets(edge: Edge) -> None:
    publish([snapshot(5, 43), BEAT])
    path = "/api/v1/public/queues/43/snapshot"
    assert edge.ask(path).body == b'{"sequence":5}'
    assert edge.ask(path, headers={"Origin": "https://a.example"}).body == b"web"


def test_once_the_publisher_is_silent_the_platform_is_asked(edge: Edge) -> None:
    publish([snapshot(5, 51), BEAT])
    # For so long a heartbeat is good, and then the cache.
    time.sleep(6.1)
    assert edge.ask("/api/v1/public/queues/51/snapshot").body == b"web"


def test_a_dead_shard_holds_up_nobody_and_is_told_when_it_is_back(
    edge: Edge, follow: Follow
) -> None:
    publish([BEAT])
    edge.shards[0].kill()
    try:
        publish([snapshot(1, 61)])
        publish([snapshot(2, 61), BEAT])
        for stream in follow("queues-61", MANY):
            assert stream.next() == ("snapshot", '{"sequence":2}')
    finally:
        edge.shards[0].start()
    _until_told(edge, 0, "queues-61")
    for stream in follow("queues-61", MANY):
        assert stream.next() == ("snapshot", '{"sequence":2}')


def test_a_frozen_shard_holds_up_nobody_and_streams_on_it_get_the_newest(
    edge: Edge, monkeypatch: pytest.MonkeyPatch, follow: Follow
) -> None:
    monkeypatch.setattr(shards, "ANSWER_SECONDS", 0.2)
    publish([BEAT])
    streams = follow("queues-71", MANY)
    with edge.shards[1].frozen():
        for number in range(1, 6):
            publish([snapshot(number, 71)])
    for stream in streams:
        told = ""
        while told != '{"sequence":5}':
            _, told = stream.next()


def test_without_any_shard_nothing_is_told(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "ANSWER_SECONDS", 0.2)
    with (
        edge.shards[0].frozen(),
        edge.shards[1].frozen(),
        pytest.raises(PublishError),
    ):
        publish([snapshot(1, 81)])


def test_a_message_that_shards_refuse_holds_up_no_other(edge: Edge, follow: Follow) -> None:
    publish([StreamMessage("UPPER", "changed", {}), snapshot(1, 91)])
    assert follow("queues-91")[0].next()[0] == "snapshot"


def test_an_address_that_answers_no_more_is_a_shard_no_more(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "LOOKED_UP_SECONDS", 0.02)
    [one, other] = edge.ports.publish
    found = {("127.0.0.1", one), ("127.0.0.1", other)}

    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", address) for address in sorted(found)]

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    all_shards = shards.Shards(["http://shards:8081"])
    try:
        assert len(all_shards._shards) == 2
        found.remove(("127.0.0.1", other))
        for _ in range(500):
            if len(all_shards._shards) == 1:
                break
            time.sleep(0.01)
        assert list(all_shards._shards) == [("127.0.0.1", one)]
    finally:
        all_shards.close()


def _until_told(edge: Edge, shard: int, channel: str) -> None:
    for _ in range(500):
        path = f"/newest/{channel}"
        if edge.ask(path, port=edge.ports.publish[shard]).status == 200:
            return
        time.sleep(0.02)
    raise AssertionError(f"the shard was never told of {channel}")
