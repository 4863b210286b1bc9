"""The plan: rules for a messy log, and the order at one moment."""

from datetime import timedelta
from pathlib import Path

from integrations.replay.plan import Kind, Plan, Rule, make_plan
from integrations.tests.replay_cast import MESS, rows_of

HEAD_START = timedelta(seconds=90)


def plan_of(folder: Path, *lines: str) -> Plan:
    return make_plan(rows_of(folder, *lines), HEAD_START)


def calls(plan: Plan) -> dict[str, tuple[Kind, str]]:
    return {
        f"{plan.rows[action.ticket].queue}/{plan.rows[action.ticket].ticket}": (
            action.kind,
            action.counter,
        )
        for action in plan.actions
        if action.counter
    }


def line(ticket: str, joined: str, called: str, finished: str, server: str = "A1") -> str:
    day = "1999-01-04T08:"
    return f"main,{ticket},PS,0,{server},{day}{joined},{day}{called},{day}{finished},served"


def kinds(plan: Plan) -> list[str]:
    return [f"{plan.rows[a.ticket].ticket} {a.kind.replace('-next', '')}" for a in plan.actions]


def test_every_mess_has_its_rule(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, *MESS)
    assert plan.rules == {
        Rule.COUNTER_STILL_BUSY: 2,
        Rule.NO_SERVER: 1,
        Rule.DIRECT_CALL: 1,
        Rule.CROSSES_MIDNIGHT: 1,
        Rule.NO_LENGTH: 1,
    }
    assert calls(plan) == {
        "main/t1": (Kind.CALL_NEXT, "A1"),
        "main/t3": (Kind.CALL_NEXT, "extra 1"),
        "main/t4": (Kind.CALL_NEXT, "A1"),
        "main/t5": (Kind.CALL_NEXT, "extra 2"),
        "main/t6": (Kind.CALL_NEXT, "A2"),
        "main/t7": (Kind.CALL_NEXT, "A2"),
        "main/t8": (Kind.CALL_NEXT, "A1"),
        "main/t10": (Kind.CALL_NEXT, "A1"),
        "web/t1": (Kind.CALL, "A2"),
        "web/t11": (Kind.CALL_NEXT, "extra 1"),
    }


def test_a_counter_that_is_still_busy_is_replaced(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        line("a", "00:00", "00:00", "05:00"),
        line("b", "01:00", "01:00", "02:00"),
        line("c", "01:30", "01:30", "03:00"),
        line("d", "04:00", "04:00", "06:00"),
    )
    assert [counter for _, counter in calls(plan).values()] == [
        "A1", "extra 1", "extra 2", "extra 1",
    ]  # fmt: skip
    assert plan.rules[Rule.COUNTER_STILL_BUSY] == 3


def test_an_agent_may_be_called_like_an_extra_counter(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        line("a", "00:00", "00:00", "05:00", server="extra 1"),
        line("b", "01:00", "01:00", "02:00", server=""),
    )
    assert [counter for _, counter in calls(plan).values()] == ["extra 1", "extra 2"]


def test_priority_is_worth_its_head_start(tmp_path: Path) -> None:
    first = line("a", "00:00", "10:00", "11:00")
    ahead = line("b", "01:29", "09:00", "09:30").replace("PS,0", "PS,1")
    behind = line("b", "01:31", "09:00", "09:30").replace("PS,0", "PS,1")
    assert calls(plan_of(tmp_path, first, ahead))["main/b"][0] == Kind.CALL_NEXT
    assert calls(plan_of(tmp_path, first, behind))["main/b"][0] == Kind.CALL


def test_service_ends_before_the_counter_calls_again(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path, line("a", "00:00", "00:00", "05:00"), line("b", "05:00", "05:00", "06:00")
    )
    assert kinds(plan)[3:6] == ["a complete", "b join", "b call"]
    assert not plan.rules[Rule.COUNTER_STILL_BUSY]


def test_service_without_length_ends_before_the_next_call(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path, line("a", "00:00", "00:00", "00:00"), line("b", "00:00", "00:00", "00:00")
    )
    assert kinds(plan) == [
        "a join", "b join", "a call", "a start", "a complete", "b call", "b start", "b complete",
    ]  # fmt: skip
    assert not plan.rules[Rule.COUNTER_STILL_BUSY]


def test_who_leaves_at_the_moment_of_a_call_is_not_ahead(tmp_path: Path) -> None:
    left = "main,a,PS,0,,1999-01-04T08:00:00,,1999-01-04T08:05:00,abandoned"
    plan = plan_of(tmp_path, left, line("b", "01:00", "05:00", "06:00"))
    assert calls(plan)["main/b"][0] == Kind.CALL_NEXT


def test_a_counter_serves_the_queues_of_its_agent(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        line("a", "00:00", "00:00", "01:00"),
        line("b", "00:00", "02:00", "03:00", server="A2").replace("main", "web"),
        line("c", "00:30", "03:00", "04:00"),
        line("d", "00:40", "04:30", "05:00", server=""),
    )
    assert plan.counters == {
        "A1": {"main"},
        "A2": {"web"},
        "extra 1": {"main", "web"},
    }
    assert calls(plan)["main/c"][0] == Kind.CALL_NEXT


def test_the_plan_is_the_same_each_time(tmp_path: Path) -> None:
    assert plan_of(tmp_path, *MESS) == plan_of(tmp_path, *MESS)
