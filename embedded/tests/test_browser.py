"""Which Chromium is taken, and when one is installed; all programs here are scripts of the test."""

import os
import stat
from pathlib import Path

import pytest

from embedded.browser import find_chromium, find_or_install_chromium
from embedded.say import ProblemError

WORKS = "#!/bin/sh\nexit 0\n"
FAILS = "#!/bin/sh\nexit 1\n"


def write_program(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH, on a machine where we are root."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return tmp_path


def test_the_first_that_runs_is_taken(programs: Path) -> None:
    write_program(programs / "chromium-browser", FAILS)
    chrome = write_program(programs / "google-chrome", WORKS)
    assert find_chromium() == chrome


def test_what_chromium_names_comes_first(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_program(programs / "chromium", WORKS)
    own = write_program(programs / "my-own", WORKS)
    monkeypatch.setenv("CHROMIUM", own)
    assert find_chromium() == own


def test_a_wrong_name_is_a_problem(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_program(programs / "chromium", WORKS)
    monkeypatch.setenv("CHROMIUM", str(programs / "missing"))
    with pytest.raises(ProblemError, match="which does not run"):
        find_chromium()


def test_root_gets_it_installed_with_fresh_lists_if_need_be(programs: Path) -> None:
    chromium, lists = programs / "chromium", programs / "lists"
    write_program(
        programs / "apt-get",
        f'#!/bin/sh\nif [ "$1" = update ]; then : > {lists}; exit 0; fi\n'
        f"[ -e {lists} ] || exit 100\n: > {chromium}; /bin/chmod +x {chromium}\n"
        f'echo "#!/bin/sh" > {chromium}\n',
    )
    assert find_or_install_chromium() == str(chromium)


def test_that_it_can_not_be_installed_is_said(
    programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_program(programs / "apt-get", '#!/bin/sh\necho "E: no network"; exit 100\n')
    assert find_or_install_chromium() is None
    assert "E: no network" in capsys.readouterr().out


def test_nothing_is_installed_for_others(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touched = programs / "touched"
    write_program(programs / "apt-get", f"#!/bin/sh\n: > {touched}\n")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert find_or_install_chromium() is None
    assert not touched.exists()
