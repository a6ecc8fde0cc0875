"""Commands for what people do with a running approval besides deciding it: guanka approval …"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli import together
from cli.cases import CaseArgument, Reason
from cli.language import say
from cli.screen import Result
from cli.session import Exit, Failed, Session, command
from engine.ids import ApprovalId, PersonId
from engine.text import Text

if TYPE_CHECKING:
    from cli.lookup import Found
    from engine.case.signer_commands import SignerCommand

Which = Annotated[
    str | None,
    typer.Option(
        "--approval",
        "-a",
        metavar="APPROVAL",
        help=say("审批；只有一项时可省略", "the approval; may be left out when there is one"),
    ),
]
To = Annotated[str, typer.Argument(metavar="PERSON", help=say("人员编号", "a person's id"))]
People = Annotated[list[str], typer.Argument(metavar="PERSON…", help=say("人员编号", "persons' ids"))]
Words = Annotated[str, typer.Argument(metavar="TEXT", help=say("内容", "what you have to say"))]
Make = Callable[[Any, dict[str, Any]], "SignerCommand"]


def declare(app: typer.Typer) -> None:
    group = typer.Typer(
        help=say("审批：转交、加签、委派、退回等", "Approvals: hand over, add signers, send back and more"),
        no_args_is_help=True,
    )
    command(group, "transfer", "转交", "Hand your ask over for good", acts=True)(transfer)
    command(group, "delegate", "委派", "Have another person look at it first", acts=True)(delegate)
    command(group, "hand-back", "交回委派", "Hand it back with your opinion", acts=True)(hand_back)
    command(group, "call-back", "收回委派", "Call it back", acts=True)(call_back)
    command(group, "add", "加签", "Add signers around you", acts=True)(add)
    command(group, "remove", "减签", "Take a signer out", acts=True)(remove)
    command(group, "take-back", "拿回决定", "Take your answer back", acts=True)(take_back)
    command(group, "nudge", "催办", "Remind whoever is awaited", acts=True)(nudge)
    command(group, "ask", "要求补充材料", "Ask the requester for material", acts=True)(ask)
    command(group, "give", "补充材料", "Give the material", acts=True)(give)
    command(group, "copy", "抄送", "Tell others", acts=True)(copy)
    command(group, "comment", "审批意见", "Comment on it", acts=True)(comment)
    command(group, "return", "退回", "Send the request back", acts=True)(send_back)
    together.declare(group)
    app.add_typer(group, name="approval")
    command(app, "resubmit", "重新提交", "Put a returned request forward again", acts=True)(resubmit)


def transfer(
    session: Session, case: CaseArgument, to: To, reason: Reason = "", approval: Which = None
) -> Result:
    said = Text("已转交", "handed over")
    return _act(
        session, case, approval, lambda sc, on: sc.TransferAsk(**on, to=PersonId(to), reason=reason), said
    )


def delegate(
    session: Session, case: CaseArgument, to: To, reason: Reason = "", approval: Which = None
) -> Result:
    said = Text("已委派", "delegated")
    return _act(
        session, case, approval, lambda sc, on: sc.DelegateAsk(**on, to=PersonId(to), reason=reason), said
    )


def hand_back(session: Session, case: CaseArgument, text: Words, approval: Which = None) -> Result:
    said = Text("已交回", "handed back")
    return _act(session, case, approval, lambda sc, on: sc.HandBack(**on, text=text), said)


def call_back(session: Session, case: CaseArgument, approval: Which = None) -> Result:
    return _act(session, case, approval, lambda sc, on: sc.CallBack(**on), Text("已收回", "called back"))


def add(
    session: Session,
    case: CaseArgument,
    people: People,
    place: Annotated[
        Literal["before", "beside", "after"],
        typer.Option("--place", help=say("在您之前、同时或之后", "before, beside or after you")),
    ] = "beside",
    reason: Reason = "",
    approval: Which = None,
) -> Result:
    def made(sc: Any, on: dict[str, Any]) -> "SignerCommand":
        from engine.case.state import Place

        persons = tuple(PersonId(person) for person in people)
        return sc.AddSigners(**on, persons=persons, place=Place(place), reason=reason)

    return _act(session, case, approval, made, Text("已加签", "signers added"))


def remove(
    session: Session, case: CaseArgument, person: To, reason: Reason = "", approval: Which = None
) -> Result:
    def made(sc: Any, on: dict[str, Any]) -> "SignerCommand":
        return sc.RemoveSigner(**on, person=PersonId(person), reason=reason)

    return _act(session, case, approval, made, Text("已减签", "the signer is out"))


def take_back(session: Session, case: CaseArgument, reason: Reason = "", approval: Which = None) -> Result:
    said = Text("决定已拿回", "your answer is taken back")
    return _act(session, case, approval, lambda sc, on: sc.TakeBackDecision(**on, reason=reason), said)


def nudge(session: Session, case: CaseArgument, approval: Which = None) -> Result:
    return _act(session, case, approval, lambda sc, on: sc.NudgeApproval(**on), Text("已催办", "reminded"))


def ask(session: Session, case: CaseArgument, text: Words, approval: Which = None) -> Result:
    said = Text("已请申请人补充材料", "the requester is asked for it")
    return _act(session, case, approval, lambda sc, on: sc.AskForMaterial(**on, text=text), said)


def give(
    session: Session,
    case: CaseArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help=say("答复，可省略", "the answer, if any"))] = "",
    approval: Which = None,
) -> Result:
    said = Text("材料已补充", "the material is given")
    return _act(session, case, approval, lambda sc, on: sc.GiveMaterial(**on, text=text), said)


def copy(session: Session, case: CaseArgument, people: People, approval: Which = None) -> Result:
    persons = tuple(PersonId(person) for person in people)
    said = Text("已抄送", "they are told")
    return _act(session, case, approval, lambda sc, on: sc.CopyApproval(**on, persons=persons), said)


def comment(session: Session, case: CaseArgument, text: Words, approval: Which = None) -> Result:
    said = Text("意见已写明", "commented")
    return _act(session, case, approval, lambda sc, on: sc.CommentApproval(**on, text=text), said)


def send_back(
    session: Session,
    case: CaseArgument,
    text: Words,
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="STAGE", help=say("阶段；省略即退回申请人", "a stage; else the requester")
        ),
    ] = "",
    straight: Annotated[
        bool,
        typer.Option("--straight-back", help=say("重新提交后直接回到我", "afterwards straight back to me")),
    ] = False,
    approval: Which = None,
) -> Result:
    def made(sc: Any, on: dict[str, Any]) -> "SignerCommand":
        return sc.ReturnRequest(**on, comment=text, to=to, straight_back=straight)

    return _act(session, case, approval, made, Text("已退回", "sent back"))


def resubmit(
    session: Session,
    case: CaseArgument,
    request: Annotated[
        str | None, typer.Argument(help=say("申请；只有一项时可省略", "the request; may be left out"))
    ] = None,
    reason: Reason = "",
) -> Result:
    from cli.cases import done
    from cli.lookup import find_case
    from cli.signing import the_request
    from engine.case import signer_commands as sc

    with session.opened() as parts:
        found = find_case(session, parts, case)
        wanted = the_request(found, request)
        again = sc.ResubmitRequest(case_id=found.case.id, request=wanted, reason=reason)
        return done(session.do(parts, again), "已重新提交", "put forward again")


def _act(session: Session, case: str, approval: str | None, make: Make, said: Text) -> Result:
    from cli.cases import done
    from cli.lookup import find_case
    from engine.case import signer_commands as sc

    with session.opened() as parts:
        found = find_case(session, parts, case)
        on = {"case_id": found.case.id, "approval": _one(session, found, approval)}
        return done(session.do(parts, make(sc, on)), said.zh, said.en)


def _one(session: Session, found: "Found", wanted: str | None) -> ApprovalId:
    """By its id, by its name in the SOP, the only one there is, or the only one this person is in. Raises
    Failed.
    """
    running = list(found.case.approvals.values())
    if wanted is not None:
        named = [a.id for a in running if wanted in (a.id, a.spec)]
        return named[0] if named else ApprovalId(wanted)
    person = session.actor().person
    mine = [a for a in running if any(person in (ask.person, ask.looks) for ask in a.asks)]
    for few in (running, mine):
        if len(few) == 1:
            return few[0].id
    if not running:
        raise Failed(Exit.REFUSED, Text("这里没有进行中的审批", "no approval is running here"))
    listed = ", ".join(f"{a.id} ({a.spec})" for a in running)
    raise Failed(
        Exit.USAGE,
        Text(
            f"有多项审批，请用 --approval 写明：{listed}",
            f"several are running; name one with --approval: {listed}",
        ),
    )
