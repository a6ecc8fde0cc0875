"""guanka approval together: several approvals of one kind, each shown and said to have been seen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli.language import say
from cli.screen import Result, Screen, complain
from cli.session import Exit, Failed, Session, as_failure, command
from engine.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.lookup import Found
    from engine.case.state import Approval
    from engine.ids import ApprovalId
    from runtime.wiring import Parts

Verdicts = Annotated[
    Literal["approve", "reject"], typer.Argument(help=say("同意或驳回", "what is decided of all of them"))
]
Items = Annotated[
    list[str],
    typer.Argument(
        metavar="CASE[/APPROVAL]…",
        help=say(
            "案例编号；同一案例有几项审批等您时写 案例/审批，例如 7k2m9x4p/a3",
            "the cases whose approval waits for you; CASE/APPROVAL, such as 7k2m9x4p/a3, where a case has"
            " several",
        ),
    ),
]
Comment = Annotated[str, typer.Option("--comment", "-m", help=say("意见", "what you have to say"))]
SeenFlag = Annotated[
    bool,
    typer.Option("--seen", help=say("每一项都已看过，不再逐项询问", "you have looked at each: do not ask")),
]


@dataclass(frozen=True, kw_only=True)
class _Item:
    """`wanted` is what the person wrote."""

    wanted: str
    found: "Found"
    approval: "Approval"


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    """What came of one item; without `failed` it was decided. `approval` is unknown where none was found."""

    wanted: str
    case: str
    approval: "ApprovalId | None"
    failed: Failed | None = None


def declare(group: typer.Typer) -> None:
    command(
        group,
        "together",
        "批量审批；逐项回报，一项不成不影响其余；退出码 0 表示全部办成",
        "Decide several at once; each is reported, and what cannot be decided holds up no other; exit code 0"
        " when all went",
        acts=True,
    )(together)


def together(
    session: Session, verdict: Verdicts, items: Items, comment: Comment = "", seen: SeenFlag = False
) -> Result:
    session.actor()
    with session.opened() as parts:
        known, outcomes = _found(session, parts, items)
        looked = known if seen else _looked_at(session, parts, known)
        if not looked and not outcomes:
            raise Failed(
                Exit.REFUSED, Text("一项也没有看过，未作决定", "none was looked at; none is decided")
            )
        for item in looked:
            failed = _decide(session, parts, item, verdict, comment)
            case, approval = item.found.case.id, item.approval.id
            outcomes[item.wanted] = _Outcome(wanted=item.wanted, case=case, approval=approval, failed=failed)
    return _told(
        session, [outcomes[wanted] for wanted in dict.fromkeys(items) if wanted in outcomes], verdict
    )


def _found(
    session: Session, parts: "Parts", wanted: "Sequence[str]"
) -> "tuple[list[_Item], dict[str, _Outcome]]":
    """The approvals meant, each once, and for every other item why it means none."""
    items: dict[tuple[str, str], _Item] = {}
    outcomes: dict[str, _Outcome] = {}
    for one in dict.fromkeys(wanted):
        try:
            item = _item(session, parts, one)
        except Failed as failed:
            case = one.partition("/")[0]
            outcomes[one] = _Outcome(wanted=one, case=case, approval=None, failed=failed)
        else:
            items.setdefault((item.found.case.id, item.approval.id), item)
    return list(items.values()), outcomes


def _item(session: Session, parts: "Parts", wanted: str) -> _Item:
    """Raises Failed where this names no approval, or not one alone."""
    from cli.lookup import find_case
    from cli.which_approval import asking, by_name, listing, none_waits

    case, slash, name = wanted.partition("/")
    found = find_case(session, parts, case)
    approvals = found.case.approvals
    if slash:
        approval = by_name(found, name)
        if approval is None:
            raise _no_such(found, name)
        return _Item(wanted=wanted, found=found, approval=approvals[approval])
    mine = asking(session, found)
    if not mine:
        raise none_waits(session, parts, found)
    if len(mine) > 1:
        zh, en = (listing(found, mine, language, f"{case}/") for language in ("zh", "en"))
        several = Text(f"有多项审批等您，请写明：{zh}", f"several approvals wait for you; write one: {en}")
        raise Failed(Exit.USAGE, several)
    return _Item(wanted=wanted, found=found, approval=mine[0])


def _no_such(found: "Found", name: str) -> Failed:
    from cli.lookup import unknown

    running = [name for a in found.case.approvals.values() for name in (a.id, a.spec)]
    return Failed(Exit.NOT_FOUND, unknown("进行中的审批", "running approval", name, running))


def _looked_at(session: Session, parts: "Parts", items: "Sequence[_Item]") -> "list[_Item]":
    """Those the person says to have looked at, once each is set out. Nothing is decided before the last
    answer, so that input which ends early decides nothing. Raises Failed then.
    """
    looked: list[_Item] = []
    for number, item in enumerate(items):
        for line in _signed(session, parts, item):
            typer.echo(line, err=True)
        try:
            seen = typer.confirm(session.say("看过了吗？", "Have you looked at it?"), err=True)
        except typer.Abort as broken:
            raise _broken_off(session, broken, asked=number, of=len(items)) from None
        if seen:
            looked.append(item)
        else:
            complain(
                session.say(f"{item.wanted}：没有看过，不作决定", f"{item.wanted}: not looked at, left out")
            )
    return looked


def _broken_off(session: Session, broken: BaseException, *, asked: int, of: int) -> Exception:
    """Whoever presses Ctrl-C is told too, and ends with the exit code of an interrupt."""
    said = Text(
        f"输入在第 {asked + 1} 项（共 {of} 项）处中断，一项也没有决定；请逐项回答 y 或 n，或看过后加 --seen",
        f"the input ended at item {asked + 1} of {of}, and none is decided; answer y or n for each, or say"
        " --seen once you have looked at them",
    )
    typer.echo(err=True)  # the question stands there without an end of line
    if not isinstance(broken.__context__, KeyboardInterrupt):
        return Failed(Exit.USAGE, said)
    complain(said.in_(session.language))
    return typer.Abort()


def _signed(session: Session, parts: "Parts", item: _Item) -> list[str]:
    from cli.lookup import Names
    from engine.case.approvals import content
    from engine.definition.field_people import with_names
    from engine.definition.fields import shown

    found, names = item.found, Names(parts, session.language)
    transition = found.definition.transitions[found.case.requests[item.approval.request].transition]
    spec = found.definition.approval(transition.id, item.approval.spec)
    lines = [f"{found.case.title} ({found.case.id}) · {found.title(spec.id, session.language)}"]
    for name in content(found.definition, found.case, transition, spec):
        field, title = found.definition.sop.fields.get(name), found.title(name, session.language)
        if field is None:
            files = found.case.attachments.get(name, ())
            lines.append(f"  {title}: {files[-1].name if files else '—'}")
            continue
        value = with_names(field, found.case.values.get(name), names.person)
        lines.append(f"  {title}: {shown(field, value, session.language, zone=names.zone)}")
    return lines


def _decide(session: Session, parts: "Parts", item: _Item, verdict: str, comment: str) -> Failed | None:
    """Why it was not decided, if so: what goes wrong with one is no reason to stop."""
    from cli.refusals import refused
    from engine.case import commands as cmd
    from engine.case.state import Verdict

    case, approval = item.found.case.id, item.approval
    decision = cmd.RecordDecision(
        case_id=case,
        approval=approval.id,
        verdict=Verdict(verdict),
        comment=comment,
        round=approval.round,
        content=approval.content,
        together=True,
    )
    key = f"{session.key}:{case}/{approval.id}" if session.key else None
    try:
        answer = parts.service.handle(decision, actor=session.actor(), key=key)
    except Exception as fault:
        failed = as_failure(fault)
        if failed is None:
            raise
        return failed
    return refused(answer.refusal, parts) if answer.refusal else None


def _told(session: Session, outcomes: "Sequence[_Outcome]", verdict: str) -> Result:
    def reasons(one: _Outcome) -> list[str]:
        return one.failed.message.in_(session.language).split("\n") if one.failed else []

    data: list[dict[str, Any]] = [
        {
            "item": one.wanted,
            "case": one.case,
            "approval": one.approval,
            "decided": one.failed is None,
            "reasons": reasons(one),
        }
        for one in outcomes
    ]

    def show(screen: Screen) -> None:
        done = screen.say("已同意", "approved") if verdict == "approve" else screen.say("已驳回", "rejected")
        for one in outcomes:
            screen.line(screen.pair(one.wanted, "; ".join(reasons(one)) or done))

    return Result(data=data, show=show, code=_code(outcomes))


def _code(outcomes: "Sequence[_Outcome]") -> Exit:
    """OK when all went; else the family of those that did not, where they have one in common."""
    codes = {one.failed.code for one in outcomes if one.failed}
    if not codes:
        return Exit.OK
    return codes.pop() if len(codes) == 1 else Exit.REFUSED
