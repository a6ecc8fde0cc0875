"""A declared SOP's names and a case's values, for guards to be read and judged on."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from engine.definition.fields import FieldSpec, Money
from engine.definition.guards import GuardScope


def specs(**written) -> dict[str, FieldSpec]:
    return {name: FieldSpec.model_validate(spec) for name, spec in written.items()}


RECORDS = {
    "type": "list",
    "zh": "费用",
    "of": {
        "type": "record",
        "fields": {
            "item": {"type": "text", "zh": "科目", "required": True},
            "amount": {"type": "money", "zh": "金额"},
            "note": "text",
            "checked": "bool",
            "loose": "text",
            "papers": {"type": "list", "of": "file"},
            "days": "int",
        },
    },
}
SCOPE = GuardScope(
    fields=specs(
        agreed={"type": "bool", "zh": "已达成一致", "en": "Agreed"},
        open_points={"type": "list", "of": "text", "zh": "未决事项"},
        marks={"type": "list", "of": "int"},
        ticks={"type": "list", "of": "bool"},
        price={"type": "money", "zh": "价格", "en": "Price"},
        cost="money",
        discount="percent",
        rate="percent",
        quantity="int",
        ratio="decimal",
        name="text",
        story="longtext",
        result={"type": "enum", "values": {"won": {"zh": "赢单", "en": "Won"}, "lost": {"zh": "丢单"}}},
        second={"type": "enum", "values": ["won", "lost"]},
        other={"type": "enum", "values": ["yes", "no"]},
        due="date",
        signed_at="datetime",
        run={"type": "period", "zh": "投放期"},
        notice="duration",
        who="person",
        contract={"type": "reference", "to": "contract"},
        papers="file",
        terms={
            "type": "record",
            "zh": "条款",
            "fields": {"days": {"type": "int", "zh": "天数"}, "kind": "text"},
        },
        expenses=RECORDS,
        budget={
            "type": "list",
            "of": {"type": "record", "fields": {"line": "text", "amount": "money", "no": "int"}},
        },
    ),
    settings=specs(limit={"type": "percent", "zh": "折扣上限"}, cap="money", cutoff="date"),
    stages={"sign", "main.sign", "review"},
    tasks={"call"},
    children={"incident"},
    versions={"solution"},
    extra=specs(
        **{"child.amount": "money", "child.outcome": {"type": "enum", "values": ["granted", "refused"]}}
    ),
)


@dataclass
class Data:
    """A case for guards to be judged on."""

    values: dict = field(default_factory=dict)
    settings: dict = field(default_factory=dict)
    left: tuple = ()
    at: tuple = ()
    done: tuple = ()
    children: tuple = (0, 0)
    day: date = date(2026, 3, 2)

    def value(self, name):
        return self.values.get(name)

    def setting(self, name):
        return self.settings.get(name)

    def has_left(self, stage):
        return stage in self.left

    def is_at(self, stage):
        return stage in self.at

    def task_done(self, task):
        return task in self.done

    def children_open(self, child):
        return self.children[0]

    def children_total(self, child):
        return self.children[1]

    def version(self, counter):
        return 2

    def today(self):
        return self.day

    def now(self):
        return datetime(2026, 3, 2, 9, tzinfo=UTC)


def a_case(**values) -> Data:
    return Data(values=values)


def cny(amount) -> Money:
    return Money(Decimal(amount), "CNY")


def usd(amount) -> Money:
    return Money(Decimal(amount), "USD")
