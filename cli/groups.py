"""What group chats hear of, on the command line: guanka channel bind and unbind, and groups in its lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cli.language import say
from cli.screen import Result, Screen
from cli.session import Exit, Failed, Session, command
from engine.groups import PREFIX, Topic
from engine.text import Text

if TYPE_CHECKING:
    from engine.groups import Binding
    from notifications.recognising import Recognised
    from runtime.group_book import GroupBook, KeptGroup, Wish
    from runtime.wiring import Parts

NamedGroup = Annotated[str, typer.Argument(metavar="GROUP", help=say("群的名称", "the group's name"))]
Sop = Annotated[
    str,
    typer.Option(
        "--sop", metavar="SOP", help=say("只听这个流程；不写则全部", "of this SOP only; else of all")
    ),
]
Role = Annotated[
    str,
    typer.Option(
        "--role",
        metavar="ROLE",
        help=say("只听与此角色有关的；不写则全部", "only what concerns this role; else everything"),
    ),
]
About = Annotated[
    str | None,
    typer.Option(
        "--about",
        metavar="TOPICS",
        help=say(
            "逗号分隔：stages、late、escalations、decisions、requests；不写则前四类",
            "by commas: stages, late, escalations, decisions, requests; without it, the first four",
        ),
    ),
]
_LANGUAGES: Final = ("zh", "en")


def declare(group: typer.Typer) -> None:
    command(group, "bind", "一个群听什么：哪个流程、哪个角色、哪些事", "Say what a group hears of")(bind)
    command(group, "unbind", "去掉一项", "Take one of those away")(unbind)


def bind(session: Session, group: NamedGroup, sop: Sop = "", role: Role = "", about: About = None) -> Result:
    with session.opened() as parts:
        bound = book(parts).bind(written(plain_name(group), sop=sop, role=role, about=about))
    return Result(data=_binding_data(bound), show=lambda screen: screen.line(hears(screen, bound)))


def unbind(session: Session, group: NamedGroup, sop: Sop = "", role: Role = "") -> Result:
    name = plain_name(group)
    with session.opened() as parts:
        parts.store.groups.unbind(name, sop=sop, role=role)
    told = Text(f"群 {name} 不再听这些", f"the group {name} hears no more of that")
    data = {"group": name, "sop": sop, "role": role}
    return Result(data=data, show=lambda screen: screen.line(told.in_(screen.language)))


def written(group: str, *, sop: str, role: str, about: str | None) -> "Wish":
    """Raises GroupRefused where topics are given, and none is."""
    from runtime.group_book import Wish
    from runtime.group_topics import named

    topics = None if about is None else about.replace("，", ",").replace("、", ",").split(",")
    return Wish(group=group, sop=sop, role=role, about=named(topics))


@dataclass(frozen=True, slots=True, kw_only=True)
class Robot:
    """What is typed of a group; empty: as it was, else the company's."""

    name: str
    speaks: str = ""
    zone: str = ""


def add_robot(
    session: Session, parts: "Parts", robot: Robot, asked: "Callable[[], Recognised]", wish: "Wish | None"
) -> Result:
    """A new group, or another robot for one there is. Nothing is kept where any of it cannot be meant."""
    name, chats = robot.name, book(parts)
    language, zone = _reader(session, parts, robot)
    if wish is not None:
        chats.refuse_unknown(wish)
    found, had = asked(), parts.store.groups.find(name) is not None
    chats.add(name, found, language=language, zone=zone)
    if wish is not None:
        chats.bind(wish)
    (kept,) = chats.listed(name)
    done = (
        Text(f"已替换群 {name} 原有的机器人", f"the robot of the group {name} was replaced by this one")
        if had
        else Text(f"群 {name} 有了机器人", f"the group {name} has a robot")
    )
    said = Text(
        f"{done.zh}（{found.kind}）；试发一条：guanka channel test {name}",
        f"{done.en} ({found.kind}); try it with guanka channel test {name}",
    )

    def shown(screen: Screen) -> None:
        screen.line(said.in_(screen.language))
        for binding in kept.hears:
            screen.line(hears(screen, binding))
        if not kept.hears:
            screen.line(_NOTHING_YET.in_(screen.language).format(name=name))

    return Result(data=group_data(kept), show=shown)


