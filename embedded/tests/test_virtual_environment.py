"""The environment is made once, noticed when moved, and repaired when cut off."""

import sys
from pathlib import Path

import pytest

from embedded import bootstrap
from embedded.virtual_environment import REQUIREMENTS, STAMP, set_up


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout that requires no package, so that no network is needed."""
    folder = tmp_path / "a checkout"
    folder.mkdir()
    for name in REQUIREMENTS:
        (folder / name).write_text("# nothing\n")
    return folder


def test_it_is_made_once_repaired_and_made_anew_when_moved(
    bare: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert set_up(bare) == 0
    assert "Create .venv" in capsys.readouterr().out
    assert set_up(bare) == 0
    assert capsys.readouterr().out == ""

    # An installation that was cut off has no stamp yet.
    (bare / ".venv" / STAMP).unlink()
    assert set_up(bare) == 0
    repaired = capsys.readouterr().out
    assert "Install" in repaired
    assert "Create .venv" not in repaired

    moved = bare.rename(bare.with_name("moved"))
    assert set_up(moved) == 0
    assert "Create .venv" in capsys.readouterr().out

    (moved / REQUIREMENTS[-1]).write_text("no requirement at all\n")
    assert set_up(moved) == 1
    assert "could not install" in capsys.readouterr().err


def test_an_old_python_is_refused_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(bootstrap, "find_newer", lambda: "")
    assert bootstrap.main() == 1
    assert "needs Python 3.11 or newer; this one is 3.9" in capsys.readouterr().err
