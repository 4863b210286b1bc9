"""State is kept in the checkout, or outside it when the services could not reach it there."""

import os
import shutil
from pathlib import Path

import pytest

from embedded.place import Account, find_place


@pytest.fixture
def closed_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if root ran this in a folder that only root may enter."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(Account, "can_enter", lambda *_: False)


def test_state_is_in_the_checkout_where_it_can_be_reached(checkout: Path) -> None:
    assert find_place(checkout).state == checkout / ".embedded"


@pytest.mark.usefixtures("closed_to_nobody")
def test_state_moves_out_of_a_closed_folder_and_stays_there(checkout: Path, tmp_path: Path) -> None:
    first = find_place(checkout, tmp_path)
    assert first.state.parent == tmp_path
    assert first.home == checkout / ".embedded"
    assert find_place(checkout, tmp_path / "elsewhere").state == first.state


@pytest.mark.usefixtures("closed_to_nobody")
def test_a_copy_of_the_checkout_gets_a_state_of_its_own(checkout: Path, tmp_path: Path) -> None:
    original = find_place(checkout, tmp_path)
    copy = checkout.with_name("a copy")
    shutil.copytree(checkout, copy)
    assert find_place(copy, tmp_path).state != original.state


def test_an_account_is_tried_on_the_real_folder(checkout: Path) -> None:
    assert Account().can_enter(checkout)
    assert not Account().can_enter(checkout / "missing")


def test_state_is_closed_to_others(checkout: Path) -> None:
    # Root leaves passing through open, for its service account; never listing or reading.
    assert find_place(checkout).home.stat().st_mode & 0o066 == 0
