"""The guard language: what it says, when it is unknown, what it refuses."""

import sys
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine.definition.durations import Duration, Unit
from engine.definition.fields import FieldSpec, FieldType, Period
from engine.definition.guards import (
    Atom,
    GuardFault,
    GuardScope,
    Verdict,
    evaluate,
    groups,
    judge,
    moments,
    parse_guard,
    parse_value,
    render,
)
from engine.text import Text
from tests.guard_case import SCOPE, Data, a_case, cny, usd


def holds(text: str, data: Data) -> bool | None:
    return judge(parse_guard(text, SCOPE), data).holds


@pytest.mark.parametrize(
    ("text", "data", "expected"),
    [
        ("agreed and count(open_points) == 0", a_case(agreed=True, open_points=[]), True),
        ("agreed and count(open_points) == 0", a_case(agreed=True, open_points=["x"]), False),
        ("agreed and count(open_points) == 0", a_case(agreed=True), None),
        ("agreed and count(open_points) == 0", a_case(agreed=False), False),
        ("agreed or quantity > 5", a_case(agreed=True), True),
        ("agreed or quantity > 5", a_case(quantity=6), True),
        ("agreed or quantity > 5", a_case(agreed=False), None),
        ("agreed or quantity > 5", a_case(agreed=False, quantity=5), False),
        ("not agreed", a_case(agreed=False), True),
        ("not agreed", a_case(), None),
        ("agreed == true", a_case(agreed=True), True),
        ("agreed != False", a_case(agreed=True), True),
        ("true", a_case(), True),
        ("1 <= quantity <= 5", a_case(quantity=5), True),
        ("1 <= quantity <= 5", a_case(quantity=6), False),
        ("1 < quantity", a_case(quantity=1), False),
        ("quantity >= -1", a_case(quantity=-1), True),
        ("-quantity == -2", a_case(quantity=2), True),
        ("-price < 0", a_case(price=cny(1)), True),
        ("-price < 0", a_case(), None),
        ("ratio == 0.1", a_case(ratio=Decimal("0.1")), True),
        ("ratio * 3 == 0.3", a_case(ratio=Decimal("0.1")), True),
        ("price - cost > 0", a_case(price=cny(2), cost=cny(1)), True),
        ("price + cost > 0", a_case(price=cny(2)), None),
        ("price * 2 == cost", a_case(price=cny(1), cost=cny(2)), True),
        ("2 * price == cost", a_case(price=cny(1), cost=cny(2)), True),
        ("price * discount == cost", a_case(price=cny(100), discount=Decimal(5), cost=cny(5)), True),
        ("price * discount == cost", a_case(price=cny(100), cost=cny(5)), None),
        ("quantity * discount == ratio", a_case(quantity=100, discount=Decimal(5), ratio=Decimal(5)), True),
        ("discount * 2 > rate", a_case(discount=Decimal(5), rate=Decimal(9)), True),
        ("discount * rate == 1", a_case(discount=Decimal(10), rate=Decimal(10)), True),
        ("discount + 5 == rate", a_case(discount=Decimal(5), rate=Decimal(10)), True),
        ("5 + discount == rate", a_case(discount=Decimal(5), rate=Decimal(10)), True),
        ("discount > '5%'", a_case(discount=Decimal(6)), True),
        ("price == cost", a_case(price=cny(2), cost=usd(2)), None),
        ("price + cost > 0", a_case(price=cny(2), cost=usd(2)), None),
        ("price == 0", a_case(price=usd(0)), True),
        ("price > '1,000 CNY'", a_case(price=cny(1001)), True),
        ("'1,000 CNY' < price", a_case(price=cny(1001)), True),
        ("discount > $limit", Data({"discount": Decimal(6)}, {"limit": Decimal(5)}), True),
        ("discount > $limit", a_case(discount=Decimal(6)), None),
        ("name == 'a $limit'", a_case(name="a $limit"), True),
        ("name == story", a_case(name="a", story="a"), True),
        ("name in ('a', 'b')", a_case(name="b"), True),
        ("name not in ['a', 'b']", a_case(name="b"), False),
        ("name in ('a',)", a_case(), None),
        ("quantity in (1, -2)", a_case(quantity=-2), True),
        ("result == won", a_case(result="won"), True),
        ("won == result", a_case(result="won"), True),
        ("result != 'lost'", a_case(result="won"), True),
        ("result in (won, 'lost')", a_case(result="lost"), True),
        ("result == second", a_case(result="won", second="won"), True),
        ("today >= due", a_case(due=date(2026, 3, 2)), True),
        ("due < today", a_case(due=date(2026, 3, 2)), False),
        ("due > '2026-03-01'", a_case(due=date(2026, 3, 2)), True),
        ("now > signed_at", a_case(signed_at=datetime(2026, 3, 1, tzinfo=UTC)), True),
        ("run.end < today", a_case(run=Period(date(2026, 1, 1), date(2026, 3, 1))), True),
        ("run.start < today", a_case(run=Period(date(2026, 3, 2), date(2026, 3, 3))), False),
        ("run.start < today", a_case(), None),
        ("notice == '3 wd'", a_case(notice=Duration(3, Unit.WORKING_DAYS)), True),
        ("who == 'li.lei'", a_case(who="li.lei"), True),
        ("contract != 'HT-1'", a_case(contract="HT-1"), False),
        ("terms.days > 3", a_case(terms={"days": 4}), True),
        ("terms.days > 3", a_case(terms={}), None),
        ("given(terms.days)", a_case(terms={"days": 4}), True),
        ("given(price)", a_case(), False),
        ("not given($limit)", a_case(), True),
        ("given(papers)", a_case(papers={}), True),
        ("sum(expenses.amount) <= price",
         a_case(expenses=[{"amount": cny(1)}, {"amount": cny(2)}], price=cny(3)), True),
        ("sum(expenses.amount) <= price", a_case(expenses=[], price=usd(3)), True),
        ("sum(expenses.amount) == 0", a_case(expenses=[]), True),
        ("sum(expenses.amount) == 0", a_case(), None),
        ("sum(expenses.amount) == 0", a_case(expenses=[{}]), None),
        ("sum(expenses.amount) > 0",
         a_case(expenses=[{"amount": cny(1)}, {"amount": usd(2)}, {"amount": usd(2)}]), None),
        ("sum(marks) == 6", a_case(marks=[1, 2, 3]), True),
        ("all(ticks)", a_case(ticks=[True, True]), True),
        ("all(expenses.checked)", a_case(expenses=[{"checked": True}, {}]), None),
        ("all(expenses.checked)", a_case(expenses=[{"checked": False}, {}]), False),
        ("any(expenses.checked)", a_case(expenses=[{"checked": True}, {}]), True),
        ("any(expenses.checked)", a_case(expenses=[{"checked": False}, {}]), None),
        ("any(expenses.checked)", a_case(expenses=[{"checked": False}]), False),
        ("all(expenses.note)", a_case(expenses=[{"note": "x"}, {}]), False),
        ("all(expenses.note)", a_case(expenses=[{"note": "x"}]), True),
        ("any(expenses.note)", a_case(expenses=[{"note": "x"}, {}]), True),
        ("all(expenses.note)", a_case(expenses=[]), False),
        ("any(expenses.note)", a_case(expenses=[]), False),
        ("all(expenses.note)", a_case(), None),
        ("done(main.sign)", Data(left=("main.sign",)), True),
        ("left(sign)", Data(), False),
        ("at(review)", Data(at=("review",)), True),
        ("task_done(call)", Data(done=("call",)), True),
        ("closed(incident)", Data(children=(0, 0)), False),
        ("closed(incident)", Data(children=(0, 1)), True),
        ("closed(incident)", Data(children=(1, 2)), False),
        ("none_open(incident)", Data(children=(0, 0)), True),
        ("none_open(incident)", Data(children=(1, 1)), False),
        ("version(solution) == 2", Data(), True),
        (" \n agreed \n and given(price) ", a_case(agreed=True, price=cny(1)), True),
    ],
)  # fmt: skip
def test_a_guard_is_yes_no_or_unknown(text, data, expected):
    assert holds(text, data) is expected