_NOTHING_YET: Final = Text(
    "它还不听任何事；请指定：guanka channel bind {name} --sop 流程 --role 角色",
    "it hears of nothing yet; say what: guanka channel bind {name} --sop SOP --role ROLE",
)


def _reader(session: Session, parts: "Parts", robot: Robot) -> tuple[str, str]:
    """Language and zone. Raises Failed."""
    from zoneinfo import available_timezones

    known = parts.store.groups.find(robot.name)
    language = robot.speaks or (known.language if known else session.settings.language)
    zone = robot.zone or (known.zone if known else session.settings.zone)
    if language not in _LANGUAGES:
        said = Text(f"{language} 不可用；写 zh 或 en", f"{language} is not spoken; write zh or en")
        raise Failed(Exit.USAGE, said)
    if zone not in available_timezones():
        raise Failed(Exit.USAGE, Text(f"没有时区 {zone}", f"there is no time zone {zone}"))
    return language, zone


def plain_name(written: str) -> str:
    """Without the mark that lists put before a group's name."""
    return written.removeprefix(PREFIX)


def is_group(parts: "Parts", name: str) -> bool:
    return name.startswith(PREFIX) or parts.store.groups.find(name) is not None


def waits(screen: Screen, until: str) -> str:
    return screen.say(f"对方要求等到 {until}", f"its provider asks to wait until {until}") if until else ""


def show_groups(screen: Screen, groups: "list[KeptGroup]", until: Mapping[str, str]) -> None:
    """`until`: of robots whose provider asks to wait."""
    heads = (("群", "group"), ("种类", "kind"), ("机器人", "robot"), ("听什么", "hears of"), ("", ""))
    unread = screen.say("无法解密，请重新添加", "cannot be opened; add it again")
    nothing = screen.say("还没有", "nothing yet")
    rows = [
        [
            one.group,
            one.kind,
            one.robot[:8] if one.readable else unread,
            _all(screen, one) or nothing,
            waits(screen, until.get(one.robot, "")),
        ]
        for one in groups
    ]
    screen.table([screen.say(*head) for head in heads], rows)


def _all(screen: Screen, one: "KeptGroup") -> str:
    return "; ".join(_said(screen, binding) for binding in one.hears)


def hears(screen: Screen, binding: "Binding") -> str:
    return screen.pair(
        screen.say(f"群 {binding.group} 听", f"{binding.group} hears of"), _said(screen, binding)
    )


def _said(screen: Screen, binding: "Binding") -> str:
    from runtime.group_book import TOPIC_NAMES

    topics = [TOPIC_NAMES[topic].in_(screen.language) for topic in Topic if topic in binding.topics]
    scope = [
        binding.sop or screen.say("全部流程", "all SOPs"),
        binding.role or screen.say("全部角色", "all roles"),
    ]
    return f"{' · '.join(scope)}: {', '.join(topics)}"


def group_data(one: "KeptGroup") -> dict[str, Any]:
    """As JSON shows it; `person` is empty, so that it stands in one list with people's channels."""
    return {
        "person": "",
        "group": one.group,
        "name": one.kind,
        "kind": one.kind,
        "robot": one.robot,
        "readable": one.readable,
        "language": one.language,
        "zone": one.zone,
        "hears": [_binding_data(binding) for binding in one.hears],
    }


def _binding_data(binding: "Binding") -> dict[str, Any]:
    topics = [topic.value for topic in Topic if topic in binding.topics]
    return {"group": binding.group, "sop": binding.sop, "role": binding.role, "about": topics}


def book(parts: "Parts") -> "GroupBook":
    from runtime.group_book import GroupBook

    return GroupBook(store=parts.store, sealer=parts.sealer)
