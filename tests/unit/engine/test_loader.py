"""Reading SOP files: every fault in one go, each with its place, in both languages; text stays text."""

import ast
import hashlib
from collections import Counter
from pathlib import Path

import pytest

from engine.definition import field_spec, model
from engine.definition.checks import MOST_NAMED
from engine.definition.findings import MOST_FAULTS
from engine.definition.loader import load, read
from engine.definition.nodes import MOST_BYTES, MOST_NODES
from engine.definition.sayings import in_both_languages
from engine.errors import BrokenDefinition, Fault

BROKEN = sorted((Path(__file__).parents[2] / "data" / "broken").glob("*.yaml"))
SOUND = """\
sop: offer
zh: 报价
exits: {sent: {zh: 已发出}}
stages:
  - {id: draft, zh: 起草}
transitions:
  - {id: send, from: draft, exit: sent}
"""


def faults_of(text: str) -> tuple[Fault, ...]:
    with pytest.raises(BrokenDefinition) as broken:
        load(text, "sop.yaml")
    return broken.value.faults


def said(text: str) -> list[str]:
    return [fault.say("en") for fault in faults_of(text)]


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_faulty_file_is_answered_word_for_word(file):
    expected = file.with_suffix(".expected").read_text(encoding="utf-8").splitlines()
    with pytest.raises(BrokenDefinition) as broken:
        load(file.read_bytes().decode(), file.name)
    faults = broken.value.faults
    assert [fault.say(language) for language in ("en", "zh") for fault in faults] == expected


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_no_sentence_lets_another_library_speak(file):
    words = file.with_suffix(".expected").read_text(encoding="utf-8").casefold()
    foreign = ("pydantic", "http", "should be", "input", "validation", "traceback", "token", "nonetype")
    assert [word for word in foreign if word in words] == []


def test_six_mistakes_of_six_kinds_are_told_at_once():
    text = next(file for file in BROKEN if file.stem == "six_mistakes").read_text(encoding="utf-8")
    faults = faults_of(text)
    assert len(faults) == 6
    assert list(faults) == sorted(faults, key=lambda fault: (fault.line, fault.column))


MANY = (BROKEN[0].parent / "many_mistakes.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("slip", "mended"),
    [
        ("mony", "money"),
        ("[prize]", "[price]"),
        ("'price >'", "given(price)"),
        ("agreed = true", "agreed == true"),
        ("dicsount", "discount"),
        ("role: boss", "role: manager"),
        ("anny", "any"),
        ("mode: all, within: 2 weeks", "mode: all, on_reject: stop, within: 2 weeks"),
        ("2 weeks", "2 wd"),
        ("on_timeout: reject", "on_timeout: {reject: true}"),
        ("mode: votes,", "mode: votes, threshold: 2,"),
        ("'(agreed", "'agreed"),
        ("within: soon", "within: soon, on_timeout: {remind: true}"),
        ("zh: 无名, always", "id: nameless, always"),
        ("given(nothing)", "given(due)"),
    ],
)
def test_mending_one_mistake_brings_no_other_to_light(slip, mended):
    before = Counter(fault.line for fault in faults_of(MANY))
    after = Counter(fault.line for fault in faults_of(MANY.replace(slip, mended)))
    assert MANY.count(slip) == 1
    assert (after - before).total() == 0
    assert (before - after).total() == 1


def test_a_guard_that_reads_a_broken_field_is_silent_about_types_only():
    start = SOUND.replace("exits:", "fields: {price: {type: mony}}\nexits:")
    guarded = [
        start.replace("exit: sent", f"exit: sent, guard: {guard}")
        for guard in ("price > 5", "price >", "given(price) and")
    ]
    assert [len(faults_of(text)) for text in guarded] == [1, 2, 2]


def test_each_part_of_a_guard_is_judged_for_itself():
    start = SOUND.replace("exits:", "fields: {price: {type: mony}, agreed: bool}\nexits:")
    text = start.replace("exit: sent", "exit: sent, guard: agred and price > 5 or not given(prise)")
    assert said(text)[1:] == [
        "sop.yaml:8:48: transition 'send': there is no field 'agred'; did you mean 'agreed'?",
        "sop.yaml:8:81: transition 'send': there is no field 'prise'; known: agreed",
    ]


def test_every_rule_an_approval_breaks_is_told():
    approval = "{id: a, by: [{role: boss}], mode: votes, on_reject: stop, within: 2 wd, returns: send}"
    text = SOUND.replace("exit: sent", f"exit: sent, approvals: [{approval}]") + "roles: {boss: {zh: 主管}}\n"
    assert said(text) == [
        f"sop.yaml:7:53: transition 'send', approval 'a': {rule}"
        for rule in (
            "'returns' goes with 'on_reject: return'",
            "'threshold' is written for mode votes, and only there",
            "'within' and 'on_timeout' are written together",
        )
    ]


