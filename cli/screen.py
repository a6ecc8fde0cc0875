"""What a command puts on the screen: tables and lines for people, or one JSON document for programs."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.text import Language, Text

WIDE = 160  # columns where nobody looks on: a file, a pipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`data` is the JSON document; `show` puts the same before a person; `code` is the exit code."""

    data: Any
    show: Callable[["Screen"], None]
    code: int = 0


@dataclass(slots=True)
class Screen:
    """Writes in one language. Colours and frames only on a terminal, and not where NO_COLOR is set."""

    language: Language
    _console: Any = field(default=None, init=False)

    @property
    def console(self) -> Any:
        if self._console is None:
            from rich.console import Console

            width = None if sys.stdout.isatty() else WIDE
            self._console = Console(highlight=False, width=width, emoji=False)
        return self._console

    def say(self, zh: str, en: str) -> str:
        return Text(zh, en).in_(self.language)

    def pair(self, what: str, said: str) -> str:
        return self.say(f"{what}：{said}", f"{what}: {said}")

    def line(self, text: str = "", *, style: str = "") -> None:
        self.console.print(text, style=style or None, markup=False, soft_wrap=True)

    def title(self, text: str) -> None:
        self.line(text, style="bold")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
        from rich import box
        from rich.table import Table
        from rich.text import Text as Plain

        table = Table(
            box=box.SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False, show_edge=False
        )
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Plain(cell) for cell in row))  # what people typed is never markup
        self.console.print(table)


def put(result: Result, language: Language, *, as_json: bool) -> None:
    if as_json:
        write(as_text(result.data))
    else:
        result.show(Screen(language))


def as_text(data: Any) -> str:
    """JSON for people too: indented, Chinese as it is; instants in ISO 8601, dataclasses as objects."""
    return json.dumps(plain(data), ensure_ascii=False, indent=2)


def plain(data: Any) -> Any:
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(data)


def write(text: str) -> None:
    """As it is, at once: no wrapping, no colours."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """To standard error, whatever the face: standard output stays clean for the next program."""
    sys.stderr.write(text + "\n")
