"""From what a person typed to the one canonical JSON value that is stored, shown, hashed and compared."""

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from difflib import get_close_matches
from typing import Final, cast
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from engine.definition.durations import Duration, parse_duration
from engine.definition.field_scalars import (
    Unreadable,
    as_date,
    as_instant,
    as_money,
    as_number,
    as_period,
    instant_text,
    money_json,
    plain,
)
from engine.definition.field_spec import FieldFault, FieldFaults, FieldSpec, FieldType
from engine.text import Text

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
MOST_TEXT: Final = 2_000
MOST_LONGTEXT: Final = 100_000
MOST_ITEMS: Final = 1_000
MOST_ID: Final = 200
MOST_JSON: Final = 2_000_000
MOST_FILE_BYTES: Final = 1 << 40
# These turn the direction of what follows: an approver would read another text than the one that is signed.
_TURNS_DIRECTION: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TRUE: Final = frozenset({"true", "yes", "y", "on", "1", "是", "对", "真"})
_FALSE: Final = frozenset({"false", "no", "n", "off", "0", "否", "不是", "不", "假"})


@dataclass(frozen=True, slots=True)
class Reading:
    """Where we are, and what an amount without currency and a time without zone mean."""

    path: tuple[str | int, ...]
    currency: str
    zone: tzinfo

    def at(self, step: str | int) -> "Reading":
        return replace(self, path=(*self.path, step))

    def refused(self, zh: str, en: str) -> FieldFault:
        return FieldFault(Text(zh, en), path=self.path)


def canonical(spec: FieldSpec, raw: object, *, currency: str = "CNY", zone: tzinfo = SHANGHAI) -> JsonValue:
    """The stored form of `raw`: typed text, a JSON value, or a value from `typed` or a guard expression.

    Raises FieldFault, whose `faults` are all those of a list or record. With `currency` empty an amount
    must name its own. Giving a canonical value again returns it unchanged.
    """
    return _read(spec, raw, Reading((), currency, zone))


def _read(spec: FieldSpec, raw: object, reading: Reading) -> JsonValue:
    if raw is None:
        raise reading.refused("没有填写", "nothing is given here; fill it in")
    try:
        return _READERS[spec.type](spec, raw, reading)
    except Unreadable as fault:
        raise FieldFault(fault.message, path=reading.path) from None


def _text(_spec: FieldSpec, raw: object, reading: Reading) -> JsonValue:
    value = _clean(raw, reading, most=MOST_TEXT)
    if "\n" in value or "\t" in value:
        raise reading.refused(
            "这里只能写一行；请去掉换行和制表符", "this is one line; take out line breaks and tabs"
        )
    return value


def _longtext(_spec: FieldSpec, raw: object, reading: Reading) -> JsonValue:
    return _clean(raw, reading, most=MOST_LONGTEXT)


def _clean(raw: object, reading: Reading, *, most: int) -> str:
    if not isinstance(raw, str):
        raise reading.refused("这里要写文字", "write a text here")
    value = raw.replace("\r\n", "\n").strip()
    if not value:
        raise reading.refused("内容是空的；请填写", "the text is empty; fill it in")
    if len(value) > most:
        raise reading.refused(
            f"共 {len(value)} 个字符，最多 {most}；请缩短",
            f"{len(value)} characters, at most {most}; shorten it",
        )
    for place, char in enumerate(value):
        if _forbidden(char):
            raise reading.refused(
                f"第 {place + 1} 个字符（U+{ord(char):04X}）不可见，不能使用；请删去",
                f"character {place + 1} (U+{ord(char):04X}) cannot be seen and is not allowed; delete it",
            )
    return value


def _forbidden(char: str) -> bool:
    if char.isprintable() or char in "\n\t":
        return False
    return unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} or char in _TURNS_DIRECTION


def _id(_spec: FieldSpec, raw: object, reading: Reading) -> JsonValue:
    value = _clean(raw, reading, most=MOST_ID)
    if any(char.isspace() for char in value):
        raise reading.refused("编号里不能有空格", "an id has no spaces")
    return value


def _int(_spec: FieldSpec, raw: object, _reading: Reading) -> JsonValue:
    return int(as_number(raw, places=0))


