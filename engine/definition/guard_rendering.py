"""A guard as a sentence for people: fields, stages and values by their titles."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from engine.definition.field_forms import shown_value
from engine.definition.field_spec import FieldType
from engine.definition.guard_arithmetic import Sign
from engine.definition.guard_nodes import (
    Add,
    Among,
    CaseFact,
    Compare,
    Constant,
    Count,
    Every,
    Fact,
    FieldRef,
    Given,
    GroupRef,
    Junction,
    ListFact,
    Moment,
    Negative,
    Node,
    Not,
    SettingRef,
    Sum,
    Times,
)
from engine.text import Language, Text

_SIGNS: Final = {
    Sign.EQUAL: "=", Sign.UNEQUAL: "≠", Sign.LESS: "<", Sign.AT_MOST: "≤", Sign.MORE: ">", Sign.AT_LEAST: "≥",
}  # fmt: skip
_FACTS: Final = {
    Fact.DONE: Text("“{}”阶段已完成", "stage “{}” is done"),
    Fact.LEFT: Text("已离开“{}”阶段", "stage “{}” has been left"),
    Fact.AT: Text("处于“{}”阶段", "at stage “{}”"),
    Fact.TASK_DONE: Text("任务“{}”已完成", "task “{}” is done"),
    Fact.CLOSED: Text("“{}”均已结束", "every “{}” is closed"),
    Fact.NONE_OPEN: Text("没有进行中的“{}”", "no “{}” is open"),
    Fact.VERSION: Text("“{}”的版本", "version of “{}”"),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """`titles` is keyed by what the guard writes; see `guards.render`."""

    language: Language
    titles: Mapping[str, Text]

    def say(self, node: Node) -> str:
        return self._logic(node) or self._fact(node) or self._value(node)

    def _name(self, key: str, fallback: Text) -> str:
        title = self.titles.get(key, fallback)
        return title.in_(self.language) or key

    def _pick(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def _within(self, node: Node, *looser: type[Node]) -> str:
        """In brackets where the words around it would otherwise pull it apart."""
        return f"({self.say(node)})" if isinstance(node, looser) else self.say(node)

    def _logic(self, node: Node) -> str:
        match node:
            case Junction():
                word = self._pick(" 或 ", " or ") if node.either else self._pick(" 且 ", " and ")
                return word.join(self._within(operand, Junction) for operand in node.operands)
            case Not(of=Given(of=of)):
                return self._pick(f"未填写{self.say(of)}", f"{self.say(of)} not given")
            case Not():
                return self._pick("非 ", "not ") + self._within(node.of, Junction, Compare, Among)
            case Compare():
                return f"{self.say(node.left)} {_SIGNS[node.sign]} {self.say(node.right)}"
            case Among():
                choices = self._pick("、", ", ").join(self.say(choice) for choice in node.choices)
                word = self._pick("不属于", "not in") if node.negated else self._pick("属于", "in")
                return f"{self.say(node.of)} {word} ({choices})"
            case Given(of=of):
                return self._pick(f"已填写{self.say(of)}", f"{self.say(of)} given")
            case _:
                return ""

    def _fact(self, node: Node) -> str:
        match node:
            case CaseFact():
                return _FACTS[node.fact].in_(self.language).format(self._name(node.name, Text("")))
            case Count():
                listed = self._name(node.name, node.title)
                return self._pick(f"{listed}数", f"number of {listed}")
            case Sum():
                return self._sum(node)
            case Every():
                each = self._pick("每项", "every") if node.everyone else self._pick("有一项", "some")
                held = self._pick("为是", "is yes") if node.yes_no else self._pick("已填写", "is given")
                return self._pick(f"{each}{self._column(node)}{held}", f"{each} {self._column(node)} {held}")
            case _:
                return ""

    def _sum(self, node: Sum) -> str:
        column = self._column(node)
        if node.key is None:
            return self._pick(f"{column}合计", f"total of {column}")
        key = self.titles.get(f"{node.name}.{node.key}", node.key_title).in_(self.language) or node.key
        return self._pick(f"同一{key}的{column}合计", f"total of {column} for the same {key}")

    def _column(self, node: ListFact) -> str:
        listed = self._name(node.name, node.title)
        if node.column is None:
            return listed
        column = self.titles.get(node.path, node.column_title).in_(self.language) or node.column
        return self._pick(f"{listed}的{column}", f"{column} in {listed}")

    def _value(self, node: Node) -> str:
        match node:
            case Add():
                return f"{self.say(node.left)} {'-' if node.minus else '+'} {self._within(node.right, Add)}"
            case Times():
                return f"{self._within(node.left, Add)} × {self._within(node.right, Add, Times)}"
            case Negative():
                return f"-{self._within(node.of, Add, Times, Negative)}"
            case Moment():
                return (
                    self._pick("今天", "today") if node.type is FieldType.DATE else self._pick("现在", "now")
                )
            case _:
                return self._leaf(node)

    def _leaf(self, node: Node) -> str:
        match node:
            case FieldRef():
                return self._field(node)
            case SettingRef():
                return self._name(f"${node.name}", node.title).removeprefix("$")
            case GroupRef():
                return self._name(node.name, node.title)
            case Constant(title=Text() as title):
                return title.in_(self.language) or str(node.constant)
            case Constant(constant=str() as text, type=FieldType.TEXT):
                return f"“{text}”"
            case _:
                constant = cast("Constant", node).constant
                return shown_value(constant, self.language, percent=node.type is FieldType.PERCENT)

    def _field(self, node: FieldRef) -> str:
        if node.part is None:
            return self._name(node.name, node.title)
        whole = self._name(node.name, Text(""))
        days = {"start": Text("开始日", "start"), "end": Text("结束日", "end")}
        part = self.titles.get(node.path, node.title).in_(self.language)
        part = part or days.get(node.part, Text(node.part)).in_(self.language)
        return self._pick(f"{whole}的{part}", f"{part} of {whole}")
