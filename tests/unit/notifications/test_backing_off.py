"""When a message goes again."""

from datetime import UTC, datetime, timedelta

from notifications.backing_off import MOST_TRIES, outcome_of
from notifications.channels import SendResult, SendState

NOW = datetime(2026, 11, 26, 1, 7, tzinfo=UTC)


def after(state: SendState, tries: int, seconds: float | None = None) -> tuple[str, timedelta | None]:
    result = SendResult(state=state, code="c", retry_after_seconds=seconds)
    outcome = outcome_of(result, "wecom", tries, now=NOW, draw=lambda: 0.0)
    return outcome.state, outcome.retry_at - NOW if outcome.retry_at else None


def test_a_message_that_waits_for_the_limit_is_never_given_up() -> None:
    assert after(SendState.LATER, 1, 42.0) == ("retry", timedelta(seconds=42))
    assert after(SendState.LATER, 10 * MOST_TRIES, 600.0) == ("retry", timedelta(minutes=10))


def test_nothing_goes_again_before_the_provider_said() -> None:
    assert after(SendState.RETRY, 1, 90.0) == ("retry", timedelta(seconds=90))
    assert after(SendState.RETRY, 1) == ("retry", timedelta(seconds=1))
    assert after(SendState.RETRY, MOST_TRIES, 90.0) == ("dead", None)
