"""`make screenshots`: the README's pictures of desk and phone, of the demo's clinic."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django_scopes import scope
from playwright.sync_api import Page, expect

from embedded.project import DEMO_EMAIL
from providers.actors import Actor
from providers.models import Member, User
from providers.selectors import membership
from queues.models import Counter, Ticket
from queues.services.counters import counter_create, counter_open
from queues.services.tickets import ticket_call
from tests.browser.conftest import DESK, PHONE, NewPage, sign_in
from tests.browser.keyboard import press
from tests.browser.whole import Platform

IMAGES = Path("docs") / "images"
SLUG = "harbour-clinic"
LOOKS: Mapping[str, Mapping[str, Any]] = {
    "light": {"color_scheme": "light", "locale": "en"},
    "dark": {"color_scheme": "dark", "locale": "en"},
    "hebrew": {"color_scheme": "light", "locale": "he"},
}

pytestmark = pytest.mark.parametrize("look", LOOKS)


@pytest.fixture(scope="module")
def owner(database: None) -> Member:
    """The demo's owner, at the clinic."""
    member = membership(User.objects.get(email=DEMO_EMAIL), SLUG)
    assert member is not None
    return member


def take(page: Page, name: str) -> None:
    """Save what the page shows, once its fonts are there and nothing moves."""
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("() => document.fonts.ready")
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")


def join(phone: Page) -> None:
    """Take a number of the first queue, whatever the language."""
    phone.goto(f"/p/{SLUG}/")
    main = phone.get_by_role("main")
    main.get_by_role("link").first.tap()
    main.get_by_role("radio").first.check()
    main.get_by_role("button").tap()
    expect(phone).to_have_url(re.compile("#/ticket$"))


def call_newest(owner: Member) -> None:
    """Call whoever joined last, to a counter that opens for it."""
    actor = Actor.system(owner.provider)
    with scope(provider=owner.provider):
        ticket = Ticket.objects.select_related("queue__location").latest("pk")
        number = str(Counter.objects.count() + 1)
        counter = counter_create(
            actor=actor, location=ticket.queue.location, name=number, queues=[ticket.queue]
        )
        counter_open(actor=actor, counter_id=counter.pk)
        ticket_call(actor=actor, ticket_id=ticket.pk, counter_id=counter.pk)


def test_desk(look: str, owner: Member, platform: Platform, new_page: NewPage) -> None:
    with scope(provider=owner.provider):
        counter = Counter.objects.filter(is_open=True).earliest("pk")
    desk = new_page("desk", **DESK, **LOOKS[look])
    sign_in(desk, platform, owner)
    desk.goto(f"/console/{SLUG}/desk/{counter.pk}/")
    press(desk, "n")
    expect(desk.get_by_role("status")).not_to_be_empty()
    take(desk, f"desk-{look}")


def test_phone(look: str, owner: Member, new_page: NewPage) -> None:
    phone = new_page("phone", **PHONE, **LOOKS[look])
    phone.goto(f"/p/{SLUG}/")
    expect(phone.get_by_role("main").get_by_role("link").first).to_be_visible()
    if look == "light":
        take(phone, "phone-home")
    join(phone)
    take(phone, f"phone-waiting-{look}")
    if look == "light":
        call_newest(owner)
        expect(phone.get_by_role("alert")).to_be_visible()
        take(phone, "phone-called")
