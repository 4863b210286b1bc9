"""What to ask of the platform, when and at which counter: a pure function of the log.

The plan plays the log through the engine's own order of the line. It is the same for the same
log, so that a replay that was interrupted makes it again and goes on.
"""

from bisect import insort
from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from heapq import heappop, heappush

from integrations.replay.log import LogRow, Outcome

LineKey = tuple[datetime, datetime, int]
"""The engine's order of the line: order key, then age; tickets are numbered in plan order."""


class Kind(StrEnum):
    """What is asked of the platform."""

    JOIN = "join"
    CALL_NEXT = "call-next"
    CALL = "call"
    START = "start"
    COMPLETE = "complete"
    NO_SHOW = "no-show"
    CANCEL = "cancel"


CALLS = frozenset({Kind.CALL_NEXT, Kind.CALL})
ENDS = frozenset({Kind.COMPLETE, Kind.NO_SHOW, Kind.CANCEL})


class Rule(StrEnum):
    """Where the log is messy, what the replay does."""

    COUNTER_STILL_BUSY = "counter_still_busy"
    NO_SERVER = "no_server"
    DIRECT_CALL = "direct_call"
    CROSSES_MIDNIGHT = "crosses_midnight"
    NO_LENGTH = "no_length"


class _Phase(IntEnum):
    """At the same time: counters become free, people come, people leave, and then the calls."""

    ENDS = 0
    JOINS = 1
    CANCELS = 2
    CALLS = 3


@dataclass(frozen=True, slots=True)
class Action:
    """One request: ``ticket`` is the place of its row in the log; calls name their counter."""

    kind: Kind
    ticket: int
    at: datetime
    counter: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All actions in the order of the log.

    ``counters`` has the names of the queues that each counter serves; ``line_keys`` the place of
    each row in the line.
    """

    rows: Sequence[LogRow]
    line_keys: Sequence[LineKey]
    actions: Sequence[Action]
    counters: dict[str, frozenset[str]]
    rules: dict[Rule, int]


def make_plan(rows: Sequence[LogRow], head_start: timedelta) -> Plan:
    """Plans the replay of ``rows``; ``head_start`` is what each step of priority is worth."""
    line_keys = [
        (row.joined_at - row.priority * head_start, row.joined_at, number)
        for number, row in enumerate(rows)
    ]
    simulation = _Simulation(rows, line_keys)
    actions = [simulation.play(action) for action in _in_log_order(rows, line_keys)]
    rules = simulation.rules
    rules[Rule.CROSSES_MIDNIGHT] = sum(row.crosses_midnight for row in rows)
    rules[Rule.NO_LENGTH] = sum(row.called_at == row.finished_at for row in rows)
    return Plan(
        rows=rows,
        line_keys=line_keys,
        actions=actions,
        counters={name: simulation.serves[name] for name in simulation.used},
        rules={rule: rules[rule] for rule in Rule},
    )


def _in_log_order(rows: Sequence[LogRow], line_keys: Sequence[LineKey]) -> Iterator[Action]:
    """All actions by time; which calls are next, and at which counter, is yet to be seen."""
    order = []
    for number, row in enumerate(rows):
        for step, (phase, kind, at) in enumerate(_steps(row)):
            order.append(((at, phase, line_keys[number], step), Action(kind, number, at)))
    order.sort(key=lambda entry: entry[0])
    return (action for _, action in order)


def _steps(row: LogRow) -> list[tuple[_Phase, Kind, datetime]]:
    joined = (_Phase.JOINS, Kind.JOIN, row.joined_at)
    if row.called_at is None:
        return [joined, (_Phase.CANCELS, Kind.CANCEL, row.finished_at)]
    # What ends as it is called ends right there, before the next call of the same moment.
    end_phase = _Phase.CALLS if row.called_at == row.finished_at else _Phase.ENDS
    called = (_Phase.CALLS, Kind.CALL, row.called_at)
    if row.outcome == Outcome.NO_SHOW:
        return [joined, called, (end_phase, Kind.NO_SHOW, row.finished_at)]
    started = (_Phase.CALLS, Kind.START, row.called_at)
    return [joined, called, started, (end_phase, Kind.COMPLETE, row.finished_at)]


class _Simulation:
    """The lines and the counters as the log goes by."""

    def __init__(self, rows: Sequence[LogRow], line_keys: Sequence[LineKey]) -> None:
        self.rows = rows
        self.line_keys = line_keys
        self.rules: Tally[Rule] = Tally()
        self.serves = _queues_of_servers(rows)
        self.used: dict[str, None] = {}
        self._all_queues = frozenset(row.queue for row in rows)
        self._lines: dict[str, list[LineKey]] = {queue: [] for queue in self._all_queues}
        self._waiting: set[int] = set()
        self._busy: dict[str, int] = {}
        self._counter_of: dict[int, str] = {}
        self._extras = _FreeNumbers(taken_names=frozenset(self.serves))

    def play(self, action: Action) -> Action:
        """Lets an action happen; a call comes back with its counter, and as next if it is."""
        number = action.ticket
        if action.kind is Kind.JOIN:
            self._waiting.add(number)
            heappush(self._lines[self.rows[number].queue], self.line_keys[number])
        elif action.kind is Kind.CANCEL:
            self._waiting.remove(number)
        elif action.kind is Kind.CALL:
            return self._call(action)
        elif action.kind in ENDS:
            self._leave_counter(number)
        return action

    def _call(self, action: Action) -> Action:
        number = action.ticket
        counter = self._free_counter(self.rows[number].server)
        is_next = self._first(self.serves[counter]) == number
        self.rules[Rule.DIRECT_CALL] += not is_next
        self._waiting.remove(number)
        self._busy[counter] = number
        self._counter_of[number] = counter
        self.used[counter] = None
        return Action(Kind.CALL_NEXT if is_next else Kind.CALL, number, action.at, counter)

    def _free_counter(self, server: str) -> str:
        if server and server not in self._busy:
            return server
        self.rules[Rule.COUNTER_STILL_BUSY if server else Rule.NO_SERVER] += 1
        counter = self._extras.take()
        self.serves[counter] = self._all_queues
        return counter

    def _leave_counter(self, number: int) -> None:
        counter = self._counter_of.pop(number)
        del self._busy[counter]
        self._extras.give_back(counter)

    def _first(self, queues: frozenset[str]) -> int | None:
        fronts = [front for queue in queues if (front := self._front(queue)) is not None]
        return min(fronts)[-1] if fronts else None

    def _front(self, queue: str) -> LineKey | None:
        line = self._lines[queue]
        while line and line[0][-1] not in self._waiting:
            heappop(line)
        return line[0] if line else None


def _queues_of_servers(rows: Sequence[LogRow]) -> dict[str, frozenset[str]]:
    queues: dict[str, set[str]] = {}
    for row in rows:
        if row.server and row.called_at is not None:
            queues.setdefault(row.server, set()).add(row.queue)
    return {server: frozenset(served) for server, served in queues.items()}


class _FreeNumbers:
    """The pool “extra 1”, “extra 2”, …: always the smallest that is free and no agent's name."""

    def __init__(self, taken_names: frozenset[str]) -> None:
        self._taken_names = taken_names
        self._free: list[int] = []
        self._numbers: dict[str, int] = {}
        self._last = 0

    def take(self) -> str:
        if self._free:
            return f"extra {self._free.pop(0)}"
        while True:
            self._last += 1
            name = f"extra {self._last}"
            if name not in self._taken_names:
                self._numbers[name] = self._last
                return name

    def give_back(self, counter: str) -> None:
        if counter in self._numbers:
            insort(self._free, self._numbers[counter])
