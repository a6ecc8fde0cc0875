"""Where a message goes after what happened at each of its addresses."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.delivering import TargetState
from engine.ports import Outcome
from notifications.backing_off import MOST_TRIES
from notifications.channels import SendResult, SendState
from notifications.routing import Address, target_of
from notifications.targets import Ways, begun, concluded, due, ended, settled
from tests.factories import MONDAY

ROBOT = Address(channel="dingtalk", url="dingtalk://t0ken/13800000000")
HOOK = Address(channel="webhook", url="jsons://user:s3cret@hooks.example/path/t0ken")
MAIL = Address(channel="email", url="mailto://robot:s3cret@smtp", email="hua@example.cn")
SENT = SendResult(state=SendState.SENT)
BUSY = SendResult(state=SendState.RETRY, code="451", detail="busy")
BAD = SendResult(state=SendState.REJECTED, code="310000", detail="sign not match")
SILENT = SendResult(state=SendState.UNKNOWN, code="no_answer")
FALLBACK = timedelta(minutes=15)


def tried(ways, *results, rows=(), now=MONDAY):
    """A round of tries at everything due, each with the next of these results."""
    rows, answers = settled(rows, ways, now=now), iter(results)
    going = {row.target for row in due(rows, now)}
    rows = [
        ended(begun(row, now), next(answers), now=now, draw=lambda: 0.5) if row.target in going else row
        for row in rows
    ]
    return concluded(rows, ways, now=now)


def again(outcome):
    assert outcome.retry_at is not None
    return outcome.retry_at


def states(rows):
    return [(row.channel, row.state.value, row.attempts) for row in rows]


def test_the_first_address_that_takes_it_is_enough():
    rows, outcome = tried(Ways(addresses=(ROBOT, MAIL)), SENT)
    assert states(rows) == [("dingtalk", "sent", 1)]
    assert outcome == Outcome(state="sent", channel="dingtalk")


def test_where_the_first_refuses_for_good_the_next_is_tried_at_once_and_the_code_is_kept():
    ways = Ways(addresses=(ROBOT, MAIL))
    rows, outcome = tried(ways, BAD)
    assert outcome == Outcome(
        state="retry", channel="dingtalk", code="310000", detail="sign not match", retry_at=MONDAY
    )
    rows, outcome = tried(ways, SENT, rows=rows)
    assert states(rows) == [("dingtalk", "rejected", 1), ("email", "sent", 1)]
    assert (rows[0].code, outcome.state, outcome.channel) == ("310000", "sent", "email")


def test_where_all_refuse_the_message_is_rejected_with_the_last_code():
    ways = Ways(addresses=(ROBOT, MAIL))
    rows, _ = tried(ways, BAD)
    _, outcome = tried(ways, replace(BAD, code="550"), rows=rows)
    assert (outcome.state, outcome.code, outcome.retry_at) == ("rejected", "550", None)


def test_of_several_at_once_only_what_failed_is_tried_again():
    ways = Ways(addresses=(ROBOT, HOOK, MAIL), everywhere=True)
    rows, outcome = tried(ways, SENT, BUSY, SENT)
    assert (outcome.state, outcome.retry_at) == ("retry", MONDAY + timedelta(seconds=15))
    rows, outcome = tried(ways, SENT, rows=rows, now=MONDAY + timedelta(seconds=15))
    assert states(rows) == [("dingtalk", "sent", 1), ("webhook", "sent", 2), ("email", "sent", 1)]
    assert outcome == Outcome(state="sent", channel="dingtalk, webhook, email")


def test_of_several_at_once_those_that_took_it_make_it_sent_though_one_refused():
    ways = Ways(addresses=(ROBOT, MAIL), everywhere=True)
    rows, outcome = tried(ways, BAD, SENT)
    assert states(rows) == [("dingtalk", "rejected", 1), ("email", "sent", 1)]
    assert (outcome.state, outcome.channel) == ("sent", "email")


def test_a_request_to_sign_that_is_not_delivered_in_time_goes_to_the_next_channel_too():
    ways = Ways(addresses=(ROBOT, MAIL), fallback=FALLBACK)
    rows, outcome = tried(ways, replace(BUSY, retry_after_seconds=3000))
    late = MONDAY + FALLBACK
    assert outcome.retry_at == late
    rows, outcome = tried(ways, SENT, rows=rows, now=late)
    assert states(rows) == [("dingtalk", "cancelled", 1), ("email", "sent", 1)]
    assert [row.fallback for row in rows] == [False, True]
    assert outcome == Outcome(state="sent", channel="email")


def test_other_messages_wait_for_their_channel():
    rows, outcome = tried(Ways(addresses=(ROBOT, MAIL)), replace(BUSY, retry_after_seconds=3000))
    assert (len(rows), outcome.retry_at) == (1, MONDAY + timedelta(seconds=3000))


def test_a_channel_that_says_later_has_not_tried():
    limited = SendResult(state=SendState.LATER, code="limit", retry_after_seconds=40)
    rows, outcome = tried(Ways(addresses=(ROBOT,)), limited)
    assert states(rows) == [("dingtalk", "retry", 0)]
    assert (outcome.state, outcome.code, outcome.retry_at) == (
        "retry",
        "limit",
        MONDAY + timedelta(seconds=40),
    )


def test_a_message_that_waits_for_its_turn_longer_than_a_day_goes_to_the_next_channel():
    ways = Ways(addresses=(ROBOT, MAIL))
    limited = SendResult(state=SendState.LATER, code="429", retry_after_seconds=5 * 3600)
    rows, outcome = tried(ways, limited)
    waits = [again(outcome)]
    while not any(row.state is TargetState.DEAD for row in rows):
        rows, outcome = tried(ways, limited, rows=rows, now=again(outcome))
        waits.append(again(outcome))
    assert waits[-2:] == [MONDAY + timedelta(days=1)] * 2
    rows, outcome = tried(ways, SENT, rows=rows, now=again(outcome))
    assert [(row.channel, row.state.value, row.code) for row in rows] == [
        ("dingtalk", "dead", "429"),
        ("email", "sent", ""),
    ]


def test_without_another_channel_it_is_given_up_where_the_operator_sees_it():
    limited = SendResult(state=SendState.LATER, code="429")
    rows, _ = tried(Ways(addresses=(ROBOT,)), limited)
    _, outcome = tried(Ways(addresses=(ROBOT,)), limited, rows=rows, now=MONDAY + timedelta(days=2))
    assert (outcome.state, outcome.code, outcome.retry_at) == ("dead", "429", None)


def test_the_wait_is_never_shorter_than_the_other_side_asked_for():
    _, outcome = tried(Ways(addresses=(ROBOT,)), replace(BUSY, retry_after_seconds=600))
    assert outcome.retry_at == MONDAY + timedelta(seconds=600)


def test_a_try_without_an_answer_is_unknown_and_marked_when_it_is_repeated():
    ways = Ways(addresses=(MAIL,))
    rows, outcome = tried(ways, SILENT)
    assert (outcome.state, rows[0].repeated) == ("unknown", False)
    rows, outcome = tried(ways, SENT, rows=rows, now=again(outcome))
    assert (states(rows), rows[0].repeated) == ([("email", "sent", 2)], True)


def test_whoever_died_while_sending_leaves_a_try_that_is_repeated_and_says_so():
    ways = Ways(addresses=(MAIL,))
    left = [begun(row, MONDAY) for row in settled((), ways, now=MONDAY)]
    assert (left[0].state, left[0].code) == (TargetState.UNKNOWN, "under_way")
    rows, _ = tried(ways, SENT, rows=left)
    assert (states(rows), rows[0].repeated) == ([("email", "sent", 2)], True)


@pytest.mark.parametrize("failed", [BUSY, SILENT])
def test_a_target_is_given_up_at_the_eighth_try_and_the_next_takes_over(failed):
    ways, rows, now = Ways(addresses=(ROBOT, MAIL)), (), MONDAY
    for _ in range(MOST_TRIES):
        rows, outcome = tried(ways, failed, rows=rows, now=now)
        now = again(outcome)
    assert states(rows) == [("dingtalk", "dead", MOST_TRIES)]
    rows, outcome = tried(ways, BAD, rows=rows, now=now)
    assert (outcome.state, outcome.channel) == ("dead", "dingtalk")


def test_an_address_that_was_taken_away_is_not_tried_again():
    rows, _ = tried(Ways(addresses=(ROBOT,)), BUSY)
    rows, outcome = tried(Ways(addresses=(MAIL,)), SENT, rows=rows, now=MONDAY + timedelta(hours=1))
    assert states(rows) == [("dingtalk", "cancelled", 1), ("email", "sent", 1)]
    assert outcome.state == "sent"


def test_what_may_have_arrived_stays_in_doubt_whatever_comes_of_the_rest():
    rows, _ = tried(Ways(addresses=(ROBOT,)), SILENT)
    later = MONDAY + timedelta(hours=1)
    left, outcome = tried(Ways(addresses=(MAIL,)), SENT, rows=rows, now=later)
    assert (states(left), outcome.state) == ([("dingtalk", "unknown", 1), ("email", "sent", 1)], "sent")
    left, outcome = tried(Ways(addresses=(MAIL,)), BAD, rows=rows, now=later)
    assert (states(left), outcome.state) == (
        [("dingtalk", "unknown", 1), ("email", "rejected", 1)],
        "rejected",
    )
    _, outcome = concluded(settled(rows, Ways(addresses=()), now=later), Ways(addresses=()), now=later)
    assert (outcome.state, outcome.retry_at) == ("unknown", None)
    assert tried(Ways(addresses=(ROBOT, MAIL)), SENT, rows=left, now=later)[0] == left


def test_neither_the_name_of_a_target_nor_what_is_shown_of_it_tells_a_secret():
    rows = settled((), Ways(addresses=(ROBOT, HOOK, MAIL), everywhere=True), now=MONDAY)
    assert [row.address for row in rows] == ["", "hooks.example", "h***@example.cn"]
    assert not any(secret in repr(rows) for secret in ("t0ken", "s3cret", "13800000000", "hua@"))
    assert len({target_of(one) for one in (ROBOT, HOOK, MAIL)}) == 3
