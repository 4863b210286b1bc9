"""Which suites `make test` runs for which arguments."""

from pathlib import Path

import pytest

from embedded.suites import choose_suites


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout with an ordinary test and one of the standby."""
    (tmp_path / "tests" / "standby").mkdir(parents=True)
    (tmp_path / "tests" / "test_a.py").touch()
    (tmp_path / "tests" / "standby" / "test_b.py").touch()
    return tmp_path


def test_both_suites_run_by_default(tree: Path) -> None:
    ordinary, standby = choose_suites(tree, [])
    assert "--ignore=tests/standby" in ordinary.arguments
    assert not ordinary.replica
    assert "tests/standby" in standby.arguments
    assert standby.replica


def test_options_go_to_both(tree: Path) -> None:
    suites = choose_suites(tree, ["-k", "foo"])
    assert [list(suite.arguments[-2:]) for suite in suites] == [["-k", "foo"]] * 2


def test_only_named_tests_run(tree: Path) -> None:
    (only,) = choose_suites(tree, ["tests/test_a.py::test_one"])
    assert "--ignore=tests/standby" not in only.arguments
    (only,) = choose_suites(tree, ["tests/standby/test_b.py"])
    assert only.replica
