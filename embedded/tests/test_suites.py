"""Which suites `make test` runs for which arguments, and what it says of those it can not run."""

from pathlib import Path

import pytest

from embedded import suites
from embedded.suites import Suite, choose_suites, run_suites


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout with an ordinary test, one of the standby and one in the browser."""
    for folder in ("standby", "browser"):
        (tmp_path / "tests" / folder).mkdir(parents=True)
    (tmp_path / "tests" / "test_a.py").touch()
    (tmp_path / "tests" / "standby" / "test_b.py").touch()
    (tmp_path / "tests" / "browser" / "test_c.py").touch()
    return tmp_path


def test_all_suites_run_by_default(tree: Path) -> None:
    ordinary, standby, browser = choose_suites(tree, [])
    assert {"--ignore=tests/standby", "--ignore=tests/browser"} <= set(ordinary.arguments)
    assert (ordinary.replica, ordinary.is_whole) == (False, False)
    assert standby == Suite(["-n", "0", "tests/standby"], replica=True)
    assert browser == Suite(["-n", "0", "tests/browser"], is_whole=True)


def test_options_go_to_all(tree: Path) -> None:
    chosen = choose_suites(tree, ["-k", "foo"])
    assert [list(suite.arguments[-2:]) for suite in chosen] == [["-k", "foo"]] * 3


def test_only_named_tests_run(tree: Path) -> None:
    (only,) = choose_suites(tree, ["tests/test_a.py::test_one"])
    assert "tests/test_a.py::test_one" in only.arguments
    (only,) = choose_suites(tree, ["tests/standby/test_b.py"])
    assert only.replica
    (only,) = choose_suites(tree, ["tests/browser/test_c.py"])
    assert only.is_whole


def test_parts_of_a_whole_run_at_once_and_each_is_heard(
    no_chromium: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program = "import os; print(part := os.environ['PART']); raise SystemExit(int(part[0]) - 1)"
    (no_chromium / "tests" / "browser" / "__main__.py").write_text(program)
    codes = suites._run_whole(no_chromium, Suite([], is_whole=True), "chromium", parts=2)
    assert codes == [0, 1]
    assert [line for line in capfd.readouterr().out.splitlines() if "/" in line] == ["1/2", "2/2"]


@pytest.fixture
def no_chromium(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout on a machine without Chromium; its other suites succeed without running."""
    (tree / "tests" / "__init__.py").touch()
    (tree / "tests" / "browser" / "__init__.py").touch()
    counted = "print('x::one', 'x::two', sep='\\n')"
    (tree / "tests" / "browser" / "__main__.py").write_text(counted)
    monkeypatch.setattr(suites, "build", lambda _: None)
    monkeypatch.setattr(suites, "run_client_tests", lambda _: 0)
    monkeypatch.setattr(suites, "StopSignals", lambda: None)
    monkeypatch.setattr(suites, "find_or_install_chromium", lambda: None)
    monkeypatch.setattr(suites, "_run_on_stack", lambda _, chosen: [0] * len(chosen))
    return tree


def test_without_chromium_it_says_at_both_ends_what_is_left_out(
    no_chromium: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_suites(no_chromium, []) == 0
    said = capsys.readouterr().out
    assert said.count("(tests/browser, 2 tests) are left out: no Chromium. Install it") == 2


def test_without_chromium_its_tests_alone_are_a_failure(no_chromium: Path) -> None:
    assert run_suites(no_chromium, ["tests/browser/test_c.py"]) == 1


def test_without_nginx_the_tests_of_the_edge_are_left_out_and_it_says_so(
    no_chromium: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (no_chromium / "tests" / "edge").mkdir()
    ran: list[Suite] = []
    monkeypatch.setattr(suites, "find_or_install_nginx", lambda: None)

    def run(checkout: Path, chosen: list[Suite]) -> list[int]:
        ran.extend(chosen)
        return [0]

    monkeypatch.setattr(suites, "_run_on_stack", run)
    assert run_suites(no_chromium, []) == 0
    assert not any(suite.has_edge for suite in ran)
    assert capsys.readouterr().out.count("no nginx") == 2
