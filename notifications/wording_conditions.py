"""Conditions of a wording: names compared with literals, joined by and, or, not."""

from typing import Final

from engine.definition.findings import hint, joined
from engine.text import Text
from notifications.wording_names import Form, Name, Names
from notifications.wording_scan import END, Scan, Slip, refused
from notifications.wording_tokens import BROKEN, Place, Token

DEEPEST: Final = 6
LONGEST_LITERAL: Final = 60
_COMPARES: Final = {"==", "!=", "<", "<=", ">", ">="}
_EQUAL: Final = {"==", "!="}
_NUMBER_WANTED: Final = Text("这里要写整数，例如 1", "a whole number is wanted here, such as 1")
_TEXT_WANTED: Final = Text(
    '这里要写带引号的文字，例如 "上线"', 'a text in quotes is wanted here, such as "Go live"'
)
_DEEP: Final = Text(
    "括号或 not 套得太深；请写得简单些", "brackets or nots lie too deep within each other; simplify it"
)


def condition(scan: Scan, names: Names, begin: Place) -> None:
    """From behind the keyword to past the end of the tag; what is wrong is noted in the scan."""
    try:
        _or(scan, names, 0)
        scan.close("block_end", begin)
    except Slip as slip:
        scan.wrong(slip.place, slip.message)
        scan.skip("block_end")


def name_at(scan: Scan, names: Names, token: Token) -> Name | None:
    """What stands under this name; an unknown one is noted, with the one that was probably meant."""
    found = names.get(token.value)
    if found is None:
        said = Text(f"没有名称 {token.value[:40]}", f"there is no name {token.value[:40]}")
        scan.wrong(token.place, joined(said, hint(token.value, names)))
    return found


def _or(scan: Scan, names: Names, depth: int) -> None:
    _and(scan, names, depth)
    while scan.peek().value == "or":
        scan.take()
        _and(scan, names, depth)


def _and(scan: Scan, names: Names, depth: int) -> None:
    _not(scan, names, depth)
    while scan.peek().value == "and":
        scan.take()
        _not(scan, names, depth)


def _not(scan: Scan, names: Names, depth: int) -> None:
    token = scan.peek()
    if depth > DEEPEST:
        raise Slip(token.place, _DEEP)
    if token.value == "not":
        scan.take()
        return _not(scan, names, depth + 1)
    if token.value != "(":
        return _comparison(scan, names)
    scan.take()
    _or(scan, names, depth + 1)
    if scan.peek().value != ")" and scan.peek().kind not in {BROKEN, END}:
        raise Slip(scan.peek().place, refused(scan.peek()))
    if scan.peek().value == ")":
        scan.take()
    return None


def _comparison(scan: Scan, names: Names) -> None:
    token = scan.peek()
    if token.kind == BROKEN:
        return
    if token.kind == "block_end":
        raise Slip(token.place, Text("缺少条件；请写一个名称", "a condition is missing; write a name"))
    if token.kind != "name" or token.value in {"and", "or", "in", "is", "if", "else"}:
        raise Slip(token.place, refused(token))
    scan.take()
    name = name_at(scan, names, token)
    if scan.peek().value not in _COMPARES:
        if name is not None and name.form is Form.CHOICE:
            scan.wrong(token.place, _compare_it(token.value, name))
        return
    _literal(scan, name, scan.take())


def _literal(scan: Scan, name: Name | None, sign: Token) -> None:
    token = scan.peek()
    if token.kind not in {"string", "integer"}:
        raise Slip(token.place, refused(token))
    scan.take()
    if name is not None:
        _fits(scan, name, sign, token)


def _fits(scan: Scan, name: Name, sign: Token, literal: Token) -> None:
    if name.form in {Form.FLAG, Form.LIST}:
        said = Text(
            "此名称只有是与否，不能比较；请直接写 {% if 名称 %}", "this is yes or no; write {% if name %}"
        )
        scan.wrong(sign.place, said)
    elif name.form is Form.NUMBER:
        if literal.kind != "integer":
            scan.wrong(literal.place, _NUMBER_WANTED)
    elif sign.value not in _EQUAL:
        scan.wrong(sign.place, Text("文字只能用 == 或 != 比较", "a text is compared with == or != only"))
    else:
        _text_fits(scan, name, literal)


def _text_fits(scan: Scan, name: Name, literal: Token) -> None:
    said = literal.value[1:-1]
    if literal.kind != "string":
        scan.wrong(literal.place, _TEXT_WANTED)
    elif "\\" in said or len(said) > LONGEST_LITERAL:
        message = Text(
            f"引号里至多 {LONGEST_LITERAL} 个字符，不含反斜杠",
            f"at most {LONGEST_LITERAL} characters and no backslash within quotes",
        )
        scan.wrong(literal.place, message)
    elif name.form is Form.CHOICE and said not in name.choices:
        no_such = Text(f"此处没有值 {literal.value}", f"it never is {literal.value}")
        scan.wrong(literal.place, joined(no_such, hint(said, name.choices)))


def _compare_it(written: str, name: Name) -> Text:
    some = next(iter(name.choices))
    return Text(
        f'{written} 总有值，要与其中一个比较，例如 {written} == "{some}"',
        f'{written} always has a value; compare it with one of them, such as {written} == "{some}"',
    )
