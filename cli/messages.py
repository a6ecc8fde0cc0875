"""The commands for messages on their way: what became of each, at each address; sent again, or stopped."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cli.language import say
from cli.screen import Result, Screen
from cli.session import Exit, Failed, Session, command
from engine.ids import CaseId, PersonId
from engine.text import Text

if TYPE_CHECKING:
    from datetime import datetime

    from cli.lookup import Names
    from engine.delivering import Delivery
    from engine.store.mailbox import Mail, OnItsWay
    from engine.store.tables import OutboxState
    from runtime.by_hand import Hands
    from runtime.wiring import Parts

Numbers = Annotated[list[int], typer.Argument(metavar="NUMBER", help=say("消息编号", "numbers of messages"))]
STATES: Final = {
    "owed": Text("待发", "to be sent"),
    "retry": Text("将重试", "will be tried again"),
    "unknown": Text("未知是否送达", "may have arrived"),
    "sent": Text("已发", "sent"),
    "rejected": Text("被拒收", "rejected"),
    "dead": Text("已放弃", "given up"),
    "cancelled": Text("无需再发", "not needed"),
}
FATES: Final = {**STATES, "mailbox": Text("仅站内信箱", "mailbox only")}

HAND_ACTS: Final = {"stopped": Text("取消", "stopped"), "again": Text("重发", "sent again")}


def declare(app: typer.Typer) -> None:
    group = typer.Typer(
        help=say("消息投递：查看、重发、取消", "Messages on their way: look, send again, stop"),
        no_args_is_help=True,
    )
    command(group, "list", "列出消息与去向", "List messages and what became of them")(listed)
    command(group, "show", "一条消息在每个渠道的结果", "What became of one message at each address")(show)
    command(
        group,
        "again",
        "重发没有送达的消息；永久拒绝过的渠道保留原来的位置，再试一次",
        "Send again what did not arrive; a channel that refused for good keeps its place for one more try",
        acts=True,
    )(again)
    command(group, "cancel", "取消尚未发出的消息", "Stop messages that have not left", acts=True)(cancel)
    app.add_typer(group, name="message")


def listed(
    session: Session,
    state: Annotated[
        list[str] | None, typer.Option("--state", help=say("状态，可多次", "a state; may be repeated"))
    ] = None,
    person: Annotated[str | None, typer.Option("--person", help=say("收件人", "to whom"))] = None,
    case: Annotated[str | None, typer.Option("--case", help=say("只看此案例的", "only this case's"))] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help=say("从这天起", "from this day on"))
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500)] = 50,
) -> Result:
    from cli.lookup import find_case, known_person
    from engine.store.mailbox import MailFilter
    from runtime.channel_book import names_of_targets

    states = tuple(_state(one) for one in state or ())
    with session.opened() as parts:
        if person:
            known_person(parts, person)
        if case:
            find_case(session, parts, case)
        wanted = MailFilter(
            person=PersonId(person) if person else None,
            case_id=CaseId(case) if case else None,
            states=states,
            since=_since(parts, since) if since else None,
        )
        mails = parts.store.mailbox.page(wanted, limit=limit)
        ways = parts.store.mailbox.on_its_way([mail.id for mail in mails])
        names = names_of_targets(parts.store.people, [mail.to_person for mail in mails])
        data = [_told(mail, ways[mail.id], names[mail.to_person]) for mail in mails]
        rows = [_row(session, parts, mail, ways[mail.id]) for mail in mails]

    def shown(screen: Screen) -> None:
        if not rows:
            screen.line(screen.say("没有消息", "no messages"))
            return
        heads = (("编号", "no."), ("时间", "when"), ("收件人", "to"), ("主题", "subject"))
        more = (("状态", "state"), ("原因", "why"))
        screen.table([screen.say(*h) for h in (*heads, *more)], rows)
        screen.line(
            screen.say(
                "详情：guanka message show 编号；重发：guanka message again 编号",
                "More: guanka message show NUMBER; send again: guanka message again NUMBER",
            )
        )

    return Result(data=data, show=shown)


_HEADS: Final = (
    ("渠道", "channel"),
    ("地址", "address"),
    ("状态", "state"),
    ("次数", "tries"),
    ("最近", "last"),
    ("下次", "next"),
    ("结果", "answer"),
)


def show(session: Session, number: Annotated[int, typer.Argument(metavar="NUMBER")]) -> Result:
    from cli.lookup import Names
    from cli.written import subject
    from runtime.channel_book import names_of_targets

    with session.opened() as parts:
        mail = _found(parts, number)
        way, about = parts.store.mailbox.on_its_way([number])[number], subject(parts, mail, session.language)
        items = [n for n, _ in parts.store.deliveries.items(number)] if mail.digest else []
        names = Names(parts, session.language)
        to, owed_at = names.person(mail.to_person), names.instant(mail.created_at)
        called = names_of_targets(parts.store.people, [mail.to_person])[mail.to_person]
        rows = [_target_row(session, names, one, called.get(one.target, "")) for one in way.deliveries]
        by_hand = _by_hand(names, mail)

    def shown(screen: Screen) -> None:
        screen.title(f"{number}  {fate(session, mail, way)}")
        screen.line(screen.pair(screen.say("收件人", "to"), to))
        screen.line(screen.pair(screen.say("主题", "subject"), about))
        if mail.case_id:
            screen.line(screen.pair(screen.say("案例", "case"), mail.case_id))
        screen.line(screen.pair(screen.say("产生于", "owed"), owed_at))
        if mail.urgent_at:
            screen.line(
                screen.say(
                    "紧急：未等工作时间与每小时上限", "urgent: waited for no working hours and no bound"
                )
            )
        _put_by_hand(screen, by_hand)
        if items:
            screen.line(screen.pair(screen.say("合并了", "mentions"), ", ".join(map(str, items))))
        if rows:
            screen.table([screen.say(*head) for head in _HEADS], rows)
        elif why := _why(session, mail):
            screen.line(why)
        screen.line(screen.say(f"全文：guanka mailbox {number}", f"The text: guanka mailbox {number}"))

    return Result(data={**_told(mail, way, called), "items": items}, show=shown)


def again(session: Session, numbers: Numbers) -> Result:
    return _changed(
        session,
        numbers,
        lambda hands, mail: hands.again(mail),
        Text("将重发", "will be sent again"),
        Text("待发、正在发送或已送达，无需重发", "waits, is under way or was sent: nothing to send again"),
    )


def cancel(session: Session, numbers: Numbers) -> Result:
    return _changed(
        session,
        numbers,
        lambda hands, mail: hands.stop(mail),
        Text("已取消", "is stopped"),
        Text(
            "已结束、正在发送或在摘要里，不能取消",
            "has ended, is under way or lies in a digest, and cannot be stopped",
        ),
    )


def _changed(
    session: Session,
    numbers: list[int],
    act: "Callable[[Hands, Mail], bool]",
    *said: Text,
) -> Result:
    """All of these, each for itself; the exit code says when one could not be. Nothing is done where one is
    not theirs.
    """
    from runtime.by_hand import Hands

    with session.opened() as parts:
        hands = Hands(parts.store, parts.clock, session.actor().person if session.claimed else None)
        mails = [_found(parts, number) for number in dict.fromkeys(numbers)]
        for mail in mails:
            hands.refuse(mail)
        done = {mail.id: act(hands, mail) for mail in mails}
    yes, no = said

    def shown(screen: Screen) -> None:
        for number, changed in done.items():
            screen.line(f"{number} {(yes if changed else no).in_(session.language)}")

    data = [{"id": number, "changed": changed} for number, changed in done.items()]
    return Result(data=data, show=shown, code=Exit.OK if all(done.values()) else Exit.REFUSED)


def _found(parts: "Parts", number: int) -> "Mail":
    mail = parts.store.mailbox.get(number)
    if mail is None or mail.is_command:
        raise Failed(Exit.NOT_FOUND, Text(f"没有消息 {number}", f"there is no message {number}"))
    return mail


def _state(written: str) -> "OutboxState":
    from engine.store.tables import OutboxState

    if written not in STATES:
        known = ", ".join(STATES)
        raise Failed(
            Exit.USAGE,
            Text(
                f"--state：没有状态 {written}；可用 {known}", f"--state: no state {written}; known: {known}"
            ),
        )
    return OutboxState(written)


def _since(parts: "Parts", written: str) -> "datetime":
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise Failed(
            Exit.USAGE,
            Text(
                f"--since：{written} 不是日期，例如 2026-12-01 或 2026-12-01T09:00",
                f"--since: {written} is no date, such as 2026-12-01 or 2026-12-01T09:00",
            ),
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(parts.settings.zone))


def _row(session: Session, parts: "Parts", mail: "Mail", way: "OnItsWay") -> list[str]:
    from cli.lookup import Names
    from cli.written import subject

    names = Names(parts, session.language)
    return [
        str(mail.id),
        names.instant(mail.created_at),
        names.person(mail.to_person),
        subject(parts, mail, session.language),
        fate(session, mail, way),
        "" if _needs_no_reason(mail) else _why(session, mail),
    ]


def _needs_no_reason(mail: "Mail") -> bool:
    return mail.state.value == "cancelled" or (mail.state.value == "sent" and mail.channel != "mailbox")


def _why(session: Session, mail: "Mail") -> str:
    from notifications.shown import reason

    if mail.channel == "mailbox" and not mail.code:
        return session.say("没有别的渠道可发", "there is no other channel to send it by")
    return " ".join(part for part in reason(mail.code, mail.detail, session.language) if part)


def fate(session: Session, mail: "Mail", way: "OnItsWay") -> str:
    """How it stands on the whole, in words."""
    from notifications.shown import fate_of

    if way.digest is not None and mail.due_at is None and mail.state.value in {"owed", "sent"}:
        return session.say(f"在摘要 {way.digest} 中", f"in digest {way.digest}") + (
            session.say("，已发", ", sent") if mail.state.value == "sent" else ""
        )
    by = f" {mail.channel}" if mail.channel and mail.channel != "mailbox" else ""
    found = fate_of(mail.state.value, mail.channel, way.deliveries)
    return FATES[found].in_(session.language) + by


def _target_row(session: Session, names: "Names", one: "Delivery", called: str) -> list[str]:
    from notifications.shown import reason

    notes = [
        session.say("改走此渠道", "fallback") if one.fallback else "",
        session.say("可能重复", "possibly repeated") if one.repeated else "",
    ]
    return [
        one.channel,
        f"{called} {one.address}".strip() or "–",
        STATES[one.state.value].in_(session.language),
        str(one.attempts),
        names.instant(one.last_at),
        names.instant(one.due_at),
        " ".join(part for part in (*reason(one.code, one.detail, session.language), *notes) if part),
    ]


def _by_hand(names: "Names", mail: "Mail") -> Text | None:
    """Who stopped it or sent it again last."""
    last = mail.by_hand
    if last is None:
        return None
    zh, en = HAND_ACTS[last.act.value].zh, HAND_ACTS[last.act.value].en
    name, at = names.person(last.by or ""), names.instant(last.at)
    return Text(f"{name or '运维'}于 {at} {zh}", f"{en} by {name or 'the operator'}, {at}")


def _put_by_hand(screen: Screen, said: Text | None) -> None:
    if said is not None:
        screen.line(screen.pair(screen.say("人工处理", "by hand"), said.in_(screen.language)))


def _told(mail: "Mail", way: "OnItsWay", names: "Mapping[str, str]") -> dict[str, Any]:
    from dataclasses import asdict

    from notifications.shown import fate_of

    return {
        "id": mail.id,
        "kind": mail.kind,
        "to": mail.to_person,
        "case": mail.case_id,
        "state": mail.state.value,
        "fate": fate_of(mail.state.value, mail.channel, way.deliveries),
        "channel": mail.channel,
        "code": mail.code,
        "detail": mail.detail,
        "owed_at": mail.created_at,
        "due_at": mail.due_at,
        "ended_at": mail.finished_at,
        "urgent_at": mail.urgent_at,
        "by_hand": asdict(mail.by_hand) if mail.by_hand else None,
        "digest": way.digest,
        "targets": [{**asdict(one), "name": names.get(one.target, "")} for one in way.deliveries],
    }
