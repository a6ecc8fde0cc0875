"""Lengths of time as an SOP writes them: `3 wd`, `8 wh`, `2 d`, `4 h`, `90 min`."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from engine.text import Language, Text

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

MOST: Final = 10_000
_WRITTEN: Final = re.compile(r"\s*([0-9]{1,9})\s*([A-Za-z]+)\s*")
_HOW: Final = (
    "write a whole number and a unit: "
    "wd (working days), wh (working hours), d (days), h (hours), min (minutes)"
)


class Unit(Enum):
    """What is counted. `wd` and `wh` need a working calendar; `d` follows the calendar's wall clock."""

    WORKING_DAYS = "wd"
    WORKING_HOURS = "wh"
    DAYS = "d"
    HOURS = "h"
    MINUTES = "min"


_ONE: Final = {
    Unit.WORKING_DAYS: Text("个工作日", "working day"),
    Unit.WORKING_HOURS: Text("个工作小时", "working hour"),
    Unit.DAYS: Text("天", "day"),
    Unit.HOURS: Text("小时", "hour"),
    Unit.MINUTES: Text("分钟", "minute"),
}


@dataclass(frozen=True, slots=True)
class Duration:
    """A whole `amount` (0 to 10000) of one `unit`. Not ordered: 1 wd and 8 h have no fixed ratio."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 0 <= self.amount <= MOST:
            raise ValueError(f"{self.amount} {self.unit.value} is out of range; give 0 to {MOST}")

    def __str__(self) -> str:
        return f"{self.amount} {self.unit.value}"

    def title(self, language: Language) -> str:
        """The wording for people: `3 个工作日`, `3 working days`, `1 hour`."""
        word = _ONE[self.unit].in_(language)
        plural = "s" if language == "en" and self.amount != 1 else ""
        return f"{self.amount} {word}{plural}"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> "CoreSchema":
        """Makes `Duration` a field type that reads and writes the form of `parse_duration`."""
        # Imported here: the calendar needs durations, not Pydantic, and the command line starts without it.
        from pydantic_core import core_schema  # noqa: PLC0415

        written = core_schema.no_info_after_validator_function(parse_duration, core_schema.str_schema())
        return core_schema.json_or_python_schema(
            json_schema=written,
            python_schema=core_schema.union_schema(
                [core_schema.is_instance_schema(cls), written], mode="left_to_right"
            ),
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: "CoreSchema", _handler: object) -> dict[str, Any]:
        units = "|".join(unit.value for unit in Unit)
        pattern = rf"^\s*[0-9]{{1,5}}\s*({units})\s*$"
        return {"type": "string", "pattern": pattern, "examples": ["3 wd", "90 min"]}


def parse_duration(text: str) -> Duration:
    """Read `3 wd` or `3wd`. Raises ValueError with a sentence that names the units."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a duration; {_HOW}")
    amount, unit = found.groups()
    try:
        return Duration(int(amount), Unit(unit))
    except ValueError as fault:
        if unit in {known.value for known in Unit}:
            raise ValueError(f"{text!r} is out of range; give 0 to {MOST} {unit}") from fault
        raise ValueError(f"{text!r} has an unknown unit {unit!r}; {_HOW}") from fault
