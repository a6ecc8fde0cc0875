"""Looking at SOP files without a store: check them, draw them, and give editors their schema.

Plain functions that return lines and an exit code; the command line puts them on the screen.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, assert_never

from engine.definition import diagram as pictures
from engine.definition.compiled import Definition
from engine.definition.loader import read
from engine.definition.model import Sop
from engine.definition.schema import schema_text
from engine.errors import BrokenDefinition, Fault
from engine.text import Language, Text
from runtime.calendar_check import AtHand

OK: Final = 0
FAULTY: Final = 1
MISUSED: Final = 2
Format = Literal["mermaid", "svg"]


def check(
    paths: Sequence[Path], language: Language, calendars: AtHand | None = None
) -> tuple[int, list[str]]:
    """Every fault as file:line:column: sentence, then a line that counts; a folder means its *.yaml files.

    Files checked together are also held against one another: what a child is passed and what is read from it.
    A calendar the installation does not have is a fault as well.
    """
    files = [file for path in paths for file in _files(path)]
    if not files:
        said = Text("没有可检查的文件；请写出文件或文件夹", "nothing to check; name a file or a folder")
        return MISUSED, [said.in_(language)]
    sound = {d.sop.sop: d.sop for d in (_read(file, language)[0] for file in files) if d is not None}
    faults: list[str] = []
    for file in files:
        known = None if calendars is None or calendars.own is None else calendars.for_file(file)
        faults += _read(file, language, sound, known)[1]
    return (FAULTY if faults else OK), [*faults, _count(len(faults), len(files)).in_(language)]


def doubts(paths: Sequence[Path], language: Language, calendars: AtHand) -> list[str]:
    """Of files without faults: what can be wrong where there is no installation to ask."""
    if calendars.own is not None:
        return []
    found: list[str] = []
    for file in (file for path in paths for file in _files(path)):
        try:
            read(file, calendars=calendars.for_file(file))
        except BrokenDefinition as broken:
            found += [_doubtful(fault).say(language) for fault in broken.faults]
    return found


def _doubtful(fault: Fault) -> Fault:
    zh, en = fault.message.zh, fault.message.en
    more = Text("；若公司有这个日历，可不理会", "; ignore this if the company has it")
    return replace(fault, message=Text(f"提醒：{zh}{more.zh}", f"warning: {en}{more.en}"))


def diagram(path: Path, language: Language, form: Format = "mermaid") -> tuple[int, str]:
    """The picture of one sound SOP; for a faulty one its faults, and exit code 1."""
    definition, faults = _read(path, language)
    if definition is None:
        return FAULTY, "\n".join(faults)
    return OK, drawn(definition, language, form)


def drawn(definition: Definition, language: Language, form: Format) -> str:
    match form:
        case "mermaid":
            return pictures.mermaid(definition, language)
        case "svg":
            return pictures.svg(definition, language)
        case unreachable:
            assert_never(unreachable)


def schema() -> tuple[int, str]:
    return OK, schema_text().rstrip("\n")  # whoever prints it ends the line


def _files(path: Path) -> Iterable[Path]:
    return sorted(path.glob("*.yaml")) if path.is_dir() else [path]


def _read(
    file: Path,
    language: Language,
    family: dict[str, Sop] | None = None,
    calendars: Collection[str] | None = None,
) -> tuple[Definition | None, list[str]]:
    try:
        return read(file, family, calendars=calendars), []
    except BrokenDefinition as broken:
        return None, [fault.say(language) for fault in broken.faults]
    except OSError as error:
        return None, [f"{file}: {_unreadable(error).in_(language)}"]


def _unreadable(error: OSError) -> Text:
    match error:
        case FileNotFoundError():
            return Text("没有这个文件；请检查路径", "there is no such file; look at the path")
        case PermissionError():
            return Text("没有读取权限；请先取得权限", "you may not read it; ask for the permission")
        case _:
            return Text("无法读取；请写出一个文件", "it cannot be read; name a file")


def _count(faults: int, files: int) -> Text:
    if not faults:
        return Text(f"已检查 {files} 个文件，没有错误", f"{_some(files, 'file')} checked, no faults")
    return Text(f"{files} 个文件，{faults} 处错误", f"{_some(faults, 'fault')} in {_some(files, 'file')}")


def _some(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
