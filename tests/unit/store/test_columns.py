"""Instants in both databases' forms."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from engine.store.columns import INSTANT_LENGTH, Instant, to_text

SQLITE, POSTGRES = sqlite.dialect(), postgresql.dialect()
instants = st.datetimes(timezones=st.just(UTC))


@given(instants)
def test_an_instant_comes_back_in_utc(instant):
    for dialect in (SQLITE, POSTGRES):
        stored = Instant().process_bind_param(instant, dialect)
        assert Instant().process_result_value(stored, dialect) == instant


@given(instants, instants)
def test_texts_sort_as_instants_do(one, two):
    assert (to_text(one) < to_text(two)) == (one < two)
    assert len(to_text(one)) == INSTANT_LENGTH


def test_another_zone_is_turned_into_utc():
    shanghai = timezone(timedelta(hours=8))
    assert to_text(datetime(2026, 3, 2, 9, tzinfo=shanghai)) == "2026-03-02T01:00:00.000000Z"


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRES])
def test_a_time_without_a_zone_is_refused(dialect):
    with pytest.raises(ValueError, match="2026-03-02T09:00:00 has no time zone"):
        Instant().process_bind_param(datetime(2026, 3, 2, 9), dialect)  # noqa: DTZ001
    assert Instant().process_bind_param(None, dialect) is None
    assert Instant().process_result_value(None, dialect) is None
