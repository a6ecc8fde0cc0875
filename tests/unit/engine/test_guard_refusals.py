"""What is no guard is refused, with the place and a way to mend it; no text is ever run."""

import pytest

from engine.definition.guards import GuardFault, parse_guard
from tests.guard_case import SCOPE


@pytest.mark.parametrize(
    ("text", "offset", "suggestion", "zh", "en"),
    [
        ("", 0, None, "条件是空的", "empty"),
        (" \n", 0, None, "条件是空的", "empty"),
        ("agred", 0, "agreed", "没有名为“agred”的字段", "no field 'agred'"),
        ("agreed and zzzz", 11, None, "可用", "known:"),
        ("terms.dys > 3", 0, "terms.days", "没有名为", "no field 'terms.dys'"),
        ("run.begin > today", 0, "run.end", "没有名为", "no field 'run.begin'"),
        ("price.amount > 3", 0, "child.amount", "没有名为", "no field 'price.amount'"),
        ("nowhere.amount > 3", 0, "child.amount", "没有名为", "no field 'nowhere.amount'"),
        ("discount > $limt", 12, "limit", "设置", "no setting 'limt'"),
        ("$limit.x > 3", 0, None, "点号", "dots only join names"),
        ("result == wom", 10, "won", "不是选项", "not one of the values"),
        ("result == 'zzz'", 10, None, "可选：won, lost", "won, lost"),
        ("result == today", 0, None, "不能与 date 比较", "cannot be compared with date"),
        ("result == quantity", 0, None, "不能与 decimal 比较", "cannot be compared"),
        ("result == (1 + 1)", 0, None, "不能与 decimal 比较", "cannot be compared"),
        ("result == other", 10, None, "选项不同", "different values"),
        ("result < won", 0, None, "只能用 == 或 !=", "by == or != only"),
        ("name < 'a'", 0, None, "只能用 == 或 !=", "by == or != only"),
        ("price == name", 0, None, "money 不能与 text", "money cannot be compared with text"),
        ("due < now", 0, None, "date 不能与 datetime", "date cannot be compared with datetime"),
        ("price > 5", 8, '"5 CNY"', "币种", "needs its currency"),
        ("price > '5'", 8, None, "币种", "write the currency too"),
        ("due > '2026-13-01'", 6, None, "不是日期", "is not a date"),
        ("run == run", 0, None, "不能比较", "is not compared"),
        ("open_points == open_points", 0, None, "不能比较", "is not compared"),
        ("price", 0, None, "是或否", "answers yes or no"),
        ("price and agreed", 0, None, "given(…)", "write given(...)"),
        ("not name", 4, None, "given(…)", "write given(...)"),
        ("price + 5 > 0", 8, '"5 CNY"', "币种", "needs its currency"),
        ("price + quantity > 0", 0, None, "不能相加减", "cannot be added"),
        ("price * cost > 0", 0, None, "相乘", "not multiplied"),
        ("name + name == 'x'", 0, None, "不能计算", "cannot be computed"),
        ("today - 1 > due", 0, None, "不能计算", "cannot be computed"),
        ("-name == 'x'", 0, None, "正负号", "a sign goes with"),
        ("+quantity > 3", 0, None, "正负号", "a sign goes with"),
        ("name in ('a')", 9, None, "逗号", "keeps its comma"),
        ("name in ()", 8, None, "逗号", "keeps its comma"),
        ("name in (1, 2)", 9, None, "text 常量", "constant of type text"),
        ("name in (story,)", 9, None, "text 常量", "constant of type text"),
        ("price in (0, 0)", 10, None, "money 常量", "constant of type money"),
        ("(agreed, agreed)", 0, None, "没有这种写法", "cannot say this"),
        ("agreed[0]", 0, None, "没有这种写法", "cannot say this"),
        ("name in (*name, 'a')", 9, None, "没有这种写法", "cannot say this"),
        ("a.b.c == 1", 0, None, "点号", "dots only join names"),
        ("'a'.upper == 'A'", 0, None, "点号", "dots only join names"),
        ("eval(agreed)", 0, None, "函数", "no function 'eval'"),
        ("cuont(open_points) == 0", 0, "count", "函数", "no function 'cuont'"),
        ("agreed(1)(2)", 0, None, "函数", "no function '(...)'"),
        ("count() == 0", 0, None, "1 个名称", "takes 1 name"),
        ("count(open_points, marks) == 0", 0, None, "1 个名称", "takes 1 name"),
        ("sum(a, b, c) == 0", 0, None, "2 个名称", "takes 1 or 2 names"),
        ("count(price) == 0", 6, None, "清单字段", "no list field 'price'"),
        ("count(1) == 0", 6, None, "清单字段", "no list field"),
        ("count(expenses.item) == 0", 6, "expenses", "整个清单", "takes the whole list"),
        ("sum(expenses.amuont) == 0", 13, "amount", "栏目", "no column 'amuont'"),
        ("sum(expenses) == 0", 4, "expenses.amount", "不能合计", "not record"),
        ("sum(open_points) == 0", 4, None, "不能合计", "not text"),
        ("all(open_points)", 4, None, "栏目", "name a column"),
        ("sum(expenses.amount, item) > 0", 21, None, "per", "only a rule with 'per'"),
        ("given(1)", 6, None, "given", "takes a field or a setting"),
        ("given(today)", 6, None, "given", "takes a field or a setting"),
        ("done(sing)", 5, "sign", "阶段", "no stage 'sing'"),
        ("done($limit)", 5, None, "阶段", "no stage '_limit'"),
        ("done($limit.x)", 5, None, "阶段", "no stage"),
        ("done('sign')", 5, "sign", "阶段", "no stage"),
        ("task_done(cal)", 10, "call", "任务", "no task"),
        ("closed(incidnt)", 7, "incident", "子流程", "no child"),
        ("version(x) > 1", 8, None, "版本计数", "no version counter"),
        ("agreed = true", 7, "==", "两个等号", "two equals signs"),
        ("!agreed", 0, "not", "not", "in letters"),
        ("agreed && agreed", 7, None, "and", "write 'and'"),
        ("agreed || agreed", 7, None, "or", "write 'or'"),
        ("quantity / 2 > 1", 9, None, "除法", "no division"),
        ("discount > 5%", 12, None, "5%", "5 %"),
        ("agreed；", 6, ";", "全角", "not a sign"),
        ("agreed（", 6, "(", "全角", "not a sign"),
        ("price ≥ cost", 6, ">=", "特殊符号", "not a sign"),
        ("name == “a”", 8, '"', "特殊符号", "not a sign"),
        ("agreed；x", 6, ";", "全角", "not a sign"),
        ("agreed # x", 7, None, "请删去", "take it out"),
        ("agreed\\", 6, None, "请删去", "no meaning here"),
        ("agreed\x00", 6, None, "U+0000", "U+0000"),
        ("agreed \ud800", 7, None, "U+D800", "U+D800"),
        ("name == 'a\\n'", 10, None, "反斜杠", "no backslash"),
        ("name == 'a\x00'", 10, None, "不可见", "no invisible"),
        ("name == 'a", 8, None, "没有配对", "not closed"),
        ("name == '''a'''", 10, None, "缺少逗号", "a comma or a sign"),
        ("name == 'a'or agreed", 11, None, "缺少逗号", "a comma or a sign"),
        ("name == f'a'", 9, None, "缺少运算符", "missing after 'f'"),
        ("name$limit", 4, None, "缺少运算符", "missing after 'name'"),
        ("$ limit > 1", 0, None, "既不是名称", "neither a name"),
        ("$5 > 1", 0, None, "既不是名称", "neither a name"),
        ("ａgreed", 0, "agreed", "半角", "full-width"),
        ("None", 0, None, "not given", "not given"),
        ("agreed is true", 7, None, "加引号", "quote it"),
        ("0x10 > quantity", 0, None, "数字", "nor a number"),
        ("1_000 > quantity", 0, None, "数字", "nor a number"),
        ("1e999 > quantity", 0, None, "数字", "nor a number"),
        (".5 > ratio", 0, None, "12 或 0.5", "12 or 0.5"),
        ("1.and agreed", 1, None, "缺少数字", "a digit is missing"),
        ("... == 1", 0, None, "12 或 0.5", "12 or 0.5"),
        ("007 > quantity", 0, None, "读不懂", "cannot be read"),
        ("agreed and", 10, None, "读不懂", "cannot be read"),
        ("agreed)", 6, None, "读不懂", "cannot be read"),
        ("9**9**9 > quantity", 1, None, "乘方", "no powers"),
    ],
)  # fmt: skip
def test_what_is_no_guard_is_refused_where_it_goes_wrong(text, offset, suggestion, zh, en):
    with pytest.raises(GuardFault) as refused:
        parse_guard(text, SCOPE)

    fault = refused.value
    assert (fault.offset, fault.suggestion) == (offset, suggestion)
    assert zh in fault.message.zh
    assert en in fault.message.en
    assert str(fault) == f"column {offset + 1}: {fault.message.en}"


