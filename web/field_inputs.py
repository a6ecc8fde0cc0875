"""Fields as forms: what a browser shows for each type, and what it sends back. Works without any script."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, cast

from pydantic import JsonValue
from starlette.datastructures import FormData, UploadFile

from engine.definition.fields import FieldFault, FieldSpec, FieldType, canonical
from engine.store.blobs import BlobStore
from engine.store.people import Person
from engine.text import Language

EMPTY_ROWS = 2
MOST_ROWS = 1_000
OCTETS = "application/octet-stream"
TICKED = (FieldType.PERSON, FieldType.ENUM)  # lists of them are ticked, not typed
_SIMPLE: Mapping[FieldType, str] = {
    FieldType.TEXT: "text",
    FieldType.LONGTEXT: "area",
    FieldType.INT: "number",
    FieldType.DECIMAL: "decimal",
    FieldType.PERCENT: "percent",
    FieldType.MONEY: "money",
    FieldType.DATE: "date",
    FieldType.DATETIME: "datetime",
    FieldType.PERIOD: "period",
    FieldType.DURATION: "duration",
    FieldType.FILE: "file",
    FieldType.REFERENCE: "text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One control. `options` are (value, label); `rows` are the cells of a list of records, the
    last ones empty. `chosen` are the values of ticked `options`; `unit` stands beside a number.
    """

    path: str
    title: str
    kind: str
    value: str = ""
    second: str = ""
    options: Sequence[tuple[str, str]] = ()
    columns: Sequence["Input"] = ()
    rows: Sequence[Sequence["Input"]] = ()
    chosen: Sequence[str] = ()
    unit: str = ""
    kept: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    required: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the controls of one form have in common."""

    language: Language
    zone: tzinfo
    currency: str
    people: Sequence[Person]
    name: Callable[[str], str]
    yes_no: tuple[str, str]

    def input_of(self, path: str, spec: FieldSpec, value: object, *, fault: str = "") -> Input:
        """`value` is canonical, or what was typed and refused."""
        title = spec.title.in_(self.language) or path.rpartition(".")[2]
        made: dict[str, Any] = {"path": path, "title": title, "required": spec.required, "fault": fault}
        match spec.type:
            case FieldType.ENUM | FieldType.PERSON:
                return Input(**made, kind="choice", value=_plain(value), options=self._options(spec))
            case FieldType.BOOL:
                yes, no = self.yes_no
                chosen = _plain(value).lower()
                return Input(**made, kind="choice", value=chosen, options=[("true", yes), ("false", no)])
            case FieldType.RECORD:
                return Input(**made, kind="record", columns=self._cells(path, spec, value))
            case FieldType.LIST:
                return self._list(path, cast("FieldSpec", spec.of), value, made)
            case _:
                return self._scalar(spec, value, made)

    def _options(self, spec: FieldSpec) -> list[tuple[str, str]]:
        if spec.type is FieldType.PERSON:
            return [(person.id, person.name) for person in self.people]
        return [(value, title.in_(self.language) or value) for value, title in spec.values.items()]

    def _scalar(self, spec: FieldSpec, value: object, made: dict[str, Any]) -> Input:
        kind = _SIMPLE[spec.type]
        match value:
            case {"start": start, "end": end}:
                return Input(**made, kind=kind, value=_plain(start), second=_plain(end))
            case {"amount": amount, "currency": currency}:
                shown = f"{amount}" if currency == self.currency else f"{amount} {currency}"
                return Input(**made, kind=kind, value=shown, unit=self._unit())
            case {"name": str(), "hash": str()}:
                kept = cast("Mapping[str, JsonValue]", value)
                return Input(**made, kind=kind, kept=kept, value=json.dumps(kept, ensure_ascii=False))
            case str() if kind == "datetime":
                return Input(**made, kind=kind, value=self._local(value))
            case _:
                unit = self._unit() if kind == "money" else ""
                return Input(**made, kind=kind, value=_plain(value), unit=unit)

    def _unit(self) -> str:
        return "元" if (self.language, self.currency) == ("zh", "CNY") else self.currency

    def _local(self, value: str) -> str:
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            return value
        local = instant.astimezone(self.zone) if instant.tzinfo else instant
        return local.strftime("%Y-%m-%dT%H:%M")

    def _ticks(self, of: FieldSpec, items: Sequence[object], made: dict[str, Any]) -> Input:
        """What is chosen and no option any more, as a person who left, stays one until it is unticked."""
        chosen, options = [_plain(item) for item in items], self._options(of)
        known = {value for value, _ in options}
        gone = [(value, self.name(value)) for value in chosen if value not in known]
        return Input(**made, kind="ticks", chosen=chosen, options=[*options, *gone])

    def _cells(self, path: str, spec: FieldSpec, value: object) -> list[Input]:
        parts = cast("Mapping[str, object]", value) if isinstance(value, dict) else {}
        return [self.input_of(f"{path}.{name}", c, parts.get(name)) for name, c in spec.fields.items()]

    def _list(self, path: str, of: FieldSpec, value: object, made: dict[str, Any]) -> Input:
        items = cast("list[object]", value) if isinstance(value, list) else []
        if of.type in TICKED:
            return self._ticks(of, items, made)
        if of.type is not FieldType.RECORD:
            text = value if isinstance(value, str) else "\n".join(_line(item) for item in items)
            return Input(**made, kind="lines", value=text)
        padded = [*items, *([None] * EMPTY_ROWS)]
        rows = [self._cells(f"{path}.{place}", of, item) for place, item in enumerate(padded)]
        return Input(**made, kind="table", columns=self._cells(path, of, None), rows=rows)


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _line(item: object) -> str:
    return json.dumps(item, ensure_ascii=False) if isinstance(item, dict | list) else _plain(item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a form brought: canonical values (None: taken away), what was typed, and the faults by field."""

    values: Mapping[str, JsonValue]
    raw: Mapping[str, object]
    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads the fields of one posted form."""

    form: FormData
    blobs: BlobStore
    zone: tzinfo
    currency: str
    language: Language

    def read(self, specs: Mapping[str, FieldSpec]) -> Typed:
        values: dict[str, JsonValue] = {}
        raw: dict[str, object] = {}
        faults: dict[str, str] = {}
        for name, spec in specs.items():
            raw[name] = self._raw(f"f.{name}", spec)
            if raw[name] is None:
                values[name] = None
                continue
            try:
                values[name] = canonical(spec, _meant(raw[name]), currency=self.currency, zone=self.zone)
            except FieldFault as fault:
                faults[name] = " ".join(self._say(one) for one in fault.faults[:5])
        return Typed(values=values, raw=raw, faults=faults)

    def _say(self, fault: FieldFault) -> str:
        where = f"{fault.where}: " if fault.where else ""
        return where + fault.message.in_(self.language)

    def _raw(self, path: str, spec: FieldSpec) -> object | None:
        """What was typed, in the shape `canonical` reads; None where nothing was."""
        match spec.type:
            case FieldType.PERIOD:
                start, end = self._text(f"{path}.start"), self._text(f"{path}.end")
                return {"start": start, "end": end} if start or end else None
            case FieldType.FILE:
                return self._file(path)
            case FieldType.RECORD:
                return self._record(path, spec)
            case FieldType.LIST if cast("FieldSpec", spec.of).type is FieldType.RECORD:
                return self._rows(path, cast("FieldSpec", spec.of))
            case FieldType.LIST if cast("FieldSpec", spec.of).type in TICKED:
                return [one for one in self.form.getlist(path) if isinstance(one, str)] or None
            case _:
                return self._text(path) or None

    def _text(self, path: str) -> str:
        found = self.form.get(path)
        return found.strip() if isinstance(found, str) else ""

    def _record(self, path: str, spec: FieldSpec) -> dict[str, object] | None:
        cells = {name: self._raw(f"{path}.{name}", column) for name, column in spec.fields.items()}
        given = {name: value for name, value in cells.items() if value is not None}
        return given or None

    def _rows(self, path: str, of: FieldSpec) -> list[object] | None:
        """The rows in which anything stands and which are not marked to go; None when none is left."""
        places = {key[len(path) + 1 :].partition(".")[0] for key in self.form if key.startswith(f"{path}.")}
        numbers = sorted(int(p) for p in places if p.isascii() and p.isdigit() and len(p) <= 4)  # noqa: PLR2004
        rows: list[object] = []
        for number in numbers[: MOST_ROWS + 1]:
            row = self._record(f"{path}.{number}", of)
            if row is not None and not self._text(f"{path}.{number}.remove"):
                rows.append(row)
        return rows or None

    def _file(self, path: str) -> object | None:
        sent = self.form.get(path)
        if isinstance(sent, UploadFile) and sent.filename:
            return stored(sent, self.blobs)
        kept = self._text(f"{path}.kept")
        return None if not kept or self._text(f"{path}.remove") else _parsed(kept)


def _meant(raw: object) -> object:
    """Half a period is no period: its one date, to be refused as that."""
    match raw:
        case {"start": str(start), "end": str(end)} if not (start and end):
            return start or end
        case _:
            return raw


def _parsed(kept: str) -> object:
    """The file named in a hidden field; whatever else stands there is for `canonical` to refuse."""
    try:
        return json.loads(kept)
    except (ValueError, RecursionError):
        return kept


def stored(upload: UploadFile, blobs: BlobStore) -> dict[str, JsonValue]:
    """Keeps an uploaded file and names it as a file field does."""
    data = upload.file.read()
    name = (upload.filename or "file").replace("\\", "/").rpartition("/")[2]
    media = (upload.content_type or OCTETS).partition(";")[0].strip().replace(" ", "") or OCTETS
    return {"name": name, "hash": blobs.put(data), "size": len(data), "media_type": media}
