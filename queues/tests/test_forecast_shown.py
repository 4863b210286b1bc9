"""Waits as people read them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.forecast import Estimate, shown

# What the app shows as well: pwa/client/tests/wait.test.ts.
CASES = json.loads(Path(__file__).with_name("shown_waits.json").read_text())


def estimate(low: float, middle: float, high: float, ahead: int = 3) -> Estimate:
    """In minutes."""
    return Estimate(None, ahead, middle * 60, low * 60, middle * 60, high * 60)


@pytest.mark.parametrize(
    ("given_estimate", "text"),
    [
        (estimate(21, 26, 34.5), "20–35 min, most likely 25"),
        (estimate(2.4, 4.6, 7.1), "2–8 min, most likely 5"),
        (estimate(0.4, 2.2, 14), "Up to 15 min, most likely 2"),
        (estimate(52, 71, 96), "50–100 min, most likely 70"),
        (estimate(95, 140, 200), "1.5–3.5 h, most likely 2.5"),
        (estimate(7.1, 7.4, 7.9), "7–8 min, most likely 7"),
        (estimate(0.2, 0.8, 2.5), "Any minute"),
        (estimate(0, 0, 0, ahead=0), "Any minute"),
        (estimate(1, 4, 8.2, ahead=0), "Next, within 9 min"),
        (estimate(60, 60, 60), "About 60 min"),
    ],
)
def test_a_wait_reads_like_this(given_estimate: Estimate, text: str) -> None:
    assert shown(given_estimate).text == text


@given(st.lists(st.floats(0, 86_400), min_size=3, max_size=3).map(sorted), st.integers(0, 3))
def test_rounding_never_promises_more(seconds: list[float], ahead: int) -> None:
    low, middle, high = seconds
    wait = shown(Estimate(None, ahead, middle, low, middle, high))
    assert wait.low * 60 <= low
    assert wait.high * 60 >= high
    assert wait.low <= wait.middle <= wait.high


@pytest.mark.parametrize("case", CASES)
def test_it_is_rounded_as_the_app_does(case: dict[str, Any]) -> None:
    low, middle, high = case["wait"]
    wait = shown(Estimate(None, case["ahead"], middle, low, middle, high))
    assert [wait.low, wait.middle, wait.high] == case["shown"]
    assert wait.is_next == case.get("is_next", False)
    assert wait.is_any_minute == case.get("is_any_minute", False)
