"""Using a page without a pointer."""

import pytest
from playwright.sync_api import Locator, Page

MOST_STOPS = 30
HAS_FOCUS = "element => element === document.activeElement && element.matches(':focus-visible')"
IS_SETTLED = "() => document.querySelector('.htmx-request, .htmx-added, .htmx-settling') === null"


def tab_to(page: Page, control: Locator) -> None:
    """Press Tab until `control` has the focus, and shows that it has."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if control.evaluate(HAS_FOCUS):
            return
    pytest.fail(f"Tab does not lead to {control}")


def press(desk: Page, *keys: str) -> None:
    """Press keys one after the other, each when the desk has done with the last one."""
    for key in keys:
        # htmx takes a moment to make new buttons its own; nobody's fingers are as fast.
        desk.wait_for_function(IS_SETTLED)
        desk.keyboard.press(key)
