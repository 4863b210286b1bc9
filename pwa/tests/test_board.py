"""The board's page: pairing a screen, and what it is told."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appointments.tests.cast import build_practice
from conftest import House
from queues.models import Board
from queues.on_site import on_site_code, spaced
from queues.services.queues import queue_update
from queues.services.screens import MOST_OPEN_CODES, pairing_open, screen_unpair, screen_update
from queues.services.tickets import ticket_call_next
from queues.tests.test_boards import add_queue, build_board, paired_screen
from queues.tests.test_join import join
from waitlessq import clock

PAGE, DATA, PAIR = "/board/", "/board/data/", "/board/pair/"


def data(screen: Client, **headers: str) -> Any:
    return screen.get(DATA, headers=headers)


def test_a_screen_that_nobody_knows_is_shown_how_to_pair_it(client: Client, db: None) -> None:
    text = client.get(PAGE).text
    assert "Pair this screen" in text
    assert 'id="board"' not in text


def test_the_secret_is_kept_where_no_script_and_no_other_page_sees_it(
    client: Client, db: None
) -> None:
    cookie = client.post(PAIR).cookies["board"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (PAGE, True, "Lax")
    assert cookie.value not in client.get(PAGE).text


def test_another_site_can_not_give_a_screen_another_secret(db: None) -> None:
    assert Client(enforce_csrf_checks=True).post(PAIR).status_code == HTTPStatus.FORBIDDEN


def test_while_too_many_screens_are_paired_no_code_is_given(client: Client, db: None) -> None:
    for _ in range(MOST_OPEN_CODES):
        pairing_open(kind=Board)
    assert client.post(PAIR).status_code == HTTPStatus.SERVICE_UNAVAILABLE


def test_looking_changes_nothing(client: Client, in_house: House) -> None:
    screen = paired_screen(in_house)
    with CaptureQueriesContext(connection) as queries:
        client.get(PAGE)
        screen.get(PAGE)
        screen.get(DATA)
    said = [query["sql"].split()[0] for query in queries.captured_queries]
    assert set(said) == {"SELECT"}


def test_a_paired_screen_shows_the_board_in_its_first_language(in_house: House) -> None:
    screen = paired_screen(in_house, build_board(in_house, languages=["ar", "en"]))
    text = screen.get(PAGE).text
    assert '<html lang="ar" dir="rtl">' in text
    assert 'id="board"' in text
    texts = json.loads(text.split('type="application/json">')[1].split("</script>")[0])
    assert texts["he"]["counter"] == "דלפק"
    assert texts["en"]["dir"] == "ltr"


def test_it_is_told_the_snapshots_of_its_queues_and_its_set_up(in_house: House) -> None:
    second = add_queue(in_house, "Second")
    add_queue(in_house, "Not shown")
    board = build_board(in_house, queues=[second, in_house.queue], notice="Tea is served.")
    join(in_house)
    ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    told = data(paired_screen(in_house, board)).json()
    assert [queue["queue"] for queue in told["queues"]] == [in_house.queue.pk, second.pk]
    assert told["queues"][0]["called"][0]["code"] == "A001"
    assert (told["font"], told["rows"]) == (20.36, 3)
    assert (told["languages"], told["notice"]) == (["en", "he"], "Tea is served.")
    assert told["time_zone"] == "Asia/Jerusalem"


def test_its_etag_changes_with_queues_and_set_up(in_house: House) -> None:
    board = build_board(in_house)
    screen = paired_screen(in_house, board)
    tag = data(screen)["ETag"]
    assert data(screen, if_none_match=f"W/{tag}").status_code == HTTPStatus.NOT_MODIFIED
    join(in_house)
    answer = data(screen, if_none_match=tag)
    assert answer.status_code == HTTPStatus.OK
    screen_update(kind=Board, actor=in_house.actor, screen_id=board.pk, notice="New")
    assert data(screen, if_none_match=answer["ETag"]).json()["notice"] == "New"


def test_a_revoked_screen_is_told_nothing(in_house: House) -> None:
    board = build_board(in_house)
    screen = paired_screen(in_house, board)
    screen_unpair(kind=Board, actor=in_house.actor, screen_id=board.pk)
    answer = data(screen)
    assert (answer.status_code, answer.content) == (HTTPStatus.FORBIDDEN, b"")
    assert "Pair this screen" in screen.get(PAGE).text


@pytest.mark.parametrize("queues", [1, 6])
@pytest.mark.parametrize("is_cached", [True, False])
def test_it_costs_as_many_queries_however_many_queues(
    in_house: House, queues: int, is_cached: bool
) -> None:
    shown = [add_queue(in_house, f"Queue {number}") for number in range(queues)]
    screen = paired_screen(in_house, build_board(in_house, queues=shown))
    if is_cached:
        data(screen)
    with CaptureQueriesContext(connection) as queries:
        assert data(screen).status_code == HTTPStatus.OK
    # The board with provider and location; its queues; whether a code is shown; then all documents.
    assert len(queries) == (3 if is_cached else 4)


def test_it_shows_the_code_of_the_place_where_one_is_asked_for(in_house: House) -> None:
    practice = build_practice(in_house)
    screen = paired_screen(in_house, build_board(in_house, notice="Tea is served."))
    assert data(screen).json()["notice"] == "Tea is served."
    queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, remote_join=False)
    with clock.override(practice.at(9)):
        code = spaced(on_site_code(in_house.location.pk))
        notice = data(screen).json()["notice"]
    assert notice.endswith("Tea is served.")
    assert code in notice
