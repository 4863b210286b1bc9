"""One replay from the file to the report."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from integrations.replay.access import LONGEST_NAME, check_clock, only_replay, replay_key
from integrations.replay.check import check
from integrations.replay.client import Client, RefusedError, Target
from integrations.replay.done import known_tickets
from integrations.replay.errors import InterruptedReplayError, ReplayError
from integrations.replay.log import LogReader, QueueLog
from integrations.replay.plan import Plan, make_plan
from integrations.replay.report import Report, make_report
from integrations.replay.setup import Branch, Wanted, set_up
from integrations.replay.workers import Sent, Workers
from providers.models import Provider
from providers.selectors import provider_by_slug

Say = Callable[[str], None]
Progress = Callable[[int, int], None]
"""Told how many actions there are to do, and how many of them are left."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is replayed, into which provider, and how.

    ``speed`` is a factor of real time, 0 for as fast as it goes.
    """

    path: Path
    provider: str
    url: str
    time_zone: ZoneInfo
    speed: float = 0
    head_start: timedelta = timedelta(seconds=90)
    connections: int = 4
    first_date: date | None = None
    last_date: date | None = None

    @property
    def name(self) -> str:
        """What the replay's location is called: the file without its endings."""
        name = self.path.name.removesuffix(".gz").removesuffix(".csv")
        return name[:LONGEST_NAME] or "log"


def replay(options: Options, *, say: Say, on_progress: Progress) -> Report:
    """Replays the log, or what an interrupted replay left of it, and checks the result.

    Raises:
        ReplayError: it can not start, or can not go on.
        InterruptedReplayError: stopped from the keyboard.
    """
    reader = LogReader(options.time_zone, options.first_date, options.last_date)
    log = reader.read(options.path)
    provider = provider_by_slug(options.provider)
    if provider is None:
        raise ReplayError(f"There is no provider “{options.provider}”.")
    if not log.rows:
        raise ReplayError(_nothing_in(log))
    plan = make_plan(log.rows, options.head_start)
    with only_replay(provider, options.name):
        branch, sent = _drive(options, provider, plan, say, on_progress)
        checked = check(plan, branch.queues, options.first_date, options.last_date)
    return make_report(provider=provider.slug, log=log, plan=plan, sent=sent, checked=checked)


def _drive(
    options: Options, provider: Provider, plan: Plan, say: Say, on_progress: Progress
) -> tuple[Branch, Sent]:
    with replay_key(provider, options.name) as key:
        target = Target(options.url.rstrip("/"), provider.slug, key)
        branch = _prepare(options, target, plan)
        workers = Workers(
            plan=plan,
            branch=branch,
            target=target,
            known=known_tickets(provider, plan, branch.queues),
            speed=options.speed,
        )
        to_do = workers.left
        if workers.sent.skipped:
            say(
                f"{workers.sent.skipped:,} of {len(plan.actions):,} actions were done before "
                "and are skipped."
            )
        try:
            return branch, workers.run(options.connections, lambda left: on_progress(to_do, left))
        except KeyboardInterrupt:
            raise InterruptedReplayError(
                f"Interrupted after {to_do - workers.left:,} of {to_do:,} actions. "
                "The same command goes on from there."
            ) from None


def _prepare(options: Options, target: Target, plan: Plan) -> Branch:
    with closing(Client(target)) as client:
        check_clock(client, target.url)
        wanted = Wanted(options.name, options.time_zone.key, options.head_start)
        try:
            return set_up(client, plan, wanted)
        except RefusedError as refusal:
            raise ReplayError(f"The platform refused the set-up: {refusal}.") from refusal


def _nothing_in(log: QueueLog) -> str:
    bad = ""
    if log.bad_rows:
        bad = f" {len(log.bad_rows):,} rows are malformed, first {log.bad_rows[0]}."
    return f"There is nothing to replay: {log.outside_dates:,} rows are of other dates.{bad}"