@pytest.mark.parametrize(
    ("per", "text", "sentence"),
    [
        ("expensse.item", "agreed", "list of records 'expensse'; did you mean 'expenses'"),
        ("price.amount", "agreed", "list of records 'price'"),
        ("expenses.itm", "agreed", "column 'itm'; did you mean 'item'"),
        ("expenses", "agreed", "no column ''"),
        ("expenses.loose", "agreed", "must say required: true"),
        ("expenses.papers", "agreed", "a column of type list cannot group"),
        ("expenses.item", "sum(budget.amount, no) > 0", "have different types"),
        ("expenses.item", "sum(budget.amount, nr) > 0", "no column 'nr'"),
        ("expenses.item", "note == 'x'", "no field 'note'"),
    ],
)
def test_a_rule_groups_by_a_column_every_record_has(per, text, sentence):
    with pytest.raises(GuardFault) as refused:
        parse_guard(text, SCOPE, per=per)

    assert sentence in refused.value.message.en


ATTACKS = [
    "().__class__.__bases__[0].__subclasses__()",
    "price.__class__ == 1",
    "__import__('os').system('id')",
    "open('/etc/passwd')",
    "getattr(price, 'amount')",
    "[x for x in expenses]",
    "(x for x in expenses)",
    "{1: 2}",
    "{1, 2}",
    "lambda: agreed",
    "(x := 5)",
    "f'{price}'",
    "f'{(lambda: 1)()}'",
    "b'x' == name",
    "'a' 'b' == name",
    "'%s' % name",
    "'a' * 999999999 == name",
    "name * 999999999 == name",
    "9 ** 9 ** 9 == quantity",
    "1 << 999999",
    "~quantity",
    "quantity // 2 == 1",
    "quantity if agreed else 5",
    "await agreed",
    "yield agreed",
    "print(agreed)",
    "count(open_points, *marks)",
    "count(**terms) == 0",
    "count(list=marks) == 0",
    "agreed; agreed",
    "agreed\nagreed",
    "agreed # or true",
    "agreed is not None",
    "expenses[0].amount > 0",
    "marks[0:1] == marks",
    "1j == quantity",
    "аgreed",  # a Cyrillic letter
    "agrеed and agreed",
    "ｐrice > 0",
    "ﬁle == 1",
    "agreed\u202e and true",
    "agreed\u00a0and true",
    "\ufeffagreed",
    "agreed \x0c and agreed",
    "name == 'a\u2028'",
    "(" * 300 + "agreed" + ")" * 300,
    "(" * 31 + "agreed" + ")" * 31,
    "[" * 499 + "]" * 499,
    ")" * 999,
    "not " * 249 + "true",
    "-" * 999,
    "-" * 990 + "quantity",
    "+".join(["quantity"] * 100) + " > 0",
    "a." * 499 + "b",
    "count(" * 100,
    "agreed + " * 90 + "agreed",
    "agreed or (" * 29 + "agreed" + ")" * 29 + " and not" * 50 + " agreed",
    " and ".join(["sum(marks) > 0"] * 10),
    "x" * 1001,
    "1" * 1000 + " > quantity and",
    "'" + "\\x00" * 10,
    "\x00",
    "\ud800",
    "'\ud800' == name",
]  # fmt: skip


@pytest.mark.parametrize("text", ATTACKS, ids=lambda text: ascii(text)[:30])
def test_nothing_but_the_guard_language_gets_through(text):
    with pytest.raises(GuardFault) as refused:
        parse_guard(text, SCOPE)

    assert refused.value.message.zh
    assert 0 <= refused.value.offset <= len(text)


def test_too_little_stack_is_a_fault_of_the_text(monkeypatch):
    def overflow(*_args, **_options):
        raise RecursionError

    monkeypatch.setattr("engine.definition.guard_parsing.ast.parse", overflow)
    with pytest.raises(GuardFault, match="too deep; split it"):
        parse_guard("agreed", SCOPE)
