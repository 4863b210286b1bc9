"""`make bench-forecast LOG=… [TRAIN=…]`: how right the wait estimate is on a queue log.

Replays the log in event order through the real estimator and scores what it said to each ticket
that waited and was served. TRAIN is an earlier log, played first and not scored; --from does the
same within one log. Prints a table and, last, one JSON line.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.forecast.cost import cost
from bench.forecast.log_events import LogEvent, log_events, read_extra
from bench.forecast.plot import reliability_plot
from bench.forecast.replay import Replay
from bench.forecast.rules import RULES, as_rules_table
from bench.forecast.scores import Report, report
from bench.forecast.table import as_table
from integrations.replay.errors import ReplayError
from integrations.replay.log import LogReader
from queues.forecast import Calendar


@dataclass(frozen=True, slots=True)
class Options:
    """What is replayed, and what of it is scored."""

    log: Path
    train: Path | None
    first_date: date
    last_date: date | None
    zone: ZoneInfo
    head_start: timedelta
    again_after: float
    plot: Path | None
    with_cost: bool
    with_rules: bool
    with_counters: bool


def main(options: Options) -> dict[str, Any]:
    """Replays, prints the table, and returns the figures.

    Raises:
        ReplayError: a log can not be read.
        ValueError: there is nothing to score.
    """
    calendar = Calendar(options.zone)
    history = [] if options.train is None else read(options.train, options)
    events = read(options.log, options, first_number=len(history) + 1)
    replay, scores = played(history, events, options)
    print(as_table(scores), end="\n\n")
    if options.plot is not None:
        options.plot.write_text(reliability_plot(scores), encoding="utf-8")
    figures: dict[str, Any] = {"log": options.log.name, **scores.as_json()}
    if options.with_rules:
        compared = {
            name: played(list(rule(history)), list(rule(events)), options)[1]
            for name, rule in RULES.items()
        }
        print(as_rules_table(scores, compared), end="\n\n")
        figures["without"] = {name: one.as_json()["overall"] for name, one in compared.items()}
    if options.with_cost:
        busiest = max(replay.forecasts.values(), key=lambda forecast: len(str(forecast.to_dict())))
        figures["cost"] = cost(events, calendar, busiest)
    return figures


def played(
    history: Sequence[LogEvent], events: Sequence[LogEvent], options: Options
) -> tuple[Replay, Report]:
    """A replay of the events after the history, and its scores.

    Raises:
        ValueError: there is nothing to score.
    """
    replay = Replay(Calendar(options.zone), options.again_after)
    replay.learn(history)
    return replay, report(replay.score(events, options.first_date))


def read(path: Path, options: Options, first_number: int = 1) -> list[LogEvent]:
    """The events of a log up to the last date, numbered from ``first_number``."""
    log = LogReader(options.zone, last_date=options.last_date).read(path)
    for bad_row in log.bad_rows:
        print(f"Left out: {path.name} {bad_row}")
    extra = read_extra(path, options.zone)
    return list(
        log_events(
            log.rows, options.head_start, extra, first_number, with_counters=options.with_counters
        )
    )


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="bench.forecast", description=__doc__)
    parser.add_argument("log", type=Path, help="csv or csv.gz")
    parser.add_argument("--train", type=Path, help="an earlier log, as history")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date.min)
    parser.add_argument("--until", dest="last", type=date.fromisoformat)
    parser.add_argument("--time-zone", type=ZoneInfo, default=ZoneInfo("Asia/Jerusalem"))
    parser.add_argument(
        "--head-start",
        type=float,
        default=90.0,
        metavar="SECONDS",
        help="of each step of priority, where the log has no order_key",
    )
    parser.add_argument("--again-after", type=float, default=60.0, metavar="SECONDS")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw a reliability plot")
    parser.add_argument(
        "--counters", action="store_true", help="tell when each server of the log was there"
    )
    parser.add_argument(
        "--rules", action="store_true", help="replay without each rule, too, and compare"
    )
    parser.add_argument("--no-cost", action="store_true", help="scores only")
    given = parser.parse_args(arguments)
    return Options(
        log=given.log,
        train=given.train,
        first_date=given.first,
        last_date=given.last,
        zone=given.time_zone,
        head_start=timedelta(seconds=given.head_start),
        again_after=given.again_after,
        plot=given.plot,
        with_cost=not given.no_cost,
        with_rules=given.rules,
        with_counters=given.counters or given.rules,
    )


if __name__ == "__main__":
    try:
        print(json.dumps(main(parse()), ensure_ascii=False))
    except (ReplayError, ValueError) as error:
        raise SystemExit(f"bench-forecast: {error}") from error
