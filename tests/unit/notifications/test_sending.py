"""What comes of a try before anything has left, and of those that find no place."""

import threading

from engine.store.errors import StoreBusy
from notifications.channels import SendResult, SendState
from notifications.messages import Message
from notifications.routing import Address
from notifications.sending import all_within, sending


class Nobody:
    def send(self, message: Message, address: Address) -> SendResult:
        raise AssertionError("there was nothing to send")


def test_a_message_that_cannot_be_written_while_the_database_is_busy_was_not_tried() -> None:
    def busy(**_: bool) -> Message:
        raise StoreBusy

    (result,) = all_within(10, [sending(Nobody(), busy, Address(channel="webhook", url="json://x.example"))])
    assert (result.state, result.code, result.retry_after_seconds) == (SendState.LATER, "busy", 2.0)


def test_a_message_that_cannot_be_written_at_all_is_our_fault() -> None:
    def broken(**_: bool) -> Message:
        raise RuntimeError("secret")

    (result,) = all_within(
        10, [sending(Nobody(), broken, Address(channel="webhook", url="json://x.example"))]
    )
    assert (result.state, result.code, result.detail) == (
        SendState.RETRY,
        "fault",
        "RuntimeError while sending the message",
    )


SENT = SendResult(state=SendState.SENT)


def test_no_more_are_sent_at_one_time_than_there_are_places() -> None:
    busy, most, counted = 0, 0, threading.Lock()
    together = threading.Barrier(3)

    def job() -> SendResult:
        nonlocal busy, most
        with counted:
            busy += 1
            most = max(most, busy)
        together.wait(10)
        with counted:
            busy -= 1
        return SENT

    assert all_within(10, [job] * 12, at_once=3) == [SENT] * 12
    assert most == 3


def test_what_finds_no_place_in_time_was_not_tried_and_what_has_one_may_have_arrived() -> None:
    end = threading.Event()

    def hangs() -> SendResult:
        end.wait(10)
        return SENT

    first, second = all_within(0.05, [hangs, hangs], at_once=1)
    end.set()
    assert (first.state, first.code) == (SendState.UNKNOWN, "timeout")
    assert (second.state, second.code, second.retry_after_seconds) == (SendState.LATER, "busy", 1.0)