def test_a_verdict_that_holds_gives_no_reasons():
    assert judge(parse_guard("agreed", SCOPE), a_case(agreed=True)) == Verdict(holds=True)


def reasons(text: str, data: Data) -> list[tuple]:
    verdict = judge(parse_guard(text, SCOPE), data)
    return [(atom.text, atom.holds, atom.missing_fields, atom.missing_settings) for atom in verdict.atoms]


def test_a_verdict_names_every_part_that_fails_or_is_unknown():
    text = " given(name) and (agreed or discount > $limit) and quantity > 3 and 1 < ratio < 2 and given(who)"

    assert reasons(text, a_case(name="x", quantity=3, ratio=Decimal(3))) == [
        ("agreed", None, ("agreed",), ()),
        ("discount > $limit", None, ("discount",), ("limit",)),
        ("quantity > 3", False, (), ()),
        ("ratio < 2", False, (), ()),
        ("given(who)", False, ("who",), ()),
    ]


def test_a_verdict_names_lists_columns_and_parts():
    assert reasons("count(open_points) == 0", a_case()) == [
        ("count(open_points) == 0", None, ("open_points",), ())
    ]
    assert reasons("all(expenses.note)", a_case(expenses=[{}])) == [
        ("all(expenses.note)", False, ("expenses.note",), ())
    ]
    assert reasons("sum(marks) > 6", a_case(marks=[1])) == [("sum(marks) > 6", False, (), ())]
    assert reasons("terms.days > 3 or not given(name)", a_case(name="x")) == [
        ("terms.days > 3", None, ("terms.days",), ()),
        ("not given(name)", False, (), ()),
    ]


