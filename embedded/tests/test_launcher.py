"""The launcher: start, ordered stop, and what may go wrong between them."""

import os
import shutil
import signal
import socket
import time

from embedded.cleaning import clean
from embedded.tests.running import TinyPlatform, is_running


def _pids(platform: TinyPlatform) -> list[int]:
    return [process["pid"] for process in platform.record()["processes"]]


def _order(text: str, *words: str) -> list[str]:
    return sorted(words, key=text.index)


def test_ctrl_c_stops_everything_in_order(platform: TinyPlatform) -> None:
    platform.start()
    assert platform.is_streaming()
    pids = _pids(platform)
    started = time.monotonic()
    assert platform.stop() == 0
    assert time.monotonic() - started < 10
    programs = (platform.checkout / "ended.txt").read_text().split()
    assert programs == ["web", "beat", "worker"]
    parts = ("stopping worker", "Stop Valkey", "Stop the standby", "Stop the primary")
    assert _order(platform.said(), *parts) == list(parts)
    assert not [pid for pid in pids if is_running(pid)]


def test_a_second_ctrl_c_changes_nothing(platform: TinyPlatform) -> None:
    platform.start("deaf")
    pids = _pids(platform)
    for _ in range(4):
        platform.send(signal.SIGINT)
        time.sleep(0.3)
    assert platform.wait() == 0
    assert "worker ended by force" in platform.said()
    assert not [pid for pid in pids if is_running(pid)]


def test_ctrl_c_while_setting_up_leaves_nothing(platform: TinyPlatform) -> None:
    platform.start(wait=False)
    while "Start PostgreSQL" not in platform.said():
        time.sleep(0.02)
    assert platform.stop() == 0
    assert not (platform.state / "run.json").exists()
    platform.start()
    assert platform.stop() == 0


def test_a_closed_terminal_stops_everything(platform: TinyPlatform) -> None:
    platform.start()
    pids = _pids(platform)
    platform.send(signal.SIGHUP)
    assert platform.wait() == 0
    assert not [pid for pid in pids if is_running(pid)]


def test_a_program_that_ends_by_itself_stops_the_rest(platform: TinyPlatform) -> None:
    platform.start("dies", wait=False)
    assert platform.wait() == 1
    assert "worker ended by itself with exit code 3" in platform.said()


def test_a_server_that_ends_by_itself_stops_the_rest(platform: TinyPlatform) -> None:
    platform.start()
    processes = platform.record()["processes"]
    valkey = next(process["pid"] for process in processes if process["name"] == "valkey")
    os.kill(valkey, signal.SIGKILL)
    assert platform.wait() == 1
    assert "valkey ended by itself" in platform.said()


def test_a_killed_launcher_does_not_spoil_the_next_start(platform: TinyPlatform) -> None:
    platform.start()
    pids, ports = _pids(platform), platform.record()["ports"]
    platform.send(signal.SIGKILL)
    platform.wait()
    assert [pid for pid in pids if is_running(pid)]
    platform.start()
    assert "The last run was cut off" in platform.said()
    assert not [pid for pid in pids if is_running(pid)]
    assert platform.record()["ports"] == ports
    assert platform.is_streaming()
    assert platform.stop() == 0


def test_a_second_run_of_the_same_checkout_is_refused(platform: TinyPlatform) -> None:
    platform.start()
    pid = platform.record()["launcher"]["pid"]
    second = TinyPlatform(platform.checkout)
    second.output = platform.checkout / "second.txt"
    second.start(wait=False)
    assert second.wait() == 1
    assert f"runs already: process {pid}, http://127.0.0.1:" in second.said()
    assert platform.stop() == 0


def test_the_standby_follows_a_primary_whose_port_was_taken(platform: TinyPlatform) -> None:
    platform.start()
    before = platform.record()["ports"]
    platform.stop()
    with socket.create_server(("127.0.0.1", before["primary"])):
        platform.start()
        assert platform.record()["ports"]["primary"] != before["primary"]
        assert "making it anew" not in platform.said()
        assert platform.is_streaming()
        platform.stop()


def test_a_copy_beside_the_original_runs_on_its_own_data(platform: TinyPlatform) -> None:
    platform.start()
    platform.stop()
    copy = TinyPlatform(platform.checkout.with_name("a copy"))
    shutil.copytree(platform.checkout, copy.checkout)
    platform.start()
    try:
        copy.start()
        # Those that something listens on: what nobody opened is free for the copy, too.
        opened = ("web", "primary", "standby", "valkey")
        first, second = (
            {one.record()["ports"][name] for name in opened} for one in (platform, copy)
        )
        assert not first & second
        assert copy.is_streaming()
        assert copy.stop() == 0
        assert platform.is_streaming()
        assert platform.stop() == 0
    finally:
        clean(copy.checkout)


def test_a_broken_standby_is_made_anew(platform: TinyPlatform) -> None:
    platform.start()
    platform.stop()
    shutil.rmtree(platform.state / "standby" / "base")
    platform.start()
    assert "making it anew" in platform.said()
    assert platform.is_streaming()
    platform.stop()


def test_a_missing_standby_is_made_anew(platform: TinyPlatform) -> None:
    platform.start()
    platform.stop()
    shutil.rmtree(platform.state / "standby")
    platform.start()
    assert platform.is_streaming()
    platform.stop()


def test_data_of_another_postgresql_are_left_alone(platform: TinyPlatform) -> None:
    version = platform.state / "primary" / "PG_VERSION"
    version.parent.mkdir()
    version.write_text("17\n")
    platform.start(wait=False)
    assert platform.wait() == 1
    assert "are of PostgreSQL 17" in platform.said()
    assert "make clean" in platform.said()
    assert [path.name for path in version.parent.iterdir()] == ["PG_VERSION"]
