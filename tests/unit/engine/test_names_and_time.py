"""Where chance and the time of day enter, and the shapes an SOP may have."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from engine.clock import SystemClock
from engine.definition.approval_model import ApprovalSpec, OnTimeout
from engine.definition.model import DeadlineSpec, MilestoneSpec, TransitionSpec
from engine.ids import ALPHABET, CASE_ID_LENGTH, TOKEN_LENGTH, RandomIds, SequentialIds


def test_the_machines_clock_gives_aware_instants_in_utc() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


def test_random_names_are_short_for_people_and_long_for_secrets() -> None:
    ids = RandomIds()
    names = [ids.case_id(), ids.token()]
    assert [len(name) for name in names] == [CASE_ID_LENGTH, TOKEN_LENGTH]
    assert set("".join(names)) <= set(ALPHABET)


def test_names_for_tests_count_up() -> None:
    ids = SequentialIds("c")
    assert [ids.case_id(), ids.case_id(), ids.token(), ids.token()] == [
        "c-1",
        "c-2",
        "c-token-1",
        "c-token-2",
    ]


APPROVAL = {"id": "a", "by": [{"role": "head"}], "mode": "any", "on_reject": "stop"}


@pytest.mark.parametrize(
    ("model", "written", "says"),
    [
        (DeadlineSpec, {}, "write one of 'within', 'ahead' (durations) and 'on' (a date)"),
        (DeadlineSpec, {"within": "1 d", "on": "day"}, "write one of 'within', 'ahead'"),
        (DeadlineSpec, {"on": "day", "from": "day"}, "'from' goes with 'within', and only there"),
        (OnTimeout, {}, "write exactly one of escalate, transfer, approve, reject, remind"),
        (OnTimeout, {"approve": True, "reject": True}, "write exactly one of escalate"),
        (ApprovalSpec, APPROVAL | {"within": "1 d"}, "'within' and 'on_timeout' are written together"),
        (ApprovalSpec, APPROVAL | {"mode": "votes"}, "'threshold' is written for mode votes, and only there"),
        (
            ApprovalSpec,
            APPROVAL | {"mode": "votes", "threshold": "101%"},
            "a threshold is a weight of 1 or more, or a share such as 60%",
        ),
        (ApprovalSpec, APPROVAL | {"threshold": 1}, "'threshold' is written for mode votes, and only there"),
        (ApprovalSpec, APPROVAL | {"returns": "back"}, "'returns' goes with 'on_reject: return'"),
        (TransitionSpec, {"id": "t", "from": "a"}, "write one of 'to', 'exit', 'stay: true' (or 'moves')"),
        (TransitionSpec, {"id": "t", "from": "a", "to": "b", "exit": "c"}, "write one of 'to', 'exit'"),
        (MilestoneSpec, {"id": "m"}, "write exactly one of 'entered', 'left', 'each'"),
        (MilestoneSpec, {"id": "m", "entered": "a", "left": "b"}, "write exactly one of 'entered'"),
    ],
)
def test_a_shape_that_contradicts_itself_says_what_to_write(
    model: Any, written: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(written)
    assert says in str(refused.value)
