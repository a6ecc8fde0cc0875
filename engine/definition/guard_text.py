"""The first look at a guard's text: every character and word is known before Python's parser sees any of it.

Each refusal carries a hint, as most such characters come from habit: `=`, `&&`, full-width brackets.
"""

import keyword
import unicodedata
from dataclasses import dataclass
from typing import Final

from engine.text import Text

MOST_CHARACTERS: Final = 1_000
MOST_BRACKETS: Final = 30
_WORDS: Final = frozenset({"and", "or", "not", "in", "True", "False"})
_PLAIN: Final = frozenset(" \t\n\r.,+-<>")
_OPEN: Final = "(["
_CLOSE: Final = ")]"
_HINTS: Final = {
    "&": Text("“并且”写作 and", "write 'and'"),
    "|": Text("“或者”写作 or", "write 'or'"),
    "%": Text("百分数直接写数字：5 就是 5%", "write a percentage as a bare number: 5 means 5 %"),
    "/": Text("不能做除法；请改用乘法", "there is no division; multiply instead"),
    "{": Text("选项写在圆括号里", "write choices in round brackets"),
    ":": Text("不能赋值，也没有冒号", "there is no assignment and no colon"),
}
_NOTHING: Final = Text("请删去", "take it out")


class GuardFault(Exception):
    """The text is no guard. `offset` is its column, from 0; `suggestion` what was probably meant.

    `unreadable`: it would be none with any names and types.
    """

    unreadable = False

    def __init__(self, zh: str, en: str, offset: int, suggestion: str | None = None) -> None:
        if suggestion is not None:
            zh, en = f"{zh}；是否指“{suggestion}”？", f"{en}; did you mean {suggestion!r}?"
        self.message = Text(zh, en)
        self.offset = offset
        self.suggestion = suggestion
        super().__init__(f"column {offset + 1}: {en}")


class Unreadable(GuardFault):
    """The text is no guard whatever its names stand for."""

    unreadable = True


@dataclass(frozen=True, slots=True)
class Prepared:
    """`python` is as long as the text, so columns agree; a `$` at one of `dollars` has become `_`."""

    python: str
    dollars: frozenset[int]


def prepare(text: str) -> Prepared:
    if len(text) > MOST_CHARACTERS:
        raise Unreadable(
            f"共 {len(text)} 个字符，最多 {MOST_CHARACTERS}",
            f"{len(text)} characters, at most {MOST_CHARACTERS}",
            MOST_CHARACTERS,
        )
    if not text.strip():
        raise Unreadable("条件是空的", "the guard is empty", 0)
    return _Scan(text).run()


class _Scan:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._dollars: set[int] = set()

    def run(self) -> Prepared:
        while self._at < len(self._text):
            self._at = self._next()
        python = "".join("_" if at in self._dollars else char for at, char in enumerate(self._text))
        return Prepared(python.translate({10: " ", 13: " ", 9: " "}), frozenset(self._dollars))

    def _peek(self, at: int) -> str:
        return self._text[at : at + 1]

    def _next(self) -> int:
        """Judges what stands here, and says where the next thing begins."""
        char = self._peek(self._at)
        if _in_word(char) or char == "$":
            return self._word(char)
        if char in "\"'":
            return self._string(char)
        if char in "=!*":
            return self._sign(char)
        if char in _OPEN or char in _CLOSE:
            return self._bracket(char)
        if char not in _PLAIN:
            raise self._refused(char)
        if char in "<>" and self._peek(self._at + 1) == "=":
            return self._at + 2
        return self._at + 1

    def _word(self, char: str) -> int:
        start = self._at + (char == "$")
        end = start
        while _in_word(self._peek(end)):
            end += 1
        word = self._text[start:end]
        if char == "$":
            self._dollars.add(self._at)
        if unicodedata.normalize("NFKC", word) != word:
            raise Unreadable(f"“{word}”含全角字符；请改用半角", f"{word!r} holds full-width letters", start,
                             unicodedata.normalize("NFKC", word))  # fmt: skip
        if not (word.isidentifier() or (word.isascii() and word.isdigit() and char != "$")):
            raise Unreadable(
                f"“{word}”既不是名称也不是数字", f"{word!r} is neither a name nor a number", self._at
            )
        # Python would warn about `1.and`, and read it.
        if word.isdigit() and self._peek(end) == "." and not self._peek(end + 1).isdigit():
            raise Unreadable("小数点之后缺少数字", "a digit is missing after the point", end)
        self._refuse_python(word, start)
        if self._peek(end) in {"$", '"', "'"}:
            raise Unreadable(f"“{word}”之后缺少运算符", f"something is missing after {word!r}", end)
        return end

    def _refuse_python(self, word: str, start: int) -> None:
        if word == "None":
            raise Unreadable(
                "没有 None；请写 not given(字段)", "there is no None; write not given(field)", start
            )
        if keyword.iskeyword(word) and word not in _WORDS:
            raise Unreadable(
                f"条件里不能用“{word}”；如果它是选项，请加引号",
                f"{word!r} is no word of a guard; if it is a value, quote it",
                start,
            )

    def _string(self, quote: str) -> int:
        end = self._text.find(quote, self._at + 1)
        if end < 0:
            raise Unreadable("引号没有配对", "a quote is not closed", self._at)
        for at in range(self._at + 1, end):
            char = self._text[at]
            if char == "\\" or not (char.isprintable() or char == "\u3000"):
                raise Unreadable(
                    "引号里不能有反斜杠和不可见字符",
                    "no backslash and no invisible character between quotes",
                    at,
                )
        # Python would join two texts that stand side by side.
        after = self._text[end + 1 :].lstrip()[:1]
        if after in {'"', "'"} or _in_word(self._peek(end + 1)):
            raise Unreadable(
                "引号之后缺少逗号或运算符", "a comma or a sign is missing after the quote", end + 1
            )
        return end + 1

    def _sign(self, char: str) -> int:
        following = self._peek(self._at + 1)
        if char != "*" and following == "=":
            return self._at + 2
        if char == "=":
            raise Unreadable("比较要写两个等号", "comparing takes two equals signs", self._at, "==")
        if char == "!":
            raise Unreadable("“非”写作 not", "negation is written in letters", self._at, "not")
        if following == "*":
            raise Unreadable("不能用乘方", "there are no powers", self._at)
        return self._at + 1

    def _bracket(self, char: str) -> int:
        self._depth += 1 if char in _OPEN else -1
        if self._depth > MOST_BRACKETS:
            raise Unreadable(
                f"括号最多 {MOST_BRACKETS} 层", f"brackets stand at most {MOST_BRACKETS} deep", self._at
            )
        return self._at + 1

    def _refused(self, char: str) -> Unreadable:
        plain = {
            "“": '"',
            "”": '"',
            "‘": "'",
            "’": "'",
            "≤": "<=",
            "≥": ">=",
            "≠": "!=",
            "×": "*",
            "、": ",",
            "\u3000": " ",
        }
        meant = plain.get(char) or unicodedata.normalize("NFKC", char)
        if meant != char and meant.isascii():
            return Unreadable(
                f"“{char}”是全角或特殊符号", f"{char!r} is not a sign of the guard language", self._at, meant
            )
        hint = _HINTS.get(char, _NOTHING)
        shown = char if char.isprintable() else f"U+{ord(char):04X}"
        return Unreadable(
            f"这里不能用“{shown}”；{hint.zh}", f"{shown!r} has no meaning here; {hint.en}", self._at
        )


def _in_word(char: str) -> bool:
    return char == "_" or char.isalnum()
