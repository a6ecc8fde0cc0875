"""Commands on the channels of people and groups: guanka channel … An address is asked for, never shown."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import groups
from cli.language import say
from cli.screen import Result, Screen, plain
from cli.session import Exit, Failed, Session, command
from engine.ids import PersonId
from engine.text import Text

if TYPE_CHECKING:
    from notifications.recognising import Recognised
    from runtime.channel_book import ChannelBook, Kept
    from runtime.channel_test import Tried
    from runtime.wiring import Parts

Who = Annotated[
    str,
    typer.Argument(metavar="PERSON|GROUP", help=say("人员编号或群名", "a person's id, or a group's name")),
]
Name = Annotated[
    str, typer.Option("--name", help=say("渠道名；不写则按种类", "a name; without it, the kind"))
]
Address = Annotated[
    str,
    typer.Argument(
        metavar="[ADDRESS]",
        help=say(
            "渠道地址；最好不写，从提示或标准输入读取，以免留在命令历史中",
            "the address; better left out and typed at the prompt or piped in, so that no history keeps it",
        ),
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=say("不再询问", "do not ask"))]


def declare(app: typer.Typer) -> None:
    group = typer.Typer(
        help=say("消息渠道：钉钉、飞书、企业微信、Slack、邮件等", "Channels that messages go to"),
        no_args_is_help=True,
    )
    command(
        group,
        "add",
        "给某人或某群添加渠道（地址加密保存）",
        "Give somebody, or a group chat, a channel; it is kept sealed",
    )(add)
    groups.declare(group)
    command(group, "list", "列出渠道（不显示地址）", "List the channels, without their addresses")(listed)
    command(group, "remove", "去掉一个渠道", "Take a channel away")(remove)
    command(group, "test", "发一条试试，并说明结果", "Send one message and tell what became of it")(try_out)
    command(
        group,
        "reopen",
        "对方要求等候的机器人：现在就再发",
        "Write again now to a robot whose provider asked to wait",
    )(let_go)
    command(group, "seal-anew", "换一把新密钥重新加密", "Seal all addresses under a fresh key")(seal_anew)
    app.add_typer(group, name="channel")


def add(
    session: Session,
    person: Who,
    address: Address = "",
    name: Name = "",
    group: Annotated[
        bool,
        typer.Option("--group", help=say("这是一个群（首次添加时写）", "it is a group; for the first time")),
    ] = False,
    sop: groups.Sop = "",
    role: groups.Role = "",
    about: groups.About = None,
    speaks: Annotated[
        str, typer.Option("--speaks", help=say("群消息的语言：zh、en", "a group's language: zh, en"))
    ] = "",
    zone: Annotated[str, typer.Option("--zone", help=say("群的时区", "a group's time zone"))] = "",
) -> Result:
    """With `--sop`, `--role` or `--about` the group also hears of that at once."""
    bound = bool(sop or role or about is not None)
    with session.opened() as parts:
        if group or bound or _means_group(session, parts, person):
            named = groups.plain_name(person)
            wish = groups.written(named, sop=sop, role=role, about=about) if bound else None
            robot = groups.Robot(name=named, speaks=speaks, zone=zone)
            return groups.add_robot(session, parts, robot, lambda: _asked_for(session, parts, address), wish)
        before = parts.store.people.get(PersonId(person)).channels
        found = _asked_for(session, parts, address)
        kept = _book(parts).add(PersonId(person), found, name.strip())
    replaced = kept in before
    told = _added(person, kept, found.kind, replaced=replaced)
    data = {
        "person": person,
        "name": kept,
        "kind": found.kind,
        "robot": found.robot,
        "replaced": replaced,
    }
    return Result(data=data, show=lambda screen: screen.line(told.in_(screen.language)))


def _added(person: str, kept: str, kind: str, *, replaced: bool) -> Text:
    done = (
        Text(f"已替换 {person} 原有的渠道 {kept}", f"{person}'s channel {kept} was replaced by this one")
        if replaced
        else Text(f"已为 {person} 添加渠道 {kept}", f"{person} has the channel {kept}")
    )
    return Text(
        f"{done.zh}（{kind}）；试发一条：guanka channel test {person}",
        f"{done.en} ({kind}); try it with guanka channel test {person}",
    )


def _means_group(session: Session, parts: "Parts", name: str) -> bool:
    """A group there is already, or, where nobody has this id, one that whoever sits there says it is."""
    if groups.is_group(parts, name):
        return True
    if any(person.id == name for person in parts.store.people.all()):
        return False
    if sys.stdin.isatty() and not session.json:
        return typer.confirm(
            session.say(f"没有人员 {name}。是一个群吗？", f"Nobody has the id {name}. A group?")
        )
    raise Failed(
        Exit.NOT_FOUND,
        Text(
            f"没有编号为 {name} 的人员；若是一个群，请加 --group",
            f"nobody has the id {name}; if it is a group, add --group",
        ),
    )


def listed(
    session: Session, person: Annotated[str | None, typer.Argument(metavar="PERSON|GROUP")] = None
) -> Result:
    from cli.lookup import Names
    from runtime.shut_robots import shut_robots

    with session.opened() as parts:
        one_group = person is not None and groups.is_group(parts, person)
        found = [] if one_group else _book(parts).listed(PersonId(person) if person else None)
        named = groups.plain_name(person) if person and one_group else None
        chats = groups.book(parts).listed(named) if one_group or person is None else []
        shut = {one.robot: one.until for one in shut_robots(parts)}
        names = Names(parts, session.language)
        until = {robot: names.instant(at) for robot, at in shut.items()}

    def shown(screen: Screen) -> None:
        if chats:
            groups.show_groups(screen, chats, until)
        if not found and chats:
            return
        if not found:
            screen.line(
                screen.say("没有渠道；用 guanka channel add 添加", "none yet; use guanka channel add")
            )
            return
        heads = (("人员", "person"), ("渠道", "channel"), ("种类", "kind"), ("机器人", "robot"), ("", ""))
        rows = [_row(screen, one, until.get(one.robot, "")) for one in found]
        screen.table([screen.say(*head) for head in heads], rows)

    kept = [*(plain(one) for one in found), *map(groups.group_data, chats)]
    return Result(data=[one | {"shut_until": shut.get(one["robot"])} for one in kept], show=shown)


def _row(screen: Screen, one: "Kept", until: str) -> list[str]:
    unread = screen.say("无法解密，请重新添加", "cannot be opened; add it again")
    robot = one.robot[:8] if one.readable else unread
    return [one.person, one.name, one.kind, robot, groups.waits(screen, until)]


def let_go(session: Session, robot: Annotated[str, typer.Argument(metavar="ROBOT")]) -> Result:
    """`robot`: the beginning of its name, as `channel list` and `doctor` show it."""
    from runtime.shut_robots import SHOWN, reopen

    with session.opened() as parts:
        one = reopen(parts, robot)
    told = Text(
        f"机器人 {one.robot[:SHOWN]} 现在就再发", f"robot {one.robot[:SHOWN]} is written to again now"
    )
    data = {"robot": one.robot, "names": list(one.names)}
    return Result(data=data, show=lambda screen: screen.line(told.in_(screen.language)))


def remove(
    session: Session, person: Who, name: Annotated[str, typer.Argument(metavar="[NAME]")] = ""
) -> Result:
    """A group goes as a whole."""
    with session.opened() as parts:
        if groups.is_group(parts, person):
            chat = groups.plain_name(person)
            parts.store.groups.remove(chat)
            gone = Text(
                f"已去掉群 {chat}，不再给它发消息", f"the group {chat} is gone, and not written to any more"
            )
            return Result(data={"group": chat}, show=lambda screen: screen.line(gone.in_(screen.language)))
        if not name:
            raise Failed(Exit.USAGE, Text("请给出渠道名", "give the channel's name"))
        _book(parts).remove(PersonId(person), name)
    told = Text(f"已去掉 {person} 的渠道 {name}", f"{person} has no channel {name} any more")
    data = {"person": person, "name": name}
    return Result(data=data, show=lambda screen: screen.line(told.in_(screen.language)))


def try_out(
    session: Session,
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="[PERSON|GROUP|ADDRESS]",
            help=say(
                "人员编号、群名或渠道地址；不写则从提示读取地址",
                "a person's id, a group's name, or an address; without it, asked for",
            ),
        ),
    ] = None,
    name: Annotated[str, typer.Option("--name", help=say("只试这个渠道", "only this channel"))] = "",
) -> Result:
    """Ends with 1 where anything was not taken."""
    from runtime.channel_test import ChannelTest

    with session.opened() as parts:
        tester = ChannelTest(parts)
        if target is None or "://" in target:
            tried = [tester.address(_asked_for(session, parts, target or ""), session.language)]
        elif groups.is_group(parts, target):
            tried = [tester.group(groups.plain_name(target))]
        else:
            tried = tester.person(PersonId(target), name, session.language)
    if not tried:
        nothing = Text(
            f"{target} 没有渠道，也没有可用的邮件；用 guanka channel add {target} 添加",
            f"{target} has no channel and no e-mail that is set up; use guanka channel add {target}",
        )
        raise Failed(Exit.NOT_FOUND, nothing)
    code = Exit.OK if all(one.taken for one in tried) else Exit.REFUSED
    return Result(data=[_data(one) for one in tried], show=lambda s: _told(s, tried), code=code)


def seal_anew(session: Session, yes: Yes = False) -> Result:
    if not yes and not (sys.stdin.isatty() and typer.confirm(session.say("换新密钥？", "Use a fresh key?"))):
        what = Text(
            "将换新密钥并重新加密；确认请加 --yes", "this seals everything anew; confirm it with --yes"
        )
        raise Failed(Exit.USAGE, what)
    with session.opened() as parts:
        count = _book(parts).seal_anew(parts.store.groups, now=parts.clock.now())
    told = Text(f"{count} 个渠道已用新密钥加密", f"{count} channels are sealed under a fresh key")
    return Result(data={"sealed": count}, show=lambda screen: screen.line(told.in_(screen.language)))


def _book(parts: "Parts") -> "ChannelBook":
    from runtime.channel_book import ChannelBook

    return ChannelBook(people=parts.store.people, sealer=parts.sealer)


def _asked_for(session: Session, parts: "Parts", address: str) -> "Recognised":
    """The address, from the prompt or standard input where it was not written; then the signing secret, where
    robots of this kind have one. Raises AddressUnknown, Failed.
    """
    from notifications.recognising import recognised, refuse_inside, signs, with_secret
    from notifications.usable import refuse_unusable

    asked = not address
    written = address or _secret_line(session, ("渠道地址（不显示）", "Address (not shown)"))
    if not written.strip():
        raise Failed(Exit.USAGE, Text("请给出渠道地址", "give the channel's address"))
    found = recognised(written, parts.settings.channel_schemes)
    refuse_inside(found, parts.settings.egress)
    if asked and signs(found.kind) and "@" not in found.url:
        prompt = ("加签密钥（没有则回车）", "Signing secret (Enter for none)")
        secret = _secret_line(session, prompt).strip()
        found = with_secret(found, secret) if secret else found
    refuse_unusable(found)
    return found


def _secret_line(session: Session, prompt: tuple[str, str]) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    return str(typer.prompt(session.say(*prompt), hide_input=True, default="", show_default=False))


def _data(one: "Tried") -> dict[str, Any]:
    return {
        "channel": one.channel,
        "state": one.result.state.value,
        "code": one.result.code,
        "said": one.result.detail,
        "remedy": one.remedy,
        "retry_after_seconds": one.result.retry_after_seconds,
        "milliseconds": one.milliseconds,
    }


def _told(screen: Screen, tried: "list[Tried]") -> None:
    from notifications.our_words import told

    for one in tried:
        state = one.outcome.in_(screen.language)
        screen.line(f"{one.channel}  {state}  {one.milliseconds} ms", style="" if one.taken else "bold")
        if one.result.code and not one.taken:
            said = f"{one.result.code}  {told(one.result.code, one.result.detail, screen.language)}".rstrip()
            screen.line("  " + screen.pair(screen.say("对方回答", "It said"), said))
        if one.remedy and not one.taken:
            screen.line("  " + screen.pair(screen.say("怎么办", "What to do"), one.remedy))