def test_the_parts_of_a_chain_keep_their_brackets():
    assert [text for text, *_ in reasons("(quantity) < ( (ratio + 1) ) < (2)", a_case())] == [
        "(quantity) < ( (ratio + 1) )",
        "( (ratio + 1) ) < (2)",
    ]


def test_columns_of_the_text_are_counted_in_characters():
    guard = parse_guard("name == '赢单' and agreed", SCOPE)

    assert [atom.text for atom in judge(guard, a_case(name="x", agreed=False)).atoms] == [
        "name == '赢单'",
        "agreed",
    ]


def test_currencies_that_met_are_named():
    verdict = judge(
        parse_guard("price > sum(expenses.amount)", SCOPE),
        a_case(price=cny(1), expenses=[{"amount": usd(1)}]),
    )

    assert [(atom.holds, atom.currencies) for atom in verdict.atoms] == [(None, ("CNY", "USD"))]


def test_an_unknown_group_is_no_matter_of_currencies():
    guard = parse_guard("item == 'x'", SCOPE, per="expenses.item")

    assert judge(guard, a_case()).atoms == (Atom(text="item == 'x'", holds=None, node=guard.node),)


def test_a_guard_tells_what_it_reads():
    text = (
        "given(price) and count(open_points) == 0 and due > $cutoff and child.amount > 0 "
        "and today > run.end and at(sign)"
    )
    guard = parse_guard(text, SCOPE)

    assert guard.reads == {"price", "open_points", "due", "run"}
    assert guard.settings == {"cutoff"}
    assert guard.dates == {"run.end"}
    assert guard.text == text


def test_a_guard_tells_when_to_look_again():
    guard = parse_guard("today >= due or now > signed_at or today > $cutoff or '2026-05-01' < today", SCOPE)
    instant = datetime(2026, 4, 1, tzinfo=UTC)

    assert guard.dates == {"due", "signed_at"}
    assert moments(guard, Data({"due": date(2026, 3, 9), "signed_at": instant})) == (
        date(2026, 3, 9),
        instant,
        date(2026, 5, 1),
    )


LINES = [
    {"item": "hall", "amount": cny(3)},
    {"item": "food", "amount": cny(5)},
    {"item": "hall", "amount": cny(4)},
]


