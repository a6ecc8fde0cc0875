"""What was signed, in words of both languages: each field under its title, tables as tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, cast

from pydantic import JsonValue

from engine.definition.field_people import with_names
from engine.definition.fields import FieldSpec, FieldType
from engine.definition.fields import shown as words_of
from engine.text import Text

Words = dict[str, str]


def words(text: Text) -> Words:
    return {"zh": text.in_("zh"), "en": text.in_("en")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Reads canonical values to people. `name_of` names a person by id."""

    name_of: Callable[[str], str]
    zone: tzinfo

    def field(self, name: str, spec: FieldSpec, value: JsonValue) -> dict[str, Any]:
        title = words(Text(spec.zh or name, spec.en or spec.zh or name))
        found: dict[str, Any] = {
            "name": name,
            "title": title,
            "value": value,
            "reads": self._value(spec, value),
        }
        if spec.type is FieldType.LIST and spec.columns and isinstance(value, list):
            rows = [row for row in value if isinstance(row, dict)]
            found["columns"] = [words(Text(c.zh or n, c.en or c.zh or n)) for n, c in spec.columns.items()]
            found["rows"] = [[self._cell(c, row.get(n)) for n, c in spec.columns.items()] for row in rows]
        return found

    def _cell(self, spec: FieldSpec, value: JsonValue) -> Words:
        return {"zh": "", "en": ""} if value is None else self._value(spec, value)

    def _value(self, spec: FieldSpec, value: JsonValue) -> Words:
        """In full: a page may count a long list, a record may not."""
        if spec.type is FieldType.LIST and spec.of is not None and not spec.columns and value:
            items = [self._value(spec.of, item) for item in cast("list[JsonValue]", value)]
            return {"zh": "、".join(i["zh"] for i in items), "en": ", ".join(i["en"] for i in items)}
        named = with_names(spec, value, self.name_of)
        return {
            "zh": words_of(spec, named, "zh", zone=self.zone),
            "en": words_of(spec, named, "en", zone=self.zone),
        }


def file_of(spec: FieldSpec | None, value: JsonValue) -> Mapping[str, Any] | None:
    """The file a field holds, which is a document like any other."""
    held = isinstance(value, dict) and spec is not None and spec.type is FieldType.FILE
    return cast("Mapping[str, Any]", value) if held else None
