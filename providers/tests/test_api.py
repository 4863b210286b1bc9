"""Locations, services and the provider itself through the API."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from conftest import House
from providers.models import Provider, Service

P = "/api/v1/providers/clinic"
JSON = "application/json"


def send(client: Client, method: str, path: str, **body: Any) -> Any:
    client.raise_request_exception = False
    return getattr(client, method)(f"{P}{path}", body, content_type=JSON)


def test_a_location_is_made_and_read(owner: Client) -> None:
    made = send(owner, "post", "/locations", name="North", time_zone="Europe/London")
    assert made.status_code == HTTPStatus.CREATED
    row = made.json()
    assert row == {
        "id": row["id"],
        "name": "North",
        "address": "",
        "time_zone": "Europe/London",
        "country": "",
        "subdivision": "",
        "closed_on_public_holidays": False,
    }
    assert send(owner, "get", f"/locations/{row['id']}").json() == row


@pytest.mark.parametrize(
    "zone", ["", "Mars/Base", "europe/london", "../../etc/passwd", "UTC\0", "x" * 10_000, 3, None]
)
def test_a_time_zone_is_one_of_iana(owner: Client, zone: object) -> None:
    response = send(owner, "post", "/locations", name="North", time_zone=zone)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.json()["errors"][0]["field"] == "time_zone"


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("locations", {"name": "Main", "time_zone": "UTC"}),
        ("services", {"name": "Advice"}),
        ("queues", {"name": "Walk-in", "prefix": "B"}),
        ("counters", {"name": "1"}),
    ],
)
def test_a_name_that_is_taken_is_a_conflict_also_when_renaming(
    owner: Client, house: House, what: str, body: dict[str, Any]
) -> None:
    if what in {"queues", "counters"}:
        body = body | {"location": house.location.pk}
    refused = send(owner, "post", f"/{what}", **body)
    assert (refused.status_code, refused.json()["code"]) == (HTTPStatus.CONFLICT, "name-taken")
    assert body["name"] in refused.json()["detail"]
    other = send(owner, "post", f"/{what}", **(body | {"name": "Other"})).json()["id"]
    renamed = send(owner, "patch", f"/{what}/{other}", name=body["name"])
    assert (renamed.status_code, renamed.json()["code"]) == (HTTPStatus.CONFLICT, "name-taken")
    assert send(owner, "get", f"/{what}/{other}").json()["name"] == "Other"


def test_another_provider_may_use_the_same_names(owner: Client, other_house: House) -> None:
    assert other_house.location.name == "Main"
    assert send(owner, "get", "/locations").json()["results"][0]["name"] == "Main"


def test_renaming_to_its_own_name_is_no_conflict(owner: Client, house: House) -> None:
    response = send(owner, "patch", f"/locations/{house.location.pk}", name="Main")
    assert response.status_code == HTTPStatus.OK


SERVICE = {
    "name": "Full check",
    "duration": "00:45:00",
    "buffer_before": "00:05:00",
    "buffer_after": "00:10:00",
    "price": "12.50",
    "use": "walk_in",
}


@pytest.mark.parametrize("field", SERVICE)
def test_a_patch_of_one_field_leaves_the_others(owner: Client, field: str) -> None:
    before = send(owner, "post", "/services", **SERVICE).json()
    news = {"name": "New", "price": "1.00", "use": "both"}.get(field, "01:00:00")
    after = send(owner, "patch", f"/services/{before['id']}", **{field: news})
    assert after.status_code == HTTPStatus.OK
    assert after.json() == before | {field: news}
    assert send(owner, "get", f"/services/{before['id']}").json() == after.json()


def test_an_empty_patch_changes_nothing(owner: Client, house: House) -> None:
    before = send(owner, "get", f"/services/{house.service.pk}").json()
    assert send(owner, "patch", f"/services/{house.service.pk}").json() == before


def test_unknown_and_read_only_fields_are_ignored(
    owner: Client, house: House, other_house: House
) -> None:
    made = send(
        owner, "post", "/services", name="New", id=1, provider=other_house.provider.pk, x=[1]
    )
    assert made.status_code == HTTPStatus.CREATED
    row = made.json()
    assert (row["id"] != 1, "x" in row, "provider" in row) == (True, False, False)
    patched = send(owner, "patch", f"/services/{row['id']}", id=house.service.pk, provider=1)
    assert patched.json() == row


@pytest.mark.parametrize("field", ["duration", "buffer_before", "buffer_after", "price"])
def test_a_service_takes_no_negative_time_or_price(owner: Client, field: str) -> None:
    response = send(owner, "post", "/services", **(SERVICE | {field: "-1"}))
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.json()["errors"][0]["field"] == field


def test_a_service_takes_some_time(owner: Client, house: House) -> None:
    response = send(owner, "patch", f"/services/{house.service.pk}", duration="0")
    assert response.status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    "name", ["", " ", "x" * 101, "x" * 10_000, "a\0b", None, [], {}, True, "\ud800"]
)
def test_a_name_is_a_short_text(owner: Client, name: object) -> None:
    response = send(owner, "post", "/services", name=name)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.json()["errors"][0]["field"] == "name"


@pytest.mark.parametrize("name", ["😀" * 100, "ملف الاستقبال", "\u202eabc", "O'Hara; DROP TABLE x"])
def test_a_name_may_be_in_any_script(owner: Client, name: str) -> None:
    made = send(owner, "post", "/services", name=name)
    assert (made.status_code, made.json()["name"]) == (HTTPStatus.CREATED, name)


def test_the_provider_is_changed_field_by_field(owner: Client) -> None:
    before = send(owner, "get", "").json()
    assert before == {"slug": "clinic", "name": "Clinic", "trade": "clinic"}
    assert send(owner, "patch", "", name="New").json() == before | {"name": "New"}
    assert send(owner, "patch", "", trade="repair", slug="x").json() == {
        "slug": "clinic",
        "name": "New",
        "trade": "repair",
    }
    assert send(owner, "get", "").json()["name"] == "New"
    assert send(owner, "patch", "", trade="circus").status_code == HTTPStatus.BAD_REQUEST


def test_a_key_may_change_the_provider_too(api_key: str) -> None:
    client = Client(headers={"Authorization": f"Bearer {api_key}"})
    assert send(client, "patch", "", name="New").json()["name"] == "New"
    assert send(client, "get", "").json()["name"] == "New"


def test_pages_are_newest_first_and_follow_each_other(owner: Client) -> None:
    for name in "abcd":
        send(owner, "post", "/services", name=name)
    path, seen = f"{P}/services?page_size=2", []
    while path:
        page = owner.get(path).json()
        seen.append([row["name"] for row in page["results"]])
        path = page["next"]
    assert seen == [["d", "c"], ["b", "a"], ["Advice"]]


def test_what_comes_while_somebody_pages_moves_nothing(owner: Client) -> None:
    for name in "ab":
        send(owner, "post", "/services", name=name)
    page = owner.get(f"{P}/services?page_size=1").json()
    send(owner, "post", "/services", name="late")
    assert [row["name"] for row in owner.get(page["next"]).json()["results"]] == ["a"]


@pytest.mark.parametrize(("asked", "given"), [("501", 500), ("99999999999", 500), ("3", 3)])
def test_a_page_has_a_limit(owner: Client, asked: str, given: int) -> None:
    provider = Provider.objects.get(slug="clinic")
    Service._base_manager.bulk_create(
        Service(provider=provider, name=f"service {number}") for number in range(510)
    )
    assert len(owner.get(f"{P}/services?page_size={asked}").json()["results"]) == given


@pytest.mark.parametrize("size", ["0", "-1", "x", ""])
def test_a_size_that_is_none_gives_the_usual_page(owner: Client, size: str) -> None:
    response = owner.get(f"{P}/services?page_size={size}")
    assert response.status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    "cursor", ["x", "cD1hYmM=", "cD0lMDA=", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5"]
)
def test_a_made_up_cursor_is_no_failure(owner: Client, cursor: str) -> None:
    owner.raise_request_exception = False
    response = owner.get(f"{P}/services?cursor={cursor}")
    assert response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR


@pytest.mark.parametrize("what", ["locations", "services", "members", "queues", "counters"])
def test_a_list_asks_the_same_number_of_queries_however_long(
    owner: Client, house: House, what: str, django_assert_max_num_queries: Any
) -> None:
    # Session, user, membership, its locations, the rows, and at most two of what they have.
    bodies: dict[str, dict[str, Any]] = {
        "locations": {"time_zone": "UTC"},
        "services": {},
        "members": {"role": "staff", "locations": [house.location.pk]},
        "queues": {"prefix": "B", "location": house.location.pk, "services": [house.service.pk]},
        "counters": {"location": house.location.pk, "queues": [house.queue.pk]},
    }
    for number in range(6):
        body = bodies[what] | {"name": f"n{number}", "email": f"n{number}@x.example"}
        assert send(owner, "post", f"/{what}", **body).status_code == HTTPStatus.CREATED
    with django_assert_max_num_queries(7):
        assert len(owner.get(f"{P}/{what}").json()["results"]) >= 6


def test_hours_are_set_read_and_refused(owner: Client, house: House) -> None:
    path = f"/locations/{house.location.pk}"
    week = [
        {"weekday": 0, "opens": "08:00", "closes": "12:00"},
        {"weekday": 0, "opens": "13:00", "closes": "17:00"},
    ]
    assert send(owner, "patch", f"{path}/hours", week=week).json()["week"] == week
    day = {"date": "2099-12-24", "name": "Early", "spans": [{"opens": "08:00", "closes": "10:00"}]}
    assert send(owner, "post", f"{path}/exceptions", **day).json()["exceptions"] == [day]
    assert send(owner, "get", f"{path}/hours").json() == {"week": week, "exceptions": [day]}
    overlapping = [*week, {"weekday": 0, "opens": "11:00", "closes": "14:00"}]
    refused = send(owner, "patch", f"{path}/hours", week=overlapping)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid-input")
    removed = send(owner, "delete", f"{path}/exceptions/2099-12-24")
    assert removed.json() == {"week": week, "exceptions": []}
    assert send(owner, "delete", f"{path}/exceptions/tomorrow").status_code == 404
