"""Sends the actions of a plan over several connections."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from threading import Thread
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from integrations.replay.client import Client, RefusedError, Target, Traffic
from integrations.replay.done import Known, is_done
from integrations.replay.errors import ReplayError
from integrations.replay.order import waits_for
from integrations.replay.plan import CALLS, Action, Kind, Plan
from integrations.replay.schedule import Pace, Schedule
from integrations.replay.setup import Branch, idempotency_key

MOST_FAILURES = 100
PROGRESS_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Failure:
    """An action that did not do what the plan says: the row's line in the log, and why."""

    line: int
    action: str
    problem: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.action}: {self.problem}"


@dataclass(slots=True)
class Sent:
    """What became of the actions; ``elapsed_seconds`` is from the first request to the last."""

    skipped: int = 0
    not_sent: int = 0
    elapsed_seconds: float = 0.0
    mismatches: list[Failure] = field(default_factory=list)
    refusals: list[Failure] = field(default_factory=list)
    traffic: list[Traffic] = field(default_factory=list)


class Workers:
    """Threads, each with a connection, that send what the schedule hands out."""

    def __init__(
        self,
        *,
        plan: Plan,
        branch: Branch,
        target: Target,
        known: Sequence[Known | None],
        speed: float,
    ) -> None:
        self.sent = Sent()
        self._plan = plan
        self._branch = branch
        self._target = target
        self._ticket_ids = [ticket.id if ticket else None for ticket in known]
        self._given_up: set[int] = set()
        self._error: ReplayError | None = None
        done = [is_done(action, known) for action in plan.actions]
        self.sent.skipped = sum(done)
        first = done.index(False) if not all(done) else 0
        pace = Pace(speed, plan.actions[first].at, monotonic())
        self._schedule = Schedule(
            waits_for(plan), done.__getitem__, lambda index: pace.due(plan.actions[index].at)
        )

    @property
    def left(self) -> int:
        """How many actions are still to be sent."""
        return self._schedule.left

    def run(self, connections: int, on_progress: Callable[[int], None]) -> Sent:
        """Sends everything; tells ``on_progress``, now and then, how many actions are left.

        On any exception, also of the keyboard, what was sent is waited for.

        Raises:
            ReplayError: the platform does not answer, or refuses too much.
        """
        threads = [Thread(target=self._work, daemon=True) for _ in range(connections)]
        began = monotonic()
        for thread in threads:
            thread.start()
        try:
            while not self._schedule.wait(PROGRESS_SECONDS):
                on_progress(self.left)
        finally:
            self._schedule.stop()
            for thread in threads:
                thread.join()
            self.sent.elapsed_seconds = monotonic() - began
            on_progress(self.left)
        if self._error is not None:
            raise self._error
        return self.sent

    def _work(self) -> None:
        client = Client(self._target)
        self.sent.traffic.append(client.traffic)
        try:
            while (index := self._schedule.take()) is not None:
                self._do(client, self._plan.actions[index])
                self._schedule.done(index)
        except ReplayError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001 - else the others would wait for ever
            self._error = ReplayError(f"The replay failed: {error!r}")
        finally:
            self._schedule.stop()
            client.close()

    def _do(self, client: Client, action: Action) -> None:
        if action.ticket in self._given_up:
            self.sent.not_sent += 1
            return
        try:
            answer = self._send(client, action)
        except RefusedError as refusal:
            if refusal.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
                raise ReplayError(f"The platform takes the key no longer ({refusal}).") from None
            if not self._has_happened(client, action):
                self._give_up(self.sent.refusals, action, str(refusal))
            return
        if action.kind is Kind.JOIN:
            self._ticket_ids[action.ticket] = answer["id"]
        elif action.kind is Kind.CALL_NEXT and answer["id"] != self._ticket_ids[action.ticket]:
            problem = f"{answer['reference'] or answer['code']} was called instead"
            self._give_up(self.sent.mismatches, action, problem)

    def _send(self, client: Client, action: Action) -> Any:
        row = self._plan.rows[action.ticket]
        path, body = self._request(action)
        return client.post(
            path,
            body,
            at=action.at.isoformat(),
            idempotency_key=idempotency_key(
                self._target.provider, row.queue, row.ticket, action.kind
            ),
            name=action.kind,
        )

    def _request(self, action: Action) -> tuple[str, dict[str, Any] | None]:
        row = self._plan.rows[action.ticket]
        ticket = self._ticket_ids[action.ticket]
        if action.kind is Kind.JOIN:
            return "tickets", {
                "queue": self._branch.queues[row.queue],
                "service": self._branch.services.get(row.service),
                "priority": row.priority,
                "reference": row.ticket,
                "source": "api",
            }
        if action.kind is Kind.CALL_NEXT:
            return f"counters/{self._branch.counters[action.counter]}/call-next", None
        if action.kind is Kind.CALL:
            return f"tickets/{ticket}/call", {"counter": self._branch.counters[action.counter]}
        return f"tickets/{ticket}/{action.kind}", None

    def _has_happened(self, client: Client, action: Action) -> bool:
        """Whether a request of an earlier replay, that was under way when it died, did this."""
        row = self._plan.rows[action.ticket]
        query = urlencode({"queue": self._branch.queues[row.queue], "reference": row.ticket})
        found = client.get(f"tickets?{query}")["results"]
        if not found:
            return False
        self._ticket_ids[action.ticket] = found[0]["id"]
        if action.kind is Kind.JOIN:
            column = "issued_at"
        elif action.kind in CALLS:
            column = "called_at"
        else:
            column = "started_at" if action.kind is Kind.START else "ended_at"
        happened_at = found[0][column]
        return happened_at is not None and datetime.fromisoformat(happened_at) == action.at

    def _give_up(self, failures: list[Failure], action: Action, problem: str) -> None:
        """The ticket is not what the plan takes it for: nothing more is asked for it."""
        line = self._plan.rows[action.ticket].line
        failures.append(Failure(line, action.kind, problem))
        self._given_up.add(action.ticket)
        count = len(self.sent.refusals) + len(self.sent.mismatches)
        if count >= MOST_FAILURES:
            first = (self.sent.mismatches + self.sent.refusals)[0]
            raise ReplayError(
                f"Stopped after {count} actions went otherwise than planned, first {first}."
            )
