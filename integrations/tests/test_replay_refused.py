"""What keeps a replay from starting is said in a sentence, and changes nothing."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django_scopes import scope

from conftest import House
from integrations.keys import api_key_create
from integrations.models import ApiKey
from integrations.replay import client
from integrations.replay.access import LOCK, check_clock
from integrations.replay.client import Client, Target
from integrations.replay.errors import ReplayError
from integrations.tests.replay_cast import MESS, listening, write_log
from providers.models import Role
from queues.models import Queue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def url(django_db_setup: None) -> Iterator[str]:
    with listening() as url:
        yield url


def start(folder: Path, url: str, *arguments: str, provider: str = "clinic") -> None:
    log = write_log(folder, MESS)
    call_command("replay_log", str(log), f"--provider={provider}", f"--url={url}", *arguments)


def no_trace_of_a_replay(house: House) -> bool:
    with scope(provider=house.provider):
        return (
            not ApiKey.objects.filter(revoked_at=None).exists()
            and not Queue.objects.filter(location__name="mess").exists()
        )


def test_an_unknown_provider(house: House, url: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no provider “nobody”"):
        start(tmp_path, url, provider="nobody")


def test_a_platform_that_is_not_there(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "RETRY_AFTER_SECONDS", (0.0,))
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(CommandError, match=f"at {nowhere} does not answer.*refused"):
            start(tmp_path, nowhere)
    assert no_trace_of_a_replay(house)


@pytest.mark.parametrize("url", ["localhost:8000", "http://", "http://localhost:99999"])
def test_an_address_that_is_none(house: House, tmp_path: Path, url: str) -> None:
    with pytest.raises(CommandError, match="is not a URL like http"):
        start(tmp_path, url)


def test_a_platform_that_fails_again_and_again(
    house: House, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = Client._send

    def failing(self: Client, method: str, request: bytes) -> tuple[int, object]:
        if b"/call" in request:
            return 503, {"code": "unavailable", "detail": "The database does not answer."}
        return send(self, method, request)

    monkeypatch.setattr(Client, "_send", failing)
    monkeypatch.setattr(client, "RETRY_AFTER_SECONDS", (0.0, 0.0))
    with pytest.raises(CommandError, match=r"answers 503 .*does not answer \(3 times asked\)"):
        start(tmp_path, url)
    monkeypatch.setattr(Client, "_send", send)
    start(tmp_path, url)


def test_a_platform_that_keeps_its_own_clock(house: House, tmp_path: Path) -> None:
    with (
        listening(replay_clock=False) as url,
        pytest.raises(CommandError, match="REPLAY_CLOCK is off there"),
    ):
        start(tmp_path, url)
    assert no_trace_of_a_replay(house)


@pytest.mark.parametrize("text", [None, "wlq_0_0"])
def test_a_key_that_may_not_replay(house: House, url: str, text: str | None) -> None:
    with scope(provider=house.provider):
        _, plain = api_key_create(actor=house.actor, name="Plain", role=Role.OWNER)
    with (
        closing(Client(Target(url, house.provider.slug, text or plain))) as connection,
        pytest.raises(ReplayError, match="refuses the replay key"),
    ):
        check_clock(connection, url)


def test_a_second_replay_at_the_same_time(house: House, url: str, tmp_path: Path) -> None:
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(LOCK, [f"replay {house.provider.pk} mess"])
        with pytest.raises(CommandError, match="Another replay of mess into clinic is running"):
            start(tmp_path, url)
    finally:
        other.close()


def test_the_key_that_a_killed_replay_left_is_revoked(
    house: House, url: str, tmp_path: Path
) -> None:
    with scope(provider=house.provider):
        api_key_create(actor=house.actor, name="Replay of mess", role=Role.OWNER, may_replay=True)
    start(tmp_path, url)
    with scope(provider=house.provider):
        assert not ApiKey.objects.filter(revoked_at=None).exists()


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("--head-start=30", "a head start of 0:01:30, from an earlier replay"),
        ("--time-zone=Europe/London", "is in Asia/Jerusalem, from an earlier replay"),
    ],
)
def test_a_replay_of_another_kind_into_the_same_queues(
    house: House, url: str, tmp_path: Path, argument: str, words: str
) -> None:
    start(tmp_path, url)
    with pytest.raises(CommandError, match=words):
        start(tmp_path, url, argument)


@pytest.mark.parametrize(
    "argument",
    ["--speed=-1", "--speed=nan", "--connections=0", "--from=monday", "--time-zone=Mars/Base"],
)
def test_arguments_that_mean_nothing(tmp_path: Path, argument: str) -> None:
    with pytest.raises(CommandError, match="is not a"):
        start(tmp_path, "http://127.0.0.1", argument)


def test_a_log_with_nothing_to_replay(house: House, url: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nothing to replay: 12 rows are of other dates"):
        start(tmp_path, url, "--from=2000-01-01")


def test_a_report_that_can_not_be_written(house: House, url: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="The report can not be written"):
        start(tmp_path, url, f"--report={tmp_path / 'none' / 'report.json'}")
