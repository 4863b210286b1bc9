"""What stands between clients and the web processes."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from tests.edge.running import Asked, Edge, Headers

PUBLIC = {"Cache-Control": "public, max-age=1, stale-while-revalidate=1, stale-if-error=60"}
PROVIDER = "/api/v1/public/providers/clinic"
Reply = tuple[int, Headers, bytes]


def test_the_address_and_the_scheme_are_what_the_edge_saw(edge: Edge, address: str) -> None:
    forged = {
        "X-Forwarded-For": "10.1.1.1, 10.2.2.2",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Real-IP": "10.1.1.1",
        "Forwarded": "for=10.1.1.1",
    }
    edge.ask("/console/", address=address, headers=forged)
    [asked] = edge.web.asked
    told = {name: value for name, value in asked.headers.items() if name in forged}
    assert told == {"X-Forwarded-For": address, "X-Forwarded-Proto": "http"}


def test_the_host_is_what_the_client_asked_for_with_its_port(edge: Edge) -> None:
    # Without the port, no form's origin would be the host's.
    edge.ask("/console/")
    assert edge.web.asked[0].headers["Host"] == f"127.0.0.1:{edge.ports.edge}"


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "BREW"])
def test_methods_that_nothing_answers_stop_at_the_edge(edge: Edge, method: str) -> None:
    answer = edge.ask("/api/v1/me", method=method)
    assert answer.status in {400, 405}
    assert edge.web.asked == []


def test_of_many_that_ask_at_once_one_reaches_the_platform(edge: Edge) -> None:
    def slow(asked: Asked) -> Reply:
        time.sleep(0.2)
        return 200, PUBLIC, b"provider"

    edge.web.answer = slow
    path = f"{PROVIDER}?many"
    with ThreadPoolExecutor(20) as pool:
        bodies = set(pool.map(lambda _: edge.ask(path).body, range(40)))
    assert bodies == {b"provider"}
    assert len(edge.web.asked) == 1


def test_a_cookie_makes_no_public_answer_somebodys(edge: Edge) -> None:
    edge.ask(f"{PROVIDER}?cookie", headers={"Cookie": "sessionid=secret"})
    assert "Cookie" not in edge.web.asked[0].headers


def test_what_a_ticket_or_key_opens_is_kept_for_nobody(edge: Edge) -> None:
    path = "/api/v1/public/ticket"
    edge.web.answer = lambda asked: (200, {}, asked.headers.get("Ticket-Token", "").encode())
    told = [edge.ask(path, headers={"Ticket-Token": token}).body for token in ("one", "two")]
    assert told == [b"one", b"two"]
    assert edge.ask(path).body == b""


def test_what_says_that_it_is_private_is_not_kept(edge: Edge) -> None:
    edge.web.answer = lambda _: (200, {"Cache-Control": "private, no-store"}, b"mine")
    for _ in range(2):
        edge.ask(f"{PROVIDER}?private")
    assert len(edge.web.asked) == 2


def test_posts_are_never_answered_from_the_cache(edge: Edge) -> None:
    for _ in range(2):
        edge.ask("/api/v1/public/queues/7/tickets", method="POST")
    assert [asked.method for asked in edge.web.asked] == ["POST", "POST"]


def test_while_the_platform_is_gone_an_old_public_answer_stands_in(edge: Edge) -> None:
    path = f"{PROVIDER}?stale"
    edge.web.answer = lambda _: (200, PUBLIC, b"provider")
    edge.ask(path)
    edge.stop_web()
    try:
        time.sleep(2.1)
        assert edge.ask(path).body == b"provider"
        unknown = edge.ask(f"{PROVIDER}?unknown")
        page = edge.ask("/console/clinic/")
    finally:
        edge.start_web()
    assert unknown.status == 503
    assert json.loads(unknown.body)["code"] == "unavailable"
    assert unknown.headers["Retry-After"] == "2"
    assert page.status == 503
    assert 'lang="ar"' in page.body.decode()


def test_errors_of_the_platform_pass_as_they_are(edge: Edge) -> None:
    edge.web.answer = lambda _: (503, {"Retry-After": "7"}, b"its own words")
    answer = edge.ask("/api/v1/me")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "7")
    assert answer.body == b"its own words"
    assert "X-Content-Type-Options" not in answer.headers


def test_a_flood_from_one_address_ends_at_the_edge_whatever_it_claims(
    edge: Edge, address: str
) -> None:
    answers = [
        edge.ask("/console/", address=address, headers={"X-Forwarded-For": f"10.0.0.{n}"})
        for n in range(300)
    ]
    refused = [answer for answer in answers if answer.status == 429]
    assert 200 <= len(edge.web.asked) < 300
    assert len(refused) == 300 - len(edge.web.asked)
    assert refused[0].headers["Retry-After"] == "5"
    assert refused[0].headers["Access-Control-Allow-Origin"] == "*"
    assert json.loads(refused[0].body)["code"] == "too-many-requests"
    assert edge.ask("/console/").status == 200


def test_what_fails_is_logged_without_the_token_of_a_link(edge: Edge) -> None:
    log = edge.state / "nginx.log"
    edge.stop_web()
    try:
        for path in ("/console/shown/", "/b/7:secret/", "/w/7:secret/", "/feeds/7:secret.ics"):
            assert edge.ask(path).status == 503
        assert edge.ask("/preview/clinic/secret/sw.js").status == 503
        assert edge.ask("/accounts/password/reset/key/1-secret/").status == 503
    finally:
        edge.start_web()
    assert "/console/shown/" in log.read_text()
    assert "secret" not in log.read_text()


def test_a_reload_fails_no_request(edge: Edge) -> None:
    is_asked, may_answer = Event(), Event()

    def wait(asked: Asked) -> Reply:
        is_asked.set()
        may_answer.wait(10)
        return 200, {}, b"late"

    edge.web.answer = wait
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(edge.ask, "/console/slow/")
        is_asked.wait(10)
        edge.edge.reload()
        time.sleep(0.3)
        may_answer.set()
        assert answer.result().body == b"late"
    edge.web.answer = lambda _: (200, {}, b"after")
    assert edge.ask("/console/").body == b"after"


def test_each_origin_gets_its_own_answer_from_the_cache(edge: Edge, address: str) -> None:
    def reply(asked: Asked) -> Reply:
        origin = asked.headers.get("Origin", "")
        allowed = {"Access-Control-Allow-Origin": origin} if origin else {}
        return 200, {**PUBLIC, "Vary": "Origin", **allowed}, b"{}"

    edge.web.answer = reply
    for path in (f"{PROVIDER}-of-origins", "/api/v1/public/queues/901/snapshot"):
        for origin in ("", "https://a.example", "https://b.example", "", "https://a.example"):
            asks = {"Origin": origin} if origin else {}
            answer = edge.ask(path, headers=asks, address=address)
            assert answer.headers.get("Access-Control-Allow-Origin", "") == origin
