"""Folders and tiny platforms for the tests of the embedded stack."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.cleaning import clean
from embedded.tests.running import TinyPlatform


@pytest.fixture
def checkout() -> Iterator[Path]:
    """An empty checkout with a space in its path, that any account can reach."""
    parent = Path(tempfile.mkdtemp(prefix="waitlessq-"))
    parent.chmod(0o755)
    folder = parent / "a checkout"
    folder.mkdir()
    yield folder.resolve()
    clean(folder.resolve())
    shutil.rmtree(parent)


@pytest.fixture
def platform(checkout: Path) -> TinyPlatform:
    """A tiny platform that is not started yet; whatever is left of it is ended afterwards."""
    return TinyPlatform(checkout)
