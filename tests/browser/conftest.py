"""A phone and a desk in Chromium, and a provider of its own for every test."""

import itertools
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from conftest import House, add_member, build_house, client_of
from embedded.browser import find_chromium
from embedded.say import ProblemError
from providers.models import Member, Role
from tests.browser.watch import Watch
from tests.browser.whole import PLATFORM, Platform
from waitlessq.db.replicas import all_replicas, current_position

# What Chromium would fetch, measure and update by itself.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
TABLET: Mapping[str, Any] = PHONE | {"viewport": {"width": 820, "height": 1180}}
DESK: Mapping[str, Any] = {"viewport": {"width": 1280, "height": 800}}
# What Chromium's console says, for the marker `expected_errors`, when there was no answer.
NO_ANSWER = r"net::ERR_|Failed to load resource|htmx:"
NewPage = Callable[..., Page]

# No test is about speed: a screen has this long, in milliseconds, to show what it must.
expect.set_options(timeout=15_000)


@dataclass(frozen=True)
class Shop:
    """A provider of the test's own: its queue has the prefix A, and two open counters."""

    house: House
    staff: Member

    @property
    def pages(self) -> str:
        """Where customers join without script."""
        return f"/q/{self.house.provider.slug}/"

    @property
    def app(self) -> str:
        """The generated app."""
        return f"/p/{self.house.provider.slug}/"

    @property
    def today(self) -> str:
        """The console's first screen."""
        return f"/console/{self.house.provider.slug}/"

    @property
    def desk(self) -> str:
        """The desk of its first counter."""
        return f"{self.today}desk/{self.house.counter.pk}/"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "expected_errors(*patterns): what the browser may say in its console"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport, Any]:
    report = yield
    watch = item.funcargs.get("watch")
    if report.when == "call" and report.failed and isinstance(watch, Watch):
        report.sections += watch.evidence(item.name)
    return report


@pytest.fixture(autouse=True)
def _plain_settings() -> None:
    """The platform has its own settings, which the tests share."""


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """The cache is the platform's."""


@pytest.fixture(scope="session")
def platform(request: pytest.FixtureRequest) -> Iterator[Platform]:
    """The whole platform, running."""
    platform = request.config.stash[PLATFORM]
    capture = request.config.pluginmanager.getplugin("capturemanager")
    try:
        with capture.global_and_fixture_disabled():
            print()
            platform.start()
        yield platform
    except ProblemError as problem:
        pytest.exit(f"The platform does not start: {problem}", returncode=1)
    finally:
        platform.stop()


@pytest.fixture(scope="session")
def database(platform: Platform, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The platform's own database, to build providers in; nothing is rolled back."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="session")
def slugs() -> Iterator[str]:
    return (f"shop-{number}" for number in itertools.count(1))


@pytest.fixture
def shop(database: None, slugs: Iterator[str]) -> Shop:
    """A provider where nobody waits."""
    house = build_house(next(slugs))
    staff = add_member(house.provider, Role.STAFF)
    await_replicas()
    return Shop(house, staff)


def await_replicas() -> None:
    """Waits until pages can read what was written here; a browser waits for its own writes only."""
    position = current_position()
    while not all(replica.has_replayed(position) for replica in all_replicas()):
        time.sleep(0.01)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def launch_options() -> Mapping[str, Any]:
    """How Chromium is started."""
    return {"executable_path": find_chromium(), "args": list(QUIET)}


@pytest.fixture(scope="session")
def chromium(playwright: Playwright, launch_options: Mapping[str, Any]) -> Iterator[Browser]:
    browser = playwright.chromium.launch(**launch_options)
    yield browser
    browser.close()


@pytest.fixture
def watch(request: pytest.FixtureRequest, platform: Platform) -> Iterator[Watch]:
    """Fails a test on errors that its marker `expected_errors` does not name."""
    marker = request.node.get_closest_marker("expected_errors")
    watch = Watch(platform, marker.args if marker else ())
    yield watch
    problems = watch.problems()
    watch.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def new_page(platform: Platform, chromium: Browser, watch: Watch) -> NewPage:
    """Opens a page in a profile of its own: `new_page("phone", **options of the context)`."""

    def open_page(name: str, **options: Any) -> Page:
        page = chromium.new_context(base_url=platform.url, **options).new_page()
        watch.add(name, page)
        return page

    return open_page


@pytest.fixture
def phone(new_page: NewPage) -> Page:
    """A customer's phone."""
    return new_page("phone", **PHONE)


@pytest.fixture
def desk(shop: Shop, platform: Platform, new_page: NewPage) -> Page:
    """A desk with a staff member of the shop signed in; the form for that has tests of its own."""
    page = new_page("desk", **DESK)
    sign_in(page, platform, shop.staff)
    return page


def sign_in(page: Page, platform: Platform, member: Member) -> None:
    session = client_of(member).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": platform.url}])
