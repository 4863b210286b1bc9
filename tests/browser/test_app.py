"""The generated app: it can be installed, follows the desk, and bears a lost connection."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django_scopes import scope
from playwright.sync_api import Page, Playwright, expect

from providers.hours import Span
from providers.services.locations import location_set_exception
from tests.browser.accessibility import assert_accessible
from tests.browser.app import join, let_worker_take_over, lists, open_app, says
from tests.browser.conftest import NO_ANSWER, PHONE, NewPage, Shop, await_replicas
from tests.browser.keyboard import press, tab_to
from tests.browser.waiting import wait_until
from tests.browser.watch import Watch
from tests.browser.whole import Platform
from tests.browser.wire import Wire
from waitlessq import clock


@pytest.fixture
def own_phone(
    playwright: Playwright,
    launch_options: Mapping[str, Any],
    platform: Platform,
    watch: Watch,
    tmp_path: Path,
) -> Page:
    """A phone with a profile that is kept: Chromium installs nothing from a passing one."""
    context = playwright.chromium.launch_persistent_context(
        tmp_path, base_url=platform.url, **PHONE, **launch_options
    )
    watch.add("phone", context.pages[0])
    return context.pages[0]


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.close()


@pytest.fixture
def phone_on_wire(wire: Wire, new_page: NewPage) -> Page:
    """A phone whose connection can be cut."""
    return new_page("phone", proxy=wire.proxy, **PHONE)


def test_chromium_finds_it_installable(shop: Shop, own_phone: Page) -> None:
    open_app(own_phone, shop)
    let_worker_take_over(own_phone)
    tools = own_phone.context.new_cdp_session(own_phone)
    assert tools.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    answer = tools.send("Page.getAppManifest")
    assert answer["errors"] == []
    manifest = json.loads(answer["data"])
    assert manifest["name"] == shop.house.provider.name
    assert manifest["display"] == "standalone"
    assert tools.send("Page.getAppId")["appId"].endswith(shop.app)


def test_the_phone_joins_and_follows_what_the_desk_does(
    shop: Shop, phone: Page, desk: Page
) -> None:
    desk.goto(shop.desk)
    join(phone, shop)
    says(phone, "You are next")
    lists(desk, "A001")
    press(desk, "n")
    says(phone, "A001, it is your turn")
    expect(phone.get_by_role("alert")).to_contain_text(shop.house.counter.name)
    press(desk, "s")
    says(phone, "You are being served")
    press(desk, "c")
    says(phone, "You are done")


def test_who_waits_moves_up(shop: Shop, phone: Page, desk: Page, new_page: NewPage) -> None:
    second = new_page("second phone", **PHONE)
    join(phone, shop)
    join(second, shop)
    says(second, "1 person before you")
    desk.goto(shop.desk)
    press(desk, "n")
    says(second, "You are next")
    phone.get_by_role("button", name="Leave the queue").tap()
    says(phone, "You are no longer in the queue")


def test_one_joins_by_keyboard(shop: Shop, new_page: NewPage) -> None:
    page = new_page("computer")
    open_app(page, shop)
    for control in (
        page.get_by_role("link", name="Join"),
        page.get_by_role("button", name="Take a number"),
    ):
        expect(control).to_be_visible()
        tab_to(page, control)
        page.keyboard.press("Enter")
    says(page, "You are next")


def test_the_secret_of_a_ticket_stands_in_no_address(shop: Shop, phone: Page) -> None:
    addresses: list[str] = []
    phone.on("request", lambda request: addresses.append(request.url))
    phone.on("framenavigated", lambda frame: addresses.append(frame.url))
    join(phone, shop)
    kept = phone.evaluate("() => Object.values(localStorage).join()")
    (token,) = set(re.findall(r'"token":"([^"]+)"', kept))
    phone.reload()
    says(phone, "You are next")
    assert addresses
    assert not [address for address in addresses if token in address]


@pytest.mark.expected_errors(NO_ANSWER)
def test_a_phone_without_connection_says_since_when_and_catches_up(
    shop: Shop, phone_on_wire: Page, wire: Wire, desk: Page
) -> None:
    phone = phone_on_wire
    phone.clock.install()
    join(phone, shop)
    desk.goto(shop.desk)
    with wire.cut():
        press(desk, "n")
        lists(desk, "A001")
        # Its clock goes on; nobody has to wait for it here.
        phone.clock.fast_forward(40_000)
        expect(phone.get_by_text(re.compile(r"No connection since .*\d\d:\d\d"))).to_be_visible()
        says(phone, "You are next")
    says(phone, "A001, it is your turn", 35_000)


@pytest.mark.expected_errors(NO_ANSWER)
def test_it_opens_without_connection_and_shows_how_it_was(
    shop: Shop, phone_on_wire: Page, wire: Wire, desk: Page
) -> None:
    phone = phone_on_wire
    join(phone, shop)
    let_worker_take_over(phone)
    desk.goto(shop.desk)
    with wire.cut():
        press(desk, "n")
        lists(desk, "A001")
        phone.reload()
        says(phone, "You are next")
        expect(phone.get_by_text("A001")).to_be_visible()
    says(phone, "A001, it is your turn", 35_000)


@pytest.mark.expected_errors(NO_ANSWER)
def test_who_opens_it_cold_without_connection_sees_how_it_was_and_since_when(
    shop: Shop, phone_on_wire: Page, wire: Wire
) -> None:
    phone = phone_on_wire
    open_app(phone, shop)
    let_worker_take_over(phone)
    queue = phone.get_by_text(shop.house.queue.name)
    expect(queue).to_be_visible()
    with wire.cut():
        phone.reload()
        expect(phone.get_by_text(re.compile(r"No connection since .*\d\d:\d\d"))).to_be_visible()
        expect(queue).to_be_visible()
        expect(phone.get_by_text("Not loaded")).to_be_hidden()


@pytest.mark.expected_errors(NO_ANSWER)
def test_what_was_asked_for_without_connection_is_sent_with_no_page_open(
    shop: Shop, phone_on_wire: Page, wire: Wire, platform: Platform, desk: Page
) -> None:
    phone = phone_on_wire
    join(phone, shop)
    let_worker_take_over(phone)
    desk.goto(shop.desk)
    lists(desk, "A001")
    with wire.cut():
        phone.get_by_role("button", name="Leave the queue").tap()
        expect(phone.get_by_text("will be sent when you are back online")).to_be_visible()
        phone.goto("about:blank")
    tag = f"waitlessq-outbox:{shop.house.provider.slug}"
    wake_worker(phone, platform, tag)
    expect(desk.locator("#live").get_by_text("A001")).to_have_count(0)


def wake_worker(phone: Page, platform: Platform, tag: str) -> None:
    """Does what Chromium does once there is a connection: wakes the app's worker."""
    tools = phone.context.new_cdp_session(phone)
    registrations: list[Any] = []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(event["registrations"]),
    )
    tools.send("ServiceWorker.enable")
    wait_until(phone, lambda: bool(registrations))
    tools.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": platform.url,
            "registrationId": registrations[0]["registrationId"],
            "tag": tag,
            "lastChance": False,
        },
    )