def _number(_spec: FieldSpec, raw: object, _reading: Reading) -> JsonValue:
    return plain(as_number(raw))


def _percent(_spec: FieldSpec, raw: object, _reading: Reading) -> JsonValue:
    typed_text = unicodedata.normalize("NFKC", raw).strip().removesuffix("%") if isinstance(raw, str) else raw
    return plain(as_number(typed_text))


def _money(_spec: FieldSpec, raw: object, reading: Reading) -> JsonValue:
    return dict(money_json(as_money(raw, reading.currency)))


def _date(_spec: FieldSpec, raw: object, _reading: Reading) -> JsonValue:
    return as_date(raw).isoformat()


def _datetime(_spec: FieldSpec, raw: object, reading: Reading) -> JsonValue:
    return instant_text(as_instant(raw, reading.zone))


def _period(_spec: FieldSpec, raw: object, _reading: Reading) -> JsonValue:
    period = as_period(raw)
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}


def _duration(_spec: FieldSpec, raw: object, reading: Reading) -> JsonValue:
    if isinstance(raw, Duration):
        return str(raw)
    if not isinstance(raw, str):
        raise reading.refused("请写时长，如 3 wd、2 d、4 h", "write a duration such as 3 wd, 2 d or 4 h")
    try:
        return str(parse_duration(raw))
    except ValueError as fault:
        raise FieldFault(
            Text(
                f"“{raw[:40]}”不是时长；写一个整数和单位：wd 工作日、wh 工作小时、d 天、h 小时、min 分钟",
                str(fault),
            ),
            path=reading.path,
        ) from None


def _enum(spec: FieldSpec, raw: object, reading: Reading) -> JsonValue:
    """A value may be typed by its title as well, in either language."""
    written = raw.strip() if isinstance(raw, str) else ""
    if written in spec.values:
        return written
    titled = [v for v, title in spec.values.items() if written and written in (title.zh, title.en)]
    if len(titled) == 1:
        return titled[0]
    near = get_close_matches(written[:100], spec.values, n=1)
    known = "、".join(list(spec.values)[:20])
    raise reading.refused(
        f"没有“{written[:40]}”这个选项；" + (f"是否指“{near[0]}”？" if near else f"可选：{known}"),
        f"{written[:40]!r} is not one of the values; "
        + (f"did you mean {near[0]!r}?" if near else f"choose from {known.replace('、', ', ')}"),
    )


def _bool(_spec: FieldSpec, raw: object, reading: Reading) -> JsonValue:
    if isinstance(raw, bool):
        return raw
    word = unicodedata.normalize("NFKC", raw).strip().lower() if isinstance(raw, str) else ""
    if word not in _TRUE | _FALSE:
        raise reading.refused("请答“是”或“否”", "answer yes or no")
    return word in _TRUE


def _file(_spec: FieldSpec, raw: object, reading: Reading) -> JsonValue:
    if isinstance(raw, str) and not raw.lstrip().startswith("{"):
        raise reading.refused(
            "文件不能用文字代替；命令行写 名称=@路径，或在网页上传",
            "a file is not given as text; write name=@path on the command line, or upload it on the page",
        )
    parts = _object(raw, reading)
    name, digest, size, media = (parts.get(key) for key in ("name", "hash", "size", "media_type"))
    if (
        set(parts) != {"name", "hash", "size", "media_type"}
        or not isinstance(digest, str)
        or not (len(digest) == 64 and set(digest) <= set("0123456789abcdef"))  # noqa: PLR2004 - SHA-256 in hex
        or isinstance(size, bool)
        or not isinstance(size, int)
        or not 0 <= size <= MOST_FILE_BYTES
    ):
        raise reading.refused("这里要附文件", "attach a file here: name, hash (sha256), size and media_type")
    clean_name = _clean(name, reading.at("name"), most=255)
    if set(clean_name) & set("/\\\n\t"):
        raise reading.at("name").refused(
            "文件名里不能有斜杠或换行", "a file name has no slash and no line break"
        )
    return {
        "name": clean_name,
        "hash": digest,
        "size": size,
        "media_type": cast("str", _id(_spec, media, reading.at("media_type"))),
    }


