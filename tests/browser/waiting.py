"""Waiting for what does not show in a page."""

import time
from collections.abc import Callable

from playwright.sync_api import Page

PATIENCE_SECONDS = 30.0
POLL_MILLISECONDS = 100


def wait_until(page: Page, condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds; the page goes on meanwhile."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        page.wait_for_timeout(POLL_MILLISECONDS)
