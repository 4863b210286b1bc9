"""What every screen must hold to: WCAG 2.2 AA as axe checks it, and no scrolling sideways."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
# A phone of the smallest kind, and a screen of 1280 at 200 % zoom.
NARROW = (320, 640)
WIDTHS = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"


def assert_accessible(page: Page) -> None:
    """No violation that axe finds, in light and in dark; and nothing wider than a narrow screen."""
    for scheme in ("light", "dark"):
        # Without motion, so that no colour is caught half way.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        violations = Axe().run(page, options=RULES).response["violations"]
        said = "\n".join(_describe(violation) for violation in violations)
        assert not violations, f"{page.title()} ({scheme}), {page.url}:\n{said}"
    page.emulate_media(color_scheme="null", reduced_motion="null")
    assert_fits(page)


def assert_fits(page: Page) -> None:
    """No scrolling sideways at 320 px and at 200 % zoom."""
    before = page.viewport_size
    assert before is not None
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 720})
        content, room = page.evaluate(WIDTHS)
        assert content <= room, f"{page.title()} is {content} px wide on {room} px: {page.url}"
    page.set_viewport_size(before)


def _describe(violation: dict[str, Any]) -> str:
    lines = [f"  {violation['id']} ({violation['impact']}): {violation['help']}"]
    for node in violation["nodes"]:
        lines.append(f"    {', '.join(map(str, node['target']))}: {node['html']}")
        lines += [f"      {one['message']}" for one in node["any"] + node["all"] + node["none"]]
    return "\n".join(lines)
