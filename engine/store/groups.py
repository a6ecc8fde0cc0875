"""Group chats and what each hears of. Addresses come and go sealed."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import delete, select, update

from engine.clock import Clock
from engine.errors import GuankaError
from engine.groups import Binding, Topic, addressee
from engine.store.deliveries import cancel_owed
from engine.store.engines import Database
from engine.store.mapping import canonical
from engine.store.revision import grow
from engine.store.tables import GroupBindingRow, GroupRow, table
from engine.store.upsert import upsert
from engine.text import Text

_GROUP, _BINDING = table(GroupRow), table(GroupBindingRow)
BINDING_COLUMNS: Final = ("group", "sop", "role", "topics")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`channel` is the sealed address of its robot; it reads in this language, by this zone's clock."""

    name: str
    channel: str = field(repr=False)
    language: str = "zh"
    zone: str = "Asia/Shanghai"


class NoSuchGroup(GuankaError):
    def __init__(self, group: str) -> None:
        super().__init__(
            Text(
                f"没有名为 {group} 的群；用 guanka channel add {group} --group 添加",
                f"there is no group named {group}; add it with guanka channel add {group} --group",
            )
        )
        self.group = group


class NotBound(GuankaError):
    def __init__(self, group: str) -> None:
        super().__init__(
            Text(
                f"群 {group} 没有这项订阅；现有的见 guanka channel list",
                f"the group {group} does not hear of that; guanka channel list shows what it hears of",
            )
        )
        self.group = group


class Groups:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def put(self, group: Group) -> None:
        """Adds the group, or changes what was known; what it hears of stays."""
        columns = {"channel": group.channel, "language": group.language, "zone": group.zone}
        with self._database.writing() as connection:
            grow(connection)
            upsert(connection, _GROUP, {"name": group.name}, columns)

    def get(self, name: str) -> Group:
        """Raises NoSuchGroup."""
        with self._database.reading() as connection:
            row = connection.execute(select(_GROUP).where(_GROUP.c.name == name)).first()
        if row is None:
            raise NoSuchGroup(name)
        return _group(row)

    def find(self, name: str) -> Group | None:
        with self._database.reading() as connection:
            row = connection.execute(select(_GROUP).where(_GROUP.c.name == name)).first()
        return None if row is None else _group(row)

    def all(self) -> list[Group]:
        with self._database.reading() as connection:
            return [_group(row) for row in connection.execute(select(_GROUP).order_by(_GROUP.c.name))]

    def remove(self, name: str) -> None:
        """With all it hears of and what is owed to it: a group of that name made later is another chat.

        Raises NoSuchGroup.
        """
        with self._database.writing() as connection:
            grow(connection)
            connection.execute(delete(_BINDING).where(_BINDING.c.group == name))
            if connection.execute(delete(_GROUP).where(_GROUP.c.name == name)).rowcount != 1:
                raise NoSuchGroup(name)
            cancel_owed(connection, addressee(name), now=self._clock.now())

    def reseal(self, change: Callable[[str], str]) -> int:
        """Puts what `change` makes of each address in its place; how many."""
        with self._database.writing() as connection:
            rows = connection.execute(select(_GROUP).with_for_update()).all()
            for row in rows:
                own = _GROUP.c.name == row.name
                connection.execute(update(_GROUP).where(own).values(channel=change(row.channel)))
        return len(rows)

    def bind(self, binding: Binding) -> None:
        """In the place of one for the same SOP and role. Raises NoSuchGroup."""
        key = {"group": binding.group, "sop": binding.sop, "role": binding.role}
        topics = canonical([topic.value for topic in Topic if topic in binding.topics])
        with self._database.writing() as connection:
            grow(connection)
            own = select(_GROUP.c.name).where(_GROUP.c.name == binding.group).with_for_update()
            if connection.scalar(own) is None:
                raise NoSuchGroup(binding.group)
            upsert(connection, _BINDING, key, {"topics": topics})

    def unbind(self, group: str, *, sop: str = "", role: str = "") -> None:
        """Raises NotBound."""
        own = (_BINDING.c.group == group) & (_BINDING.c.sop == sop) & (_BINDING.c.role == role)
        with self._database.writing() as connection:
            grow(connection)
            if connection.execute(delete(_BINDING).where(own)).rowcount != 1:
                raise NotBound(group)

    def bindings(self) -> list[Binding]:
        wanted = select(*(_BINDING.c[name] for name in BINDING_COLUMNS))
        wanted = wanted.order_by(*(_BINDING.c[name] for name in BINDING_COLUMNS[:3]))
        with self._database.reading() as connection:
            return [binding_of(tuple(row)) for row in connection.execute(wanted)]


def binding_of(row: tuple[Any, ...]) -> Binding:
    """From the columns BINDING_COLUMNS."""
    group, sop, role, topics = row
    known = frozenset(Topic(topic) for topic in json.loads(topics))
    return Binding(group=group, sop=sop, role=role, topics=known)


def _group(row: Any) -> Group:
    return Group(name=row.name, channel=row.channel, language=row.language, zone=row.zone)
