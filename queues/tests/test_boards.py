"""Boards: pairing a screen, revoking it, and whose they are."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django_scopes import scope

from conftest import House
from providers.actors import Actor
from providers.errors import NameTakenError
from providers.models import Role
from providers.services.locations import location_create
from queues.errors import TooManyPairingsError
from queues.models import Board, Pairing, Queue
from queues.selectors import screen_by_secret, screens_for
from queues.services.queues import queue_create
from queues.services.screens import (
    CODE_LENGTH,
    CODE_LETTERS,
    CODE_LIVES,
    MOST_OPEN_CODES,
    MOST_QUEUES,
    pairing_open,
    screen_create,
    screen_pair,
    screen_remove,
    screen_unpair,
    screen_update,
)
from waitlessq import clock
from waitlessq.errors import InvalidInputError, NotFoundError
from waitlessq.streams.hub import CHANNELS_AT_ONCE


def build_board(house: House, **fields: Any) -> Board:
    given: dict[str, Any] = {"name": "Hall", "languages": ["en", "he"], "inches": 55, "metres": 8}
    given |= {"queues": [house.queue]} | fields
    return screen_create(kind=Board, actor=house.actor, **given)


def paired_screen(house: House, board: Board | None = None) -> Client:
    """The browser of a screen that is paired with a board of the house."""
    board = board or build_board(house, name="Paired")
    screen = Client()
    code = screen.post("/board/pair/").json()["code"]
    screen_pair(kind=Board, actor=house.actor, screen_id=board.pk, code=code)
    return screen


def add_queue(house: House, name: str, **fields: Any) -> Queue:
    given: dict[str, Any] = {"location": house.location, "prefix": "B"} | fields
    return queue_create(actor=house.actor, name=name, **given)


def test_a_code_makes_a_screen_the_boards_own(in_house: House) -> None:
    board = build_board(in_house)
    pairing = pairing_open(kind=Board)
    assert screen_by_secret(Board, pairing.secret) is None
    screen_pair(kind=Board, actor=in_house.actor, screen_id=board.pk, code=pairing.code)
    assert screen_by_secret(Board, pairing.secret) == board
    assert not Pairing.objects.exists()


def test_a_code_is_typed_as_one_likes(in_house: House) -> None:
    board = build_board(in_house)
    code = pairing_open(kind=Board).code.lower()
    screen_pair(
        kind=Board, actor=in_house.actor, screen_id=board.pk, code=f" {code[:4]}-{code[4:]} "
    )


def test_a_code_works_once(in_house: House) -> None:
    first, second = build_board(in_house), build_board(in_house, name="Stairs")
    pairing = pairing_open(kind=Board)
    screen_pair(kind=Board, actor=in_house.actor, screen_id=first.pk, code=pairing.code)
    with pytest.raises(InvalidInputError):
        screen_pair(kind=Board, actor=in_house.actor, screen_id=second.pk, code=pairing.code)
    assert screen_by_secret(Board, pairing.secret) == first


def test_a_code_that_another_provider_took_is_nobodys(in_house: House, other_house: House) -> None:
    pairing = pairing_open(kind=Board)
    with scope(provider=other_house.provider):
        theirs = build_board(other_house)
        screen_pair(kind=Board, actor=other_house.actor, screen_id=theirs.pk, code=pairing.code)
    with pytest.raises(InvalidInputError):
        screen_pair(
            kind=Board, actor=in_house.actor, screen_id=build_board(in_house).pk, code=pairing.code
        )
    assert screen_by_secret(Board, pairing.secret) == theirs


def test_a_code_expires(in_house: House) -> None:
    board = build_board(in_house)
    code = pairing_open(kind=Board).code
    with clock.override(clock.now() + CODE_LIVES), pytest.raises(InvalidInputError):
        screen_pair(kind=Board, actor=in_house.actor, screen_id=board.pk, code=code)


@pytest.mark.parametrize("code", ["", "BCDFGHJK", "x" * 500, "\0", "קוד"])
def test_a_wrong_code_pairs_nothing(in_house: House, code: str) -> None:
    board = build_board(in_house)
    with pytest.raises(InvalidInputError):
        screen_pair(kind=Board, actor=in_house.actor, screen_id=board.pk, code=code)
    board.refresh_from_db()
    assert board.secret_hash == ""


def test_guessing_is_hopeless(db: None) -> None:
    for letter in "AEIOUQW0123456789":
        assert letter not in CODE_LETTERS
    assert len(CODE_LETTERS) ** CODE_LENGTH / MOST_OPEN_CODES > 10_000_000
    for _ in range(MOST_OPEN_CODES):
        pairing_open(kind=Board)
    with pytest.raises(TooManyPairingsError):
        pairing_open(kind=Board)
    # Old ones make room.
    with clock.override(clock.now() + CODE_LIVES + timedelta(seconds=1)):
        pairing_open(kind=Board)
    assert Pairing.objects.count() == 1


def test_a_revoked_screen_is_nobodys(in_house: House) -> None:
    board = build_board(in_house)
    pairing = pairing_open(kind=Board)
    screen_pair(kind=Board, actor=in_house.actor, screen_id=board.pk, code=pairing.code)
    for _ in range(2):
        screen_unpair(kind=Board, actor=in_house.actor, screen_id=board.pk)
        assert screen_by_secret(Board, pairing.secret) is None


def test_another_screen_takes_the_place_of_the_first(in_house: House) -> None:
    board = build_board(in_house)
    first, second = pairing_open(kind=Board), pairing_open(kind=Board)
    for pairing in (first, second):
        screen_pair(kind=Board, actor=in_house.actor, screen_id=board.pk, code=pairing.code)
    assert screen_by_secret(Board, first.secret) is None
    assert screen_by_secret(Board, second.secret) == board


@pytest.mark.parametrize("secret", ["", "x", "\0", "x" * 5000])
def test_an_unpaired_board_has_no_secret_that_fits(in_house: House, secret: str) -> None:
    build_board(in_house)
    assert screen_by_secret(Board, secret) is None


@pytest.mark.parametrize("act", [screen_unpair, screen_remove, screen_update])
def test_another_providers_board_does_not_exist(
    in_house: House, other_house: House, act: Any
) -> None:
    with scope(provider=other_house.provider):
        theirs = build_board(other_house)
    with pytest.raises(NotFoundError):
        act(kind=Board, actor=in_house.actor, screen_id=theirs.pk)
    with pytest.raises(NotFoundError):
        screen_pair(
            kind=Board,
            actor=in_house.actor,
            screen_id=theirs.pk,
            code=pairing_open(kind=Board).code,
        )


def test_a_board_shows_no_queue_of_another_provider(in_house: House, other_house: House) -> None:
    board = build_board(in_house)
    with pytest.raises(NotFoundError):
        build_board(in_house, name="Other", queues=[other_house.queue])
    with pytest.raises(NotFoundError):
        screen_update(
            kind=Board, actor=in_house.actor, screen_id=board.pk, queues=[other_house.queue]
        )


def test_a_board_is_for_those_who_work_at_its_location(in_house: House) -> None:
    board = build_board(in_house)
    elsewhere = Actor(in_house.provider, "member:1", Role.MANAGER, frozenset())
    assert not screens_for(Board, elsewhere).exists()
    with pytest.raises(NotFoundError):
        screen_unpair(kind=Board, actor=elsewhere, screen_id=board.pk)
    with pytest.raises(NotFoundError):
        screen_create(
            kind=Board,
            actor=elsewhere,
            name="x",
            queues=[in_house.queue],
            languages=[],
            inches=9,
            metres=1,
        )


def test_its_queues_are_of_one_location_and_fit_one_stream(in_house: House) -> None:
    branch = location_create(actor=in_house.actor, name="Branch", time_zone="UTC")
    away = add_queue(in_house, "Away", location=branch)
    many = [add_queue(in_house, f"Q{number}") for number in range(MOST_QUEUES)]
    for queues in ([], [in_house.queue, away], [in_house.queue, *many]):
        with pytest.raises(InvalidInputError):
            build_board(in_house, queues=queues)
    board = build_board(in_house, queues=many)
    screen_update(kind=Board, actor=in_house.actor, screen_id=board.pk, queues=[away])
    board.refresh_from_db()
    assert board.location == branch


def test_a_location_has_one_board_of_a_name(in_house: House) -> None:
    build_board(in_house)
    other = build_board(in_house, name="Stairs")
    with pytest.raises(NameTakenError):
        build_board(in_house)
    with pytest.raises(NameTakenError):
        screen_update(kind=Board, actor=in_house.actor, screen_id=other.pk, name="Hall")


@pytest.mark.parametrize(
    ("inches", "metres", "font", "rows", "readable_from"),
    [
        (55, 8, 20.36, 3, 8),
        (43, 8, 26.05, 2, 8),
        (43, 3, 9.77, 6, 3),
        # Larger numbers would leave no room beside them; smaller ones are too many to search.
        (32, 10, 27, 2, 6.2),
        (100, 2, 8, 8, 2),
    ],
)
def test_the_size_of_numbers_follows_from_screen_and_seat(
    inches: int, metres: float, font: float, rows: int, readable_from: float
) -> None:
    board = Board(inches=inches, metres=metres)
    assert (board.font, board.rows, board.readable_from) == (font, rows, readable_from)


def test_a_stream_has_room_for_its_queues() -> None:
    assert MOST_QUEUES + 1 <= CHANNELS_AT_ONCE
    assert max(len(code) for code, _ in settings.LANGUAGES) <= 5
