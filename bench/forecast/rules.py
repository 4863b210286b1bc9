"""What each rule is worth: the same log without it, beside the one with all of them.

A rule is taken away by rewriting what the estimator is told, so the estimator itself has no
switches: what it is not told it can not use.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from bench.forecast.log_events import LogEvent
from bench.forecast.scores import Report
from queues.forecast import CounterChanged, Event, Joined, Left

Rewriting = Callable[[Event], Event | None]
Rule = Callable[[Iterable[LogEvent]], Iterator[LogEvent]]
"""From what the estimator would be told to what it is told without the rule."""


def _without_priorities(event: Event) -> Event:
    """Everybody stands behind who came before, whoever is called first in the end."""
    if isinstance(event, Joined):
        return replace(event, order_key=event.at, priority=0)
    return event


def _without_services(event: Event) -> Event:
    """All are as quick, and what was told of them is learned from together."""
    return replace(event, service="") if isinstance(event, Joined) else event


def _without_giving_up(event: Event) -> Event:
    """Nobody is expected to leave."""
    return replace(event, gave_up=False) if isinstance(event, Left) else event


def _without_counters(event: Event) -> Event | None:
    """Nothing is known of counters that open and close: a day begins with its first call."""
    return None if isinstance(event, CounterChanged) else event


def _without_groups(event: Event) -> Event:
    """A group is as one person."""
    return replace(event, people=1) if isinstance(event, Joined) else event


def _without_bookings(event: Event) -> Event:
    """Nobody knows who is still to come."""
    return replace(event, bookings=()) if isinstance(event, Joined) else event


def _each(rewrite: Rewriting) -> Rule:
    """Rewrites each event by itself."""

    def rewrite_all(events: Iterable[LogEvent]) -> Iterator[LogEvent]:
        for played in events:
            event = rewrite(played.event)
            if event is not None:
                yield replace(played, event=event)

    return rewrite_all


def _without_staffing(events: Iterable[LogEvent]) -> Iterator[LogEvent]:
    """It is known whether a counter is open, but not how many."""
    open_counters: dict[str, set[int]] = defaultdict(set)
    for played in events:
        event, there = played.event, open_counters[played.row.queue]
        if not isinstance(event, CounterChanged):
            yield played
            continue
        was_open = bool(there)
        there.symmetric_difference_update({event.counter})
        if was_open != bool(there):
            yield replace(played, event=replace(event, counter=0))


RULES: dict[str, Rule] = {
    "priorities": _each(_without_priorities),
    "services": _each(_without_services),
    "giving-up": _each(_without_giving_up),
    "groups": _each(_without_groups),
    "bookings": _each(_without_bookings),
    "staffing": _without_staffing,
    "counters": _each(_without_counters),
}


def as_rules_table(whole: Report, compared: Mapping[str, Report]) -> str:
    """One line for all rules, and one without each; a rule that helps makes them worse."""
    lines = [
        f"{'rules':<24}{'tickets':>9}{'MAE of mean':>13}{'worse by':>10}{'inside':>9}{'Winkler':>9}"
    ]
    lines.append(_line("all", whole, whole))
    lines += [_line(f"without {name}", one, whole) for name, one in compared.items()]
    return "\n".join(lines)


def _line(name: str, report: Report, whole: Report) -> str:
    point, told = report.overall.point, report.overall.range
    worse = point.share / whole.overall.point.share - 1
    return (
        f"{name:<24}{report.tickets:>9}{point.share:>13.4f}{worse:>+10.1%}{told.coverage:>9.1%}"
        f"{told.winkler:>9.3f}"
    )
