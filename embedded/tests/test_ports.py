"""Ports are remembered, and chosen anew when somebody else has them."""

import socket
from pathlib import Path

import pytest

from embedded.ports import LOOPBACK, Ports, remembered_ports
from embedded.say import ProblemError


def _chosen(folder: Path) -> dict[str, int]:
    ports = remembered_ports(folder, folder, 18100)
    ports.release_all()
    return ports.numbers


def test_ports_are_kept_from_one_start_to_the_next(tmp_path: Path) -> None:
    assert _chosen(tmp_path) == _chosen(tmp_path)


def test_a_port_that_somebody_took_is_chosen_anew(tmp_path: Path) -> None:
    before = _chosen(tmp_path)
    with socket.create_server((LOOPBACK, before["primary"])):
        after = _chosen(tmp_path)
    assert after["primary"] != before["primary"]
    assert len(set(after.values())) == len(after)


def test_two_stacks_that_start_at_once_get_different_ports(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    one = remembered_ports(first, tmp_path, 18200)
    other = remembered_ports(second, tmp_path, 18200)
    assert not set(one.numbers.values()) & set(other.numbers.values())
    one.release_all()
    other.release_all()


def test_no_free_port_is_said() -> None:
    with (
        socket.create_server((LOOPBACK, 0)) as taken,
        pytest.raises(ProblemError, match="No free port"),
    ):
        Ports().choose("web", [taken.getsockname()[1]])
