"""Where each thing of a definition stands in its file, and what it is called in a sentence about a fault."""

import re
from collections.abc import Sequence as PathLike
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from engine.definition.findings import STAND_IN, Place, quoted
from engine.definition.nodes import Entry, Mapping, Node, Scalar, Sequence
from engine.text import Text

Step = str | int
Path = PathLike[Step]

KINDS: Final[dict[str, Text]] = {
    "roles": Text("角色", "role"),
    "fields": Text("字段", "field"),
    "settings": Text("参数", "setting"),
    "counters": Text("计数", "counter"),
    "exits": Text("出口", "exit"),
    "tracks": Text("轨道", "track"),
    "stages": Text("阶段", "stage"),
    "milestones": Text("里程碑", "milestone"),
    "transitions": Text("流转", "transition"),
    "children": Text("子流程", "child"),
    "rules": Text("规则", "rule"),
    "tasks": Text("任务", "task"),
    "deliverables": Text("交付物", "deliverable"),
    "approvals": Text("审批", "approval"),
}


@dataclass(slots=True)
class Tree:
    """A definition's nodes. Faulty ones may be taken out to read on.

    `dropped` are the names lost that way, in lower case, `broken` those of whole parts by their block.
    `damaged` says by the id of a container what it lacks, `stand_ins` are the nodes that
    stand for something missing.
    """

    root: Node
    dropped: set[str] = field(default_factory=set[str])
    broken: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    damaged: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    stand_ins: dict[int, Node] = field(default_factory=dict[int, Node])
    taken: list[Node] = field(default_factory=list[Node])
    """Kept alive, so that no id above is given out again."""

    def walk(self, path: Path) -> list[tuple[Step, Node]]:
        """The nodes along `path`, as far as they exist; steps without a node are passed over."""
        found: list[tuple[Step, Node]] = []
        node = self.root
        for step in path:
            inner = _inner(node, step)
            if inner is not None:
                found.append((step, inner))
                node = inner
        return found

    def node(self, path: Path) -> Node:
        """The node at `path`, else the nearest one around it: a short form has no inner nodes."""
        walked = self.walk(path)
        return walked[-1][1] if walked else self.root

    def place(self, path: Path) -> Place:
        return self.node(path).place

    def key_place(self, path: Path) -> Place:
        """Where the key at `path` is written; an item of a list has none, its own place is given."""
        entry = self.entry(path)
        return entry.place if entry else self.place(path)

    def entry(self, path: Path) -> Entry | None:
        if not path:
            return None
        parent = self.node(path[:-1])
        return parent.entries.get(str(path[-1])) if isinstance(parent, Mapping) else None

    def within(self, path: Path, offset: int) -> Place:
        """The place of a character in the text at `path`; the text's own when that cannot be told."""
        node = self.node(path)
        if isinstance(node, Scalar) and node.offset is not None:
            return Place(node.place.line, node.place.column + node.offset + offset)
        return node.place

    def subject(self, path: Path) -> Text:
        """`transition 'x', approval 'y': `, to begin a sentence with; empty at the top of the file."""
        names: list[Text] = []
        walked = self.walk(path)
        for (group, _), (step, node) in pairwise(walked):
            kind = KINDS.get(str(group))
            name = step if isinstance(step, str) else _id(node)
            if kind and name and name != STAND_IN:
                names.append(Text(f"{kind.zh} {quoted(name)}", f"{kind.en} {quoted(name)}"))
        if not names:
            return Text("", "")
        return Text("，".join(n.zh for n in names) + "：", ", ".join(n.en for n in names) + ": ")

    def drop(self, path: Path, *, needed: bool = True) -> None:
        """Take out the value at `path` and remember the names in it; `needed`: its container may miss it."""
        walked = self.walk(path)
        if not walked:
            return
        parent = walked[-2][1] if len(walked) > 1 else self.root
        step, node = walked[-1]
        self.taken.append(node)
        above = [str(one) for one, _ in walked[:-1]]
        if not isinstance(node, Scalar) or step == "id" or above[-1:] == ["fields"] or len(above) == 1:
            self.dropped |= {name.casefold() for name in (str(step), *_names(node))}
        if len(above) == 1:
            self.broken.setdefault(above[0], []).append(str(step))
        if needed:
            self.damaged.setdefault(id(parent), set()).add(str(step))
        match parent:
            case Mapping():
                del parent.entries[str(step)]
            case Sequence():
                parent.items = [item for item in parent.items if item is not node]
            case Scalar():
                pass

    def stand_in(self, path: Path, node: Node) -> None:
        """Let `node` stand at the key `path` of a mapping, which lacks it; nothing is said of it."""
        parent = self.node(path[:-1])
        if isinstance(parent, Mapping):
            parent.entries[str(path[-1])] = Entry(parent.place, node)
            self.damaged.setdefault(id(parent), set()).add(str(path[-1]))
            self._remember(node)

    def _remember(self, node: Node) -> None:
        self.stand_ins[id(node)] = node
        match node:
            case Mapping():
                for entry in node.entries.values():
                    self._remember(entry.value)
            case Sequence():
                for item in node.items:
                    self._remember(item)
            case Scalar():
                pass

    def lost(self, name: str) -> bool:
        """Whether a faulty part declared `name`, perhaps in capitals."""
        return name.casefold() in self.dropped

    def lost_any(self, text: str) -> bool:
        """Whether `text` speaks of a name that was lost."""
        return any(word.casefold() in self.dropped for word in re.findall(r"\w+", text))

    def rename(self, path: Path, new: str) -> None:
        """Read the key at `path` as `new`, in its old position."""
        parent = self.node(path[:-1])
        if isinstance(parent, Mapping):
            parent.entries = {new if key == path[-1] else key: e for key, e in parent.entries.items()}


def _inner(node: Node, step: Step) -> Node | None:
    match node:
        case Mapping():
            entry = node.entries.get(str(step))
            return entry.value if entry else None
        case Sequence():
            return node.items[step] if isinstance(step, int) and step < len(node.items) else None
        case Scalar():
            return None


def _id(node: Node) -> str:
    inner = _inner(node, "id")
    return inner.text if isinstance(inner, Scalar) else ""


def _names(node: Node) -> set[str]:
    """Every key and every id within `node`."""
    match node:
        case Scalar():
            return {node.text}
        case Sequence():
            return set[str]().union(*(_names(item) for item in node.items))
        case Mapping():
            inner = (_names(entry.value) for entry in node.entries.values())
            return set(node.entries).union(*inner)
