"""Commands for approvals: approve, reject, and taking a request back."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.cases import CaseArgument, Reason
from cli.language import say
from cli.screen import Result, Screen
from cli.session import Exit, Failed, Session, command
from engine.ids import ApprovalId, RequestId
from engine.text import Text

if TYPE_CHECKING:
    from cli.lookup import Found
    from engine.ports import Answer
    from runtime.wiring import Parts

ApprovalArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="APPROVAL",
        help=say("审批；只有一项请您审批时可省略", "the approval; may be left out when only one asks you"),
    ),
]
Comment = Annotated[str, typer.Option("--comment", "-m", help=say("意见", "what you have to say"))]


def declare(app: typer.Typer) -> None:
    command(app, "approve", "同意", "Approve", acts=True)(approve)
    command(app, "reject", "驳回", "Reject", acts=True)(reject)
    command(app, "withdraw", "撤回申请", "Take a request back", acts=True)(withdraw)


def approve(
    session: Session, case: CaseArgument, approval: ApprovalArgument = None, comment: Comment = ""
) -> Result:
    return _decide(session, case, approval, comment, yes=True)


def reject(
    session: Session, case: CaseArgument, approval: ApprovalArgument = None, comment: Comment = ""
) -> Result:
    return _decide(session, case, approval, comment, yes=False)


def _decide(session: Session, case: str, approval: str | None, comment: str, *, yes: bool) -> Result:
    from cli.lookup import find_case
    from cli.which_approval import named
    from engine.case import commands as cmd
    from engine.case.state import Verdict

    with session.opened() as parts:
        found = find_case(session, parts, case)
        decision = cmd.RecordDecision(
            case_id=found.case.id,
            approval=named(session, parts, found, approval),
            verdict=Verdict.APPROVE if yes else Verdict.REJECT,
            comment=comment,
        )
        answer = session.do(parts, decision)
        return _decided(session, parts, answer, decision.approval, yes=yes)


def _decided(
    session: Session, parts: "Parts", answer: "Answer", approval: ApprovalId, *, yes: bool
) -> Result:
    from cli.advancing import advice
    from cli.lookup import find_case

    found = find_case(session, parts, answer.case_id)
    hint = advice(parts, found)
    data = {
        "case": answer.case_id,
        "version": answer.version,
        "approval": approval,
        "verdict": "approve" if yes else "reject",
        "repeated": answer.repeated,
    }

    def shown(screen: Screen) -> None:
        said = screen.say("已同意", "approved") if yes else screen.say("已驳回", "rejected")
        screen.line(screen.pair(answer.case_id, said))
        if hint is not None:
            screen.line(hint.in_(screen.language))

    return Result(data=data, show=shown)


def withdraw(
    session: Session,
    case: CaseArgument,
    request: Annotated[
        str | None,
        typer.Argument(help=say("申请；只有一项时可省略", "the request; may be left out when there is one")),
    ] = None,
    reason: Reason = "",
) -> Result:
    from cli.cases import done
    from cli.lookup import find_case
    from engine.case import commands as cmd

    with session.opened() as parts:
        found = find_case(session, parts, case)
        answer = session.do(
            parts,
            cmd.WithdrawRequest(case_id=found.case.id, request=the_request(found, request), reason=reason),
        )
        return done(answer, "申请已撤回", "the request is taken back")


def the_request(found: "Found", wanted: str | None) -> RequestId:
    """By its id, by its transition, or the only one. Raises Failed."""
    requests = list(found.case.requests.values())
    if wanted is not None:
        named = [r.id for r in requests if wanted in (r.id, r.transition)]
        return named[0] if named else RequestId(wanted)
    if len(requests) == 1:
        return requests[0].id
    if not requests:
        raise Failed(Exit.REFUSED, Text("这里没有可撤回的申请", "there is no request to take back here"))
    listed = ", ".join(f"{r.id} ({r.transition})" for r in requests)
    raise Failed(
        Exit.USAGE,
        Text(f"有多项申请，请写明一项：{listed}", f"there are several requests; name one: {listed}"),
    )
