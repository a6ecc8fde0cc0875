"""Laws of the guard language and of canonical values, on random input."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.definition.fields import FieldFault, FieldSpec, FieldType, Money, canonical, shown, typed
from engine.definition.guards import GuardFault, GuardScope, evaluate, judge, parse_guard, parse_value, render

BOOLS = ("a", "b", "c")
NUMBERS = ("x", "y", "z")
SCOPE = GuardScope(
    fields={
        **{name: FieldSpec(type=FieldType.BOOL) for name in BOOLS},
        **{name: FieldSpec(type=FieldType.DECIMAL) for name in NUMBERS},
        "price": FieldSpec(type=FieldType.MONEY),
        "marks": FieldSpec(type=FieldType.LIST, of=FieldSpec(type=FieldType.DECIMAL)),
    },
    settings={"limit": FieldSpec(type=FieldType.DECIMAL)},
    stages={"sign"},
)


@dataclass
class Data:
    values: dict

    def value(self, name):
        return self.values.get(name)

    setting = value

    def has_left(self, stage):
        return True

    is_at = task_done = has_left

    def children_open(self, child):
        return 0

    children_total = version = children_open

    def today(self):
        return date(2026, 3, 2)

    def now(self):
        return datetime(2026, 3, 2, tzinfo=UTC)


numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4)
cases = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.booleans() for name in BOOLS},
        **dict.fromkeys((*NUMBERS, "limit"), numbers),
        "price": st.builds(Money, numbers, st.sampled_from(["CNY", "USD"])),
        "marks": st.lists(numbers, max_size=4),
    },
).map(Data)
terms = st.recursive(
    st.sampled_from([*NUMBERS, "$limit", "2", "0.5", "count(marks)"]),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*"]), inner),
    max_leaves=4,
)
signs = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
guards = st.recursive(
    st.one_of(
        st.sampled_from([*BOOLS, "given(x)", "given(price)", "price > 0", "left(sign)", "true"]),
        st.builds("{} {} {}".format, terms, signs, terms),
        st.builds("{} in (1, 2)".format, terms),
    ),
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("(not {})".format, inner),
    ),
    max_leaves=8,
)


def holds(text: str, data: Data) -> bool | None:
    return judge(parse_guard(text, SCOPE), data).holds


def negated(value: bool | None) -> bool | None:
    return None if value is None else not value


@given(guards, cases)
def test_not_swaps_yes_and_no_and_keeps_unknown(text, data):
    assert holds(f"not ({text})", data) is negated(holds(text, data))


@given(guards, guards, cases)
def test_de_morgan_holds_with_unknowns(one, other, data):
    assert holds(f"not ({one} and {other})", data) is holds(f"not ({one}) or not ({other})", data)
    assert holds(f"not ({one} or {other})", data) is holds(f"not ({one}) and not ({other})", data)


@given(guards, guards, cases)
def test_order_does_not_matter(one, other, data):
    assert holds(f"({one}) and ({other})", data) is holds(f"({other}) and ({one})", data)
    assert holds(f"({one}) or ({other})", data) is holds(f"({other}) or ({one})", data)


@given(guards, cases)
def test_a_guard_that_does_not_hold_says_why_and_one_that_holds_says_nothing(text, data):
    verdict = judge(parse_guard(text, SCOPE), data)

    assert bool(verdict.atoms) is (verdict.holds is not True)
    for atom in verdict.atoms:
        assert atom.text in text
        assert holds(atom.text, data) is atom.holds
        assert atom.holds is not None or atom.missing_fields or atom.missing_settings


@given(guards, cases, cases)
def test_only_what_a_guard_reads_can_change_its_answer(text, data, other):
    guard = parse_guard(text, SCOPE)
    read = guard.reads | guard.settings
    same = {name: value for name, value in data.values.items() if name in read}
    noise = {name: value for name, value in other.values.items() if name not in read}

    assert judge(guard, Data(same | noise)).holds is judge(guard, data).holds


# `given` asks whether a value is there, so it alone may change from no to yes.
@given(guards.filter(lambda text: "given" not in text), cases, cases)
def test_more_knowledge_never_turns_a_yes_into_a_no(text, data, other):
    guard = parse_guard(text, SCOPE)
    before = judge(guard, data).holds

    if before is not None:
        assert judge(guard, Data(other.values | data.values)).holds is before


@given(guards)
def test_reading_a_guard_twice_gives_the_same_and_it_can_be_shown(text):
    guard = parse_guard(text, SCOPE)

    assert guard == parse_guard(text, SCOPE)
    assert render(guard, "zh", {})
    assert render(guard, "en", {})


@given(terms, terms, terms, cases)
def test_arithmetic_is_exact(one, two, three, data):
    left = evaluate(parse_value(f"({one} + {two}) * {three}", SCOPE), data)
    right = evaluate(parse_value(f"{one} * {three} + {two} * {three}", SCOPE), data)

    assert left == right


WORDS = st.sampled_from([
    *BOOLS, *NUMBERS, "$limit", "price", "marks", "and", "or", "not", "in", "(", ")", "[", "]", ",", ".", "+",
    "-", "*", "==", "<", "=", "'", '"', "given", "sum", "count", "lambda", ":", "{", "}", "1", "0.5", "1e9",
    "__class__",
    "f'", "\\", "\n", "#", "中", "＝", "é", "\x00", "\ud800", "None", "true", "%", "if", "else", "for", "…",
])  # fmt: skip


@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(WORDS, max_size=25).map(" ".join),
        st.lists(WORDS, max_size=25).map("".join),
    )
)
@example("(" * 400)
@example("not " * 250)
def test_any_text_is_a_guard_or_a_fault_that_points_into_it(text):
    fault = None
    try:
        assert judge(parse_guard(text, SCOPE), Data({})).holds in {True, False, None}
    except GuardFault as refused:
        fault = refused
    assert fault is None or (fault.message.zh and fault.message.en and 0 <= fault.offset <= len(text))


SPECS = {
    kind: FieldSpec(type=kind)
    for kind in FieldType
    if kind not in {FieldType.LIST, FieldType.RECORD, FieldType.ENUM}
}
ALL_SPECS = [
    *SPECS.values(),
    FieldSpec.model_validate({"type": "enum", "values": ["won", "lost"]}),
    FieldSpec.model_validate({"type": "list", "of": "money"}),
    FieldSpec.model_validate(
        {
            "type": "list",
            "of": {"type": "record", "fields": {"item": "text", "amount": "money", "day": "date"}},
        }
    ),
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["item", "amount", "currency", "day", "start", "end", "name", "hash", "size"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
typings = st.from_regex(r"[0-9¥,.年月日:\-TZ +%CNYUSDwdhmin]{1,24}", fullmatch=True)
written = st.one_of(
    json_values,
    typings,
    numbers,
    numbers.map(str),
    st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(str),
    st.datetimes(datetime(1901, 1, 1), datetime(2199, 1, 1)).map(str),  # noqa: DTZ001 - a person writes no zone
    st.builds("{} {}".format, numbers, st.sampled_from(["CNY", "usd", "元"])),
)


@pytest.mark.parametrize("spec", ALL_SPECS, ids=lambda spec: spec.type.value)
@given(written)
def test_any_input_is_refused_politely_or_becomes_the_one_form_of_its_value(spec, raw):
    kept, faults = None, ()
    try:
        kept = canonical(spec, raw)
    except FieldFault as refused:
        faults = refused.faults
    assert (kept is None) is bool(faults)
    assert all(fault.message.zh and fault.message.en for fault in faults)
    assert kept is None or canonical(spec, kept) == kept
    assert kept is None or canonical(spec, typed(spec, kept)) == kept
    assert shown(spec, kept, "zh")
    assert shown(spec, kept, "en")


@given(numbers)
def test_equal_numbers_have_one_form(number):
    spec = SPECS[FieldType.DECIMAL]
    padded = Decimal(f"{number:.8f}")

    assert canonical(spec, number) == canonical(spec, padded) == canonical(spec, f"{padded:f}")
