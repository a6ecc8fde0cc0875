"""Installations, each in a folder of its own; whatever a test leaves running is killed after it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.runtime.installation import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    yield made
    made.kill_all()
