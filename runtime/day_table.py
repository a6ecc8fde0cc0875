"""Days from a table people keep: 日期, 类型, 说明 in CSV or XLSX; every row that cannot be read is named."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final

from engine.case.workdays import Day
from engine.errors import GuankaError
from engine.text import Text, why_not
from runtime.calendar_file import Wrong, days_of, own_day

_COLUMNS: Final = {
    "date": ("日期", "date", "day"),
    "kind": ("类型", "type", "kind"),
    "note": ("说明", "备注", "note", "name"),
}
MOST_ROWS: Final = 5000
_MOST_BYTES: Final = 5_000_000


class TableUnreadable(GuankaError):
    """The file is no table of days: its kind, its encoding or its head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTable:
    """`faults` name their row, counted from 1 with the head."""

    days: dict[date, Day] = field(default_factory=dict[date, Day])
    faults: tuple[Text, ...] = ()


def read_table(path: Path) -> DayTable:
    """Raises TableUnreadable; rows that cannot be read are in the answer."""
    rows = _rows(path)
    head = [cell.strip().lower() for cell in next(rows, list[str]())]
    places = {name: _place(head, names) for name, names in _COLUMNS.items()}
    if places["date"] is None or places["kind"] is None:
        raise TableUnreadable(
            Text(
                f"{path.name}：第一行要有“日期”“类型”两列（可加“说明”），现为：{'、'.join(head) or '空'}",
                f"{path.name}: the first row names the columns date and type (and perhaps note); found:"
                f" {', '.join(head) or 'nothing'}",
            )
        )
    return _read(rows, places)


def _place(head: Sequence[str], names: tuple[str, ...]) -> int | None:
    return next((n for n, cell in enumerate(head) if cell in names), None)


def _read(rows: Iterator[list[str]], places: dict[str, int | None]) -> DayTable:
    days: dict[date, Day] = {}
    faults: list[Text] = []
    for number, row in enumerate(rows, start=2):
        cells = {name: row[n].strip() if n is not None and n < len(row) else "" for name, n in places.items()}
        if not any(cells.values()):
            continue
        try:
            for day in days_of(cells["date"]):
                if day in days:
                    raise Wrong(f"{day} 写了两次", f"{day} is there twice")  # noqa: TRY301 - the row's own fault
                days[day] = own_day(
                    {"kind": _kind(cells["kind"]), "note": cells["note"]} | _hours(cells["kind"])
                )
        except Wrong as wrong:
            faults.append(Text(f"第 {number} 行：{wrong.said.zh}", f"row {number}: {wrong.said.en}"))
    return DayTable(days=days, faults=tuple(faults))


def _hours(kind: str) -> dict[str, str]:
    return {"hours": kind} if kind[:1].isdigit() else {}


def _kind(kind: str) -> str:
    return "working" if kind[:1].isdigit() else kind


def _rows(path: Path) -> Iterator[list[str]]:
    try:
        content = path.read_bytes()
    except OSError as fault:
        why = why_not(fault)
        raise TableUnreadable(
            Text(f"{path} 无法读取：{why.zh}", f"{path} cannot be read: {why.en}")
        ) from fault
    if len(content) > _MOST_BYTES:
        raise TableUnreadable(Text(f"{path.name} 超过 5 MB", f"{path.name} is larger than 5 MB"))
    found = _sheet(path, content) if path.suffix.lower() == ".xlsx" else _lines(path, content)
    for number, row in enumerate(found):
        if number > MOST_ROWS:
            raise TableUnreadable(
                Text(f"{path.name} 超过 {MOST_ROWS} 行", f"{path.name} has more than {MOST_ROWS} rows")
            )
        yield row


def _lines(path: Path, content: bytes) -> Iterator[list[str]]:
    """CSV as spreadsheets write it in China: UTF-8 with or without its mark, or GB 18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
        yield from csv.reader(io.StringIO(text), delimiter=delimiter)
        return
    raise TableUnreadable(
        Text(
            f"{path.name} 既不是 UTF-8 也不是 GB 18030；请另存为 CSV UTF-8",
            f"{path.name} is neither UTF-8 nor GB 18030; save it as CSV UTF-8",
        )
    )


def _sheet(path: Path, content: bytes) -> Iterator[list[str]]:
    """The first sheet of a workbook."""
    import zipfile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield [_cell(value) for value in row]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError) as fault:
        raise TableUnreadable(
            Text(f"{path.name} 不是可用的 XLSX 表", f"{path.name} is no XLSX workbook that can be read")
        ) from fault


def _cell(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    return "" if value is None else str(value)
