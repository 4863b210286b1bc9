"""`make clean` and the sweep after test runs that were cut off."""

import json
import os
from pathlib import Path
from unittest.mock import Mock

import pytest

from embedded.cleaning import clean
from embedded.place import find_place
from embedded.processes import Identity, identify
from embedded.tests.running import TinyPlatform
from embedded.throwaway import OWNER, sweep, throwaway_stack


def test_clean_stops_what_runs_and_removes_it(
    platform: TinyPlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.start()
    state = platform.state
    (platform.checkout / ".mypy_cache").mkdir()
    assert clean(platform.checkout) == 0
    assert platform.wait() == 0
    assert not state.exists()
    assert not (platform.checkout / ".mypy_cache").exists()
    assert f"Removed {state}" in capsys.readouterr().out


def test_a_stack_that_is_being_made_is_swept_up_by_nobody(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def while_others_start(name: str, pid: int) -> Identity:
        sweep(find_place(checkout))
        return identify(name, pid)

    monkeypatch.setattr("embedded.throwaway.identify", while_others_start)
    monkeypatch.setattr("embedded.throwaway.Services", Mock())
    with throwaway_stack(checkout) as stack:
        assert (stack.state / OWNER).exists()


def test_a_throwaway_stack_is_gone_afterwards(checkout: Path) -> None:
    with throwaway_stack(checkout) as stack:
        assert (stack.state / "primary").exists()
    assert not stack.state.exists()


def test_leftovers_of_dead_test_runs_are_swept(checkout: Path) -> None:
    place = find_place(checkout)
    dead, alive = place.state / "test-1", place.state / "test-2"
    for folder, created in ((dead, 1.0), (alive, None)):
        folder.mkdir()
        owner = {"name": "tests", "pid": os.getpid(), "created": created or _own_creation()}
        (folder / OWNER).write_text(json.dumps(owner))
    sweep(place)
    assert not dead.exists()
    assert alive.exists()


def _own_creation() -> float:
    return identify("tests", os.getpid()).created
