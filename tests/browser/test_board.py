"""The board and the poster: pairing a screen, a call made at the desk, a lost connection, paper."""

import re

import pytest
from django_scopes import scope
from playwright.sync_api import Page, expect

from conftest import add_member
from providers.models import Role
from queues.models import Board
from queues.services.screens import screen_pair, screen_unpair
from queues.tests.test_boards import build_board
from tests.browser.accessibility import assert_accessible
from tests.browser.app import RIGHT_AGAIN
from tests.browser.conftest import DESK, NO_ANSWER, NewPage, Shop, sign_in
from tests.browser.keyboard import press
from tests.browser.whole import Platform

SCREEN = {"viewport": {"width": 1920, "height": 1080}}
# A screen that is not paired asks whether it is by now.
NOT_PAIRED = r"status of 403"
A4_MILLIMETRES = (210, 297)

pytestmark = pytest.mark.expected_errors(NO_ANSWER, NOT_PAIRED)


def code_on(screen: Page) -> str:
    code = screen.locator("#code")
    expect(code).to_have_text(re.compile(r"^[A-Z]{4}-[A-Z]{4}$"))
    return code.inner_text()


@pytest.fixture
def screen(new_page: NewPage) -> Page:
    """A television that nobody knows yet."""
    return new_page("screen", **SCREEN)


@pytest.fixture
def board(shop: Shop, screen: Page) -> Board:
    """The board that the screen shows."""
    screen.goto("/board/")
    with scope(provider=shop.house.provider):
        board = build_board(shop.house)
        screen_pair(kind=Board, actor=shop.house.actor, screen_id=board.pk, code=code_on(screen))
    expect(screen.locator("#board")).to_be_visible()
    return board


def test_a_manager_sets_a_board_up_and_pairs_a_screen(
    shop: Shop, platform: Platform, new_page: NewPage, screen: Page
) -> None:
    console = new_page("console", **DESK)
    sign_in(console, platform, add_member(shop.house.provider, Role.MANAGER))
    console.goto(f"{shop.today}app/")
    console.get_by_role("link", name="Boards").click()
    assert_accessible(console)
    console.get_by_role("link", name="Add a board").click()
    console.get_by_label("Name").fill("Hall")
    console.get_by_label("Walk-in, Main").check()
    assert_accessible(console)
    console.get_by_role("button", name="Add a board").click()
    screen.goto("/board/")
    code = code_on(screen)
    assert_accessible(screen)
    console.get_by_label("Code on the screen").fill(code.lower())
    assert_accessible(console)
    console.get_by_role("button", name="Pair the screen").click()
    expect(console.get_by_role("status")).to_have_text(re.compile("^Paired"))
    expect(screen.get_by_text("Numbers are called here.")).to_be_visible()


def test_a_call_at_the_desk_leads_on_the_board_for_a_moment(
    shop: Shop, board: Board, screen: Page, desk: Page
) -> None:
    screen.get_by_role("button", name="Start board").click()
    expect(screen.get_by_role("button", name="Start board")).to_be_hidden()
    desk.goto(shop.desk)
    press(desk, "a", "Enter")
    expect(screen.locator("#next")).to_contain_text("A001")
    press(desk, "n")
    expect(screen.locator(".call--new")).to_have_text(re.compile(r"A001\s*1"))
    assert_accessible(screen)
    expect(screen.locator(".call--new")).to_have_count(0)
    expect(screen.locator(".call")).to_have_text(re.compile(r"A001\s*1"))
    # Called again, it leads again.
    press(desk, "r")
    expect(screen.locator(".call--new")).to_have_text(re.compile(r"A001\s*1"))


def test_numbers_are_as_large_as_the_farthest_seat_needs(
    shop: Shop, board: Board, screen: Page, desk: Page
) -> None:
    desk.goto(shop.desk)
    press(desk, "a", "Enter")
    press(desk, "n")
    number = screen.locator(".call .number")
    expect(number).to_have_text("A001")
    pixels = float(number.evaluate("one => parseFloat(getComputedStyle(one).fontSize)"))
    assert pixels == pytest.approx(board.font / 100 * 1080, rel=0.01)


def test_cut_off_it_says_since_when_and_announces_nothing_twice(
    shop: Shop, platform: Platform, board: Board, screen: Page, desk: Page
) -> None:
    # A minute is long for a test; the page looks at this each second.
    screen.evaluate("document.getElementById('board').dataset.cutOffSeconds = '12'")
    desk.goto(shop.desk)
    press(desk, "a", "Enter")
    press(desk, "n")
    expect(screen.locator(".call--new")).to_have_text(re.compile("A001"))
    with platform.programs["relay"].frozen():
        screen.route("**/board/data/", lambda route: route.abort())
        lost = screen.get_by_text(re.compile(r"^Connection lost at .?\d\d:\d\d"))
        expect(lost).to_be_visible(timeout=RIGHT_AGAIN)
        expect(screen.locator(".call")).to_have_count(0)
        assert_accessible(screen)
    screen.unroute("**/board/data/")
    expect(screen.locator(".call")).to_have_text(re.compile("A001"), timeout=RIGHT_AGAIN)
    expect(screen.locator(".call--new")).to_have_count(0)


def test_a_revoked_screen_says_so(shop: Shop, board: Board, screen: Page) -> None:
    with scope(provider=shop.house.provider):
        screen_unpair(kind=Board, actor=shop.house.actor, screen_id=board.pk)
    sentence = screen.get_by_text("This screen is not paired any more.")
    expect(sentence).to_be_visible(timeout=60_000)
    expect(screen.locator("#board")).to_be_hidden()


def test_a_poster_prints_on_one_page(shop: Shop, desk: Page) -> None:
    desk.goto(f"{shop.today}poster/{shop.house.queue.pk}/")
    expect(desk.get_by_role("button", name="Print")).to_be_visible()
    assert_accessible(desk)
    for text in ("Wait where you like", "ממתינים איפה שנוח", "الانتظار حيثما تشاؤون"):
        expect(desk.get_by_text(text)).to_be_visible()
    desk.emulate_media(media="print")
    pixels = desk.locator(".poster__code svg").bounding_box()
    assert pixels is not None
    assert min(pixels["width"], pixels["height"]) / 96 * 25.4 >= 100
    paper = desk.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    box = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper)
    assert box is not None
    points = tuple(float(one) for one in box.groups())
    assert points == pytest.approx([side / 25.4 * 72 for side in A4_MILLIMETRES], abs=1)
