"""`python -m tests.browser ARGUMENTS`: pytest beside a platform of its own, for `make test`.

Django reads the platform's addresses and secrets as soon as pytest loads the first conftest, so
they are chosen before; the platform itself starts when the first test wants it. With PART=1/2 in
the environment only every other test runs, so that two of these share the work.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from embedded.stop_signals import StopSignals
from tests.browser.whole import PLATFORM, Platform

CHECKOUT = Path(__file__).resolve().parents[2]


class PlatformPlugin:
    """Hands the platform to the fixture of that name, and keeps one part of the tests."""

    def __init__(self, platform: Platform, part: str) -> None:
        self._platform = platform
        number, parts = map(int, part.split("/"))
        self._part = slice(number - 1, None, parts)

    def pytest_configure(self, config: pytest.Config) -> None:
        """Runs before any fixture does."""
        config.stash[PLATFORM] = self._platform

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Neighbours take about as long, so every other one makes parts of one length."""
        items[:] = items[self._part]


def main(arguments: Sequence[str]) -> int:
    """Run pytest and return its exit code."""
    StopSignals()
    platform = Platform(CHECKOUT)
    os.environ.update(platform.environment)
    # Playwright keeps an event loop in the thread of the tests, in which Django would refuse to
    # ask the database; nothing else runs in that loop.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return pytest.main(
        list(arguments), plugins=[PlatformPlugin(platform, os.environ.get("PART", "1/1"))]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
