"""One house for each story: a company in which everything really runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import FixedClock
from tests.prefect_process import PrefectProcess
from tests.stories.house import House, open_house


@pytest.fixture
def house(
    prefect_process: PrefectProcess, sqlite_url: str, tmp_path: Path, clock: FixedClock
) -> Iterator[House]:
    """A company on SQLite, on Monday morning, 2 March 2026."""
    with prefect_process.in_use(), open_house(tmp_path, sqlite_url, clock) as opened:
        yield opened


@pytest.fixture
def any_house(
    prefect_process: PrefectProcess, store_url: str, tmp_path: Path, clock: FixedClock
) -> Iterator[House]:
    """The same, once on SQLite and once on PostgreSQL."""
    with prefect_process.in_use(), open_house(tmp_path, store_url, clock) as opened:
        yield opened