def test_who_turns_alerts_off_keeps_the_focus(shop: Shop, new_page: NewPage) -> None:
    page = new_page("computer")
    open_app(page, shop)
    page.goto(f"{shop.app}#/settings")
    turn_on = page.get_by_role("button", name="Turn on alerts")
    tab_to(page, turn_on)
    page.keyboard.press("Enter")
    turn_off = page.get_by_role("button", name="Turn off alerts")
    tab_to(page, turn_off)
    page.keyboard.press("Enter")
    expect(turn_on).to_be_focused()
    assert_accessible(page)


@pytest.mark.expected_errors(NO_ANSWER)
def test_joining_without_connection_keeps_the_screen_and_then_works(
    shop: Shop, phone_on_wire: Page, wire: Wire
) -> None:
    phone = phone_on_wire
    open_app(phone, shop)
    phone.get_by_role("link", name="Join").tap()
    button = phone.get_by_role("button", name="Take a number")
    expect(button).to_be_visible()
    with wire.cut():
        button.tap()
        expect(phone.get_by_role("alert")).to_contain_text("Not joined yet.")
    phone.get_by_role("button", name="Try again").tap()
    says(phone, "You are next")
    expect(phone.get_by_text("A001")).to_be_visible()


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("he", "rtl"), ("ar", "rtl")])
def test_every_screen_is_accessible(
    shop: Shop, desk: Page, new_page: NewPage, language: str, direction: str
) -> None:
    phone = new_page("phone", locale=language, **PHONE)
    main = phone.get_by_role("main")
    with scope(provider=shop.house.provider):
        location = shop.house.location
        day = clock.local_date(location.zone) + timedelta(days=2)
        spans = [Span(time(8), time(12)), Span(time(13), time(17))]
        location_set_exception(
            actor=shop.house.actor, location=location, day=day, name="Market day", spans=spans
        )
    await_replicas()
    open_app(phone, shop)
    expect(phone.locator("html")).to_have_attribute("dir", direction)
    expect(phone.locator("html")).to_have_attribute("lang", language)
    expect(main.get_by_role("link")).to_be_visible()
    main.locator("summary").tap()
    expect(main.get_by_role("row", name="Market day")).to_contain_text("08:00–12:00")
    assert_accessible(phone)
    main.get_by_role("link").tap()
    expect(main.get_by_role("button")).to_be_visible()
    assert_accessible(phone)
    main.get_by_role("button").tap()
    expect(phone.get_by_text("A001")).to_be_visible()
    assert_accessible(phone)
    desk.goto(shop.desk)
    press(desk, "n")
    expect(phone.get_by_role("alert")).to_contain_text("A001")
    assert_accessible(phone)
    press(desk, "s")
    expect(phone.get_by_role("alert")).to_be_hidden()
    assert_accessible(phone)
