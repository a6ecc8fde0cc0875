"""Commands that forget: a person, or the contents of an ended case. The chains still verify afterwards."""

from typing import Annotated

import typer

from cli.language import say
from cli.screen import Result
from cli.session import Exit, Failed, Session, command
from engine.ids import PersonId
from engine.text import Text

Yes = Annotated[bool, typer.Option("--yes", "-y", help=say("不再询问", "do not ask"))]


def declare(app: typer.Typer) -> None:
    erase = typer.Typer(help=say("抹除（不可恢复）", "Erase, for good"), no_args_is_help=True)
    command(
        erase,
        "person",
        "抹除一个人的姓名、地址、角色与所写的话；编号保留",
        "Erase a person's name, addresses, roles and words; the id stays",
    )(person)
    command(
        erase,
        "case",
        "抹除已结束案例的内容；历史的哈希链保留",
        "Erase the contents of an ended case; its chain stays",
    )(case)
    app.add_typer(erase, name="erase")


def person(
    session: Session,
    person: Annotated[str, typer.Argument(metavar="ID", help=say("人员编号", "the person's id"))],
    yes: Yes = False,
) -> Result:
    from runtime.desertions import Desertions

    with session.opened() as parts:
        known = parts.store.people.get(PersonId(person))
        _agreed(
            session, Text(f"人员 {known.name}（{person}）", f"the person {known.name} ({person})"), yes=yes
        )
        events = parts.store.eraser.erase_person(known.id)
        Desertions(parts.store, parts.service).tell()  # of approvals that cannot pass without them
    return _erased(Text(f"已抹除人员 {person}", f"the person {person} is erased"), {"person": person}, events)


def case(
    session: Session,
    case: Annotated[str, typer.Argument(metavar="CASE", help=say("案例编号", "the case's id"))],
    yes: Yes = False,
) -> Result:
    from cli.lookup import find_case
    from engine.case.state import CaseStatus
    from engine.store.errors import StillOpen

    with session.opened() as parts:
        found = find_case(session, parts, case).case
        if found.status is not CaseStatus.CLOSED:
            raise StillOpen(found.id)
        what = Text(f"案例 {case}“{found.title}”的内容", f"the contents of case {case} '{found.title}'")
        _agreed(session, what, yes=yes)
        events = parts.store.eraser.erase_private(found.id)
    return _erased(
        Text(f"已抹除案例 {case} 的内容", f"the contents of case {case} are erased"), {"case": case}, events
    )


def _agreed(session: Session, what: Text, *, yes: bool) -> None:
    """Asks on standard error. Raises Failed where nobody is there to ask, or the answer is no."""
    import sys

    if yes:
        return
    if session.json or not sys.stdin.isatty():
        raise Failed(
            Exit.USAGE,
            Text(
                f"将抹除{what.zh}，不可恢复；确认请加 --yes",
                f"this erases {what.en} for good; confirm it with --yes",
            ),
        )
    question = session.say(f"抹除{what.zh}？不可恢复", f"Erase {what.en}? It cannot be undone")
    if not typer.confirm(question, err=True):
        raise Failed(Exit.REFUSED, Text("没有抹除", "nothing is erased"))


def _erased(told: Text, named: dict[str, str], events: int) -> Result:
    """`events` is how many lost something of theirs."""
    counted = Text(f"{told.zh}（涉及 {events} 个事件）", f"{told.en} ({events} events lost words of theirs)")
    return Result(
        data={**named, "events": events}, show=lambda screen: screen.line(counted.in_(screen.language))
    )
