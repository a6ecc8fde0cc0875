"""A definition file, from its text to a checked Definition; every fault at once, each with its place."""

import hashlib
from collections.abc import Collection
from pathlib import Path as FilePath
from typing import Final

from engine.definition.checks import check
from engine.definition.checks_calendars import check_calendars
from engine.definition.checks_family import check_family
from engine.definition.compiled import Definition
from engine.definition.findings import Findings, Place, quoted
from engine.definition.judge import Judge
from engine.definition.mending import validated
from engine.definition.model import Sop
from engine.definition.nodes import MOST_BYTES, Mapping, Scalar, Sequence, compose
from engine.definition.tree import Step, Tree
from engine.text import Text

Family = dict[str, Sop]
_EMPTY_ITEM: Final = Text("这一项是空的；请填写或删去", "this item is empty; fill it in or delete it")


def read(
    path: FilePath, family: Family | None = None, *, calendars: Collection[str] | None = None
) -> Definition:
    """Load a file; its faults name it as `path` is written.

    Raises BrokenDefinition for faults and for bytes that are no UTF-8, OSError if it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)  # one more than allowed is enough to refuse it
    return load(_decoded(content, str(path)), str(path), family, calendars=calendars)


def _decoded(content: bytes, name: str) -> str:
    if len(content) > MOST_BYTES:
        return content.decode("latin-1")  # too large either way, and a cut character is no fault of its own
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8").split("\n")
        Findings(name).stop(
            Place(len(before), len(before[-1]) + 1),
            Text("文件不是 UTF-8 编码；请另存为 UTF-8", "the file is not UTF-8; save it as UTF-8"),
        )


def load(
    text: str, file: str, family: Family | None = None, *, calendars: Collection[str] | None = None
) -> Definition:
    """The definition in `text`; `file` only names it in faults.

    With `family`, the SOPs read together by name, it is also held against its children's; with `calendars`,
    the ids of those there are, against them.

    Raises BrokenDefinition with all faults in file order.
    """
    findings = Findings(file)
    root = compose(text, findings)
    if not isinstance(root, Mapping):
        findings.stop(root.place, Text("文件要从 'sop: 名称' 写起", "a file begins with 'sop: name'"))
    tree = Tree(root)
    _refuse_empty(tree, (), findings)
    if findings.full:
        findings.raise_any()
    sop = validated(tree, findings)
    definition = Definition(sop, hashlib.sha256(text.encode("utf-8")).hexdigest())
    check(definition, tree, findings)
    if family and not findings.faults:
        check_family(Judge(definition, tree, findings), family)
    if calendars is not None:
        check_calendars(sop, tree, findings, calendars)
    findings.raise_any()
    return definition


def _refuse_empty(tree: Tree, path: tuple[Step, ...], findings: Findings) -> None:
    """A key with nothing after it is an unfinished line; to YAML it would be null."""
    match tree.node(path):
        case Mapping() as node:
            steps: list[Step] = list(node.entries)
        case Sequence() as node:
            steps = list(
                reversed(range(len(node.items)))
            )  # from the end: taking one out moves those behind it
        case Scalar():
            return
    for step in steps:
        if findings.full:
            return
        here = (*path, step)
        inner = tree.node(here)
        if isinstance(inner, Scalar) and inner.plain and not inner.text:
            findings.add(tree.key_place(here), _EMPTY_ITEM if isinstance(step, int) else _empty(step))
            tree.drop(here)
        else:
            _refuse_empty(tree, here, findings)


def _empty(key: str) -> Text:
    if "：" in key:
        return Text(
            f"{quoted(key)} 里是全角冒号；请换成 ': '",
            f"{quoted(key)} has a full-width colon; replace it by ': '",
        )
    return Text(
        f"{quoted(key)} 后面没有内容；请填写，或删去这个键",
        f"nothing follows {quoted(key)}; fill it in, or delete the key",
    )
