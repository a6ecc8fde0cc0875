"""How long an answer asks to wait."""

from datetime import UTC, datetime

import pytest

from notifications.services.waiting import asked_seconds

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("17", 17.0),
        (" 0 ", 0.0),
        ("Sun, 01 Mar 2026 00:02:00 GMT", 120.0),
        ("Sun, 01 Mar 2026 01:02:00 +0100", 120.0),
        ("Sunday, 01-Mar-26 00:02:00 GMT", 120.0),
        ("Sun Mar  1 00:02:00 2026", 120.0),
        ("Sat, 28 Feb 2026 23:00:00 GMT", 0.0),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("Sun, 99 Mar 2026 00:00:00 GMT", None),
        ("Sun, 01 Mar 99999 00:00:00 GMT", None),
        ("Sun, 01 Mar 2026 00:00:00 +999999999999", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(given: str, seconds: float | None) -> None:
    assert asked_seconds(given, NOW) == seconds
