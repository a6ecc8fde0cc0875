"""The pieces of a wording in order, with the mistakes found so far."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from engine.text import Text
from notifications.wording_tokens import BROKEN, Mistake, Part, Place, Token, Unreadable

END: Final = "end"


class Slip(Exception):
    """A tag that makes no sense from here on."""

    def __init__(self, place: Place, message: Text) -> None:
        super().__init__(message.en)
        self.place, self.message = place, message


@dataclass(slots=True)
class Scan:
    part: Part
    tokens: list[Token] = field(default_factory=list[Token])
    mistakes: list[Mistake] = field(default_factory=list[Mistake])
    at: int = 0

    @classmethod
    def of(cls, part: Part, pieces: Iterable[Token | Unreadable]) -> "Scan":
        scan = cls(part)
        for piece in pieces:
            if isinstance(piece, Unreadable):
                scan.wrong(piece.place, piece.message)
            else:
                scan.tokens.append(piece)
        return scan

    def peek(self, ahead: int = 0) -> Token:
        place = self.at + ahead
        if place < len(self.tokens):
            return self.tokens[place]
        return Token(END, "", self.tokens[-1].place if self.tokens else Place(1, 1))

    def take(self) -> Token:
        token = self.peek()
        self.at += 1
        return token

    def wrong(self, place: Place, message: Text) -> None:
        self.mistakes.append(Mistake(self.part, place, message))

    def close(self, end: str, begin: Place) -> None:
        """The end of the tag that began there. Raises Slip where something else stands."""
        token = self.peek()
        if token.kind == END:
            sign = "}}" if end == "variable_end" else "%}"
            raise Slip(
                begin, Text(f"标签没有结束；请补上 {sign}", f"this tag has no end; write {sign} behind it")
            )
        if token.kind not in {end, BROKEN}:
            raise Slip(token.place, refused(token))
        self.skip(end)

    def skip(self, end: str) -> None:
        """Past the end of this tag, whatever stands in it."""
        while self.take().kind not in {end, END}:
            pass


def refused(token: Token) -> Text:
    """Why this piece cannot stand where it does."""
    value = token.value[:20]
    known = _WHY.get(value)
    if known is not None:
        return known
    if token.kind == "string":
        return Text(
            f"{value} 不能写在这里；要显示的文字直接写，不加引号和花括号",
            f"{value} cannot stand here; what is to be read is written as it is, without quotes and braces",
        )
    return Text(f"“{value}”不能写在这里", f"'{value}' cannot stand here")


_ARITHMETIC: Final = Text("不能计算；请直接使用给出的名称", "nothing is computed; use the names as they are")
_PARTS: Final = Text("名称后面不能再取内容；请只写名称", "a name has no parts to take; write the name alone")
_FILTER: Final = Text("没有过滤器可用；请只写名称", "there are no filters; write the name alone")
_WHY: Final = {
    "(": Text("不能调用；请只写名称", "nothing can be called; write the name alone"),
    ".": _PARTS,
    "[": _PARTS,
    "|": _FILTER,
    **dict.fromkeys(("+", "-", "*", "/", "//", "%", "**", "~"), _ARITHMETIC),
    "=": Text("比较用两个等号：==", "compare with two equals signs: =="),
    "is": Text(
        "没有 is 检验；判断是否为空直接写 {% if 名称 %}",
        "there are no tests; {% if name %} asks whether it is empty",
    ),
    "in": Text(
        '没有 in；多个值用 or 连接：名称 == "甲" or 名称 == "乙"',
        'there is no "in"; join comparisons with or: name == "a" or name == "b"',
    ),
    "if": Text(
        "if 不能写在 {{ }} 里；请用 {% if 条件 %}…{% endif %}",
        "if cannot stand within {{ }}; write {% if condition %}…{% endif %}",
    ),
}
