"""Commands about working calendars: which there are, what a year looks like, and when something is due."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import calendar_update
from cli.language import say
from cli.screen import Result, Screen, plain, write
from cli.session import Exit, Failed, Session, command
from engine.errors import GuankaError
from engine.text import Text

if TYPE_CHECKING:
    from engine.case.workdays import WorkCalendar
    from runtime.calendar_questions import Ask
    from runtime.calendars import Calendars, Described

CalendarOption = Annotated[
    str, typer.Option("--calendar", metavar="ID", help=say("哪个日历", "which calendar"))
]


def _file_option(line: str) -> Any:
    return typer.Option(
        "--file",
        help=say(
            f"每行一个 JSON 问题的文件，例如 {line}；- 为标准输入；逐行回答",
            f"a file of JSON questions, one a line, such as {line}; - for standard input; answered in order",
        ),
    )


_COUNTED = '{"at": "2026-03-02 10:00", "duration": "3 wd"}'
CountedFile = Annotated[Path | None, _file_option(_COUNTED)]
SpanFile = Annotated[Path | None, _file_option('{"at": "2026-03-02 10:00", "until": "2026-03-06 18:00"}')]


def declare(app: typer.Typer) -> None:
    calendar = typer.Typer(help=say("工作日历", "Working calendars"), no_args_is_help=True)
    command(calendar, "list", "列出日历", "List the calendars")(calendar_list)
    command(calendar, "show", "看一个日历与一年的休、班", "See a calendar, and a year of it")(calendar_show)
    for name, (zh, en), function in (
        ("due", ("从某时刻起，期限何时到", "When a duration from an instant is over"), calendar_due),
        ("before", ("某时刻之前，何时要备好", "When to be ready, ahead of an instant"), calendar_before),
        ("between", ("两时刻之间的工作时间", "The working time between two instants"), calendar_between),
    ):
        # A duration such as -2 wd is refused as one, and not as an option.
        command(calendar, name, zh, en, dashes=True)(function)
    command(calendar, "doctor", "日历体检：缺哪一年", "Say what the calendars lack")(calendar_doctor)
    calendar_update.declare(calendar)
    app.add_typer(calendar, name="calendar")


def calendars_of(session: Session) -> "Calendars":
    from runtime.calendars import Calendars

    return Calendars(session.settings.calendars_dir)


def calendar_list(session: Session) -> Result:
    calendars = calendars_of(session)
    found, faults = list["Described"](), dict[str, Text]()
    for name in calendars.known():
        try:
            found.append(calendars.described(name))
        except GuankaError as fault:  # one file with a fault must not hide the others
            faults[name] = fault.message
    data = [
        {
            "id": each.calendar.id,
            "title": each.title.in_(session.language),
            "zone": each.calendar.zone,
            "official_until": _end(each.calendar),
            "version": each.calendar.version,
            "files": [str(path) for path in each.files],
        }
        for each in found
    ]

    def shown(screen: Screen) -> None:
        heads = (("日历", "calendar"), ("名称", "name"), ("时区", "zone"), ("法定安排到", "official until"))
        rows = [[d["id"], d["title"], d["zone"], str(d["official_until"] or "—")] for d in data]
        screen.table([screen.say(*head) for head in heads], rows)
        for fault in faults.values():
            screen.line(fault.in_(screen.language))

    broken = [{"id": name, "fault": fault.in_(session.language)} for name, fault in faults.items()]
    return Result(data=[*data, *broken], show=shown, code=1 if faults else 0)


def _end(calendar: "WorkCalendar") -> date | None:
    return None if calendar.official_until == date.max else calendar.official_until


def calendar_show(
    session: Session,
    calendar: Annotated[
        str, typer.Argument(metavar="[ID]", help=say("日历，默认 cn", "the calendar; cn"))
    ] = "cn",
    year: Annotated[
        int | None,
        typer.Argument(metavar="[YEAR]", help=say("年份，默认今年", "the year; this one"), min=1, max=9998),
    ] = None,
) -> Result:
    from cli.calendar_view import CalendarView
    from engine.clock import SystemClock

    if year is None and calendar.isdigit():
        calendar, year = "cn", int(calendar)
    described = calendars_of(session).described(calendar)
    chosen = year or SystemClock().now().year
    view = CalendarView(described, chosen, session.language)
    return Result(data=view.data(), show=view.show)


def calendar_due(
    session: Session,
    instant: Annotated[
        str | None, typer.Argument(help=say("起点，例如 '2026-03-02 10:00'", "the start"))
    ] = None,
    duration: Annotated[str | None, typer.Argument(help=say("期限，例如 '3 wd'", "such as '3 wd'"))] = None,
    calendar: CalendarOption = "cn",
    file: CountedFile = None,
) -> Result:
    return _asked(session, "due", (instant, duration), calendar=calendar, file=file)


def calendar_before(
    session: Session,
    instant: Annotated[
        str | None, typer.Argument(help=say("目标时刻", "the instant to be ready for"))
    ] = None,
    duration: Annotated[
        str | None, typer.Argument(help=say("提前多少，例如 '3 wd'", "such as '3 wd'"))
    ] = None,
    calendar: CalendarOption = "cn",
    file: CountedFile = None,
) -> Result:
    return _asked(session, "before", (instant, duration), calendar=calendar, file=file)


def calendar_between(
    session: Session,
    start: Annotated[str | None, typer.Argument(help=say("起", "from"))] = None,
    end: Annotated[str | None, typer.Argument(help=say("止", "to"))] = None,
    calendar: CalendarOption = "cn",
    file: SpanFile = None,
) -> Result:
    return _asked(session, "between", (start, end), calendar=calendar, file=file)


def calendar_doctor(session: Session) -> Result:
    from engine.clock import SystemClock
    from runtime.calendar_health import health

    found = [
        {"calendar": finding.calendar, "state": finding.state, "text": finding.said.in_(session.language)}
        for finding in health(calendars_of(session), SystemClock().now(), session.settings.zone)
    ]
    marks = {"ok": "✓", "warning": "!", "fault": "✗"}
    styles = {"ok": "green", "warning": "yellow", "fault": "bold red"}

    def shown(screen: Screen) -> None:
        for each in found:
            screen.line(
                f"{marks[each['state']]} {each['calendar']:<12}{each['text']}", style=styles[each["state"]]
            )

    broken = any(each["state"] == "fault" for each in found)
    return Result(data=found, show=shown, code=Exit.REFUSED if broken else Exit.OK)


Given = tuple[str | None, str | None]


def _asked(session: Session, ask: "Ask", given: Given, *, calendar: str, file: Path | None) -> Result:
    from cli.calendar_view import show_answer
    from runtime.calendar_questions import Question, answered, as_data

    first, second = given
    if file is not None and first is None:
        return _answers(session, ask, file, calendar)
    if first is None or second is None or file is not None:
        raise Failed(
            Exit.USAGE,
            Text(
                "请写出两个参数，或只用 --file 给出问题文件",
                "write both arguments, or only --file with a file of questions",
            ),
        )
    until = second if ask == "between" else ""
    question = Question(ask=ask, at=first, duration="" if until else second, until=until, calendar=calendar)
    answer = answered(question, calendars_of(session))
    return Result(data=as_data(answer), show=lambda screen: show_answer(screen, answer))


def _answers(session: Session, ask: "Ask", file: Path, calendar: str) -> Result:
    """One JSON line for each question, in order; a line that cannot be answered says why."""
    calendars = calendars_of(session)
    lines = _lines(file)
    found = [
        {"line": number, **_answer(session, calendars, (line, ask, calendar))}
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    failed = any("error" in each for each in found)

    def shown(_: Screen) -> None:
        for each in found:
            write(json.dumps(plain(each), ensure_ascii=False))

    return Result(data=found, show=shown, code=Exit.REFUSED if failed else Exit.OK)


def _answer(session: Session, calendars: "Calendars", asked: "tuple[str, Ask, str]") -> dict[str, Any]:
    from engine.errors import GuankaError
    from runtime.calendar_questions import answered, as_data, question_of

    try:
        return as_data(answered(question_of(*asked), calendars))
    except GuankaError as fault:
        return {"error": fault.message.in_(session.language)}


def _lines(file: Path) -> list[str]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Failed(Exit.NOT_FOUND, Text(f"没有文件 {file}", f"there is no file {file}")) from None
    except (OSError, UnicodeError):
        raise Failed(
            Exit.USAGE, Text(f"{file} 无法按 UTF-8 读取", f"{file} cannot be read as UTF-8 text")
        ) from None
    return text.splitlines()
