from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, Settings

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
def build(
    in_house: House, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> Callable[[], Build | None]:
    """Asks for the house's app and builds it; what is done after the commit is done."""

    def ask_and_run() -> Build | None:
        build_request(provider=in_house.provider)
        with django_capture_on_commit_callbacks(execute=True):
            return build_run(provider=in_house.provider)

    return ask_and_run
