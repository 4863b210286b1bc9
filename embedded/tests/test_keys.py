"""Secrets are made once and can be read by their owner alone."""

import json
from pathlib import Path

import pytest

from embedded.keys import FILE, load_or_make_keys
from embedded.say import ProblemError


def test_secrets_are_private_and_kept(tmp_path: Path) -> None:
    keys = load_or_make_keys(tmp_path)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert load_or_make_keys(tmp_path) == keys


def test_lost_secrets_are_not_replaced_when_there_are_data(tmp_path: Path) -> None:
    (tmp_path / "primary").mkdir()
    with pytest.raises(ProblemError, match="is gone"):
        load_or_make_keys(tmp_path)
    assert not (tmp_path / FILE).exists()


def test_a_secret_that_is_new_is_added_to_those_of_an_earlier_release(tmp_path: Path) -> None:
    keys = load_or_make_keys(tmp_path)
    (tmp_path / "primary").mkdir()
    stored = json.loads((tmp_path / FILE).read_text())
    del stored["vapid_private_key"]
    (tmp_path / FILE).write_text(json.dumps(stored))
    again = load_or_make_keys(tmp_path)
    assert (again.secret_key, len(again.vapid_private_key)) == (keys.secret_key, 43)
    assert load_or_make_keys(tmp_path) == again
