"""Kiosks: setting them up, pairing, and how high one reaches."""

from typing import Any

import pytest
from django.test import Client

from conftest import House
from events.models import OutboxMessage
from queues.models import Board, Kiosk
from queues.selectors import screen_by_secret
from queues.services.screens import (
    HELP_ASKED,
    kiosk_ask_help,
    pairing_open,
    screen_create,
    screen_pair,
)
from queues.tests.test_boards import build_board
from waitlessq.errors import InvalidInputError


def build_kiosk(house: House, **fields: Any) -> Kiosk:
    given: dict[str, Any] = {"name": "Door", "languages": ["en", "he"], "queues": [house.queue]}
    given |= {"bottom_cm": 80, "height_cm": 40} | fields
    return screen_create(kind=Kiosk, actor=house.actor, **given)


def paired_kiosk(house: House, kiosk: Kiosk | None = None) -> Client:
    """The browser of a touch screen that is paired with a kiosk of the house."""
    kiosk = kiosk or build_kiosk(house, name="Paired")
    screen = Client()
    code = screen.post("/kiosk/pair/").json()["code"]
    screen_pair(kind=Kiosk, actor=house.actor, screen_id=kiosk.pk, code=code)
    return screen


def test_a_code_is_good_for_the_kind_of_screen_that_shows_it(in_house: House) -> None:
    board, kiosk = build_board(in_house), build_kiosk(in_house)
    pairing = pairing_open(kind=Kiosk)
    with pytest.raises(InvalidInputError):
        screen_pair(kind=Board, actor=in_house.actor, screen_id=board.pk, code=pairing.code)
    screen_pair(kind=Kiosk, actor=in_house.actor, screen_id=kiosk.pk, code=pairing.code)
    assert screen_by_secret(Kiosk, pairing.secret) == kiosk
    assert screen_by_secret(Board, pairing.secret) is None


@pytest.mark.parametrize(
    ("bottom", "height", "reach"),
    [(80, 40, (0, 100)), (80, 84, (0, 50)), (0, 100, (38, 100)), (130, 40, (0, 0))],
)
def test_what_one_touches_is_within_everybodys_reach(
    bottom: int, height: int, reach: tuple[float, float]
) -> None:
    assert Kiosk(bottom_cm=bottom, height_cm=height).reach == reach


def test_asking_for_help_is_told_to_the_desks_of_the_location(in_house: House) -> None:
    kiosk_ask_help(kiosk=build_kiosk(in_house))
    message = OutboxMessage.objects.get(topic=HELP_ASKED)
    assert message.payload == {"location": in_house.location.pk, "kiosk": "Door"}
