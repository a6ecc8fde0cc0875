"""What a wording may be: sentences with names in them, and conditions on names. Nothing else is a template.

    wording    = { words | "{{" NAME "}}" | if | for }
    if         = "{% if" condition "%}" wording { "{% elif" condition "%}" wording } [ "{% else %}" wording ]
                 "{% endif %}"
    for        = "{% for" NAME "in" LIST "%}" wording "{% endfor %}"            no loop within a loop
    condition  = NAME | NAME compare literal | "not" c | c "and" c | c "or" c | "(" c ")"

No call, attribute, filter, test, arithmetic, assignment, macro, import, include or inheritance has a place
in it, so what it makes is bounded by what stands in it. Every mistake is told, with place and remedy.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from engine.definition.findings import hint, joined, nearest
from engine.text import Text
from notifications.wording_conditions import condition, name_at
from notifications.wording_names import Form, Name, Names
from notifications.wording_scan import END, Scan, Slip, refused
from notifications.wording_tokens import BROKEN, Mistake, Part, Place, Token, pieces

DEEPEST: Final = 6
MOST_MISTAKES: Final = 30
_STRAY: Final = re.compile(r"\}\}|%\}|#\}|[｛｝]|\{\s*([A-Za-z_]\w*)\s*\}")
_ITEM: Final = Name(means=Text("其中一条", "one of them"))
_TAGS: Final = ("if", "elif", "else", "endif", "for", "endfor")


@dataclass(frozen=True, slots=True)
class Words:
    text: str


@dataclass(frozen=True, slots=True)
class Output:
    name: Name


@dataclass(frozen=True, slots=True)
class If:
    branches: tuple[tuple["Node", ...], ...]
    has_else: bool


@dataclass(frozen=True, slots=True)
class For:
    body: tuple["Node", ...]


Node = Words | Output | If | For


def parsed(source: str, part: Part, names: Names) -> tuple[tuple[Node, ...], list[Mistake]]:
    """The tree of what is sound, and the mistakes in order of place."""
    scan = Scan.of(part, pieces(source))
    nodes = _Parser(scan, names).nodes()
    told = dict.fromkeys(sorted(scan.mistakes, key=lambda mistake: mistake.place))
    return nodes, list(told)[:MOST_MISTAKES]


def says(nodes: Sequence[Node]) -> bool:
    """Whether there is something to read, whatever the values are."""
    return any(_says(node) for node in nodes)


def _says(node: Node) -> bool:
    match node:
        case Words():
            return bool(node.text.strip())
        case Output():
            return node.name.always
        case If():
            return node.has_else and all(says(branch) for branch in node.branches)
        case For():
            return False


@dataclass(frozen=True, slots=True)
class _Parser:
    """`within`: the tags that are open here, outermost first."""

    scan: Scan
    names: Names
    within: tuple[str, ...] = ()

    def nodes(self) -> tuple[Node, ...]:
        """Up to the tag that ends this branch, which is left to whoever opened it."""
        found: list[Node] = []
        while (token := self.scan.peek()).kind != END:
            if token.kind == "block_begin":
                if self._ends_here(self.scan.peek(1)):
                    break
                found += self._block()
            elif token.kind == "variable_begin":
                found += self._output()
            else:
                found += self._words()
        return tuple(found)

    def _words(self) -> list[Node]:
        token = self.scan.take()
        if token.kind != "data":
            self.scan.wrong(token.place, refused(token))
            return []
        for stray in islice(_STRAY.finditer(token.value), MOST_MISTAKES):
            if stray[1] is None or stray[1] in self.names:
                self.scan.wrong(_inside(token, stray.start()), _brace(stray))
        return [Words(token.value)]

    def _output(self) -> list[Node]:
        begin = self.scan.take().place
        token = self.scan.peek()
        try:
            if token.kind not in {"name", BROKEN, END}:
                raise Slip(token.place, _EMPTY if token.kind == "variable_end" else refused(token))  # noqa: TRY301
            name = name_at(self.scan, self.names, self.scan.take()) if token.kind == "name" else None
            self.scan.close("variable_end", begin)
        except Slip as slip:
            self.scan.wrong(slip.place, slip.message)
            self.scan.skip("variable_end")
            return []
        if name is None:
            return []
        if name.form in _UNSAID:
            self.scan.wrong(token.place, _UNSAID[name.form])
        return [Output(name)]

    def _block(self) -> list[Node]:
        begin, keyword = self.scan.take(), self.scan.take()
        deep = len(self.within) >= DEEPEST
        match self._meant(keyword):
            case "if" if not deep:
                return [self._if(begin.place)]
            case "for" if not deep:
                return [self._for(begin.place)]
            case _:
                opens = keyword.value in {"if", "for"}
                self.scan.wrong(keyword.place, _DEEP if opens else self._unfit(keyword.value))
                self.scan.at -= 1
                self.scan.skip("block_end")
                return []

    def _if(self, begin: Place) -> Node:
        condition(self.scan, self.names, begin)
        branches = [self._inside("if").nodes()]
        has_else = False
        while (keyword := self._next_tag(begin, "endif")) in {"elif", "else"}:
            if keyword == "elif":
                condition(self.scan, self.names, begin)
            else:
                has_else = True
                self._closed("block_end", begin)
            branches.append(self._inside("else" if has_else else "if").nodes())
        return If(tuple(branches), has_else)

    def _for(self, begin: Place) -> Node:
        item = self._loop(begin)
        names = {**self.names, item: _ITEM} if item else self.names
        body = _Parser(self.scan, names, (*self.within, "for")).nodes()
        self._next_tag(begin, "endfor")
        return For(body)

    def _loop(self, begin: Place) -> str:
        """The name of one item; empty where the tag makes no sense."""
        item, joint, listed = self.scan.take(), self.scan.take(), self.scan.take()
        if (item.kind, joint.value, listed.kind) != ("name", "in", "name") or item.value in self.names:
            self.scan.wrong(item.place, _LOOP)
            self.scan.at -= 1
            self.scan.skip("block_end")
            return ""
        name = name_at(self.scan, self.names, listed)
        if name is not None and name.form is not Form.LIST:
            self.scan.wrong(listed.place, _LOOP)
        if "for" in self.within:
            self.scan.wrong(begin, Text("循环里不能再有循环", "a loop cannot stand within a loop"))
        self._closed("block_end", begin)
        return item.value

    def _inside(self, tag: str) -> "_Parser":
        return _Parser(self.scan, self.names, (*self.within, tag))

    def _ends_here(self, keyword: Token) -> bool:
        return _nearly(keyword.value) in _ENDS.get(self.within[-1] if self.within else "", ())

    def _meant(self, keyword: Token) -> str:
        """What was probably meant: so that one slip does not leave all that follows without its end."""
        meant = _nearly(keyword.value)
        if meant != keyword.value:
            self.scan.wrong(keyword.place, self._unfit(keyword.value))
        return meant

    def _next_tag(self, begin: Place, closing: str) -> str:
        """The keyword that ends a branch; the closing one, or none at all, ends the whole."""
        if self.scan.peek().kind == END:
            said = Text(f"没有结束；请补上 {{% {closing} %}}", f"this has no end; write {{% {closing} %}}")
            self.scan.wrong(begin, said)
            return ""
        self.scan.take()
        keyword = self._meant(self.scan.take())
        if keyword == closing:
            self._closed("block_end", begin)
        return keyword

    def _closed(self, end: str, begin: Place) -> None:
        try:
            self.scan.close(end, begin)
        except Slip as slip:
            self.scan.wrong(slip.place, slip.message)
            self.scan.skip(end)

    def _unfit(self, keyword: str) -> Text:
        if keyword in {"elif", "else"} and "else" in self.within[-1:]:
            return Text("else 之后不能再有 elif 或 else", "neither elif nor else can follow else")
        if keyword in _TAGS:
            return Text(
                f"这里没有可由 {keyword} 接上的标签", f"there is no open tag that {keyword} belongs to"
            )
        said = Text(f"没有标签 {keyword[:20]}", f"there is no tag {keyword[:20]}")
        return joined(said, hint(keyword, _TAGS))


def _nearly(written: str) -> str:
    return written if written in _TAGS else nearest(written, _TAGS) or written


_ENDS: Final = {"if": ("elif", "else", "endif"), "else": ("endif",), "for": ("endfor",)}
_DEEP: Final = Text(
    "标签套得太深；请拆开来写", "tags lie too deep within each other; write them one after another"
)
_EMPTY: Final = Text("花括号里没有名称", "there is no name within the braces")
_LOOP: Final = Text(
    "循环写作 {% for 新名称 in 列表 %}，列表是本消息的列表名称",
    "a loop is {% for new_name in list %}, where the list is one of this message's lists",
)
_UNSAID: Final = {
    Form.FLAG: Text(
        "此名称只有是与否；请写 {% if 名称 %}…{% endif %}",
        "this is yes or no; write {% if name %}…{% endif %}",
    ),
    Form.CHOICE: Text("此名称是代号，只用于比较", "this is a code, to be compared only"),
    Form.LIST: Text(
        "此名称是列表；请写 {% for 一条 in 列表 %}…{% endfor %}",
        "this is a list; write {% for one in list %}…{% endfor %}",
    ),
}


def _inside(token: Token, offset: int) -> Place:
    before = token.value[:offset]
    lines = before.count("\n")
    column = len(before) - (before.rfind("\n") + 1)
    return Place(token.place.line + lines, column + (1 if lines else token.place.column))


def _brace(stray: re.Match[str]) -> Text:
    if stray[1] is not None:
        return Text(
            f"名称要用两层花括号：{{{{ {stray[1]} }}}}", f"a name stands in two braces: {{{{ {stray[1]} }}}}"
        )
    if stray[0] in "｛｝":
        return Text("花括号要用英文的：{{ }}", "braces are the ASCII ones: {{ }}")
    return Text(f"{stray[0]} 之前没有标签开始", f"no tag begins before this {stray[0]}")
