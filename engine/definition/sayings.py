"""What is wrong with the shape of a definition, in a sentence of ours; Pydantic's words reach nobody."""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from engine.definition.findings import hint, joined, quoted
from engine.definition.model import Sop
from engine.definition.nodes import Mapping as MappingNode
from engine.definition.nodes import Node, Scalar, Sequence
from engine.definition.shape import allowed, keys, model_at
from engine.definition.tree import Path
from engine.text import Text

_TEXT: Final = Text("这里要写一段文字", "write a text here")
_LIST: Final = Text(
    "这里要写列表：[甲, 乙]，或每行一个 '- '", "write a list here: [a, b], or lines that begin with '- '"
)
_KEYS: Final = Text("这里要写若干 '键: 值'", "write 'key: value' lines here")
_TRUTH: Final = Text("这里只能写 true 或 false，不加引号", "write true or false here, without quotes")
_WHOLE: Final = Text(
    "这里要写整数，不加引号，前面不补零", "write a whole number here, without quotes or leading zeros"
)
_NAME: Final = Text(
    "名称用小写字母开头，只含小写字母、数字和 _，最多 60 个字符",
    "a name begins with a-z and has only a-z, 0-9 and _, at most 60 of them",
)
_OTHERWISE: Final = Text(
    "这里的写法不对；请对照 sop_definitions/README.md",
    "this cannot stand here; compare sop_definitions/README.md",
)
_WANTED: Final[dict[str, Text]] = {
    "string_type": _TEXT,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "dict_type": _KEYS,
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
}
# The sentences of the model's own validators, by the words they are raised with; {n} are the groups.
_RULES: Final[tuple[tuple[str, Text], ...]] = (
    (
        r"write one of 'within', .*",
        Text(
            "within、ahead（时长）与 on（日期）三者写一个",
            "write one of 'within', 'ahead' (durations) and 'on' (a date)",
        ),
    ),
    (
        r"'from' goes with 'within', .*",
        Text("from 只与 within 同写", "'from' goes with 'within', and only there"),
    ),
    (
        r"'ahead' and 'of' .*",
        Text("ahead 与 of 要一起写：提前多久，先于什么", "'ahead' and 'of' are written together"),
    ),
    (
        r"'every' and 'most' .*",
        Text("every 与 most 要一起写：多久一次，最多几次", "'every' and 'most' are written together"),
    ),
    (
        r"'every' and 'deadline' .*",
        Text(
            "every 与 deadline 不能同写；循环任务的下一次就是它的期限",
            "'every' and 'deadline' do not go together; a recurring task is due when it comes round again",
        ),
    ),
    (
        r"write exactly one of escalate, .*",
        Text(
            "escalate、transfer、approve、reject、remind 必须且只能写一个",
            "write exactly one of escalate, transfer, approve, reject, remind",
        ),
    ),
    (
        r"'within' and 'on_timeout' .*",
        Text(
            "within 与 on_timeout 要一起写：限时多久，到时怎么办",
            "'within' and 'on_timeout' are written together",
        ),
    ),
    (
        r"'threshold' is written .*",
        Text(
            "threshold 在 mode: votes 时必写，其他时候不写",
            "'threshold' is written for mode votes, and only there",
        ),
    ),
    (
        r"a threshold is .*",
        Text(
            "threshold 写成不小于 1 的整数，或 60% 这样的百分比",
            "a threshold is a weight of 1 or more, or a share such as 60%",
        ),
    ),
    (
        r"'returns' goes with .*",
        Text("returns 只与 on_reject: return 同写", "'returns' goes with 'on_reject: return'"),
    ),
    (
        r"write one of 'to', .*",
        Text(
            "to、exit、stay: true 三者写一个（或写 moves）",
            "write one of 'to', 'exit', 'stay: true' (or 'moves')",
        ),
    ),
    (r"'extends' goes with .*", Text("extends 只与 stay: true 同写", "'extends' goes with 'stay: true'")),
    (
        r"write exactly one of 'entered', .*",
        Text("entered、left、each 必须且只能写一个", "write exactly one of 'entered', 'left', 'each'"),
    ),
    (r"a value is listed twice", Text("选项写了两遍；请删去一处", "a value is listed twice; delete one")),
    (
        r"(.*) cannot name a column; .*",
        Text(
            "{0} 不能作列名；只用小写字母、数字和 _，且不能是条件语言的保留词",
            "{0} cannot name a column; use a-z, 0-9 and _, and no word of the guard language",
        ),
    ),
    (
        r"'(\w+)' goes with type (\w+), and only there; this is type (\w+)",
        Text(
            "{0} 在类型 {1} 时必写，其他时候不写；这里是 {2}",
            "'{0}' goes with type {1}, and only there; this is type {2}",
        ),
    ),
    (
        r"'to' goes with type reference; this is type (\w+)",
        Text("to 只与类型 reference 同写；这里是 {0}", "'to' goes with type reference; this is type {0}"),
    ),
    (
        r"lists and records stand inside one another at most (\d+) deep",
        Text("列表与记录最多嵌套 {0} 层", "lists and records stand inside one another at most {0} deep"),
    ),
    (
        r"the title of a value .*",
        Text(
            "选项的名称写成文字，或 {zh: …, en: …}", "the title of a value is a text, or {zh: ..., en: ...}"
        ),
    ),
)


