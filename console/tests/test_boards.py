"""The boards' screens and the poster in the console."""

from http import HTTPStatus

import pytest
from django.test import Client

from conftest import House, add_member, client_of
from providers.models import Role
from queues.models import Board
from queues.services.queues import queue_create
from queues.services.screens import pairing_open
from queues.tests.test_boards import build_board, paired_screen

URL = "/console/clinic/boards/"


@pytest.fixture
def manager(in_house: House) -> Client:
    """Signed in as a manager of the house."""
    return client_of(add_member(in_house.provider, Role.MANAGER))


def form(house: House, **changes: object) -> dict[str, object]:
    return {
        "name": "Hall",
        "queues": [house.queue.pk],
        "languages": ["he", "en"],
        "inches": 43,
        "metres": "3.5",
        "notice": "",
    } | changes


def test_a_board_is_added_and_changed(in_house: House, manager: Client) -> None:
    added = manager.post(f"{URL}new/", form(in_house))
    board = Board.objects.get()
    assert added["Location"] == f"{URL}{board.pk}/"
    assert (
        "Numbers can be read from 3.5 m; 5 calls fit on the screen."
        in manager.get(added["Location"]).text
    )
    manager.post(added["Location"], form(in_house, name="Stairs", inches=10, metres=9))
    text = manager.get(added["Location"]).text
    assert "Stairs" in text
    assert "For the farthest seat, the screen is too small." in text


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "x" * 51},
        {"queues": []},
        {"queues": [999]},
        {"languages": ["xx"]},
        {"inches": 0},
        {"metres": "NaN"},
        {"notice": "x" * 121},
    ],
)
def test_what_can_not_be_is_said_and_nothing_is_kept(
    in_house: House, manager: Client, changes: dict[str, object]
) -> None:
    response = manager.post(f"{URL}new/", form(in_house, **changes))
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "Please look at this again" in response.text
    assert not Board.objects.exists()


def test_a_taken_name_is_said(in_house: House, manager: Client) -> None:
    build_board(in_house)
    assert "Another one has this name." in manager.post(f"{URL}new/", form(in_house)).text


def test_queues_that_one_board_can_not_show_are_said(in_house: House, manager: Client) -> None:
    queues = [
        queue_create(
            actor=in_house.actor, location=in_house.location, name=f"Q{number}", prefix="B"
        ).pk
        for number in range(8)
    ]
    response = manager.post(f"{URL}new/", form(in_house, queues=queues))
    assert "Choose up to 7 queues of one location." in response.text


def test_pairing_unpairing_and_removing(in_house: House, manager: Client) -> None:
    board = build_board(in_house)
    page = f"{URL}{board.pk}/"
    wrong = manager.post(f"{page}pair/", {"code": "BCDF-GHJK"})
    assert wrong.status_code == HTTPStatus.BAD_REQUEST
    assert "No screen shows this code." in wrong.text
    assert "BCDF-GHJK" in wrong.text
    manager.post(f"{page}pair/", {"code": pairing_open(kind=Board).code})
    assert "Unpair the screen" in manager.get(page).text
    assert "Paired" in manager.get(URL).text
    manager.post(f"{page}unpair/")
    assert "No screen" in manager.get(URL).text
    screen = paired_screen(in_house, board)
    manager.post(f"{page}remove/")
    assert screen.get("/board/data/").status_code == HTTPStatus.FORBIDDEN
    assert "No boards yet." in manager.get(URL).text


def test_a_viewer_sees_boards_but_changes_none(in_house: House) -> None:
    build_board(in_house)
    viewer = client_of(add_member(in_house.provider, Role.VIEWER))
    text = viewer.get(URL).text
    assert "Hall" in text
    assert "Add a board" not in text
    assert f"{URL}1/" not in text


def test_a_poster_has_the_way_into_its_queue(in_house: House, staff: Client) -> None:
    text = staff.get(f"/console/clinic/poster/{in_house.queue.pk}/").text
    assert "testserver/p/clinic<" in text
    assert "<svg" in text
    for language in ("en", "he", "ar"):
        assert f'lang="{language}" dir=' in text
    assert f"/console/clinic/poster/{in_house.queue.pk}/" in staff.get("/console/clinic/app/").text


def test_another_providers_queue_has_no_poster_here(
    in_house: House, other_house: House, staff: Client
) -> None:
    response = staff.get(f"/console/clinic/poster/{other_house.queue.pk}/")
    assert response.status_code == HTTPStatus.NOT_FOUND
