"""Secrets are made once and can be read by their owner alone."""

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
