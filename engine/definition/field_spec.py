"""What one field of a case may hold: its type, and for lists, records and enums what stands inside."""

import keyword
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Self, cast

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, field_validator, model_validator
from pydantic_core import CoreSchema

from engine.text import Text

MOST_COLUMNS: Final = 50
MOST_VALUES: Final = 200
MOST_NESTING: Final = 4
RESERVED_NAMES: Final = frozenset({word.lower() for word in keyword.kwlist} | {"today", "now"})
"""Words the guard language keeps for itself; no guard could read a field, setting or counter of that name."""


class FieldType(StrEnum):
    TEXT = "text"
    LONGTEXT = "longtext"
    INT = "int"
    DECIMAL = "decimal"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    PERIOD = "period"
    DURATION = "duration"
    ENUM = "enum"
    BOOL = "bool"
    FILE = "file"
    PERSON = "person"
    REFERENCE = "reference"
    LIST = "list"
    RECORD = "record"


FIGURES = frozenset(
    {FieldType.MONEY, FieldType.PERCENT, FieldType.INT, FieldType.DECIMAL}
    | {FieldType.DATE, FieldType.DATETIME, FieldType.PERIOD, FieldType.DURATION}
)  # what a reader looks for first


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its ISO 4217 code; an empty code on a sum over nothing only, and fits all."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to `end`, both days included."""

    start: date
    end: date


class FieldFault(Exception):
    """What a person typed does not fit the field. `path` leads inwards: column names, list places."""

    def __init__(self, message: Text, *, path: tuple[str | int, ...] = ()) -> None:
        self.message = message
        self.path = path
        super().__init__(f"{self.where}: {message.en}" if path else message.en)

    @property
    def where(self) -> str:
        """The path for people, places counted from 1: `[2].amount`."""
        steps = (f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return "".join(steps).removeprefix(".")

    @property
    def faults(self) -> tuple["FieldFault", ...]:
        return (self,)


class FieldFaults(FieldFault):
    """Several faults of one list or record; its own message and path are those of the first."""

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__(faults[0].message, path=faults[0].path)
        self._faults = tuple(faults)

    @property
    def faults(self) -> tuple[FieldFault, ...]:
        return self._faults


class FieldSpec(BaseModel):
    """A field, a column of a record or a company setting. Short form, the bare type: `price: money`.

    `source` is the catalogue's mark of origin; `required` speaks of a column in its record.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: FieldType
    zh: str = Field(default="", max_length=200)
    en: str = Field(default="", max_length=200)
    source: str | None = None
    required: bool = False
    of: "FieldSpec | None" = None
    fields: dict[str, "FieldSpec"] = Field(default={}, max_length=MOST_COLUMNS)
    values: dict[str, Text] = Field(default={}, max_length=MOST_VALUES)
    to: str | None = None

    @property
    def title(self) -> Text:
        return Text(self.zh, self.en)

    @property
    def columns(self) -> dict[str, "FieldSpec"]:
        """The columns of a list of records; empty for anything else."""
        return self.of.fields if self.of is not None else {}

    @property
    def nesting(self) -> int:
        inner = [*self.fields.values(), *([self.of] if self.of else [])]
        return 1 + max((spec.nesting for spec in inner), default=0)

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: object) -> object:
        return {"type": data} if isinstance(data, str) else data

    @field_validator("values", mode="before")
    @classmethod
    def _with_titles(cls, data: object) -> object:
        if isinstance(data, dict):
            return {value: _title(title) for value, title in cast("dict[object, object]", data).items()}
        if isinstance(data, list | tuple):
            written = cast("Sequence[object]", data)
            if len(set(map(str, written))) != len(written):
                raise ValueError("a value is listed twice")
            return {value: Text(str(value)) for value in written}
        return data

    @field_validator("fields")
    @classmethod
    def _named_well(cls, fields: dict[str, "FieldSpec"]) -> dict[str, "FieldSpec"]:
        for name in fields:
            if not (name.isascii() and name.isidentifier() and name.islower()) or name in RESERVED_NAMES:
                raise ValueError(
                    f"{name!r} cannot name a column; use a-z, 0-9 and _, and no word of the guard language"
                )
        return fields

    @model_validator(mode="after")
    def _keys_fit_type(self) -> Self:
        for key, owner, given in (
            ("of", FieldType.LIST, self.of is not None),
            ("fields", FieldType.RECORD, bool(self.fields)),
            ("values", FieldType.ENUM, bool(self.values)),
        ):
            if given != (self.type is owner):
                raise ValueError(f"'{key}' goes with type {owner}, and only there; this is type {self.type}")
        if self.to is not None and self.type is not FieldType.REFERENCE:
            raise ValueError(f"'to' goes with type reference; this is type {self.type}")
        if self.nesting > MOST_NESTING:
            raise ValueError(f"lists and records stand inside one another at most {MOST_NESTING} deep")
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Editors are told of the short forms too: a bare type name, and enum values as a list."""
        written = handler.resolve_ref_schema(handler(core_schema))
        values = cast("dict[str, Any]", written["properties"])["values"]
        title = {
            "type": ["string", "object"],
            "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
        }
        values.pop("additionalProperties", None)
        values |= {"type": ["array", "object"], "items": {"type": "string"}, "additionalProperties": title}
        simple = [kind.value for kind in FieldType if kind not in _NEEDS_MORE]
        return {"anyOf": [{"enum": simple}, dict(written)]}


_NEEDS_MORE: Final = frozenset({FieldType.LIST, FieldType.RECORD, FieldType.ENUM})


def _title(written: object) -> Text:
    match written:
        case Text():
            return written
        case str():
            return Text(written)
        case dict():
            parts = cast("dict[object, object]", written)
            if parts.keys() <= {"zh", "en"} and all(isinstance(part, str) for part in parts.values()):
                return Text(str(parts.get("zh", "")), str(parts.get("en", "")))
        case _:
            pass
    raise ValueError("the title of a value is a text, or {zh: ..., en: ...}")
