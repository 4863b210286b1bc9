"""A member who is limited to some locations sees and touches only those."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from conftest import House, add_member, client_of
from providers.models import Role
from providers.services.members import member_update

P = "/api/v1/providers/clinic"
JSON = "application/json"


@dataclass(frozen=True)
class Branch:
    """A second location of the house, by the ids of what it has."""

    location: int
    queue: int
    counter: int
    ticket: int


def create(client: Client, what: str, **body: Any) -> dict[str, Any]:
    response = client.post(f"{P}/{what}", body, content_type=JSON)
    assert response.status_code == HTTPStatus.CREATED, response.text
    row: dict[str, Any] = response.json()
    return row


@pytest.fixture
def branch(owner: Client) -> Branch:
    """A branch with a queue, an open counter and somebody waiting."""
    location = create(owner, "locations", name="North", time_zone="Asia/Jerusalem")["id"]
    queue = create(owner, "queues", name="Walk-in", prefix="B", location=location)["id"]
    counter = create(owner, "counters", name="1", location=location, queues=[queue])["id"]
    owner.post(f"{P}/counters/{counter}/open")
    return Branch(location, queue, counter, create(owner, "tickets", queue=queue)["id"])


@pytest.fixture
def limited(house: House, owner: Client, branch: Branch) -> Client:
    """Signed in as a manager of the main location only, where somebody waits too."""
    create(owner, "tickets", queue=house.queue.pk)
    member = add_member(house.provider, Role.MANAGER)
    with scope(provider=house.provider):
        member_update(actor=house.actor, member=member, locations=[house.location])
    return client_of(member)


def status(client: Client, method: str, path: str, body: str = "{}") -> int:
    response = client.generic(method, f"{P}/{path}", body, content_type=JSON)
    return response.status_code


@pytest.mark.parametrize("what", ["locations", "queues", "counters", "tickets"])
def test_lists_have_only_what_is_at_their_locations(
    limited: Client, owner: Client, what: str
) -> None:
    everything = owner.get(f"{P}/{what}").json()["results"]
    seen = limited.get(f"{P}/{what}").json()["results"]
    assert 0 < len(seen) < len(everything)
    assert "North" not in str(seen)
    assert not {row.get("code") for row in seen} & {"B001"}


def test_what_is_elsewhere_does_not_exist(limited: Client, branch: Branch) -> None:
    for path in (
        f"locations/{branch.location}",
        f"queues/{branch.queue}",
        f"counters/{branch.counter}",
        f"tickets/{branch.ticket}",
        f"tickets/{branch.ticket}/events",
    ):
        assert status(limited, "GET", path) == HTTPStatus.NOT_FOUND, path
    for path in ("locations", "queues", "counters"):
        row = getattr(branch, path.removesuffix("s"))
        assert status(limited, "PATCH", f"{path}/{row}") == HTTPStatus.NOT_FOUND, path


@pytest.mark.parametrize("action", ["recall", "start", "complete", "no-show", "cancel"])
def test_a_ticket_elsewhere_is_not_touched(limited: Client, branch: Branch, action: str) -> None:
    assert status(limited, "POST", f"tickets/{branch.ticket}/{action}") == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("action", ["open", "close", "call-next"])
def test_a_counter_elsewhere_is_not_touched(limited: Client, branch: Branch, action: str) -> None:
    assert status(limited, "POST", f"counters/{branch.counter}/{action}") == HTTPStatus.NOT_FOUND


def test_nobody_is_called_to_or_from_elsewhere(
    limited: Client, house: House, owner: Client, branch: Branch
) -> None:
    here = create(owner, "tickets", queue=house.queue.pk)["id"]
    for ticket, counter in ((here, branch.counter), (branch.ticket, house.counter.pk)):
        body = f'{{"counter": {counter}}}'
        assert status(limited, "POST", f"tickets/{ticket}/call", body) == HTTPStatus.NOT_FOUND


def test_nobody_joins_elsewhere(limited: Client, branch: Branch) -> None:
    assert status(limited, "POST", "tickets", f'{{"queue": {branch.queue}}}') == 404


def test_nothing_is_set_up_elsewhere(limited: Client, branch: Branch, house: House) -> None:
    for what, body in (
        ("queues", f'{{"name": "x", "prefix": "C", "location": {branch.location}}}'),
        ("counters", f'{{"name": "x", "location": {branch.location}}}'),
        (
            "counters",
            f'{{"name": "x", "location": {house.location.pk}, "queues": [{branch.queue}]}}',
        ),
    ):
        assert status(limited, "POST", what, body) == HTTPStatus.BAD_REQUEST


def test_their_own_location_works(limited: Client, house: House) -> None:
    assert status(limited, "POST", f"counters/{house.counter.pk}/call-next") == HTTPStatus.OK
    assert status(limited, "PATCH", f"queues/{house.queue.pk}") == HTTPStatus.OK
    assert status(limited, "GET", f"locations/{house.location.pk}") == HTTPStatus.OK


def test_the_screen_of_today_has_only_their_queues(limited: Client, owner: Client) -> None:
    assert "North" in owner.get("/console/clinic/").text
    text = limited.get("/console/clinic/").text
    assert "Main" in text
    assert "North" not in text
