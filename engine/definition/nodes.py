"""YAML text as a small tree that remembers its places. Every scalar stays text, as it was written.

Built from the parser's events, so that size, depth and count are bounded before anything is built from them;
aliases, anchors, tags, a second document and doubled keys are refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from engine.definition.findings import Findings, Place, quoted
from engine.definition.yaml_faults import forbidden_character, yaml_fault
from engine.text import Text

MOST_BYTES: Final = 1 << 20
MOST_DEPTH: Final = 32
MOST_NODES: Final = 50_000
_PARSER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Scalar:
    """`plain`: written without quotes. `offset`: how many characters stand before the text itself.

    It is None where a place within the text cannot be told: folded, over several lines, or with escapes.
    """

    place: Place
    text: str
    plain: bool
    offset: int | None = 0


@dataclass(slots=True)
class Sequence:
    place: Place
    items: list["Node"] = field(default_factory=list["Node"])


@dataclass(slots=True)
class Entry:
    """One key with its value; `place` is the key's."""

    place: Place
    value: "Node"


@dataclass(slots=True)
class Mapping:
    place: Place
    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])


Node = Scalar | Sequence | Mapping


def compose(text: str, findings: Findings) -> Node:
    """The tree of the one document in `text`.

    Of doubled keys the first is kept, and the fault noted; every other fault stops.
    """
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        findings.stop(
            Place(1, 1),
            Text(
                "文件超过 1 MiB；请拆成多个 SOP", "the file is larger than 1 MiB; split it into several SOPs"
            ),
        )
    lean = text.removeprefix("\ufeff")
    if wrong := forbidden_character(lean):
        findings.stop(*wrong)
    builder = _Builder(findings)
    for event in _events(lean, findings):
        builder.take(event)
    if builder.root is None:
        findings.stop(
            Place(1, 1),
            Text("文件是空的；请从 'sop: 名称' 写起", "the file is empty; begin with 'sop: name'"),
        )
    return builder.root


def _events(text: str, findings: Findings) -> Iterator[Any]:
    """The parser fails with more than its own errors on hostile input; whatever it is becomes one fault."""
    try:
        yield from yaml.parse(text, Loader=_PARSER)
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        findings.stop(*yaml_fault(error, text))


class _Builder:
    """Open containers lie on a stack, each mapping with the key that waits for its value."""

    def __init__(self, findings: Findings) -> None:
        self.root: Node | None = None
        self._findings = findings
        self._open: list[Mapping | Sequence] = []
        self._keys: list[tuple[str, Place] | None] = []
        self._count = 0

    def take(self, event: Any) -> None:
        match event:
            case yaml.AliasEvent():
                self._refuse(event, "引用（*）", "alias (*)", "写出完整内容", "write the content out in full")
            case yaml.ScalarEvent():
                self._enter(event)
                self._put(_scalar(event))
            case yaml.SequenceStartEvent():
                self._enter(event)
                self._open_one(Sequence(_place(event)))
            case yaml.MappingStartEvent():
                self._enter(event)
                self._open_one(Mapping(_place(event)))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._open.pop()
                self._keys.pop()
            case yaml.DocumentStartEvent() if self.root is not None:
                self._refuse(
                    event,
                    "第二个文档（---）",
                    "second document (---)",
                    "把每个 SOP 写成一个文件",
                    "write one SOP per file",
                )
            case _:
                pass

    def _enter(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse(event, "锚点（&）", "anchor (&)", "写出完整内容", "write the content out in full")
        if event.tag is not None:
            self._refuse(
                event,
                "标签（!）",
                "tag (!)",
                "去掉它，或给文字加引号",
                "remove it, or put the text in quotes",
            )
        self._count += 1
        if self._count > MOST_NODES:
            self._stop(
                event,
                f"文件内容超过 {MOST_NODES} 项；请拆成多个 SOP",
                f"more than {MOST_NODES} values; split the file into several SOPs",
            )
        if len(self._open) >= MOST_DEPTH:
            self._stop(
                event,
                f"嵌套超过 {MOST_DEPTH} 层；请写得平一些",
                f"nested more than {MOST_DEPTH} deep; write it flatter",
            )

    def _refuse(self, event: Any, zh: str, en: str, mend_zh: str, mend_en: str) -> None:  # noqa: PLR0917
        self._stop(event, f"SOP 文件里不能用{zh}；请{mend_zh}", f"an SOP file may hold no {en}; {mend_en}")

    def _stop(self, event: Any, zh: str, en: str) -> None:
        self._findings.stop(_place(event), Text(zh, en))

    def _open_one(self, node: Mapping | Sequence) -> None:
        self._put(node)
        self._open.append(node)
        self._keys.append(None)

    def _put(self, node: Node) -> None:
        match self._open[-1] if self._open else None:
            case None:
                self.root = node
            case Sequence() as parent:
                parent.items.append(node)
            case Mapping() as parent:
                self._put_in(parent, node)

    def _put_in(self, parent: Mapping, node: Node) -> None:
        waiting, self._keys[-1] = self._keys[-1], None
        if waiting is None:
            if not isinstance(node, Scalar):
                self._findings.stop(
                    node.place,
                    Text(
                        "键必须是一个词；含 {} 或 [] 的文字请加引号",
                        "a key is one word; put a text with {} or [] in quotes",
                    ),
                )
            self._keys[-1] = node.text, node.place
            return
        key, place = waiting
        if first := parent.entries.get(key):
            self._findings.add(
                place,
                Text(
                    f"键 {quoted(key)} 重复，第 {first.place.line} 行已写过；请删去一处",
                    f"key {quoted(key)} is doubled, line {first.place.line} has it already; delete one",
                ),
            )
        else:
            parent.entries[key] = Entry(place, node)


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _scalar(event: Any) -> Scalar:
    plain = event.style in (None, "")
    one_line = event.start_mark.line == event.end_mark.line
    width = event.end_mark.column - event.start_mark.column
    quotes = 0 if plain else 1
    exact = one_line and event.style not in ("|", ">") and width == len(event.value) + 2 * quotes
    return Scalar(_place(event), event.value, plain, quotes if exact else None)
