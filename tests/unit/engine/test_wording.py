"""Every answer no is a whole sentence in both languages; none is declared in vain and none is missing."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine
from engine.case.refusal import Blocker
from engine.case.wording import SENTENCES, say
from engine.ids import PersonId
from engine.text import Text
from tests.unit.engine.refusals import SCENARIOS

MAY_BE_EMPTY = {"where"}  # the place inside a field, which a plain value has not


def _blocker_codes() -> Iterator[str]:
    """What the core writes as the code of a blocker: handed to `code`, or held in a table for it."""
    core = Path(engine.__file__).parent
    for module in (*sorted((core / "case").glob("*.py")), core / "service.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            match node:
                case (
                    ast.keyword(arg="code", value=value)
                    | ast.Assign(targets=[ast.Name(id="code" | "_CODES")], value=value)
                ):
                    yield from _results(value)


def _results(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from (*_results(one), *_results(other))
        case ast.Dict(values=values):
            for each in values:
                yield from _results(each)


def test_every_blocker_the_core_names_has_a_sentence_and_every_sentence_is_used() -> None:
    assert set(_blocker_codes()) == set(SENTENCES)


def test_every_sentence_can_be_met() -> None:
    assert set(SCENARIOS) == set(SENTENCES)


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_the_blocker_fills_every_place_of_its_sentence(code: str) -> None:
    blocker = next(b for b in SCENARIOS[code]() if b.code == code)
    given = {**blocker.detail, "subject": blocker.subject, "title": blocker.title and blocker.title.zh}
    for sentence in (SENTENCES[code].zh, SENTENCES[code].en):
        places = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        assert {name for name in places - MAY_BE_EMPTY if not given.get(name)} == set()


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_sentence_has_its_places_alike_in_both_languages(code: str) -> None:
    def places(sentence: str) -> set[str]:
        names = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        return {name.removesuffix("_zh").removesuffix("_en") for name in names} - {"zh", "en"}

    assert places(SENTENCES[code].zh) == places(SENTENCES[code].en)


def test_a_blocker_with_people_says_who_is_waited_for_in_the_readers_language() -> None:
    blocker = Blocker(code="not_asked", waits_for=(PersonId("hua"), PersonId("bo")))
    assert say(blocker, "zh", str.upper) == "没有请您审批此事（等待：HUA、BO）"
    assert say(blocker, "en", str.upper) == "you are not asked to sign this (waiting for HUA, BO)"
    assert say(blocker, "en") == "you are not asked to sign this"


def test_a_blocker_kept_from_an_older_release_may_lack_a_part() -> None:
    assert say(Blocker(code="bad_value", title=Text("预算", "Budget")), "en") == "'Budget': "


def test_people_and_verdicts_are_said_as_people_say_them():
    names = {"bob": "Bob Lee", "zhang": "张伟"}
    twice = Blocker(code="stand_in_twice", subject="zhang")
    assert say(twice, "zh", names.__getitem__).startswith("张伟在此期间")
    assert say(twice, "zh").startswith("zhang 在此期间")
    answered = Blocker(
        code="decided_by_another",
        subject="a1",
        detail={"by": "bob", "principal": "zhang", "verdict": "approve"},
    )
    assert say(answered, "zh", names.__getitem__) == "张伟的这项审批已由 Bob Lee 作出决定（同意）"
    assert say(answered, "en", names.__getitem__).endswith("by Bob Lee (yes)")
