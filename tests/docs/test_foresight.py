"""docs/foresight.md names every kind, with its gravity."""

import re
from pathlib import Path

from engine.case.foreseen import Foresaw, Foreseen

PAGE = (Path(__file__).parents[2] / "docs" / "foresight.md").read_text(encoding="utf-8")


def test_every_kind_stands_in_the_table_with_its_gravity() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| \S", PAGE, re.MULTILINE)
    usual = {code: Foreseen(code=code, path="", usual=True).gravity.value for code in Foresaw}
    assert dict(rows) == {code.value: gravity for code, gravity in usual.items()}
