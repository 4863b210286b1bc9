"""A phone subscribes with the tap that asks to be told, and its worker shows what is pushed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django_scopes import scopes_disabled
from playwright.sync_api import Page, expect

from notifications.messages import compose
from notifications.models import Notification, PushSubscription
from notifications.tests.push_service import Browser
from tests.browser.app import join, let_worker_take_over, says
from tests.browser.conftest import PHONE, NewPage, Shop
from tests.browser.keyboard import press
from tests.browser.waiting import wait_until
from tests.browser.whole import Platform

# Chromium would ask a push service on the internet: this one is subscribed by the test.
SUBSCRIBED = """(said) => {
    const subscription = {
        endpoint: said.endpoint,
        options: {},
        toJSON: () => said,
        unsubscribe: async () => true,
    };
    PushManager.prototype.subscribe = async () => subscription;
}"""


@pytest.fixture
def without_scope(database: None) -> Iterator[None]:
    with scopes_disabled():
        yield


@pytest.fixture
def subscribing_phone(platform: Platform, new_page: NewPage, shop: Shop) -> Page:
    """A phone that may notify and has a push service, which nobody can reach."""
    phone = new_page("phone", **PHONE)
    phone.context.grant_permissions(["notifications"], origin=platform.url)
    said = {"endpoint": f"https://push.invalid{shop.app}", "keys": Browser().keys}
    phone.add_init_script(f"({SUBSCRIBED})({json.dumps(said)})")
    return phone


def deliver(phone: Page, platform: Platform, data: Any) -> None:
    """Does what a push service does at the other end: wakes the app's worker with a message."""
    tools = phone.context.new_cdp_session(phone)
    registrations: list[Any] = []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(event["registrations"]),
    )
    tools.send("ServiceWorker.enable")
    wait_until(phone, lambda: bool(registrations))
    tools.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": platform.url,
            "registrationId": registrations[0]["registrationId"],
            "data": json.dumps(data),
        },
    )


def shown(page: Page, scope: str) -> Any:
    """What the app's worker shows: title, text and tag of each."""
    return page.evaluate(
        """async (scope) => {
            const worker = await navigator.serviceWorker.getRegistration(scope);
            const all = await worker.getNotifications();
            return all.map(({ title, body, tag }) => [title, body, tag]);
        }""",
        scope,
    )


def test_a_call_is_pushed_to_who_asked_for_it_and_shown_by_the_worker(
    shop: Shop,
    subscribing_phone: Page,
    desk: Page,
    platform: Platform,
    without_scope: None,
) -> None:
    phone = subscribing_phone
    join(phone, shop)
    let_worker_take_over(phone)
    phone.get_by_role("button", name="Tell me when it is my turn").tap()
    expect(phone.get_by_text("also when this page is closed")).to_be_visible()
    subscription = PushSubscription.objects.get(provider=shop.house.provider)
    assert subscription.ticket is not None
    assert (subscription.ticket.code, subscription.language) == ("A001", "en")
    desk.goto(shop.desk)
    press(desk, "n")
    says(phone, "A001, it is your turn")
    notifications = Notification.objects.filter(subscription=subscription)
    wait_until(phone, notifications.exists)
    message = compose(notifications.get())
    assert message is not None
    # Who leaves the app is told all the same, and once: in place of what the page showed.
    phone.goto(shop.pages)
    deliver(phone, platform, message.as_payload())
    wait_until(phone, lambda: notifications.get().shown_at is not None)
    assert shown(phone, shop.app) == [[message.title, message.body, "ticket-A001"]]