def test_what_has_no_id_is_still_read_and_never_named():
    assert said(SOUND.replace("{id: draft,", "{owner: boss,")) == [
        "sop.yaml:5:5: 'id' is missing; add it",
        "sop.yaml:5:13: unknown role 'boss'; declare it under roles",
        "sop.yaml:7:22: transition 'send': unknown stage 'draft'; the file declares none yet",
    ]


@pytest.mark.parametrize(
    ("written", "way"),
    [("by: [boss]", "{role: boss}"), ("on_timeout: reject", "{reject: true}"),
     ("on_timeout: escalate", "{escalate: ...}")],
)  # fmt: skip
def test_a_bare_word_is_answered_with_the_way_to_write_it(written, way):
    text = SOUND.replace("exit: sent", f"exit: sent, approvals: [{{id: a, {written}}}]")
    assert f"write it as {way}" in " | ".join(said(text))


def test_a_sound_file_is_named_by_the_hash_of_its_text():
    definition = load(SOUND, "sop.yaml")
    assert definition.digest == hashlib.sha256(SOUND.encode()).hexdigest()
    assert definition.sop.zh == "报价"


def test_a_byte_order_mark_before_the_text_is_accepted():
    assert load("\ufeff" + SOUND, "sop.yaml").sop.sop == "offer"


@pytest.mark.parametrize("written", ["no", "22:30", "010", "true", "2026-03-31", "~", "1e3"])
def test_text_stays_text(written):
    assert load(SOUND.replace("zh: 起草", f"zh: {written}"), "sop.yaml").sop.stages[0].zh == written


@pytest.mark.parametrize("written", ["yes", "no", "on", "1", "True", '"true"'])
def test_only_a_bare_true_or_false_is_a_truth_value(written):
    text = SOUND.replace("{zh: 已发出}", f"{{zh: 已发出, success: {written}}}")
    bare = written.strip('"')
    assert said(text) == [
        f"sop.yaml:3:34: exit 'sent': write true or false here, without quotes, not '{bare}'"
    ]


def test_a_slip_in_a_key_hides_nothing_below_it():
    assert said(SOUND.replace("stages:", "stagess:")) == [
        "sop.yaml:4:1: unknown key 'stagess'; did you mean 'stages'?"
    ]


@pytest.mark.parametrize("slip", ["{id: Draft,", "{id: draft, tasks: 3,"])
def test_a_faulty_part_is_not_reported_again_where_it_is_named(slip):
    assert [fault.line for fault in faults_of(SOUND.replace("{id: draft,", slip))] == [5]


def test_a_file_that_is_too_large_is_refused_before_it_is_read():
    assert said("#" * (MOST_BYTES + 1)) == [
        "sop.yaml:1:1: the file is larger than 1 MiB; split it into several SOPs"
    ]


def test_a_file_of_too_many_values_is_refused():
    assert said("sop: [" + "a," * MOST_NODES + "]")[0].endswith("values; split the file into several SOPs")


def test_a_file_of_too_many_names_is_refused_before_they_are_compared():
    roles = "".join(f"  r{number}: {{zh: 角色}}\n" for number in range(MOST_NAMED + 1))
    assert said(f"{SOUND}roles:\n{roles}") == [
        "sop.yaml:8:1: 501 roles, at most 500; split the file into several SOPs"
    ]


def test_the_list_of_faults_is_bounded():
    many = "".join(f"x{number}: 1\n" for number in range(2 * MOST_FAULTS))
    assert len(faults_of(SOUND + many)) == MOST_FAULTS


def test_a_file_in_another_encoding_is_refused_at_its_first_such_byte(tmp_path):
    file = tmp_path / "gbk.yaml"
    file.write_bytes("sop: offer\nzh: 报价\n".encode("gbk"))
    with pytest.raises(BrokenDefinition) as broken:
        read(file)
    assert [f.say("en") for f in broken.value.faults] == [
        f"{file}:2:5: the file is not UTF-8; save it as UTF-8"
    ]


def test_a_large_file_of_any_bytes_is_refused(tmp_path):
    file = tmp_path / "large.yaml"
    file.write_bytes(b"\xff" * (MOST_BYTES + 5))
    with pytest.raises(BrokenDefinition, match="larger than 1 MiB"):
        read(file)


def test_a_missing_file_is_the_caller_s_to_explain(tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nowhere.yaml")


def sentences_raised_in(module) -> list[str]:
    """What the validators of a module raise, with a stand-in for each part filled in when it is raised."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    calls = [
        node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
    ]
    wanted = [call.args[0] for call in calls if getattr(call.func, "id", "") == "ValueError"]
    return ["".join(_part(part) for part in getattr(arg, "values", [arg])) for arg in wanted]


def _part(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else "4"


@pytest.mark.parametrize("module", [model, field_spec], ids=lambda module: module.__name__)
def test_every_rule_of_the_model_has_its_sentence_in_both_languages(module):
    sentences = sentences_raised_in(module)
    assert sentences
    unknown = in_both_languages("nothing of ours")
    assert [words for words in sentences if in_both_languages(words) == unknown] == []