def test_a_rule_sums_by_group_also_in_another_list():
    guard = parse_guard("sum(expenses.amount, item) <= sum(budget.amount, line)", SCOPE, per="expenses.item")
    data = a_case(
        expenses=LINES, budget=[{"line": "hall", "amount": cny(7)}, {"line": "food", "amount": cny(4)}]
    )

    assert guard.reads == {"expenses", "budget"}
    assert groups(guard, data) == ("hall", "food")
    assert [judge(guard, data, group=group).holds for group in groups(guard, data)] == [True, False]


def test_inside_a_rule_the_columns_of_its_list_stand_for_the_group():
    guard = parse_guard("item == 'food' or amount <= price", SCOPE, per="expenses.item")
    data = a_case(expenses=LINES, price=cny(6))

    assert [judge(guard, data, group=group).holds for group in ("hall", "food")] == [False, True]
    assert render(guard, "en", {}) == "科目 = “food” or total of 金额 in 费用 for the same 科目 ≤ Price"


def test_a_record_without_the_key_leaves_the_sum_unknown():
    guard = parse_guard("sum(budget.amount, line) > 0", SCOPE, per="expenses.item")
    verdict = judge(guard, a_case(expenses=LINES, budget=[{"amount": cny(7)}]), group="hall")

    assert (verdict.holds, verdict.atoms[0].missing_fields) == (None, ("budget.amount",))


def test_without_a_group_or_a_list_there_is_nothing_to_sum():
    guard = parse_guard("sum(expenses.amount, item) > 0", SCOPE, per="expenses.item")

    assert judge(guard, a_case(expenses=LINES)).holds is None
    assert groups(guard, a_case()) == ()
    assert groups(parse_guard("agreed", SCOPE), a_case()) == ()


@pytest.mark.parametrize(
    ("text", "data", "value", "kind"),
    [
        ("child.amount", Data({"child.amount": cny(5)}), cny(5), FieldType.MONEY),
        ("child.outcome", Data({"child.outcome": "granted"}), "granted", FieldType.ENUM),
        ("quantity + 1", a_case(quantity=2), Decimal(3), FieldType.DECIMAL),
        ("sum(expenses.amount)", a_case(expenses=[]), usd(0), FieldType.MONEY),
        ("sum(expenses.amount) - price", a_case(expenses=[], price=cny(1)), cny(-1), FieldType.MONEY),
        ("price", a_case(), None, FieldType.MONEY),
        ("run", a_case(run=1), 1, FieldType.PERIOD),
        ("'x'", a_case(), "x", FieldType.TEXT),
        ("today", a_case(), date(2026, 3, 2), FieldType.DATE),
        ("child.outcome == granted", Data({"child.outcome": "granted"}), True, FieldType.BOOL),
    ],
)  # fmt: skip
def test_an_expression_has_a_value_and_a_type(text, data, value, kind):
    expression = parse_value(text, SCOPE)

    assert (evaluate(expression, data, currency="USD"), expression.type) == (value, kind)