def in_both_languages(said: str) -> Text:
    """A validator's sentence in Chinese as well; an unknown one is not shown."""
    for pattern, saying in _RULES:
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found:
            return Text(_filled(saying.zh, found), _filled(saying.en, found)) if found.groups() else saying
    return _OTHERWISE


def _filled(saying: str, found: re.Match[str]) -> str:
    for number, part in enumerate(found.groups()):
        saying = saying.replace(f"{{{number}}}", part)
    return saying


def sentence(error: Mapping[str, Any], path: Path, node: Node) -> Text:
    """`error` as Pydantic lists it, `path` with its union labels taken out, `node` what stands there."""
    match cast("str", error["type"]):
        case "extra_forbidden":
            return _unknown_key(path)
        case "missing":
            key = quoted(str(path[-1]))
            return Text(f"缺少 {key}；请补上", f"{key} is missing; add it")
        case "enum" | "literal_error":
            return _not_a_choice(path, node)
        case "value_error":
            return in_both_languages(str(error["ctx"]["error"]))
        case "string_pattern_mismatch":
            return joined(_instead(str(error["input"])), _NAME)
        case "too_short" | "too_long" | "string_too_long" | "greater_than_equal" | "less_than_equal" as kind:
            return _bound(kind, cast("Mapping[str, Any]", error["ctx"]))
        case kind:
            return _bare_key(path, node) or joined(_WANTED.get(kind, _OTHERWISE), _what_stands(node))


def _bare_key(path: Path, node: Node) -> Text | None:
    """`on_timeout: reject`, `by: [manager]`: only the braces are missing, or the key and the braces."""
    model = model_at(Sop, path)
    if model is None or not isinstance(node, Scalar):
        return None
    needed = [info.alias or name for name, info in model.model_fields.items() if info.is_required()]
    if len(needed) == 1 and re.fullmatch(r"\w+", node.text):
        return _as_braces(Text(f"{needed[0]}: {node.text}", f"{needed[0]}: {node.text}"))
    if node.text not in keys(model):
        return None
    value = Text("true", "true") if allowed(Sop, (*path, node.text)) == ("true",) else Text("…", "...")
    return _as_braces(Text(f"{node.text}: {value.zh}", f"{node.text}: {value.en}"))


def _as_braces(inside: Text) -> Text:
    return Text(f"请写成 {{{inside.zh}}}", f"write it as {{{inside.en}}}")


_SHARED: Final = frozenset({"zh", "en", "source"})
_NAMES: Final = frozenset({"title", "name", "label"})


def _unknown_key(path: Path) -> Text:
    key = str(path[-1])
    model = model_at(Sop, path[:-1])
    known = sorted(keys(model) if model else (), key=_SHARED.__contains__)
    if key in _NAMES and "zh" in known:
        return Text(
            f"未知的键 {quoted(key)}；名称请写在 zh 和 en 里",
            f"unknown key {quoted(key)}; write the name as zh and en",
        )
    return joined(Text(f"未知的键 {quoted(key)}", f"unknown key {quoted(key)}"), hint(key, known))


def _not_a_choice(path: Path, node: Node) -> Text:
    words = allowed(Sop, path)
    if words == ("true",):
        return Text("这里只能写 true，或整行不写", "write true here, or leave the key out")
    if not isinstance(node, Scalar):
        return Text(f"这里只能写：{'、'.join(words)}", f"write one of {', '.join(words)}")
    return joined(
        Text(f"{quoted(node.text)} 不在可选之列", f"{quoted(node.text)} is not a choice here"),
        hint(node.text, words),
    )


def _instead(written: str) -> Text:
    return Text(f"{quoted(written)} 不能作名称；", f"{quoted(written)} is not a name; ")


def _bound(kind: str, context: Mapping[str, Any]) -> Text:
    match kind:
        case "too_short":
            return Text(
                f"至少要写 {context['min_length']} 项", f"write at least {context['min_length']} here"
            )
        case "too_long":
            return Text(f"最多写 {context['max_length']} 项", f"write at most {context['max_length']} here")
        case "string_too_long":
            return Text(
                f"最多 {context['max_length']} 个字符；请缩短",
                f"at most {context['max_length']} characters; shorten it",
            )
        case "greater_than_equal":
            return Text(f"不能小于 {context['ge']}", f"must be {context['ge']} or more")
        case _:
            return Text(f"不能大于 {context['le']}", f"must be {context['le']} or less")


def _what_stands(node: Node) -> Text:
    match node:
        case Scalar() if "：" in node.text:
            return Text("（请把全角冒号 ： 换成 ': '）", " (replace the full-width colon ： by ': ')")
        case Scalar():
            return Text(f"，现在是 {quoted(node.text)}", f", not {quoted(node.text)}")
        case Sequence():
            return Text("，现在是列表", ", not a list")
        case MappingNode():
            return Text("，现在是 '键: 值'", ", not 'key: value' lines")
