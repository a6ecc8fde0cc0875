"""What people may type into a field, what is kept of it, and how it is shown."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from pydantic import ValidationError

from engine.definition.durations import Duration, Unit
from engine.definition.fields import (
    FieldFault,
    FieldFaults,
    FieldSpec,
    FieldType,
    Money,
    Period,
    canonical,
    shown,
    shown_value,
    typed,
)
from engine.text import Text

HASH = "a" * 64
A_FILE = {"name": "合同.pdf", "hash": HASH, "size": 12, "media_type": "application/pdf"}


def short_id(value) -> str:
    return ascii(value)[:24] if isinstance(value, str) else type(value).__name__


def a_spec(written) -> FieldSpec:
    return FieldSpec.model_validate(written)


RESULT = {"type": "enum", "values": {"won": {"zh": "赢单", "en": "Won"}, "lost": "丢单", "open": {}}}
LINES = {
    "type": "list",
    "of": {
        "type": "record",
        "fields": {"item": {"type": "text", "zh": "科目", "required": True}, "amount": "money", "ok": "bool"},
    },
}


@pytest.mark.parametrize(
    ("written", "raw", "kept"),
    [
        ("text", "  甲方 ", "甲方"),
        ("longtext", "one\r\ntwo\tthree", "one\ntwo\tthree"),
        ("int", "12,000", 12000),
        ("int", 12.0, 12),
        ("int", "１２", 12),
        ("decimal", "12,000.50", "12000.5"),
        ("decimal", "-0.0", "0"),
        ("decimal", 0.1, "0.1"),
        ("decimal", Decimal("1E+3"), "1000"),
        ("percent", "15%", "15"),
        ("percent", "7.5", "7.5"),
        ("percent", 5, "5"),
        ("money", "12,000.50", {"amount": "12000.50", "currency": "CNY"}),
        ("money", "12000 usd", {"amount": "12000.00", "currency": "USD"}),
        ("money", "￥300", {"amount": "300.00", "currency": "CNY"}),
        ("money", "300元", {"amount": "300.00", "currency": "CNY"}),
        ("money", "¥300 元", {"amount": "300.00", "currency": "CNY"}),
        ("money", 1200, {"amount": "1200.00", "currency": "CNY"}),
        ("money", {"amount": "0.0035", "currency": "EUR"}, {"amount": "0.0035", "currency": "EUR"}),
        ("money", {"amount": "1"}, {"amount": "1.00", "currency": "CNY"}),
        ("money", Money(Decimal(5), ""), {"amount": "5.00", "currency": "CNY"}),
        ("date", "2026-3-1", "2026-03-01"),
        ("date", "2026/03/01", "2026-03-01"),
        ("date", "2026.3.1", "2026-03-01"),
        ("date", "2026年3月1日", "2026-03-01"),
        ("date", date(2026, 3, 1), "2026-03-01"),
        ("datetime", "2026-03-01 18:00", "2026-03-01T10:00:00Z"),
        ("datetime", "2026-03-01T18:00+09:00", "2026-03-01T09:00:00Z"),
        ("datetime", datetime(2026, 3, 1, 8, tzinfo=UTC), "2026-03-01T08:00:00Z"),
        ("period", "2026-03-01..2026-03-31", {"start": "2026-03-01", "end": "2026-03-31"}),
        ("period", "2026-03-01 至 2026-03-31", {"start": "2026-03-01", "end": "2026-03-31"}),
        ("period", {"start": "2026-03-01", "end": "2026-03-01"},
         {"start": "2026-03-01", "end": "2026-03-01"}),
        ("period", Period(date(2026, 3, 1), date(2026, 3, 2)), {"start": "2026-03-01", "end": "2026-03-02"}),
        ("duration", "3wd", "3 wd"),
        ("duration", Duration(4, Unit.HOURS), "4 h"),
        (RESULT, "won", "won"),
        (RESULT, "赢单", "won"),
        (RESULT, "Won", "won"),
        ("bool", "是", True),
        ("bool", "No", False),
        ("bool", True, True),
        ("person", "li.lei", "li.lei"),
        ({"type": "reference", "to": "contract"}, "HT-7", "HT-7"),
        ("file", A_FILE, A_FILE),
        ({"type": "list", "of": "text"}, "one\n\ntwo\n", ["one", "two"]),
        ({"type": "list", "of": "text"}, "", []),
        ({"type": "list", "of": "money"}, '[1.10, "2 USD"]',
         [{"amount": "1.10", "currency": "CNY"}, {"amount": "2.00", "currency": "USD"}]),
        (LINES, [{"item": "场地", "amount": "3,000", "ok": ""}],
         [{"item": "场地", "amount": {"amount": "3000.00", "currency": "CNY"}}]),
        (LINES["of"], '{"item": "场地"}', {"item": "场地"}),
    ],
)  # fmt: skip
def test_what_is_typed_is_kept_in_one_form(written, raw, kept):
    spec = a_spec(written)

    assert canonical(spec, raw) == kept
    assert canonical(spec, kept) == kept


@pytest.mark.parametrize(
    ("written", "raw", "zh", "en"),
    [
        ("text", None, "没有填写", "nothing is given here"),
        ("text", " ", "内容是空的", "the text is empty"),
        ("text", 5, "要写文字", "write a text"),
        ("text", "x" * 2001, "最多 2000", "at most 2000"),
        ("longtext", "x" * 100_001, "最多 100000", "at most 100000"),
        ("text", "a\x00b", "U+0000", "character 2"),
        ("text", "a\ud800", "U+D800", "cannot be seen"),
        ("text", "a\u202eb", "U+202E", "cannot be seen"),
        ("text", "a\u2028b", "U+2028", "cannot be seen"),
        ("text", "a\nb", "一行", "one line"),
        ("person", "li lei", "空格", "no spaces"),
        ("int", "1.5", "整数", "whole number"),
        ("int", True, "不是数字", "not a number"),
        ("int", "1" * 19, "太大", "too large"),
        ("int", 10**5000, "太大", "too large"),
        ("int", "1" * 101, "不是数字", "not a number"),
        ("decimal", "NaN", "不是数字", "not a number"),
        ("decimal", float("inf"), "不是数字", "not a number"),
        ("decimal", "1e9", "不是数字", "not a number"),
        ("decimal", "12,00", "不是数字", "not a number"),
        ("decimal", None, "没有填写", "nothing is given"),
        ("decimal", [], "不是数字", "not a number"),
        ("decimal", "0.123456789", "小数最多 8 位", "at most 8 digits"),
        ("decimal", Decimal("1E+999999"), "太大", "too large"),
        ("money", "30万", "万", "three-letter code"),
        ("money", "twelve", "不是金额", "not an amount"),
        ("money", "USD 5 CNY", "不是金额", "not an amount"),
        ("money", "x" * 101, "不是数字", "not a number"),
        ("money", {"amount": 1, "currency": 5}, "{amount, currency}", "write money as"),
        ("money", {"amount": 1, "rate": 5}, "{amount, currency}", "write money as"),
        ("date", "2026-13-01", "不是日期", "not a date"),
        ("date", "31.3.2026", "不是日期", "not a date"),
        ("date", 20260301, "不是日期", "not a date"),
        ("date", "0026-03-01", "1900", "between 1900 and 2199"),
        ("date", datetime(2026, 1, 1, tzinfo=UTC), "不是日期", "not a date"),
        ("datetime", "2026-03-01", "日期和时间", "not a date with a time"),
        ("datetime", "2026-03-01 25:00", "日期和时间", "not a date with a time"),
        ("datetime", 5, "日期和时间", "not a date with a time"),
        ("period", "2026-03-01", "起止日期", "write both dates"),
        ("period", 5, "起止日期", "write both dates"),
        ("period", "2026-03-02..2026-03-01", "早于", "lies before the start"),
        ("duration", "soon", "不是时长", "not a duration"),
        ("duration", 3, "时长", "write a duration"),
        (RESULT, "wom", "是否指“won”", "did you mean 'won'?"),
        (RESULT, "zzz", "可选：won、lost、open", "choose from won, lost, open"),
        (RESULT, 5, "没有“”这个选项", "choose from"),
        ("bool", "maybe", "是", "answer yes or no"),
        ("bool", 1, "是", "answer yes or no"),
        ("file", "x", "名称=@路径", "name=@path on the command line, or upload it"),
        ("file", A_FILE | {"size": -1}, "要附文件", "attach a file"),
        ("file", A_FILE | {"size": True}, "要附文件", "attach a file"),
        ("file", A_FILE | {"size": "1"}, "要附文件", "attach a file"),
        ("file", A_FILE | {"hash": "zz"}, "要附文件", "attach a file"),
        ("file", A_FILE | {"hash": 5}, "要附文件", "attach a file"),
        ("file", A_FILE | {"more": 5}, "要附文件", "attach a file"),
        ("file", A_FILE | {"name": "../x"}, "斜杠", "no slash"),
        ({"type": "list", "of": "text"}, 5, "清单", "write a list"),
        ({"type": "list", "of": "text"}, ["x"] * 1001, "最多 1000", "at most 1000"),
        ({"type": "list", "of": "text"}, "[1", "JSON", "not valid JSON"),
        ({"type": "list", "of": "text"}, "[" * 100_000, "JSON", "not valid JSON"),
        ({"type": "list", "of": "text"}, "[" + " " * 2_000_000, "太长", "too long"),
        (LINES["of"], "场地", "记录", "write a record"),
        (LINES["of"], '{"item": "a", "item": "b"}', "JSON", "repeated keys"),
        (LINES["of"], {"item": "a", "amuont": 1}, "是否指“amount”", "did you mean 'amount'?"),
        (LINES["of"], {"item": "a", "zzz": 1}, "可用：item", "known: item"),
    ],
    ids=short_id,
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_a_way_to_mend_it(written, raw, zh, en):
    with pytest.raises(FieldFault) as refused:
        canonical(a_spec(written), raw)

    assert zh in refused.value.message.zh
    assert en in refused.value.message.en


def test_every_fault_of_a_list_of_records_is_told_at_once():
    with pytest.raises(FieldFaults) as refused:
        canonical(a_spec(LINES), [{"amount": "x"}, {"item": "a", "ok": "?"}, {"item": "a", "more": 1}])

    assert [(fault.where, fault.message.en) for fault in refused.value.faults] == [
        ("[1].item", "this must be filled in"),
        ("[1].amount", "'x' is not an amount of money; write it like 12000 or 12,000.50 CNY"),
        ("[2].ok", "answer yes or no"),
        ("[3]", "there is no column 'more'; known: item, amount, ok"),
    ]
    assert str(refused.value) == "[1].item: this must be filled in"


def test_one_fault_stands_alone():
    with pytest.raises(FieldFault) as refused:
        canonical(a_spec(LINES), [{"item": "a", "ok": "?"}])

    assert (refused.value.faults, refused.value.path) == ((refused.value,), (0, "ok"))


def test_an_amount_must_name_its_currency_where_none_is_meant():
    with pytest.raises(FieldFault, match="write the currency too"):
        canonical(a_spec("money"), "5", currency="")


def test_a_time_without_zone_is_meant_where_the_person_is():
    assert (
        canonical(a_spec("datetime"), "2026-03-01 18:00", zone=timezone(timedelta(hours=1)))
        == "2026-03-01T17:00:00Z"
    )


@pytest.mark.parametrize(
    ("written", "kept", "value"),
    [
        ("text", None, None),
        ("text", "甲", "甲"),
        ("int", 5, 5),
        ("decimal", "1.5", Decimal("1.5")),
        ("percent", "5", Decimal(5)),
        ("money", {"amount": "1.50", "currency": "CNY"}, Money(Decimal("1.50"), "CNY")),
        ("date", "2026-03-01", date(2026, 3, 1)),
        ("datetime", "2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("period", {"start": "2026-03-01", "end": "2026-03-02"}, Period(date(2026, 3, 1), date(2026, 3, 2))),
        ("duration", "3 wd", Duration(3, Unit.WORKING_DAYS)),
        ("file", A_FILE, A_FILE),
        (LINES, [{"item": "a"}], [{"item": "a", "amount": None, "ok": None}]),
    ],
)
def test_guards_compute_with_python_values(written, kept, value):
    assert typed(a_spec(written), kept) == value


@pytest.mark.parametrize(
    ("written", "kept", "zh", "en"),
    [
        ("text", None, "未填写", "not given"),
        ("int", 2026, "2026", "2026"),
        ("int", 12000, "12,000", "12,000"),
        ("decimal", "12.5", "12.5", "12.5"),
        ("decimal", "12000.5", "12,000.5", "12,000.5"),
        ("percent", "15", "15%", "15%"),
        ("money", {"amount": "1200.00", "currency": "CNY"}, "1,200.00 元", "1,200.00 CNY"),
        ("money", {"amount": "0.0035", "currency": "USD"}, "0.0035 USD", "0.0035 USD"),
        ("date", "2026-03-01", "2026-03-01", "2026-03-01"),
        ("datetime", "2026-03-01T10:00:00Z", "2026-03-01 18:00", "2026-03-01 18:00"),
        ("period", {"start": "2026-03-01", "end": "2026-03-02"},
         "2026-03-01 至 2026-03-02", "2026-03-01 to 2026-03-02"),
        ("duration", "3 wd", "3 个工作日", "3 working days"),
        (RESULT, "won", "赢单", "Won"),
        (RESULT, "open", "open", "open"),
        (RESULT, "gone", "gone", "gone"),
        ("bool", True, "是", "yes"),
        ("bool", False, "否", "no"),
        ("file", A_FILE, "合同.pdf", "合同.pdf"),
        ({"type": "list", "of": "text"}, [], "无", "none"),
        ({"type": "list", "of": "text"}, ["a", "b"], "a、b", "a, b"),
        ({"type": "list", "of": "text"}, list("abcdefg"),
         "a、b、c、d、e 等 7 项", "a, b, c, d, e and 2 more"),
        (LINES, [{"item": "a"}], "1 条", "1 entry"),
        (LINES, [{"item": "a"}, {"item": "b"}], "2 条", "2 entries"),
        (LINES["of"], {"item": "a", "ok": True}, "科目：a；ok：是", "科目: a; ok: yes"),
    ],
)  # fmt: skip
def test_people_read_values_in_their_language(written, kept, zh, en):
    spec = a_spec(written)

    assert (shown(spec, kept, "zh"), shown(spec, kept, "en")) == (zh, en)


def test_single_values_are_shown_too():
    assert [shown_value(value, "zh") for value in (True, False, Money(Decimal(0), ""))] == ["是", "否", "0"]


def test_the_short_form_is_the_bare_type_name():
    spec = a_spec({"type": "list", "of": "text"})

    assert spec.of == FieldSpec(type=FieldType.TEXT)
    assert (spec.columns, spec.nesting) == ({}, 2)
    assert list(a_spec(LINES).columns) == ["item", "amount", "ok"]
    assert a_spec({"type": "text", "zh": "标题"}).title == Text("标题")


def test_enum_values_are_a_list_or_carry_titles():
    assert a_spec({"type": "enum", "values": ["a", "b"]}).values == {"a": Text("a"), "b": Text("b")}
    assert a_spec({"type": "enum", "values": {"a": Text("甲"), "b": {"en": "B"}}}).values == {
        "a": Text("甲"),
        "b": Text("", "B"),
    }


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("money ", "Input should be"),
        ({"type": "list"}, "'of' goes with type list"),
        ({"type": "text", "of": "text"}, "this is type text"),
        ({"type": "record"}, "'fields' goes with type record"),
        ({"type": "enum"}, "'values' goes with type enum"),
        ({"type": "enum", "values": 5}, "should be a valid dictionary"),
        ({"type": "enum", "values": ["a", "a"]}, "listed twice"),
        ({"type": "enum", "values": {"a": 5}}, "the title of a value"),
        ({"type": "enum", "values": {"a": {"fr": "x"}}}, "the title of a value"),
        ({"type": "text", "to": "x"}, "'to' goes with type reference"),
        ({"type": "text", "unknown": "x"}, "Extra inputs"),
        ({"type": "record", "fields": {"Item": "text"}}, "cannot name a column"),
        ({"type": "record", "fields": {"now": "text"}}, "cannot name a column"),
        ({"type": "list", "of": {"type": "list", "of": {"type": "list", "of": LINES}}},
         "at most 4 deep"),
    ],
)  # fmt: skip
def test_a_field_is_declared_without_contradiction(written, sentence):
    with pytest.raises(ValidationError, match=sentence):
        a_spec(written)


def test_editors_are_told_of_both_forms():
    schema = FieldSpec.model_json_schema()["$defs"]["FieldSpec"]

    assert "money" in schema["anyOf"][0]["enum"]
    assert "list" not in schema["anyOf"][0]["enum"]
    assert schema["anyOf"][1]["properties"]["values"]["type"] == ["array", "object"]
