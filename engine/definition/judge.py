"""One definition being judged: its names, its tree and the faults found. The rules stand in `checks_*`."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Final

from engine.definition.compiled import Definition
from engine.definition.durations import parse_duration
from engine.definition.field_spec import FieldSpec, FieldType
from engine.definition.findings import Findings, hint, joined, nearest, quoted
from engine.definition.guard_parts import joined_parts
from engine.definition.guards import Expression, GuardFault
from engine.definition.model import Ladder
from engine.definition.tree import KINDS, Path, Step, Tree
from engine.text import Text

DAYS: Final = frozenset({FieldType.DATE, FieldType.DATETIME})
_BLOCKS: Final = frozenset({"roles", "fields", "settings", "counters", "exits", "tracks", "children"})
_HOW_LONG: Final = Text(
    "请写整数和单位：wd 工作日、wh 工作小时、d 天、h 小时、min 分钟，如 3 wd；或写 $参数名",
    "write a whole number and wd, wh, d, h or min, as in 3 wd; or the name of a setting, as in $name",
)


class Judge:
    """Answers whether names are declared and values fit, and notes each fault at its place in the file."""

    def __init__(self, definition: Definition, tree: Tree, findings: Findings) -> None:
        self.definition = definition
        self.sop = definition.sop
        self.tree = tree
        self._findings = findings

    @property
    def faultless(self) -> bool:
        return not self._findings.faults

    @property
    def full(self) -> bool:
        return self._findings.full

    def fault(self, path: Path, message: Text, *, key: bool = False, offset: int | None = None) -> None:
        """`key`: the key is wrong, not what follows it. `offset`: the character within the text at `path`."""
        if id(self.tree.node(path)) in self.tree.stand_ins:
            return
        place = self.tree.key_place(path) if key else self.tree.place(path)
        if offset is not None:
            place = self.tree.within(path, offset)
        self._findings.add(place, joined(self.tree.subject(path), message))

    def whole(self, path: Path) -> bool:
        """Whether nothing faulty was taken out of what stands at `path`."""
        return id(self.tree.node(path)) not in self.tree.damaged

    @cached_property
    def declared(self) -> dict[str, dict[str, None]]:
        """The names the SOP declares, by the key they stand under."""
        sop = self.sop
        names: dict[str, Iterable[str]] = {
            "roles": sop.roles,
            "fields": sop.fields,
            "settings": sop.settings,
            "counters": sop.counters,
            "exits": sop.exits,
            "tracks": self.definition.tracks,
            "children": sop.children,
            "stages": (stage.id for stage in sop.stages),
            "transitions": self.definition.transitions,
            "tasks": (task.id for stage in sop.stages for task in stage.tasks),
            "deliverables": (d.id for stage in sop.stages for d in stage.deliverables),
            "milestones": (milestone.id for milestone in sop.milestones),
            "approvals": (a.id for transition in sop.transitions for a in transition.approvals),
        }
        return {group: dict.fromkeys(found) for group, found in names.items()}

    def known(self, name: str | None, group: str, path: Path, *, key: bool = False) -> bool:
        """Whether `name` is declared under `group`; one lost with a faulty part is no fault again."""
        if name is None or name in self.declared[group]:
            return name is not None
        if not self.full and not self.tree.lost(name):
            kind = KINDS[group]
            said = Text(f"没有声明{kind.zh} {quoted(name)}", f"unknown {kind.en} {quoted(name)}")
            self.fault(path, joined(said, self._mend(name, group)), key=key)
        return False

    def _mend(self, name: str, group: str) -> Text:
        """A name that resembles none was perhaps never declared; where there is a block for it, it can be."""
        known = [*self.declared[group], *self.tree.broken.get(group, ())]
        if group in _BLOCKS and not known:
            return Text(f"；请在 {group} 下声明它", f"; declare it under {group}")
        if group not in _BLOCKS or nearest(name, known):
            return hint(name, known)
        return joined(hint(name, known), Text(f"，或在 {group} 下声明它", f", or declare it under {group}"))

    def each_known(self, names: Iterable[str] | None, group: str, path: Path) -> None:
        for place, name in enumerate(names or ()):
            self.known(name, group, (*path, place))

    def field(
        self, name: str | None, path: Path, kinds: frozenset[FieldType] | None = None
    ) -> FieldSpec | None:
        """The declared field, which must be of one of `kinds`; None when it is unknown or unfit."""
        if name is None or not self.known(name, "fields", path):
            return None
        spec = self.sop.fields[name]
        return spec if kinds is None or self.of_kind(spec, name, kinds, path) else None

    def of_kind(self, spec: FieldSpec, name: str, kinds: frozenset[FieldType], path: Path) -> bool:
        if spec.type in kinds:
            return True
        wanted = sorted(kind.value for kind in kinds)
        self.fault(
            path,
            Text(
                f"字段 {quoted(name)} 的类型是 {spec.type}；这里需要 {'、'.join(wanted)}",
                f"field {quoted(name)} is of type {spec.type}; this place needs {' or '.join(wanted)}",
            ),
        )
        return False

    def unknown_column(self, field: str, column: str, path: Path, *, key: bool = False) -> None:
        columns = self.sop.fields[field].columns
        if self.tree.lost(column):
            return
        if not columns:
            said = Text(
                f"字段 {quoted(field)} 不是记录的列表（list of record）",
                f"field {quoted(field)} is no list of records",
            )
        else:
            said = joined(
                Text(
                    f"字段 {quoted(field)} 没有列 {quoted(column)}",
                    f"field {quoted(field)} has no column {quoted(column)}",
                ),
                hint(column, columns),
            )
        self.fault(path, said, key=key)

    def duration(self, written: str | None, path: Path) -> None:
        """`3 wd`, or `$name` of a setting of type duration."""
        if written is None:
            return
        if not written.startswith("$"):
            try:
                parse_duration(written)
            except ValueError:
                said = Text(f"{quoted(written)} 不是时长；", f"{quoted(written)} is not a duration; ")
                self.fault(path, joined(said, _HOW_LONG))
        elif self.known(written[1:], "settings", path):
            kind = self.sop.settings[written[1:]].type
            if kind is not FieldType.DURATION:
                self.fault(
                    path,
                    Text(
                        f"参数 {quoted(written)} 的类型是 {kind}；这里需要 duration",
                        f"setting {quoted(written)} is of type {kind}; this place needs a duration",
                    ),
                )

    def ladder(self, ladder: Ladder, path: tuple[Step, ...]) -> None:
        for place, written in enumerate(ladder.remind):
            self.duration(written, (*path, "remind", place))
        for place, rung in enumerate(ladder.escalate):
            self.duration(rung.after, (*path, "escalate", place, "after"))
            self.duration(rung.every, (*path, "escalate", place, "every"))
            self.known(rung.to, "roles", (*path, "escalate", place, "to"))

    def reads(self, text: str, parse: Callable[[str], Expression], path: Path) -> Expression | None:
        """`text` read by `parse`; a fault is placed at the very character. None when it cannot be read."""
        if self.full:
            return None
        try:
            return parse(text)
        except GuardFault as fault:
            self._misread(text, fault, parse, path)
            return None

    def _misread(self, text: str, fault: GuardFault, parse: Callable[[str], Expression], path: Path) -> None:
        """The fault, and those in the other parts that 'and', 'or' and 'not' join.

        Of what type a broken field is nobody knows; that a text cannot be read is sure.
        """
        if fault.unreadable or not self.tree.lost_any(text):
            self.fault(path, fault.message, offset=fault.offset)
        for start, part in () if fault.unreadable else joined_parts(text):
            if start <= fault.offset < start + len(part) and not self.tree.lost_any(text):
                continue
            try:
                parse(part)
            except GuardFault as inner:
                if not self.tree.lost_any(part):
                    self.fault(path, inner.message, offset=start + inner.offset)
