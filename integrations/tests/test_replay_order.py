"""Whatever order several connections end up in, each call-next calls the planned ticket."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from integrations.replay.log import LogRow, Outcome
from integrations.replay.order import waits_for
from integrations.replay.plan import CALLS, ENDS, Kind, Plan, make_plan

HEAD_START = timedelta(seconds=5)
START = datetime(1999, 1, 4, 8, tzinfo=UTC)
QUEUES_OF_SERVERS = {"A1": "x", "A2": "xy", "A3": "y", "A4": "yz", "": "xyz"}


def random_plan(random: Random) -> Plan:
    """A log of a few busy minutes: small times, so that much happens at once."""
    rows = []
    for line in range(60):
        server = random.choice(list(QUEUES_OF_SERVERS))
        joined, waited, served = random.randrange(60), random.randrange(25), random.randrange(8)
        is_abandoned = random.random() < 0.2
        called_at = START + timedelta(seconds=joined + waited)
        rows.append(
            LogRow(
                line=line,
                queue=random.choice(QUEUES_OF_SERVERS[server]),
                ticket=str(line),
                service="",
                priority=random.choice([0, 0, 1, 3]),
                server=server,
                joined_at=START + timedelta(seconds=joined),
                called_at=None if is_abandoned else called_at,
                finished_at=called_at + timedelta(seconds=served),
                outcome=Outcome.ABANDONED if is_abandoned else Outcome.SERVED,
                business_date=START.date(),
                crosses_midnight=False,
            )
        )
    return make_plan(rows, HEAD_START)


class Engine:
    """The platform's rules in a few lines; ids are given in the order of joining."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.line: list[tuple[datetime, int, int]] = []
        self.joined = 0
        self.busy: dict[str, int] = {}

    def do(self, index: int) -> None:
        action = self.plan.actions[index]
        row = self.plan.rows[action.ticket]
        if action.kind is Kind.JOIN:
            self.joined += 1
            key = row.joined_at - row.priority * HEAD_START
            self.line.append((key, self.joined, action.ticket))
        elif action.kind in CALLS:
            assert action.counter not in self.busy
            if action.kind is Kind.CALL_NEXT:
                assert self.next_for(action.counter) == action.ticket
            self.leave(action.ticket)
            self.busy[action.counter] = action.ticket
        elif action.kind is Kind.CANCEL:
            self.leave(action.ticket)
        elif action.kind in ENDS:
            self.busy = {c: ticket for c, ticket in self.busy.items() if ticket != action.ticket}

    def next_for(self, counter: str) -> int:
        queues = self.plan.counters[counter]
        return min(entry for entry in self.line if self.plan.rows[entry[2]].queue in queues)[2]

    def leave(self, ticket: int) -> None:
        (entry,) = (entry for entry in self.line if entry[2] == ticket)
        self.line.remove(entry)


def play(plan: Plan, waits: list[list[int]], random: Random) -> None:
    """Does everything in some order that the waits allow."""
    engine, done = Engine(plan), set[int]()
    todo = list(range(len(plan.actions)))
    while todo:
        ready = [index for index in todo if done.issuperset(waits[index])]
        index = random.choice(ready)
        engine.do(index)
        done.add(index)
        todo.remove(index)


@pytest.mark.parametrize("seed", range(40))
def test_each_call_next_calls_the_planned_ticket(seed: int) -> None:
    random = Random(seed)
    plan = random_plan(random)
    play(plan, waits_for(plan), random)


def test_without_the_waits_of_the_line_it_does_not() -> None:
    failed = 0
    for seed in range(40):
        random = Random(seed)
        plan = random_plan(random)
        own = [
            [i for i in waits if plan.actions[i].ticket == plan.actions[index].ticket]
            for index, waits in enumerate(waits_for(plan))
        ]
        try:
            play(plan, own, random)
        except AssertionError:
            failed += 1
    assert failed == 40


def test_actions_wait_for_earlier_ones_only() -> None:
    plan = random_plan(Random(1))
    assert all(earlier < index for index, waits in enumerate(waits_for(plan)) for earlier in waits)
