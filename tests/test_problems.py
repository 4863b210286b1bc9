"""Every error of the API is a problem document (RFC 9457); elsewhere it is a page."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client
from psycopg_pool import PoolTimeout
from rest_framework.exceptions import ValidationError

from conftest import House
from waitlessq.api.problems import problem_response
from waitlessq.errors import DomainError, problem

P = "/api/v1/providers/clinic"
JSON = "application/json"


def check(response: Any, status: HTTPStatus, code: str) -> dict[str, Any]:
    """Asserts the shape of a problem and returns it."""
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail", "code"} <= body.keys()
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"urn:waitlessq:problem:{code}"
    assert body["title"]
    assert body["detail"]
    return body


def send(client: Client, method: str, path: str, body: str | bytes = "", kind: str = JSON) -> Any:
    client.raise_request_exception = False
    return client.generic(method, path, body, content_type=kind)


@pytest.mark.parametrize(
    "body", ["{", "[1,", "'x'", b"\xff\xfe", '{"name": NaN}', "9" * 5000, "[" * 100_000]
)
def test_a_malformed_body(owner: Client, body: str | bytes) -> None:
    check(send(owner, "POST", f"{P}/locations", body), HTTPStatus.BAD_REQUEST, "malformed-body")


@pytest.mark.parametrize("body", ["[]", "null", '"x"', "5", "[" * 400 + "]" * 400])
def test_a_body_that_is_no_object(owner: Client, body: str) -> None:
    response = send(owner, "POST", f"{P}/locations", body)
    assert check(response, HTTPStatus.BAD_REQUEST, "invalid-input")["errors"][0]["field"] == ""


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x"]
)
def test_a_wrong_content_type(api_key: str, kind: str) -> None:
    client = Client(headers={"Authorization": f"Bearer {api_key}"})
    check(
        send(client, "POST", f"{P}/locations", "{}", kind),
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
    )


@pytest.mark.parametrize("path", [f"{P}/locations", P, "/api/v1/me"])
@pytest.mark.parametrize("method", ["PUT", "TRACE", "OPTIONS"])
def test_a_method_that_is_not_allowed(owner: Client, path: str, method: str) -> None:
    response = send(owner, method, path)
    check(response, HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed")
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("path", ["/api/", "/api/v1/nothing", f"{P}/nothing", "/api/v2/me"])
def test_an_unknown_address_of_the_api(client: Client, db: None, path: str) -> None:
    check(send(client, "GET", path), HTTPStatus.NOT_FOUND, "not-found")


def test_an_unknown_row(owner: Client) -> None:
    check(send(owner, "GET", f"{P}/queues/{10**30}"), HTTPStatus.NOT_FOUND, "not-found")


def test_nobody_signed_in(client: Client, db: None) -> None:
    response = send(client, "GET", f"{P}/queues")
    check(response, HTTPStatus.UNAUTHORIZED, "not-signed-in")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_key(db: None) -> None:
    client = Client(headers={"Authorization": "Bearer wlq_none_none"})
    response = send(client, "GET", f"{P}/queues")
    check(response, HTTPStatus.UNAUTHORIZED, "credentials-refused")


def test_a_role_that_is_too_low(staff: Client) -> None:
    response = send(staff, "POST", f"{P}/locations", "{}")
    assert "manager" in check(response, HTTPStatus.FORBIDDEN, "forbidden")["detail"]


def test_a_post_from_another_site(owner: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = owner.cookies
    check(send(strict, "POST", f"{P}/locations", "{}"), HTTPStatus.FORBIDDEN, "forbidden")


def test_invalid_fields_are_named_with_a_code_and_a_message(owner: Client) -> None:
    response = send(owner, "POST", f"{P}/locations", '{"name": "", "time_zone": "Mars"}')
    body = check(response, HTTPStatus.BAD_REQUEST, "invalid-input")
    assert body["errors"] == [
        {"field": "name", "code": "blank", "message": "This field may not be blank."},
        {"field": "time_zone", "code": "unknown", "message": "There is no time zone “Mars”."},
    ]
    assert body["detail"] == (
        "name: This field may not be blank.; time_zone: There is no time zone “Mars”."
    )


def test_nested_fields_are_named_with_dots() -> None:
    inner: Any = {0: {"non_field_errors": ["No."], "price": ["Low."]}}
    response = problem_response(ValidationError({"lines": inner}), {})
    assert response is not None
    assert [e["field"] for e in response.data["errors"]] == ["lines.0", "lines.0.price"]


def test_a_rule_of_the_domain_adds_what_to_act_on(owner: Client, house: House) -> None:
    path = f"{P}/counters/{house.counter.pk}"
    send(owner, "POST", f"{path}/close")
    body = check(send(owner, "POST", f"{path}/call-next"), HTTPStatus.CONFLICT, "counter-closed")
    assert body["counter"] == house.counter.pk


def test_data_of_an_error_does_not_hide_the_problem() -> None:
    body = problem(409, "busy", "Busy", "Later.", {"code": "x", "status": "y", "more": 1})
    assert (body["code"], body["status"], body["more"]) == ("busy", 409, 1)


def test_every_code_of_the_domain_is_its_own() -> None:
    def below(kind: type[DomainError]) -> list[type[DomainError]]:
        return [kind] + [c for sub in kind.__subclasses__() for c in below(sub)]

    kinds = [kind for kind in below(DomainError)[1:] if not kind.__module__.startswith("tests")]
    codes = [kind.code for kind in kinds if kind.__name__ != "RoleTooLowError"]
    assert len(codes) == len(set(codes))
    assert all(kind.title and kind.__doc__ for kind in kinds)


def raising(error: Exception) -> Callable[..., Any]:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(
    "error", [OperationalError("gone"), InterfaceError("closed"), PoolTimeout("full")]
)
def test_a_database_that_is_gone(
    owner: Client, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr("providers.selectors.membership", raising(error))
    response = send(owner, "GET", f"{P}/queues")
    check(response, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable")
    assert int(response.headers["Retry-After"]) > 0


def test_a_database_that_is_gone_for_the_public(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queues.selectors.public_queue", raising(OperationalError("gone")))
    response = send(client, "GET", "/api/v1/public/queues/1/snapshot")
    check(response, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable")


def test_a_failure_of_the_api_is_a_problem_too(
    owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.selectors.services_for", raising(RuntimeError("secret")))
    response = send(owner, "GET", f"{P}/services")
    check(response, HTTPStatus.INTERNAL_SERVER_ERROR, "server-error")
    assert "secret" not in response.text


def test_outside_the_api_an_error_is_a_page(client: Client, db: None) -> None:
    response = send(client, "GET", "/nothing")
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert response.headers["Content-Type"].startswith("text/html")
    assert "There is nothing at this address." in response.text


def test_a_failure_of_a_page_is_a_page(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("queues.selectors.queues_for", raising(RuntimeError("secret")))
    response = send(owner, "GET", "/console/clinic/")
    assert response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert "Something failed on our side." in response.text
    assert "secret" not in response.text


def test_a_page_without_a_database_says_so(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("queues.selectors.queues_for", raising(OperationalError("gone")))
    response = send(owner, "GET", "/console/clinic/")
    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert response.headers["Retry-After"]


def test_the_page_of_an_error_needs_no_database(
    owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "django.contrib.auth.middleware.auth.get_user", raising(OperationalError("gone"))
    )
    response = send(owner, "GET", "/console/clinic/")
    assert response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    assert "<h1>" in response.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("locations", '{"name": "x", "time_zone": "\\ud800"}'),
        ("api-keys", '{"name": "x", "role": "\\ud800"}'),
        ("tickets", '{"queue": 1, "source": "\\ud800"}'),
    ],
)
def test_half_a_character_is_refused(owner: Client, path: str, body: str) -> None:
    check(send(owner, "POST", f"{P}/{path}", body), HTTPStatus.BAD_REQUEST, "invalid-input")


@pytest.mark.parametrize("value", ["1e400", "-1e400", "[" * 500 + "]" * 500, "true", "{}", '"x"'])
def test_the_id_of_a_row_that_is_none_is_refused(owner: Client, value: str) -> None:
    body = f'{{"name": "x", "prefix": "B", "location": {value}}}'
    errors = check(
        send(owner, "POST", f"{P}/queues", body), HTTPStatus.BAD_REQUEST, "invalid-input"
    )["errors"]
    assert {error["field"] for error in errors} == {"location"}


def test_more_data_than_allowed_is_refused(owner: Client) -> None:
    body = '{"name": "' + "x" * 3_000_000 + '"}'
    check(send(owner, "POST", f"{P}/locations", body), HTTPStatus.BAD_REQUEST, "bad-request")
