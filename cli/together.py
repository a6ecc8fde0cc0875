"""guanka approval together: several approvals of one kind, each shown and said to have been seen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.language import say
from cli.screen import Result, Screen
from cli.session import Exit, Failed, Session, command
from engine.text import Text

if TYPE_CHECKING:
    from cli.lookup import Found
    from engine.case.state import Approval
    from engine.ports import Answer
    from runtime.wiring import Parts

Verdicts = Annotated[
    Literal["approve", "reject"], typer.Argument(help=say("同意或驳回", "what is decided of all of them"))
]
Cases = Annotated[
    list[str], typer.Argument(metavar="CASE…", help=say("案例编号", "the cases whose approval waits for you"))
]
Comment = Annotated[str, typer.Option("--comment", "-m", help=say("意见", "what you have to say"))]
SeenFlag = Annotated[
    bool,
    typer.Option("--seen", help=say("每一项都已看过，不再逐项询问", "you have looked at each: do not ask")),
]


@dataclass(frozen=True, kw_only=True)
class _Item:
    found: "Found"
    approval: "Approval"


def declare(group: typer.Typer) -> None:
    command(group, "together", "批量审批", "Decide several at once", acts=True)(together)


def together(
    session: Session, verdict: Verdicts, cases: Cases, comment: Comment = "", seen: SeenFlag = False
) -> Result:
    with session.opened() as parts:
        items = [_item(session, parts, case) for case in dict.fromkeys(cases)]
        looked = [item for item in items if seen or _looked_at(session, parts, item)]
        if not looked:
            raise Failed(
                Exit.REFUSED, Text("一项也没有看过，未作决定", "none was looked at; none is decided")
            )
        answers = [(item, _decide(session, parts, item, verdict, comment)) for item in looked]
        return _told(session, parts, answers, verdict)


def _item(session: Session, parts: "Parts", case: str) -> _Item:
    from cli.lookup import find_case
    from cli.signing import named

    found = find_case(session, parts, case)
    return _Item(found=found, approval=found.case.approvals[named(session, found, None)])


def _looked_at(session: Session, parts: "Parts", item: _Item) -> bool:
    """What is signed, set out; and whether the person says it was looked at."""
    for line in _signed(session, parts, item):
        typer.echo(line, err=True)
    return typer.confirm(session.say("看过了吗？", "Have you looked at it?"), err=True)


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


def _decide(session: Session, parts: "Parts", item: _Item, verdict: str, comment: str) -> "Answer":
    from engine.case import commands as cmd
    from engine.case.state import Verdict

    decision = cmd.RecordDecision(
        case_id=item.found.case.id,
        approval=item.approval.id,
        verdict=Verdict(verdict),
        comment=comment,
        round=item.approval.round,
        content=item.approval.content,
        together=True,
    )
    key = f"{session.key}:{item.found.case.id}" if session.key else None
    return parts.service.handle(decision, actor=session.actor(), key=key)


def _told(session: Session, parts: "Parts", answers: "list[tuple[_Item, Answer]]", verdict: str) -> Result:
    from cli.lookup import Names
    from engine.case.wording import refusal_sentences

    names = Names(parts, session.language)
    lines = [
        (item, refusal_sentences(a.refusal, session.language, names.person) if a.refusal else [])
        for item, a in answers
    ]
    data = [
        {"case": item.found.case.id, "approval": item.approval.id, "decided": not why, "reasons": why}
        for item, why in lines
    ]

    def show(screen: Screen) -> None:
        done = screen.say("已同意", "approved") if verdict == "approve" else screen.say("已驳回", "rejected")
        for item, why in lines:
            screen.line(screen.pair(item.found.case.id, "; ".join(why) if why else done))

    code = Exit.OK if all(not why for _, why in lines) else Exit.REFUSED
    return Result(data=data, show=show, code=code)