def test_an_expression_fits_fields_of_its_kind():
    expression = parse_value("quantity * 2", SCOPE)

    assert [expression.fits(FieldSpec(type=FieldType(kind))) for kind in ("int", "decimal", "percent")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("agreed and count(open_points) == 0",
         "已达成一致 且 未决事项数 = 0", "Agreed and number of 未决事项 = 0"),
        ("agreed and (given(price) or not given(name))",
         "已达成一致 且 (已填写价格 或 未填写name)", "Agreed and (Price given or name not given)"),
        ("not agreed", "非 已达成一致", "not Agreed"),
        ("not (quantity > 1)", "非 (quantity > 1)", "not (quantity > 1)"),
        ("result in (won, lost)", "result 属于 (赢单、丢单)", "result in (Won, 丢单)"),
        ("name not in ('a', 'b')", "name 不属于 (“a”、“b”)", "name not in (“a”, “b”)"),
        ("discount > $limit", "discount > 折扣上限", "discount > 折扣上限"),
        ("price > $cap", "价格 > 上限金额", "Price > Cap"),
        ("discount >= 5", "discount ≥ 5%", "discount ≥ 5%"),
        ("price != '1000 CNY'", "价格 ≠ 1,000.00 元", "Price ≠ 1,000.00 CNY"),
        ("-(price - cost) * 2 < 0", "-(价格 - cost) × 2 < 0", "-(Price - cost) × 2 < 0"),
        ("price - (cost - price) <= 0", "价格 - (cost - 价格) ≤ 0", "Price - (cost - Price) ≤ 0"),
        ("quantity * (ratio * 2) == 4", "quantity × (ratio × 2) = 4", "quantity × (ratio × 2) = 4"),
        ("run.end < today", "投放期的结束日 < 今天", "end of 投放期 < today"),
        ("now > signed_at", "现在 > signed_at", "now > signed_at"),
        ("terms.days > 3", "条款的天数 > 3", "天数 of 条款 > 3"),
        ("terms.kind == 'x'", "条款的kind = “x”", "kind of 条款 = “x”"),
        ("sum(expenses.amount) == 0", "费用的金额合计 = 0", "total of 金额 in 费用 = 0"),
        ("sum(marks) == 0", "marks合计 = 0", "total of marks = 0"),
        ("all(expenses.note)", "每项费用的note已填写", "every note in 费用 is given"),
        ("any(expenses.checked)", "有一项费用的checked为是", "some checked in 费用 is yes"),
        ("done(main.sign)", "“签约”阶段已完成", "stage “Sign” is done"),
        ("left(sign)", "已离开“sign”阶段", "stage “sign” has been left"),
        ("at(review)", "处于“review”阶段", "at stage “review”"),
        ("task_done(call)", "任务“call”已完成", "task “call” is done"),
        ("closed(incident)", "“incident”均已结束", "every “incident” is closed"),
        ("none_open(incident)", "没有进行中的“incident”", "no “incident” is open"),
        ("version(solution) > 1", "“solution”的版本 > 1", "version of “solution” > 1"),
        ("agreed == true", "已达成一致 = 是", "Agreed = yes"),
    ],
)  # fmt: skip
def test_a_guard_reads_as_a_sentence(text, zh, en):
    guard = parse_guard(text, SCOPE)
    titles = {
        "$cap": Text("上限金额", "Cap"),
        "main.sign": Text("签约", "Sign"),
        "run": Text("投放期"),
        "terms": Text("条款"),
    }

    assert (render(guard, "zh", titles), render(guard, "en", titles)) == (zh, en)


def test_an_atom_reads_as_a_sentence_of_its_own():
    verdict = judge(parse_guard("agreed and price > 0", SCOPE), a_case(agreed=True))

    assert [render(atom, "zh", {}) for atom in verdict.atoms] == ["价格 > 0"]


def test_settings_may_be_declared_by_anything_with_a_type():
    @dataclass(frozen=True)
    class Setting:
        type: FieldType

    scope = GuardScope(settings={"limit": Setting(FieldType.PERCENT), "kind": Setting(FieldType.ENUM)})

    assert render(parse_guard("$limit > 5", scope), "zh", {}) == "limit > 5%"
    with pytest.raises(GuardFault, match="is not one of the values"):
        parse_guard("$kind == x", scope)
    with pytest.raises(GuardFault, match=r"there is no field 'x'$"):
        parse_guard("x", scope)


def test_the_largest_guard_is_read_deep_inside_a_program():
    """Depth is bounded by our own rule, so that the stack of the caller does not matter."""
    found = []
    deep = "not " * 37 + "agreed"

    def descend(levels: int) -> None:
        if levels:
            descend(levels - 1)
        else:
            found.append(judge(parse_guard(deep, SCOPE), a_case(agreed=False)).holds)

    worker = threading.Thread(target=descend, args=(sys.getrecursionlimit() // 2,))
    worker.start()
    worker.join()

    assert found == [True]


def test_exact_numbers_are_never_rounded():
    data = a_case(ratio=Decimal("0." + "3" * 40))

    assert holds("ratio * ratio * ratio == ratio * (ratio * ratio)", data) is True
    assert evaluate(parse_value("ratio + 1", SCOPE), data) == Decimal("1." + "3" * 40)
