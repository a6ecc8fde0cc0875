"""What comes of a try before anything has left."""

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
