"""A replay against the platform itself: the result, resuming, and the check that can fail."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django_scopes import scope

from conftest import House
from integrations.models import ApiKey
from integrations.replay import client, replay, workers
from integrations.replay.client import Client
from integrations.tests.replay_cast import MESS, listening, write_log
from queues.models import Counter, Ticket, TicketEvent, TicketState

pytestmark = pytest.mark.django_db(transaction=True)

ACTIONS = 43


@pytest.fixture(scope="module")
def url(django_db_setup: None) -> Iterator[str]:
    with listening() as url:
        yield url


@dataclass(frozen=True)
class Replayed:
    """What a run said, and its report if it came to one."""

    output: str
    report: dict[str, object]


@dataclass(frozen=True)
class Runner:
    folder: Path
    url: str

    def __call__(
        self, *arguments: str, lines: list[str] = MESS, provider: str = "clinic"
    ) -> Replayed:
        log, report = write_log(self.folder, lines), self.folder / "report.json"
        report.unlink(missing_ok=True)
        output = self.folder / "output.txt"
        with output.open("w") as stdout:
            try:
                call_command(
                    "replay_log",
                    str(log),
                    f"--provider={provider}",
                    f"--url={self.url}",
                    f"--report={report}",
                    *arguments,
                    stdout=stdout,
                )
            finally:
                stdout.flush()
        return Replayed(output.read_text(), json.loads(report.read_text()))

    @property
    def output(self) -> str:
        return (self.folder / "output.txt").read_text()

    @property
    def report(self) -> dict[str, object]:
        content: dict[str, object] = json.loads((self.folder / "report.json").read_text())
        return content


@pytest.fixture
def run(url: str, house: House, tmp_path: Path) -> Runner:
    return Runner(tmp_path, url)


def run_until_gone(run: "Runner", requests: int, *arguments: str) -> None:
    """The platform is gone after so many requests were answered."""
    send, sent = Client._send, []

    def failing(self: Client, method: str, request: bytes) -> tuple[int, object]:
        sent.append(request)
        if len(sent) > requests:
            raise ConnectionResetError("gone")
        return send(self, method, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "_send", failing)
        patch.setattr(client, "RETRY_AFTER_SECONDS", (0.0,))
        with pytest.raises(CommandError, match="gone"):
            run(*arguments)


def live_keys(house: House) -> int:
    with scope(provider=house.provider):
        return ApiKey.objects.filter(revoked_at=None).count()


def test_the_platform_holds_what_the_log_says(run: Runner, house: House) -> None:
    replayed = run()
    assert replayed.report["tickets"] == {"served": 9, "abandoned": 2, "no_show": 1}
    assert replayed.report["actions"] == ACTIONS
    assert sum(replayed.report["requests"].values()) == ACTIONS  # type: ignore[attr-defined]
    assert "12 tickets against the log: 0 differences" in replayed.output
    with scope(provider=house.provider):
        late = Ticket.objects.get(reference="t10")
        assert late.business_date.isoformat() == "1999-01-04"
        assert late.ended_at == datetime(1999, 1, 4, 22, 20, tzinfo=UTC)
        assert Counter.objects.filter(location__name="mess", is_open=True).count() == 4
        assert Ticket.objects.filter(reference="t3", counter__name="extra 1").exists()


def test_the_key_is_revoked_at_the_end(run: Runner, house: House) -> None:
    run()
    assert live_keys(house) == 0


def test_a_second_run_does_nothing(run: Runner, house: House) -> None:
    run()
    with scope(provider=house.provider):
        events = TicketEvent.objects.count()
    again = run()
    assert f"Nothing to do: all {ACTIONS} actions were done before." in again.output
    with scope(provider=house.provider):
        assert TicketEvent.objects.count() == events


@pytest.mark.parametrize("requests", [8, 20, 27, 40, 52])
def test_it_goes_on_where_it_was(run: Runner, house: House, requests: int) -> None:
    run_until_gone(run, requests)
    assert live_keys(house) == 0
    report = run().report
    assert report["actions_done_before"] + sum(report["requests"].values()) == ACTIONS  # type: ignore
    assert report["exit_code"] == 0


def test_ctrl_c_is_not_an_accident(
    run: Runner, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(self: object, *arguments: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("integrations.replay.schedule.Schedule.wait", interrupt)
        with pytest.raises(CommandError, match="The same command goes on from there") as info:
            run()
    assert info.value.returncode == 130
    assert live_keys(house) == 0
    assert run().report["exit_code"] == 0


def test_a_lost_answer_has_one_effect(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    send, lost = Client._send, set()

    def losing(self: Client, method: str, request: bytes) -> tuple[int, object]:
        answer = send(self, method, request)
        if method == "POST" and request not in lost:
            lost.add(request)
            raise ConnectionResetError("the answer is lost")
        return answer

    monkeypatch.setattr(Client, "_send", losing)
    monkeypatch.setattr(client, "RETRY_AFTER_SECONDS", (0.0,))
    report = run().report
    assert report["retries"] >= ACTIONS  # type: ignore[operator]
    assert report["exit_code"] == 0


def test_what_a_dead_replay_had_under_way_is_recognised(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    monkeypatch.setattr(replay, "known_tickets", lambda *_: [None] * 12)
    report = run().report
    assert report["actions_done_before"] == 0
    assert sum(report["requests"].values()) == 0  # type: ignore[attr-defined]
    assert report["exit_code"] == 0


def test_a_bad_row_is_left_out_and_the_rest_runs(run: Runner) -> None:
    bad = "main,t20,PS,high,,1999-01-04T08:01:00,,1999-01-04T08:03:00,abandoned"
    replayed = run(lines=[*MESS, bad])
    assert "Rows left out: 1\n  line 14, priority: “high” is not" in replayed.output
    assert replayed.report["tickets_checked"] == 12


def test_one_connection_sends_in_the_order_of_the_log(run: Runner, house: House) -> None:
    run("--connections=1")
    with scope(provider=house.provider):
        tickets = Ticket.objects.filter(queue__name="main").order_by("id")
        times = list(tickets.values_list("issued_at", flat=True))
    assert times == sorted(times)


def test_dates_can_follow_each_other(run: Runner) -> None:
    assert run("--until=1999-01-04").report["tickets_checked"] == 11
    assert run("--from=1999-01-05").report["exit_code"] == 0
    assert run().report["actions_done_before"] == ACTIONS


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": TicketState.CANCELLED}, "different: 1\n    line 4: t3: state is cancelled"),
        ({"reference": ""}, "lost: 1\n    line 4: t3 has no ticket"),
        ({"business_date": "1999-01-05"}, "business_date is 1999-01-05, in the log 1999-01-04"),
        ({"called_at": None}, "t3: called_at is empty, in the log 1999-01-04 06:06:00"),
    ],
)
def test_the_check_finds_a_changed_ticket(
    run: Runner, house: House, change: dict[str, object], words: str
) -> None:
    run()
    with scope(provider=house.provider):
        Ticket.objects.filter(reference="t3").update(number=99, **change)
    # Only what the check sees matters here, not what a replay would do about it.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "is_done", lambda *_: True)
        with pytest.raises(CommandError, match="does not hold what the log says"):
            run()
    assert words in run.output
    assert run.report["exit_code"] == 1


def test_the_check_finds_a_ticket_that_is_not_in_the_log(run: Runner, house: House) -> None:
    # Over one connection the numbers are in the order of the log.
    run("--connections=1")
    with pytest.raises(CommandError, match="does not hold"):
        run(lines=MESS[:9] + MESS[10:])
    assert "not in the log: 1\n    A009 of 1999-01-04, reference t9, is not" in run.output


def test_the_check_finds_a_lost_event(run: Runner, house: House) -> None:
    run()
    with scope(provider=house.provider):
        TicketEvent.objects.filter(ticket__reference="t3", type="started").delete()
    with pytest.raises(CommandError, match="does not hold"):
        run()
    assert "events: 1\n    line 4: t3 has 3 events instead of 4" in run.output
    assert "sequence: 1\n    queue main has" in run.output


def test_a_call_of_somebody_else_is_a_mismatch(run: Runner, house: House) -> None:
    run_until_gone(run, 24, "--connections=1")
    with scope(provider=house.provider):
        waiting = Ticket.objects.filter(state=TicketState.WAITING).first()
        assert waiting is not None
        waiting.pk, waiting.number, waiting.reference = None, 77, "intruder"
        waiting.order_key = waiting.order_key.replace(year=1990)
        waiting.save(force_insert=True)
    with pytest.raises(CommandError, match="does not hold"):
        run()
    assert "intruder was called instead" in run.output
    assert run.report["mismatches"]
