"""Commands on the keys that sign links: what is live, a new key, the end of every link. Never a secret."""

import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli.language import say
from cli.screen import Result, Screen
from cli.session import Exit, Failed, Session, command
from engine.text import Text

if TYPE_CHECKING:
    from notifications.keys import Key, KeyRing
    from runtime.wiring import Parts

Yes = Annotated[bool, typer.Option("--yes", "-y", help=say("不再询问", "do not ask"))]
Resend = Annotated[
    bool,
    typer.Option(
        "--resend",
        help=say(
            "给每位待审批的人重新发送消息与新链接", "owe everybody who is asked a message with a new link"
        ),
    ),
]


def declare(app: typer.Typer) -> None:
    keys = typer.Typer(
        help=say("签批链接的密钥（从不显示密钥本身）", "The keys that sign links; never shown themselves"),
        no_args_is_help=True,
    )
    command(keys, "show", "密钥编号、启用时间与纪元", "Ids and ages of the keys, and the epoch")(show)
    command(
        keys,
        "rotate",
        "换一把新密钥签名；前一把仍可读",
        "Sign with a new key from now on; the one before still reads",
    )(rotate)
    command(
        keys,
        "end-all-links",
        "使已发出的签批链接全部失效（纪元加一）",
        "End every link given out (raises the epoch)",
    )(end_all_links)
    app.add_typer(keys, name="keys")


def show(session: Session) -> Result:
    with session.opened() as parts:
        return _shown(parts.keys.ring, parts)


def rotate(session: Session) -> Result:
    """Links signed with the key before the one before stop working, and the answer says so."""
    with session.opened() as parts:
        before = parts.keys.ring
        now = parts.keys.rotate(now=parts.clock.now())
        told = _rotated(before, now)
        return _shown(now, parts, told)


def end_all_links(session: Session, yes: Yes = False, resend: Resend = False) -> Result:
    _agreed(session, yes=yes)
    with session.opened(links=True) as parts:
        epoch = parts.keys.raise_epoch()
        waiting = parts.store.inbox.asks()
        sent = _resent(parts) if resend else 0
        told = _ended(epoch, len(waiting), sent, resend=resend)
        return Result(
            data={"epoch": epoch, "waiting": len(waiting), "resent": sent},
            show=lambda screen: screen.line(told.in_(screen.language)),
        )


def _agreed(session: Session, *, yes: bool) -> None:
    """Raises Failed where nobody is there to ask, or the answer is no."""
    if yes:
        return
    if session.json or not sys.stdin.isatty():
        what = Text(
            "将使已发出的签批链接全部失效；确认请加 --yes",
            "this ends every sign-off link given out; confirm it with --yes",
        )
        raise Failed(Exit.USAGE, what)
    question = session.say("已发出的签批链接将全部失效，继续？", "End every sign-off link given out?")
    if not typer.confirm(question, err=True):
        raise Failed(Exit.REFUSED, Text("没有改动，链接仍可用", "nothing was changed, the links still work"))


def _resent(parts: "Parts") -> int:
    """How many are owed a message; left out is who has answered meanwhile."""
    from engine.case.commands import ReissueLink
    from engine.case.state import RULE

    answers = [
        parts.service.handle(
            ReissueLink(case_id=ask.case_id, approval=ask.approval, person=ask.person), actor=RULE
        )
        for ask in parts.store.inbox.asks()
    ]
    return sum(answer.refusal is None for answer in answers)


def _ended(epoch: int, waiting: int, sent: int, *, resend: bool) -> Text:
    ended = Text(
        f"已发出的签批链接全部失效（第 {epoch} 期）", f"every link given out has ended (epoch {epoch})"
    )
    if resend:
        return Text(
            f"{ended.zh}；为 {sent} 项审批重新发送消息",
            f"{ended.en}; {sent} new messages are owed",
        )
    if waiting:
        return Text(
            f"{ended.zh}；{waiting} 项审批在等人，可用 guanka approval nudge 催办，新链接随消息发出",
            f"{ended.en}; {waiting} asks are waiting: guanka approval nudge sends a message with a new link",
        )
    return ended


def _rotated(before: "KeyRing", now: "KeyRing") -> Text:
    gone = [key.id for key in before.keys if now.find(key.id) is None]
    told = Text(f"从现在起由密钥 {now.newest.id} 签名", f"key {now.newest.id} signs from now on")
    if not gone:
        return told
    named = ", ".join(gone)
    return Text(
        f"{told.zh}；用密钥 {named} 签名的链接不再有效",
        f"{told.en}; links signed with {named} have ended",
    )


def _shown(ring: "KeyRing", parts: "Parts", told: Text | None = None) -> Result:
    now = parts.clock.now()
    data = {
        "epoch": ring.epoch,
        "keys": [
            {"id": key.id, "signs": key == ring.newest, "made": key.made, "days": _days(key, now)}
            for key in ring.keys
        ],
    }

    def shown(screen: Screen) -> None:
        if told is not None:
            screen.line(told.in_(screen.language))
        columns = screen.say("密钥|用途|启用于|已用天数", "key|use|made|days").split("|")
        screen.table(columns, [_row(screen, key, ring, parts) for key in ring.keys])
        screen.line(screen.say(f"纪元 {ring.epoch}", f"epoch {ring.epoch}"))

    return Result(data=data, show=shown)


def _row(screen: Screen, key: "Key", ring: "KeyRing", parts: "Parts") -> tuple[str, str, str, str]:
    from cli.lookup import Names

    use = screen.say("签名", "signs") if key == ring.newest else screen.say("只读旧链接", "reads older links")
    days = _days(key, parts.clock.now())
    made = Names(parts, screen.language).instant(key.made)
    unknown = screen.say("未记录", "not recorded")
    return key.id, use, made or unknown, unknown if days is None else str(days)


def _days(key: "Key", now: datetime) -> int | None:
    return None if key.made is None else max(now - key.made, timedelta(0)).days
