"""How often one may ask, by whom it is counted, and what happens when nothing can be counted."""

from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from pytest_django import Settings
from redis.exceptions import RedisError

from conftest import PASSWORD, House, add_member, client_of
from integrations.keys import api_key_create
from providers.models import Role
from waitlessq import limits
from waitlessq.limits import client_address

LOCATIONS = "/api/v1/providers/clinic/locations"
PROVIDER = "/api/v1/public/providers/clinic"
EDGE = "10.1.0.7"


@pytest.fixture(autouse=True)
def _counted(settings: Settings) -> None:
    """As in production, but sooner too much."""
    settings.RATE_UNLIMITED_ADDRESSES = []
    settings.RATE_PER_ADDRESS = "6/m"
    settings.RATE_PER_KEY = settings.RATE_PER_MEMBER = "3/m"
    settings.RATE_OF_PAGES = "4/m"


@pytest.fixture(autouse=True)
def _one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute that ends while a test runs would begin to count anew."""
    monkeypatch.setattr("django_ratelimit.core.time.time", lambda: 1_000_000.0)
    limits._counted_here.clear()


def gone(*_: Any) -> None:
    raise RedisError("gone")


@pytest.fixture(params=["with Redis", "without Redis"])
def _with_or_without_redis(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "without Redis":
        monkeypatch.setattr(limits, "get_redis_connection", gone)


def statuses(client: Client, path: str, times: int, **options: Any) -> list[int]:
    return [client.get(path, **options).status_code for _ in range(times)]


@pytest.mark.usefixtures("_with_or_without_redis", "house")
def test_an_address_may_ask_so_often() -> None:
    assert statuses(Client(), PROVIDER, 7) == [200] * 6 + [429]
    assert statuses(Client(REMOTE_ADDR="198.51.100.9"), PROVIDER, 1) == [200]


def test_a_refusal_says_when_to_come_back(house: House) -> None:
    client = Client()
    statuses(client, PROVIDER, 6)
    refused = client.get(PROVIDER)
    body = refused.json()
    assert (refused.status_code, refused["Content-Type"]) == (429, "application/problem+json")
    assert (body["code"], str(body["retry_after"])) == ("too-many-requests", refused["Retry-After"])
    assert 0 < int(refused["Retry-After"]) <= 60
    page = client.get("/q/clinic/", headers={"Accept-Language": "he"})
    assert page.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert 'lang="he"' in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_an_app_at_a_domain_of_its_own_can_read_the_refusal(house: House) -> None:
    client = Client(headers={"Origin": "https://queue.clinic.example"})
    statuses(client, PROVIDER, 6)
    refused = client.get(PROVIDER)
    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert refused["Access-Control-Allow-Origin"] == "*"
    assert refused["Access-Control-Expose-Headers"] == "Retry-After"
    assert "Access-Control-Allow-Origin" not in client.get("/q/clinic/")


def test_each_answer_of_the_api_says_what_is_left(house: House, api_key: str) -> None:
    client = Client(headers={"Authorization": f"Bearer {api_key}"})
    said = [client.get(LOCATIONS)["RateLimit"].split(";")[:2] for _ in range(3)]
    assert said == [['"key"', f"r={left}"] for left in (2, 1, 0)]
    response = client.get(LOCATIONS)
    assert (response.status_code, response["RateLimit-Policy"]) == (429, '"key";q=3')
    assert response["Retry-After"] == str(response.json()["retry_after"])
    # What is kept for everybody says nothing of one of them.
    assert "RateLimit" not in Client().get(f"{PROVIDER[:-16]}queues/{house.queue.pk}/snapshot")


def test_keys_are_counted_apart_at_the_rate_of_their_provider(
    in_house: House, settings: Settings
) -> None:
    settings.RATE_PER_ADDRESS = "1000/m"
    in_house.provider.requests_per_minute = 5
    in_house.provider.save()
    for name in ("one", "two"):
        _, text = api_key_create(actor=in_house.actor, name=name, role=Role.VIEWER)
        client = Client(headers={"Authorization": f"Bearer {text}"})
        assert statuses(client, LOCATIONS, 6) == [200] * 5 + [429]


def test_keys_that_are_none_are_counted_by_address(house: House) -> None:
    clients = [Client(headers={"Authorization": f"Bearer wlq_{n:012}_x"}) for n in range(7)]
    assert [client.get(LOCATIONS).status_code for client in clients] == [401] * 6 + [429]


def test_members_are_counted_by_who_they_are_and_not_by_their_address(house: House) -> None:
    first, second = (
        client_of(add_member(house.provider, role)) for role in (Role.OWNER, Role.STAFF)
    )
    assert statuses(first, LOCATIONS, 4) == [200] * 3 + [429]
    # A desk looks more often than it does something.
    assert statuses(first, "/console/clinic/", 5) == [200] * 4 + [429]
    assert statuses(second, LOCATIONS, 3) == [200] * 3


def test_a_session_that_is_none_is_counted_by_address(house: House) -> None:
    clients = [Client() for _ in range(7)]
    for number, client in enumerate(clients):
        client.cookies["sessionid"] = f"invented{number}"
    assert [client.get("/q/clinic/").status_code for client in clients] == [200] * 6 + [429]
    assert not Session.objects.exists()


@pytest.mark.usefixtures("_with_or_without_redis", "house")
def test_passwords_are_not_guessed(settings: Settings) -> None:
    settings.RATE_PER_ADDRESS = "1000/m"

    def sign_in(login: str, address: str) -> int:
        body = {"login": login, "password": "x"}
        return Client(REMOTE_ADDR=address).post("/accounts/login/", body).status_code

    one_account = [sign_in("Owner@clinic.example", "192.0.2.1") for _ in range(6)]
    assert one_account == [200] * 5 + [429]
    assert sign_in(" owner@clinic.example ", "192.0.2.1") == 429
    many_accounts = [sign_in(f"{n}@clinic.example", "192.0.2.2") for n in range(21)]
    assert many_accounts == [200] * 20 + [429]
    from_everywhere = [sign_in("owner@clinic.example", f"198.51.100.{n}") for n in range(52)]
    # Some were counted before.
    assert from_everywhere[-1] == 429


def test_who_knows_the_password_signs_in_without_redis(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "get_redis_connection", gone)
    add_member(house.provider, Role.STAFF)
    body = {"login": "staff@clinic.example.org", "password": PASSWORD}
    assert Client().post("/accounts/login/", body).status_code == HTTPStatus.FOUND


def test_a_queue_is_not_filled_from_one_address(house: House, settings: Settings) -> None:
    settings.RATE_PER_ADDRESS = "1000/m"
    settings.RATES_OF_POSTS = {"join": [("2/m", ("address",))]}
    path = f"/api/v1/public/queues/{house.queue.pk}/tickets"
    post = [Client().post(path, {}, content_type="application/json").status_code for _ in range(3)]
    assert post == [201, 201, 429]


@pytest.mark.usefixtures("house")
def test_a_forged_address_does_not_help(settings: Settings) -> None:
    asked = [
        Client().get(PROVIDER, headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code
        for n in range(7)
    ]
    assert asked == [200] * 6 + [429]


@pytest.mark.usefixtures("house")
def test_behind_the_edge_what_it_says_counts_and_what_was_forged_before_it_does_not(
    settings: Settings,
) -> None:
    settings.TRUSTED_PROXIES = ["10.1.0.0/16"]
    asked = [
        Client(REMOTE_ADDR=EDGE)
        .get(PROVIDER, headers={"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.1"})
        .status_code
        for n in range(7)
    ]
    assert asked == [200] * 6 + [429]
    other = Client(REMOTE_ADDR=EDGE).get(PROVIDER, headers={"X-Forwarded-For": "198.51.100.2"})
    assert other.status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("198.51.100.1", "", "198.51.100.1"),
        ("198.51.100.1", "203.0.113.5", "198.51.100.1"),
        (EDGE, "203.0.113.5", "203.0.113.5"),
        (EDGE, "9.9.9.9, 203.0.113.5", "203.0.113.5"),
        (EDGE, f"203.0.113.5, {EDGE}", "203.0.113.5"),
        (EDGE, "", EDGE),
        (EDGE, "nonsense", "nonsense"),
        ("", "203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3::4", "", "2001:db8:1:2::"),
        ("::ffff:198.51.100.1", "", "198.51.100.1"),
    ],
)
def test_who_is_at_the_other_end(
    settings: Settings, remote: str, forwarded: str, expected: str
) -> None:
    settings.TRUSTED_PROXIES = ["10.1.0.0/16", "unix"]
    request = RequestFactory().get("/", REMOTE_ADDR=remote)
    request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    assert client_address(request) == expected


def test_health_is_never_limited(house: House) -> None:
    assert statuses(Client(), "/livez", 9) == [200] * 9


def test_whom_a_local_stack_names_is_not_limited(house: House, settings: Settings) -> None:
    settings.RATE_UNLIMITED_ADDRESSES = ["127.0.0.0/8"]
    assert statuses(Client(), PROVIDER, 9) == [200] * 9


def test_what_is_counted_here_forgets_windows_that_are_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MOST_COUNTED_HERE", 3)
    now = [0.0]
    monkeypatch.setattr("waitlessq.limits.time.monotonic", lambda: now[0])
    assert [limits._count_here("a", 60) for _ in range(3)] == [1, 2, 3]
    now[0] = 61.0
    assert limits._count_here("a", 60) == 1
    for key in "bcdefg":
        limits._count_here(key, 60)
    assert len(limits._counted_here) <= 3


@pytest.mark.parametrize(
    ("what", "where"),
    [
        *((name, name) for name in ("holds", "waitlist", "appointments")),
        ("series", "appointments/series"),
    ],
)
def test_one_address_keeps_few_times_at_once(
    house: House, settings: Settings, what: str, where: str
) -> None:
    settings.RATE_PER_ADDRESS = "1000/m"
    settings.RATES_OF_POSTS = settings.RATES_OF_POSTS | {
        f"public-{what}": [("2/5m", settings.RATES_OF_POSTS[f"public-{what}"][0][1])]
    }
    client, path = Client(), f"{PROVIDER}/{where}"
    asked = [client.post(path, {}, content_type="application/json") for _ in range(3)]
    assert [answer.status_code for answer in asked] == [400, 400, 429]


def test_nobody_tries_all_codes_of_a_place(house: House, settings: Settings) -> None:
    settings.RATE_PER_ADDRESS = "1000/m"
    routes = {"check-in-appointment": "/api/v1/public/appointment/check-in"}
    routes["booking-check-in"] = "/b/1:forged/check-in/"
    rates = {name: [("2/m", settings.RATES_OF_POSTS[name][0][1])] for name in routes}
    settings.RATES_OF_POSTS = settings.RATES_OF_POSTS | rates
    for path in routes.values():
        asked = [Client().post(path, {"code": "000000"}) for _ in range(3)]
        assert [answer.status_code for answer in asked] == [404, 404, 429]
