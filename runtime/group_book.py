"""The company's group chats: their robots, always sealed, and what each hears of. No address shows here."""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from engine.errors import GuankaError
from engine.groups import USUAL, Binding, Topic
from engine.ids import PersonId
from engine.store.groups import Group
from engine.store.people import UnknownPerson
from engine.store.store import Store
from engine.text import Text
from notifications.recognising import AddressUnknown, Recognised, recognised
from notifications.sealing import Sealer, SealUnreadable, kind_of

LONGEST_NAME: Final = 40
_NAME: Final = re.compile(rf"[\w-]{{1,{LONGEST_NAME}}}")


class GroupRefused(GuankaError):
    """A name, an SOP, a role or a topic that cannot be meant. `where` is the part that names it."""

    def __init__(self, where: str, said: Text) -> None:
        super().__init__(said)
        self.where = where


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptGroup:
    """`robot`: a hash that names who is written to; empty where the address cannot be `readable`."""

    group: str
    kind: str
    language: str
    zone: str
    hears: tuple[Binding, ...]
    robot: str = ""
    readable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a group is to hear of, as it was written. `about`: topics; none are the usual ones."""

    group: str
    sop: str = ""
    role: str = ""
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What groups hear of, as people say it."""

    store: Store

    def bind(self, wish: Wish) -> Binding:
        """In the place of what it heard of this SOP and role before. Raises GroupRefused, NoSuchGroup."""
        self.refuse_unknown(wish)
        topics = topics_of(wish.about)
        binding = Binding(group=wish.group, sop=wish.sop, role=wish.role, topics=topics)
        self.store.groups.bind(binding)
        return binding

    def refuse_unknown(self, wish: Wish) -> None:
        """Raises GroupRefused for an SOP, a role or a topic there is not."""
        topics_of(wish.about)
        definitions = self.store.definitions
        known = sorted({version.sop for version in definitions.versions()})
        if wish.sop and wish.sop not in known:
            raise GroupRefused("sop", _unknown("流程", "SOP", wish.sop, known))
        newest = [definitions.latest(sop) for sop in ([wish.sop] if wish.sop else known)]
        roles = {r for v in newest if v is not None for r in definitions.by_digest(v.digest).sop.roles}
        if wish.role and wish.role not in roles:
            raise GroupRefused("role", _unknown("角色", "role", wish.role, sorted(roles)))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupBook(Hearing):
    """With the addresses of their robots."""

    sealer: Sealer

    def add(self, name: str, found: Recognised, *, language: str, zone: str) -> None:
        """A new group, or another robot for one there is; what it hears of stays. Raises GroupRefused."""
        if not _NAME.fullmatch(name):
            raise GroupRefused("group", _BAD_NAME)
        with suppress(UnknownPerson):
            self.store.people.get(PersonId(name))
            raise GroupRefused(
                "group",
                Text(
                    f"{name} 是某个人员的编号；群请另取名字",
                    f"{name} is a person's id; give the group another name",
                ),
            )
        channel = self.sealer.seal(found.kind, found.url)
        self.store.groups.put(Group(name=name, channel=channel, language=language, zone=zone))

    def listed(self, name: str | None = None) -> list[KeptGroup]:
        """Raises NoSuchGroup."""
        groups = self.store.groups.all() if name is None else [self.store.groups.get(name)]
        bound = self.store.groups.bindings()
        return [self._kept(group, tuple(b for b in bound if b.group == group.name)) for group in groups]

    def _kept(self, group: Group, hears: tuple[Binding, ...]) -> KeptGroup:
        kind, robot = kind_of(group.channel) or "?", ""
        with suppress(SealUnreadable, AddressUnknown):
            found = recognised(self.sealer.opened(group.channel), frozenset({"any"}))
            kind, robot = found.kind, found.robot
        return KeptGroup(
            group=group.name,
            kind=kind,
            language=group.language,
            zone=group.zone,
            hears=hears,
            robot=robot,
            readable=bool(robot),
        )


def topics_of(written: Iterable[str]) -> frozenset[Topic]:
    """Raises GroupRefused."""
    names = [name.strip().lower() for name in written if name.strip()]
    for name in names:
        if name not in tuple(Topic):
            raise GroupRefused("about", _unknown("类别", "topic", name, list(Topic)))
    return frozenset(Topic(name) for name in names) or USUAL


def _unknown(zh: str, en: str, name: str, known: list[str]) -> Text:
    near = get_close_matches(name, known, n=1)
    meant = Text(f"是不是 {near[0]}？", f"did you mean {near[0]}?") if near else Text("", "")
    there = ", ".join(known[:20])
    return Text(
        f"没有{zh} {name}；{meant.zh}现有：{there or '无'}",
        f"there is no {en} {name}; {meant.en + ' ' if near else ''}there are: {there or 'none'}",
    )


_BAD_NAME: Final = Text(
    f"群名只能用文字、数字、-、_，至多 {LONGEST_NAME} 个字符",
    f"a group's name has letters, digits, - and _, {LONGEST_NAME} at most",
)
TOPIC_NAMES: Final = {
    Topic.STAGES: Text("阶段变化", "stages"),
    Topic.LATE: Text("逾期", "overdue"),
    Topic.ESCALATIONS: Text("上报", "escalations"),
    Topic.DECISIONS: Text("审批结果", "decisions"),
    Topic.REQUESTS: Text("等待审批", "requests to sign"),
}