def _list(spec: FieldSpec, raw: object, reading: Reading) -> JsonValue:
    assert spec.of is not None  # noqa: S101 - FieldSpec refuses a list without it
    of = spec.of
    items = _items(raw, reading)
    if len(items) > MOST_ITEMS:
        raise reading.refused(
            f"共 {len(items)} 项，最多 {MOST_ITEMS}", f"{len(items)} items, at most {MOST_ITEMS}"
        )
    return list(_each({place: (of, item) for place, item in enumerate(items)}, reading).values())


def _items(raw: object, reading: Reading) -> Sequence[object]:
    """Typed text is a JSON array, or one item a line."""
    if isinstance(raw, str):
        if raw.lstrip().startswith("["):
            return cast("Sequence[object]", _json(raw, reading))
        return [line for line in raw.splitlines() if line.strip()]
    if isinstance(raw, list | tuple):
        return cast("Sequence[object]", raw)
    raise reading.refused("这里要写清单，每行一项", "write a list here, one item a line")


def _record(spec: FieldSpec, raw: object, reading: Reading) -> JsonValue:
    parts = _object(raw, reading)
    faults = [_unknown_column(name, spec, reading) for name in parts if name not in spec.fields]
    given: dict[str | int, tuple[FieldSpec, object]] = {}
    for name, column in spec.fields.items():
        value = parts.get(name)
        if value is not None and value != "":
            given[name] = (column, value)
        elif column.required:
            faults.append(FieldFault(Text("必须填写", "this must be filled in"), path=(*reading.path, name)))
    return cast("JsonValue", _each(given, reading, faults))


def _each(
    parts: Mapping[str | int, tuple[FieldSpec, object]], reading: Reading, faults: Sequence[FieldFault] = ()
) -> dict[str | int, JsonValue]:
    found = list(faults)
    values: dict[str | int, JsonValue] = {}
    for step, (spec, raw) in parts.items():
        try:
            values[step] = _read(spec, raw, reading.at(step))
        except FieldFault as fault:
            found.extend(fault.faults)
    if found:
        raise FieldFaults(found) if len(found) > 1 else found[0]
    return values


def _unknown_column(name: object, spec: FieldSpec, reading: Reading) -> FieldFault:
    written = str(name)[:60]
    near = get_close_matches(written, spec.fields, n=1)
    known = ", ".join(spec.fields)
    return FieldFault(
        Text(
            f"没有“{written}”这一栏；" + (f"是否指“{near[0]}”？" if near else f"可用：{known}"),
            f"there is no column {written!r}; "
            + (f"did you mean {near[0]!r}?" if near else f"known: {known}"),
        ),
        path=reading.path,
    )


def _object(raw: object, reading: Reading) -> Mapping[str, object]:
    found = _json(raw, reading) if isinstance(raw, str) and raw.lstrip().startswith("{") else raw
    if not isinstance(found, dict):
        raise reading.refused("这里要写一条记录（JSON 对象）", "write a record here, as a JSON object")
    return cast("Mapping[str, object]", found)


def _json(raw: str, reading: Reading) -> object:
    if len(raw) > MOST_JSON:
        raise reading.refused("内容太长", f"the text is too long; at most {MOST_JSON} characters")
    try:
        # Numbers stay as written: a float would lose digits before we have looked at them.
        return json.loads(raw, parse_float=str, parse_constant=str, parse_int=str, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise reading.refused(
            "不是正确的 JSON；请检查括号、引号和重复的键",
            "not valid JSON; check brackets, quotes and repeated keys",
        ) from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is repeated")
    return found


_READERS: Final[Mapping[FieldType, Callable[[FieldSpec, object, Reading], JsonValue]]] = {
    FieldType.TEXT: _text,
    FieldType.LONGTEXT: _longtext,
    FieldType.INT: _int,
    FieldType.DECIMAL: _number,
    FieldType.MONEY: _money,
    FieldType.PERCENT: _percent,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
    FieldType.PERIOD: _period,
    FieldType.DURATION: _duration,
    FieldType.ENUM: _enum,
    FieldType.BOOL: _bool,
    FieldType.FILE: _file,
    FieldType.PERSON: _id,
    FieldType.REFERENCE: _id,
    FieldType.LIST: _list,
    FieldType.RECORD: _record,
}
