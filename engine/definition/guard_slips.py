"""Why Python's parser cannot read a guard, in a sentence of ours, where the reason can be told."""

import re
from typing import Final

from engine.definition.findings import quoted
from engine.definition.guard_text import Unreadable
from engine.text import Text

_PAIRS: Final = {")": "(", "]": "["}
_UNFINISHED: Final = re.compile(r"(?:[-+*<>=,.(\[]|\b(?:and|or|not|in))\s*$")
_OTHERWISE: Final = Text("请检查括号、逗号和运算符", "check brackets, commas and signs")


def unreadable(text: str, offset: int) -> Unreadable:
    """`offset` is where Python gave up, from 0."""
    why = _bracket(text) or _end(text) or _here(text, offset)
    return Unreadable(f"{quoted(text)} 读不懂：{why.zh}", f"{quoted(text)} cannot be read: {why.en}", offset)


def _bracket(text: str) -> Text | None:
    """The first bracket without its other half; those between quotes are text."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", text)
    opened: list[str] = []
    for sign in re.findall(r"[()\[\]]", bare):
        if sign not in _PAIRS:
            opened.append(sign)
        elif not opened or opened.pop() != _PAIRS[sign]:
            return Text(f"'{sign}' 没有与之配对的左括号", f"'{sign}' closes no bracket")
    return Text(f"'{opened[-1]}' 没有闭合", f"'{opened[-1]}' is never closed") if opened else None


def _end(text: str) -> Text | None:
    found = _UNFINISHED.search(text)
    if found is None:
        return None
    last = found[0].strip()
    return Text(f"'{last}' 之后缺少内容", f"it ends too soon, something is missing after '{last}'")


def _here(text: str, offset: int) -> Text:
    rest = text[offset:].strip()
    if not rest:
        return _OTHERWISE
    where = quoted(rest)
    return Text(f"从 {where} 起；{_OTHERWISE.zh}", f"it goes wrong at {where}; {_OTHERWISE.en}")
