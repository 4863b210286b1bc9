"""The scorer of the wait estimate: logs as events, scores, table and plot."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from bench.forecast.__main__ import main, parse
from bench.forecast.log_events import SHOW_RATE, Extra, log_events, read_extra
from bench.forecast.replay import Told
from bench.forecast.rules import RULES
from bench.forecast.scores import point_score, range_score, report
from bench.forecast.simulate import simulated_branch
from integrations.replay.log import LogRow, Outcome
from queues.forecast import Booking, Called, CounterChanged, Finished, Joined, Left

NINE = datetime(2024, 1, 1, 9, tzinfo=UTC)


def row(number: int, joined: int, called: int | None, finished: int, priority: int = 0) -> LogRow:
    """Times in seconds after nine."""

    def at(seconds: int) -> datetime:
        return NINE + timedelta(seconds=seconds)

    return LogRow(
        line=number + 1,
        queue="q",
        ticket=str(number),
        service="s",
        priority=priority,
        server="1",
        joined_at=at(joined),
        called_at=None if called is None else at(called),
        finished_at=at(finished),
        outcome=Outcome.ABANDONED if called is None else Outcome.SERVED,
        business_date=date(2024, 1, 1),
        crosses_midnight=False,
    )


def write_log(path: Path, rows: list[LogRow]) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("queue_id,ticket_id,service,priority,server_id,joined_at,called_at,")
        file.write("finished_at,outcome\n")
        for one in rows:
            times = (one.joined_at, one.called_at, one.finished_at)
            texts = ["" if at is None else at.replace(tzinfo=None).isoformat() for at in times]
            fields = [one.queue, one.ticket, one.service, str(one.priority), one.server]
            file.write(",".join([*fields, *texts, one.outcome]) + "\n")
    return path


def test_a_counter_is_free_before_it_calls_and_a_direct_call_follows_its_join() -> None:
    rows = [row(1, joined=0, called=0, finished=60), row(2, 10, 60, 90), row(3, 20, None, 60)]
    played = [played.event for played in log_events(rows, timedelta(0))]
    assert [(type(event), event.ticket) for event in played] == [  # type: ignore[union-attr]
        (Joined, 1),
        (Called, 1),
        (Joined, 2),
        (Joined, 3),
        (Finished, 1),
        (Called, 2),
        (Left, 3),
        (Finished, 2),
    ]
    assert [event.sequence for event in played] == list(range(1, 9))


def test_priority_is_a_head_start_unless_the_log_has_its_own_order(tmp_path: Path) -> None:
    rows = [row(1, 100, 200, 300, priority=2)]
    joined = next(log_events(rows, timedelta(seconds=40))).event
    assert isinstance(joined, Joined)
    assert joined.order_key == NINE + timedelta(seconds=20)
    log = tmp_path / "log.csv"
    log.write_text("queue_id,order_key,people\nq,2024-01-01T08:00:00,3\nq,,\n")
    extra = read_extra(log, ZoneInfo("UTC"))
    assert extra == Extra({2: NINE - timedelta(hours=1)}, {2: 3}, {})
    joined = next(log_events(rows, timedelta(seconds=40), extra)).event
    assert isinstance(joined, Joined)
    assert (joined.order_key, joined.people) == (NINE - timedelta(hours=1), 3)


def test_a_log_that_says_no_more_is_read_without(tmp_path: Path) -> None:
    extra = read_extra(write_log(tmp_path / "log.csv.gz", []), ZoneInfo("UTC"))
    assert extra == Extra({}, {}, {})


def test_who_joins_finds_the_bookings_due_of_who_has_not_come() -> None:
    # The row that joins after 10 minutes had a time in half an hour, 20 minutes of it a head start.
    rows = [row(1, 0, 60, 90), row(2, 600, 660, 700), row(3, 1200, 1300, 1400)]
    booked = {rows[1].line: NINE + timedelta(minutes=30)}
    keys = {rows[1].line: NINE + timedelta(minutes=10)}
    events = [one.event for one in log_events(rows, timedelta(0), Extra(keys, {}, booked))]
    first, second, third = (one for one in events if isinstance(one, Joined))
    due = Booking(NINE + timedelta(minutes=25), NINE + timedelta(minutes=10), SHOW_RATE)
    assert first.bookings == (due,)
    assert second.bookings == third.bookings == ()


def test_errors_of_single_numbers() -> None:
    score = point_score(waits=[10, 20, 60], answers=[20, 20, 30])
    assert score.mae == pytest.approx(40 / 3)
    assert score.share == pytest.approx(40 / 3 / 30)
    assert score.median_error == 10
    assert score.bias == pytest.approx(-20 / 3)


def test_ranges_pay_for_their_width_and_ten_times_for_missing() -> None:
    score = range_score(waits=[10, 20, 60, 30], ranges=[(5, 15), (25, 35), (20, 50), (30, 40)])
    assert (score.coverage, score.below, score.above) == (0.5, 0.25, 0.25)
    assert score.width == pytest.approx(15 / 30)
    assert score.winkler == pytest.approx((15 + 10 * (5 + 10) / 4) / 30)


def test_nothing_to_score_is_said() -> None:
    with pytest.raises(ValueError, match="No ticket"):
        report(Told())


def test_the_command_prints_a_table_and_returns_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = simulated_branch(4).rows
    log = write_log(tmp_path / "log.csv.gz", rows)
    plot = tmp_path / "plot.svg"
    arguments = [str(log), "--from", "2024-01-03", "--time-zone", "UTC", "--plot", str(plot)]
    figures = main(parse([*arguments, "--no-cost"]))
    table = capsys.readouterr().out
    assert "last to enter service (LES)" in table
    assert f"{figures['tickets']} tickets that waited" in table
    assert json.loads(json.dumps(figures))["estimators"]["forecast"]["mae"] > 0
    late = [one for one in rows if one.joined_at.day >= 3 and one.outcome == Outcome.SERVED]
    waited = [one for one in late if one.called_at != one.joined_at]
    assert figures["tickets"] + figures["without_estimate"] == len(waited)
    title = ElementTree.fromstring(plot.read_text()).find("{http://www.w3.org/2000/svg}text")
    assert title is not None
    assert "80 % range" in (title.text or "")


def test_servers_of_a_log_open_and_close_as_counters() -> None:
    rows = [row(1, 0, 0, 60), row(2, 10, 60, 90), row(3, 20, 3000, 3060)]
    changes = [
        ((played.event.at - NINE).total_seconds(), played.event.is_open)
        for played in log_events(rows, timedelta(0), with_counters=True)
        if isinstance(played.event, CounterChanged)
    ]
    assert changes == [(0, True), (90, False), (3000, True), (3060, False)]


def test_each_rule_is_taken_away_by_what_is_told() -> None:
    rows = [row(1, 0, 10, 60, priority=1), row(2, 10, None, 20), row(3, 15, 20, 90)]
    rows[2] = replace(rows[2], server="2")
    events = list(log_events(rows, timedelta(seconds=40), with_counters=True))
    told = {name: [one.event for one in rule(events)] for name, rule in RULES.items()}
    joined = told["priorities"][0]
    assert isinstance(joined, Joined)
    assert (joined.order_key, joined.priority) == (NINE, 0)
    assert all(not event.service for event in told["services"] if isinstance(event, Joined))
    assert [event.gave_up for event in told["giving-up"] if isinstance(event, Left)] == [False]
    assert not any(isinstance(event, CounterChanged) for event in told["counters"])
    some = [event for event in told["staffing"] if isinstance(event, CounterChanged)]
    assert [(event.counter, event.is_open) for event in some] == [(0, True), (0, False)]


def test_rules_are_compared_with_all_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write_log(tmp_path / "log.csv.gz", simulated_branch(2).rows)
    figures = main(parse([str(log), "--time-zone", "UTC", "--no-cost", "--rules"]))
    assert figures["without"].keys() == RULES.keys()
    table = capsys.readouterr().out
    assert all(f"without {name}" in table for name in RULES)


def test_history_in_a_log_of_its_own_counts_the_same(tmp_path: Path) -> None:
    rows = simulated_branch(4).rows
    third = datetime(2024, 1, 3, tzinfo=UTC)
    whole = write_log(tmp_path / "whole.csv.gz", rows)
    train = write_log(tmp_path / "train.csv.gz", [one for one in rows if one.joined_at < third])
    log = write_log(tmp_path / "log.csv.gz", [one for one in rows if one.joined_at >= third])
    common = ["--time-zone", "UTC", "--no-cost"]
    at_once = main(parse([str(whole), "--from", "2024-01-03", *common]))
    apart = main(parse([str(log), "--train", str(train), *common]))
    assert at_once | {"log": ""} == apart | {"log": ""}
