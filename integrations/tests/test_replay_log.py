"""Reading a log: what is refused, what is left out, and what a local time means."""

import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from integrations.replay.errors import ReplayError
from integrations.replay.log import LocalTimeCase, LogReader
from integrations.tests.replay_cast import MESS, ZONE, read_lines, rows_of, write_log

GOOD = "main,t1,PS,0,A1,1999-01-04T08:00:00,1999-01-04T08:01:00,1999-01-04T08:05:00,served"
LEFT = "main,t2,PS,0,,1999-01-04T08:01:00,,1999-01-04T08:03:00,abandoned"


def test_times_are_read_as_local(tmp_path: Path) -> None:
    row = rows_of(tmp_path, GOOD)[0]
    assert row.joined_at == datetime(1999, 1, 4, 6, 0, tzinfo=UTC)
    assert row.business_date == date(1999, 1, 4)
    assert row.line == 2


def test_the_business_date_is_that_of_joining(tmp_path: Path) -> None:
    late = rows_of(tmp_path, *MESS)[10]
    assert late.crosses_midnight
    assert late.business_date == date(1999, 1, 4)


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(write_log(tmp_path, MESS).read_bytes()))
    assert len(LogReader(ZONE).read(path).rows) == len(MESS)


def test_other_columns_are_ignored_and_the_order_is_free(tmp_path: Path) -> None:
    header = (
        "kind,outcome,finished_at,called_at,joined_at,server_id,priority,service,ticket_id,queue_id"
    )
    path = write_log(tmp_path, ["x," + ",".join(reversed(GOOD.split(",")))], header)
    assert LogReader(ZONE).read(path).rows == rows_of(tmp_path, GOOD)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = write_log(
        tmp_path, [], "queue_id,ticket_id,service,priority,joined_at,called_at,outcome"
    )
    with pytest.raises(ReplayError, match="lacks the columns server_id, finished_at"):
        LogReader(ZONE).read(path)


@pytest.mark.parametrize("content", [b"", b"\0\0\0"])
def test_what_is_no_log_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    with pytest.raises(ReplayError, match="lacks the columns queue_id"):
        LogReader(ZONE).read(path)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(write_log(tmp_path, MESS).read_bytes())[:-20])
    with pytest.raises(ReplayError, match="can not be read"):
        LogReader(ZONE).read(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match=r"can not be read: .*No such file"):
        LogReader(ZONE).read(tmp_path / "none.csv")


def changed(column: int, value: str, line: str = GOOD) -> str:
    fields = line.split(",")
    fields[column] = value
    return ",".join(fields)


@pytest.mark.parametrize(
    ("line", "column", "problem"),
    [
        (changed(0, ""), "queue_id", "is empty"),
        (changed(0, "q" * 101), "queue_id", "longer than 100"),
        (changed(1, " "), "ticket_id", "is empty"),
        (changed(1, "t" * 65), "ticket_id", "longer than 64"),
        (changed(1, "t\0"), "ticket_id", "not text"),
        (changed(4, "a" * 51), "server_id", "longer than 50"),
        (changed(3, "10"), "priority", "“10” is not a number from 0 to 9"),
        (changed(3, ""), "priority", "not a number"),
        (changed(3, "-1"), "priority", "not a number"),
        (changed(5, "yesterday"), "joined_at", "“yesterday” is not a time"),
        (changed(5, "1999-01-04"), "joined_at", "is not a time"),
        (changed(5, "0001-01-01T00:00:00"), "joined_at", "is not a time"),
        (changed(5, "1999-01-04T08:00:00Z"), "joined_at", "has an offset"),
        (changed(6, ""), "called_at", "is not a time"),
        (changed(6, "1999-01-04T07:59:59"), "called_at", "called before it joined"),
        (changed(6, "1999-01-04T08:02:00", LEFT), "called_at", "never called"),
        (changed(7, "1999-01-04T08:00:59"), "finished_at", "finished before it was called"),
        (changed(7, "1999-01-04T08:00:59", LEFT), "finished_at", "finished before it joined"),
        (changed(8, "lost"), "outcome", "“lost” is none of served, abandoned, no_show"),
        ("main,t1,PS,0,A1,1999-01-04T08:00:00", "called_at", "is missing"),
        (GOOD + ",more", "the whole line", "10 fields for 9 columns"),
        ('"' + GOOD, "ticket_id", "is missing"),
    ],
)
def test_a_bad_row_is_named_and_the_rest_is_read(
    tmp_path: Path, line: str, column: str, problem: str
) -> None:
    log = read_lines(tmp_path, LEFT.replace("t2", "t3"), line, GOOD.replace("t1", "t4"))
    (bad,) = log.bad_rows
    assert (bad.line, bad.column) == (3, column)
    assert problem in bad.problem
    assert [row.ticket for row in log.rows] == ["t3", "t4"]


def test_a_ticket_is_in_its_queue_once(tmp_path: Path) -> None:
    log = read_lines(tmp_path, GOOD, GOOD, GOOD.replace("main", "web"))
    assert [str(bad) for bad in log.bad_rows] == [
        "line 3, ticket_id: “t1” is in queue main already"
    ]
    assert [row.queue for row in log.rows] == ["main", "web"]


def test_bytes_that_are_not_text_are_a_bad_row(tmp_path: Path) -> None:
    path = write_log(tmp_path, [GOOD, LEFT])
    path.write_bytes(path.read_bytes().replace(b"t2", b"\xff2"))
    log = LogReader(ZONE).read(path)
    assert [bad.column for bad in log.bad_rows] == ["ticket_id"]
    assert len(log.rows) == 1


def test_a_time_in_a_gap_moves_forward(tmp_path: Path) -> None:
    row = "main,t1,PS,0,,2024-03-29T02:30:00,,2024-03-29T03:45:00,abandoned"
    log = read_lines(tmp_path, row)
    assert log.rows[0].joined_at.astimezone(ZONE).hour == 3
    assert log.local_times == {LocalTimeCase.IN_GAP: 1, LocalTimeCase.IN_OVERLAP: 0}


def test_of_a_time_that_comes_twice_the_earlier_is_meant(tmp_path: Path) -> None:
    row = "main,t1,PS,0,,2024-10-27T01:30:00,,2024-10-27T02:30:00,abandoned"
    log = read_lines(tmp_path, row)
    assert log.rows[0].joined_at == datetime(2024, 10, 26, 22, 30, tzinfo=UTC)
    assert log.local_times == {LocalTimeCase.IN_GAP: 0, LocalTimeCase.IN_OVERLAP: 1}


def test_rows_of_other_dates_are_not_replayed(tmp_path: Path) -> None:
    reader = LogReader(ZONE, first_date=date(1999, 1, 5), last_date=date(1999, 1, 5))
    log = reader.read(write_log(tmp_path, MESS))
    assert [row.ticket for row in log.rows] == ["t11"]
    assert log.outside_dates == len(MESS) - 1
