"""What a replay did, as text and as JSON."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import quantiles
from typing import Any

from integrations.replay.check import Checked
from integrations.replay.log import LocalTimeCase, Outcome, QueueLog
from integrations.replay.plan import Kind, Plan, Rule
from integrations.replay.workers import Sent

SHOWN = 5
ROWS_SHOWN = 20

OUTCOMES: dict[str, str] = {
    Outcome.SERVED: "served",
    Outcome.ABANDONED: "abandoned (cancelled)",
    Outcome.NO_SHOW: "did not come",
}
RULES: dict[str, str] = {
    Rule.COUNTER_STILL_BUSY: "agent still had the previous ticket: extra counter",
    Rule.NO_SERVER: "no agent named: extra counter",
    Rule.DIRECT_CALL: "not the next in line: called by name",
    Rule.CROSSES_MIDNIGHT: "past midnight: business date of joining",
    Rule.NO_LENGTH: "service without length: kept",
    LocalTimeCase.IN_GAP: "times in a daylight-saving gap: moved forward",
    LocalTimeCase.IN_OVERLAP: "times in a daylight-saving overlap: the earlier",
}


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles of the time from sending a request to its answer, in milliseconds."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Report:
    """The whole of it; counts unless the name says a unit.

    ``exit_code`` is 0 if the platform holds what the log says and each call was as planned.
    """

    provider: str
    tickets: dict[str, int]
    rules: dict[str, int]
    counters: int
    rows_left_out: list[dict[str, Any]]
    rows_outside_dates: int
    actions: int
    actions_done_before: int
    actions_not_sent: int
    requests: dict[str, int]
    retries: int
    elapsed_seconds: float
    requests_per_second: float
    latency_ms: Latency | None
    mismatches: list[str]
    refusals: list[str]
    tickets_checked: int
    differences: dict[str, dict[str, Any]]

    @property
    def difference_count(self) -> int:
        """How many differences the check found."""
        return sum(difference["count"] for difference in self.differences.values())

    @property
    def exit_code(self) -> int:
        """0 or 1."""
        return int(bool(self.mismatches or self.refusals or self.difference_count))

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return asdict(self) | {"exit_code": self.exit_code}

    def as_text(self) -> str:
        """The report for a terminal."""
        return "\n".join([*self._what(), *self._how(), *self._check()])

    def _what(self) -> Iterator[str]:
        yield f"Tickets of the log for {self.provider}: {sum(self.tickets.values()):,}"
        yield from _counts({OUTCOMES[key]: n for key, n in self.tickets.items()})
        yield f"Rules, with {self.counters:,} counters"
        yield from _counts({RULES[key]: n for key, n in self.rules.items()})
        if self.rows_outside_dates:
            yield f"Rows of other dates: {self.rows_outside_dates:,}"
        yield f"Rows left out: {len(self.rows_left_out):,}"
        left_out = [f"line {r['line']}, {r['column']}: {r['problem']}" for r in self.rows_left_out]
        yield from _first(left_out[:ROWS_SHOWN], len(left_out), shown=ROWS_SHOWN)

    def _how(self) -> Iterator[str]:
        sent = sum(self.requests.values())
        if self.actions_done_before == self.actions:
            yield f"Nothing to do: all {self.actions:,} actions were done before."
            return
        yield (
            f"Requests: {sent:,} of {self.actions:,} actions; "
            f"{self.actions_done_before:,} were done before"
        )
        yield from _counts(self.requests)
        yield (
            f"{self.requests_per_second:,.0f} requests/s for {self.elapsed_seconds:,.1f} s, "
            f"{self.retries:,} repeated"
        )
        if self.latency_ms:
            ms = self.latency_ms
            yield f"Answered in p50 {ms.p50:.1f} ms, p95 {ms.p95:.1f} ms, p99 {ms.p99:.1f} ms"

    def _check(self) -> Iterator[str]:
        for title, failures in (
            ("Calls that called somebody else", self.mismatches),
            ("Refused by the platform", self.refusals),
        ):
            if failures:
                yield f"{title}: {len(failures):,}"
                yield from _first(failures)
        if self.actions_not_sent:
            yield f"Later actions of these tickets, not sent: {self.actions_not_sent:,}"
        yield (
            f"Check in SQL of {self.tickets_checked:,} tickets against the log: "
            f"{self.difference_count:,} differences"
        )
        for question, difference in self.differences.items():
            if difference["count"]:
                yield f"  {question}: {difference['count']:,}"
                yield from _first(difference["examples"], difference["count"], indent="    ")


def make_report(
    *, provider: str, log: QueueLog, plan: Plan, sent: Sent, checked: Checked
) -> Report:
    """Puts the parts together."""
    seconds = [value for traffic in sent.traffic for value in traffic.seconds]
    requests: Counter[str] = sum((t.by_action for t in sent.traffic), Counter())
    outcomes = Counter(row.outcome for row in plan.rows)
    answered = sum(requests.values())
    return Report(
        provider=provider,
        tickets={outcome.value: outcomes[outcome] for outcome in Outcome},
        rules={key.value: n for key, n in [*plan.rules.items(), *log.local_times.items()]},
        counters=len(plan.counters),
        rows_left_out=[asdict(row) for row in log.bad_rows],
        rows_outside_dates=log.outside_dates,
        actions=len(plan.actions),
        actions_done_before=sent.skipped,
        actions_not_sent=sent.not_sent,
        requests={kind.value: requests[kind] for kind in Kind},
        retries=sum(traffic.retries for traffic in sent.traffic),
        elapsed_seconds=round(sent.elapsed_seconds, 3),
        requests_per_second=round(answered / sent.elapsed_seconds, 1) if answered else 0.0,
        latency_ms=_latency(seconds),
        mismatches=list(map(str, sent.mismatches)),
        refusals=list(map(str, sent.refusals)),
        tickets_checked=checked.tickets,
        differences={name: asdict(found) for name, found in checked.differences.items()},
    )


def _latency(seconds: Sequence[float]) -> Latency | None:
    if len(seconds) < 2:  # noqa: PLR2004 - one value has no percentiles
        return None
    cuts = quantiles(seconds, n=100, method="inclusive")
    return Latency(*(round(cuts[percent - 1] * 1000, 2) for percent in (50, 95, 99)))


def _counts(counts: dict[str, int]) -> Iterator[str]:
    for name, count in counts.items():
        yield f"  {count:>9,}  {name}"


def _first(
    lines: Sequence[str], count: int | None = None, *, shown: int = SHOWN, indent: str = "  "
) -> Iterator[str]:
    for line in lines[:shown]:
        yield indent + line
    rest = (len(lines) if count is None else count) - len(lines[:shown])
    if rest > 0:
        yield f"{indent}… and {rest:,} more"
