"""`guanka check --people`: what today's people mean for SOPs and running cases, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cli.screen import Result, Screen
from cli.session import Exit, Failed, Session
from engine.case.foreseen import Gravity
from engine.definition.compiled import Definition
from engine.definition.loader import read
from engine.text import Text
from runtime.people_check import PeopleCheck, Together, Told, check_people
from runtime.wiring import Parts

MARKS: Final = {Gravity.NOBODY: "✗", Gravity.WARNING: "!", Gravity.NOTE: "·"}
STYLES: Final = {Gravity.NOBODY: "bold red", Gravity.WARNING: "yellow", Gravity.NOTE: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """`place` is the file, or the name of a published SOP."""

    place: str
    found: PeopleCheck


def of_published(session: Session) -> Result:
    """The current version of every SOP, and every running case."""
    with session.opened() as parts:
        newest = {v.sop: v.digest for v in reversed(parts.store.definitions.versions())}
        if not newest:
            said = Text(
                "没有已发布的流程；用 guanka publish 发布，或写出文件",
                "no SOP is published; publish one with guanka publish, or name a file",
            )
            raise Failed(Exit.NOT_FOUND, said)
        definitions = [parts.store.definitions.by_digest(newest[sop]) for sop in sorted(newest)]
        return _result(parts, [(each.sop.sop, each) for each in definitions], cases=True)


def of_files(session: Session, files: Sequence[Path]) -> Result:
    """Files without faults, judged by this company's people; cases run on what is published."""
    paths = [p for path in files for p in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]
    with session.opened() as parts:
        return _result(parts, [(str(path), read(path)) for path in paths], cases=False)


def _result(parts: Parts, wanted: Sequence[tuple[str, Definition]], *, cases: bool) -> Result:
    done = [_Checked(place=place, found=check_people(parts, each, cases=cases)) for place, each in wanted]
    ok = all(one.found.ok for one in done)

    def shown(screen: Screen) -> None:
        for one in done:
            _show(screen, one)
        screen.line(_summary(done).in_(screen.language), style="green" if ok else "bold")

    data = {"ok": ok, "sops": [_data(one) for one in done]}
    return Result(data=data, show=shown, code=Exit.OK if ok else Exit.REFUSED)


def _show(screen: Screen, one: _Checked) -> None:
    for told in one.found.summed_up:
        _line(screen, one.place, told)
        if told.gravity is not Gravity.NOTE:
            for path in told.paths:
                screen.line(f"    {path}")
    for held in one.found.cases:
        place = screen.say(f"案例 {held.case_id}“{held.title}”", f"case {held.case_id} '{held.title}'")
        for told in held.told:
            _line(screen, place, told)
    if one.found.too:
        also = screen.say(
            f"{one.found.too} 个进行中的案例因此受阻",
            f"{_some(one.found.too, 'running case')} held up by this",
        )
        screen.line(screen.pair(one.place, also))


def _line(screen: Screen, place: str, told: Told | Together) -> None:
    gravity = told.gravity
    said = screen.say(f"{told.what.zh}；{told.mend.zh}", f"{told.what.en}; {told.mend.en}")
    screen.line(f"{MARKS[gravity]} {screen.pair(place, said)}", style=STYLES[gravity])


def _summary(done: Sequence[_Checked]) -> Text:
    told = [one.gravity for each in done for one in each.found.told]
    counts = [told.count(gravity) for gravity in Gravity]
    closed, warned, noted = counts
    held = sum(len(each.found.cases) + each.found.too for each in done)
    return Text(
        f"{len(done)} 个流程：{closed} 处无人可签，{warned} 条警告，{noted} 条提示；{held} 个案例受阻",
        f"{_some(len(done), 'SOP')}: {_some(closed, 'approval')} nobody could sign,"
        f" {_some(warned, 'warning')}, {_some(noted, 'note')}; {_some(held, 'case')} held up",
    )


def _some(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _data(one: _Checked) -> dict[str, Any]:
    return {
        "place": one.place,
        "sop": one.found.sop,
        "ok": one.found.ok,
        "findings": [_finding(told) for told in one.found.told],
        "cases": [
            {"case": held.case_id, "title": held.title, "findings": [_finding(told) for told in held.told]}
            for held in one.found.cases
        ],
        "cases_held_up_too": one.found.too,
    }


def _finding(told: Told) -> dict[str, Any]:
    found = told.found
    return {
        "code": found.code.value,
        "gravity": found.gravity.value,
        "path": found.path,
        "transition": found.transition,
        "approval": found.approval,
        "role": found.role,
        "persons": list(found.persons),
        "what": {"zh": told.what.zh, "en": told.what.en},
        "mend": {"zh": told.mend.zh, "en": told.mend.en},
    }
