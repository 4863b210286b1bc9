"""Reading a queue log: csv or csv.gz, local times without zone, one ticket a row.

A row that can not be replayed is named by line and column and left out; the rest is used.
"""

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from integrations.replay.errors import ReplayError
from waitlessq.walltime import instant

COLUMNS = (
    "queue_id",
    "ticket_id",
    "service",
    "priority",
    "server_id",
    "joined_at",
    "called_at",
    "finished_at",
    "outcome",
)
"""What a log must have; other columns are ignored."""

# What the platform has room for.
LONGEST = {"queue_id": 100, "ticket_id": 64, "service": 100, "server_id": 50}
HIGHEST_PRIORITY = 9
YEARS = range(1900, 2200)
SHORTEST_TIME = len("1999-01-01T00:00")


class Outcome(StrEnum):
    """How a ticket ended."""

    SERVED = "served"
    ABANDONED = "abandoned"
    NO_SHOW = "no_show"


class LocalTimeCase(StrEnum):
    """Why a wall clock time needed a decision."""

    IN_GAP = "in_gap"
    IN_OVERLAP = "in_overlap"


@dataclass(frozen=True, slots=True)
class LogRow:
    """One ticket of the log. Times are aware, in UTC; ``called_at`` is None if it left before."""

    line: int
    queue: str
    ticket: str
    service: str
    priority: int
    server: str
    joined_at: datetime
    called_at: datetime | None
    finished_at: datetime
    outcome: Outcome
    business_date: date
    crosses_midnight: bool


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out: its line in the file, from 1, the column, and what is wrong."""

    line: int
    column: str
    problem: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.problem}"


@dataclass(slots=True)
class QueueLog:
    """What a file holds: rows to replay, rows left out, and what was decided about the times."""

    rows: list[LogRow] = field(default_factory=list)
    bad_rows: list[BadRow] = field(default_factory=list)
    outside_dates: int = 0
    local_times: dict[LocalTimeCase, int] = field(
        default_factory=lambda: dict.fromkeys(LocalTimeCase, 0)
    )


class _BadFieldError(ValueError):
    def __init__(self, column: str, problem: str) -> None:
        super().__init__(problem)
        self.column = column
        self.problem = problem


@dataclass(frozen=True, slots=True)
class LogReader:
    """How to read a log: its time zone, and the dates of joining to keep (both inclusive)."""

    zone: ZoneInfo
    first_date: date | None = None
    last_date: date | None = None

    def read(self, path: Path) -> QueueLog:
        """Reads the whole file.

        Raises:
            ReplayError: it can not be read, or lacks columns.
        """
        log = QueueLog()
        seen: set[tuple[str, str]] = set()
        with _opened(path) as file:
            places, width = _column_places(_fields_of(file.readline()), path)
            for line, text in enumerate(file, start=2):
                if not text.strip():
                    continue
                try:
                    row = self._row(line, self._fields(text, places, width, log))
                except _BadFieldError as error:
                    log.bad_rows.append(BadRow(line, error.column, error.problem))
                    continue
                if (row.queue, row.ticket) in seen:
                    problem = f"“{row.ticket}” is in queue {row.queue} already"
                    log.bad_rows.append(BadRow(line, "ticket_id", problem))
                    continue
                seen.add((row.queue, row.ticket))
                if self._keeps(row.business_date):
                    log.rows.append(row)
                else:
                    log.outside_dates += 1
        return log

    def _keeps(self, day: date) -> bool:
        return (self.first_date is None or day >= self.first_date) and (
            self.last_date is None or day <= self.last_date
        )

    def _fields(self, text: str, places: dict[str, int], width: int, log: QueueLog) -> "_Fields":
        fields = _fields_of(text)
        for column, place in places.items():
            if place >= len(fields):
                raise _BadFieldError(column, "the field is missing")
        if len(fields) > width:
            raise _BadFieldError("the whole line", f"{len(fields)} fields for {width} columns")
        return _Fields(fields, places, self.zone, log)

    def _row(self, line: int, fields: "_Fields") -> LogRow:
        queue, ticket = fields.name("queue_id"), fields.name("ticket_id")
        service = fields.name("service", may_be_blank=True)
        priority = fields.priority()
        server = fields.name("server_id", may_be_blank=True)
        outcome = fields.outcome()
        joined_at = fields.time("joined_at")
        called_at = None
        if outcome != Outcome.ABANDONED:
            called_at = fields.time("called_at")
            if called_at < joined_at:
                raise _BadFieldError("called_at", "called before it joined")
        elif fields.text("called_at"):
            raise _BadFieldError("called_at", "an abandoned ticket was never called")
        finished_at = fields.time("finished_at")
        if finished_at < (called_at or joined_at):
            before = "it joined" if called_at is None else "it was called"
            raise _BadFieldError("finished_at", f"finished before {before}")
        business_date = joined_at.astimezone(self.zone).date()
        return LogRow(
            line=line,
            queue=queue,
            ticket=ticket,
            service=service,
            priority=priority,
            server=server,
            joined_at=joined_at,
            called_at=called_at,
            finished_at=finished_at,
            outcome=outcome,
            business_date=business_date,
            crosses_midnight=finished_at.astimezone(self.zone).date() != business_date,
        )


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of one line, by column; each method names its column when it can not be used."""

    fields: Sequence[str]
    places: dict[str, int]
    zone: ZoneInfo
    log: QueueLog

    def text(self, column: str) -> str:
        return self.fields[self.places[column]].strip()

    def name(self, column: str, *, may_be_blank: bool = False) -> str:
        text = self.text(column)
        if not text and not may_be_blank:
            raise _BadFieldError(column, "is empty")
        if len(text) > LONGEST[column]:
            raise _BadFieldError(column, f"is longer than {LONGEST[column]} characters")
        if not text.isprintable() or "\ufffd" in text:
            raise _BadFieldError(column, "has characters that are not text in UTF-8")
        return text

    def priority(self) -> int:
        text = self.text("priority")
        if not (text.isascii() and text.isdigit() and int(text) <= HIGHEST_PRIORITY):
            raise _BadFieldError("priority", f"“{text}” is not a number from 0 to 9")
        return int(text)

    def outcome(self) -> Outcome:
        text = self.text("outcome")
        try:
            return Outcome(text)
        except ValueError:
            known = ", ".join(Outcome)
            raise _BadFieldError("outcome", f"“{text}” is none of {known}") from None

    def time(self, column: str) -> datetime:
        text = self.text(column)
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            local = None
        if local is None or len(text) < SHORTEST_TIME or local.year not in YEARS:
            raise _BadFieldError(column, f"“{text}” is not a time like 1999-01-31T23:59:00")
        if local.tzinfo is not None:
            raise _BadFieldError(column, f"“{text}” has an offset; the log's times are local")
        return self._instant(local)

    def _instant(self, local: datetime) -> datetime:
        """In a gap, the time that the clock jumped on to; in an overlap, the first of the two."""
        meant = instant(local.date(), local.time(), self.zone)
        second = local.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        if meant != second:
            is_gap = meant.astimezone(self.zone).replace(tzinfo=None) != local
            case = LocalTimeCase.IN_GAP if is_gap else LocalTimeCase.IN_OVERLAP
            self.log.local_times[case] += 1
        return meant


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        # Bytes that are not UTF-8 become U+FFFD, which the row's own check names by line.
        with opener(path, "rt", encoding="utf-8-sig", errors="replace") as file:
            yield file
    except (OSError, EOFError, zlib.error) as error:
        raise ReplayError(f"{path} can not be read: {error}") from error


def _fields_of(text: str) -> list[str]:
    """Splits one line; on its own, so that a quote that nobody closes spoils no other line."""
    try:
        return next(csv.reader([text]), [])
    except csv.Error:
        return []


def _column_places(header: Sequence[str], path: Path) -> tuple[dict[str, int], int]:
    names = [name.strip() for name in header]
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise ReplayError(f"{path} lacks the columns {', '.join(missing)}.")
    return {column: names.index(column) for column in COLUMNS}, len(names)
