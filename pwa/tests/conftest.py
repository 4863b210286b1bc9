from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from conftest import House
from pwa.bundle import Look
from pwa.models import Build
from pwa.services.builds import build_request, build_run


@pytest.fixture(autouse=True)
def root(settings: Settings, tmp_path: Path) -> Path:
    """Where each test's apps are written."""
    settings.PWA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def look() -> Look:
    """What most tests build."""
    return Look("clinic", "Harbour Clinic", "#0A2A6B", None, "https://live.example/streams/")


@pytest.fixture
def build(in_house: House) -> Callable[[], Build | None]:
    """Asks for the house's app and builds it."""

    def ask_and_run() -> Build | None:
        build_request(provider=in_house.provider)
        return build_run(provider=in_house.provider)

    return ask_and_run
