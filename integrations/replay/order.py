"""Which actions wait for which, so that several connections come to the same end as one.

An action waits for the one before it of the same ticket, and a call for the counter to be free.
Starts and ends of service otherwise float. Joins of one order key wait for each other, since then
the ticket's id decides.

A call-next must find the planned ticket T at the head of its line. Ahead of T may stand only who
joined by then, so it waits until all of those were called or have left; and whoever joins later,
but ahead of T by priority, waits until T is called. All else commutes with it: who joins or leaves
behind T changes nothing for T. That is less to wait for than every change of the line before it,
and gives the same calls.
"""

from bisect import bisect_right, insort
from heapq import heappop, heappush

from integrations.replay.plan import CALLS, ENDS, Action, Kind, LineKey, Plan

Pending = tuple[LineKey, int]
"""A ticket's place in the line, and the index of an action that concerns it."""


def waits_for(plan: Plan) -> list[list[int]]:
    """For each action the indices of those, all smaller, that must be answered before it."""
    order = _Order(plan)
    return [order.add(index, action) for index, action in enumerate(plan.actions)]


class _Order:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._views = set(plan.counters.values())
        # Per view (a set of queues that some counter serves): who left the line, by place in it.
        self._removals: dict[frozenset[str], list[Pending]] = {view: [] for view in self._views}
        # Per queue: the calls-next that whoever joins ahead of their ticket must wait for.
        self._calls_next: dict[str, list[Pending]] = {row.queue: [] for row in plan.rows}
        self._last_of_ticket: dict[int, int] = {}
        self._last_of_counter: dict[str, int] = {}
        self._counter_of: dict[int, str] = {}
        self._last_of_order_key: dict[object, int] = {}

    def add(self, index: int, action: Action) -> list[int]:
        """The actions that this one waits for; to be called in the plan's order."""
        number = action.ticket
        waits = set()
        if number in self._last_of_ticket:
            waits.add(self._last_of_ticket[number])
        if action.kind is Kind.JOIN:
            waits.update(self._join(index, number))
        elif action.kind in CALLS:
            waits.update(self._call(index, action))
        elif action.kind is Kind.CANCEL:
            self._leave_line(index, number)
        if action.kind in ENDS and number in self._counter_of:
            self._last_of_counter[self._counter_of.pop(number)] = index
        self._last_of_ticket[number] = index
        return sorted(waits)

    def _join(self, index: int, number: int) -> list[int]:
        key = self._plan.line_keys[number]
        order_key = key[0]
        calls = self._calls_next[self._plan.rows[number].queue]
        waits = [call for _, call in calls[bisect_right(calls, (key, index)) :]]
        if order_key in self._last_of_order_key:
            waits.append(self._last_of_order_key[order_key])
        self._last_of_order_key[order_key] = index
        return waits

    def _call(self, index: int, action: Action) -> list[int]:
        number, key = action.ticket, self._plan.line_keys[action.ticket]
        waits = []
        if action.counter in self._last_of_counter:
            waits.append(self._last_of_counter[action.counter])
        self._counter_of[number] = action.counter
        if action.kind is Kind.CALL_NEXT:
            view = self._plan.counters[action.counter]
            removals = self._removals[view]
            # Later calls wait for this one, so what it waited for need not be looked at again.
            while removals and removals[0][0] < key:
                waits.append(heappop(removals)[1])
            for queue in view:
                insort(self._calls_next[queue], (key, index))
        self._leave_line(index, number)
        return waits

    def _leave_line(self, index: int, number: int) -> None:
        queue, key = self._plan.rows[number].queue, self._plan.line_keys[number]
        for view in self._views:
            if queue in view:
                heappush(self._removals[view], (key, index))
