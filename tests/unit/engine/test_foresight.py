"""Foresight: which approvals nobody could sign today, and why, before anybody asks."""

from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case.foreseen import Foresaw, Foreseen, Gravity
from engine.case.foresight import Cases, foresee
from engine.case.foresight_words import as_one, said, together
from engine.case.outlook import Staff
from engine.ids import PersonId
from engine.text import filled_zh
from tests.factories import Desk, a_desk, a_sop, an_approval, person

HEAD = [{"role": "head"}]
PATH = "transitions.go_live.approvals.head_agrees"


def _desk(*approvals: dict[str, Any], by: tuple[str, ...] = (), people: dict[str, Any] | None = None) -> Desk:
    sop = a_sop()
    sop["transitions"][1] |= {"approvals": list(approvals), "by": list(by)}
    desk = a_desk(sop)
    desk.store.people |= people or {}
    return desk


def _foresee(desk: Desk, **staff: Any) -> list[Foreseen]:
    definition = desk.store.current["launch"]
    facts = desk.service.facts(definition, desk.store.company("launch"), person("ou"))
    return [one for one in foresee(definition, facts, Staff(**staff)) if one.approval or one.path == "owner"]


def _codes(desk: Desk, **staff: Any) -> list[str]:
    return [one.code.value for one in _foresee(desk, **staff)]


def _case(desk: Desk, **staff: Any) -> list[tuple[str, str]]:
    definition, case = desk.store.definitions[desk.case().definition], desk.case()
    facts = desk.service.facts(definition, desk.store.company("launch"), person("ou"))
    return [(f.approval, f.code.value) for f in Cases(definition, facts, Staff(**staff)).foresee(case)]


def test_a_role_several_people_hold_is_nothing_to_speak_of() -> None:
    assert _codes(_desk(an_approval(), people={"head": ("hua", "xia")})) == []


def test_a_role_nobody_holds_is_named_with_its_place() -> None:
    (found,) = _foresee(_desk(an_approval(), people={"head": ()}))
    assert (found.code, found.gravity) == (Foresaw.ROLE_EMPTY, Gravity.NOBODY)
    assert (found.path, found.role) == (f"{PATH}.by", "head")


def test_those_who_held_it_and_are_active_no_more_are_named() -> None:
    (found,) = _foresee(_desk(an_approval(), people={"head": ()}), inactive={"head": (PersonId("hua"),)})
    assert (found.code, found.persons) == (Foresaw.ROLE_INACTIVE, ("hua",))


def test_a_role_from_outside_may_be_named_on_each_case() -> None:
    (found,) = _foresee(_desk(an_approval(by=[{"role": "customer"}]), people={"customer": ()}))
    assert (found.code, found.gravity) == (Foresaw.ROLE_PER_CASE, Gravity.WARNING)


def test_a_role_only_those_hold_who_may_ask_could_never_be_signed() -> None:
    desk = _desk(an_approval(by=[{"role": "planner"}]), by=("planner",))
    (found,) = _foresee(desk)
    assert (found.code, found.persons) == (Foresaw.ONLY_REQUESTERS, ("pei",))


def test_who_signs_and_usually_asks_is_told_of_as_a_warning() -> None:
    alone, asks = _foresee(_desk(an_approval(by=[{"role": "planner"}])))
    assert (alone.code, alone.gravity, alone.persons) == (Foresaw.ONLY_ONE_NOT_OWN, Gravity.NOTE, ("pei",))
    assert (asks.code, asks.gravity, asks.usual) == (Foresaw.OWN_REQUEST, Gravity.WARNING, True)


def test_who_signs_and_seldom_asks_is_only_noted() -> None:
    assert _codes(_desk(an_approval())) == ["only_one_not_own"]
    (both,) = _foresee(_desk(an_approval(by=[{"role": "head"}, {"role": "boss"}], mode="all")))
    assert (both.code, both.gravity, both.persons) == (Foresaw.OWN_REQUEST, Gravity.NOTE, ("bo", "hua"))


def test_where_own_requests_may_be_signed_one_person_is_only_noted() -> None:
    (found,) = _foresee(_desk(an_approval(own_request=True)))
    assert (found.code, found.gravity) == (Foresaw.ONLY_ONE, Gravity.NOTE)


def test_several_roles_of_one_person_are_found_by_the_person_behind_the_identities() -> None:
    desk = _desk(
        an_approval(by=[{"role": "head"}, {"role": "boss"}], mode="all", own_request=True),
        people={"head": ("hua",), "boss": ("xia",)},
    )
    assert _codes(desk) == []
    desk.store.same_as = {"xia": "hua"}
    found = [(one.code, one.role, one.persons) for one in _foresee(desk)]
    assert (Foresaw.ONE_PERSON, "head boss", ("hua", "xia")) in found


def test_votes_that_are_too_few_are_weighed() -> None:
    desk = _desk(an_approval(by=[{"role": "head", "weight": 2}, {"role": "boss"}], mode="votes", threshold=4))
    (found,) = _foresee(desk)
    assert (found.code, found.numbers) == (Foresaw.TOO_LIGHT, (3, 4))


def test_a_percentage_needs_every_role() -> None:
    by = [{"role": "head"}, {"role": "boss"}]
    desk = _desk(an_approval(by=by, mode="votes", threshold="50%"), people={"boss": ()})
    assert _codes(desk) == ["role_empty"]


def test_under_any_a_role_others_can_do_without_is_only_noted() -> None:
    desk = _desk(
        an_approval(by=[{"role": "head"}, {"role": "boss"}]), people={"boss": (), "head": ("a", "b")}
    )
    assert _codes(desk) == ["role_spare"]


def test_people_outside_must_be_reachable() -> None:
    desk = _desk(an_approval(by=[{"role": "customer"}]))
    assert _codes(desk) == ["only_one"]
    (found,) = _foresee(desk, unreachable=frozenset({PersonId("ke")}))
    assert (found.code, found.persons) == (Foresaw.OUT_OF_REACH, ("ke",))


@pytest.mark.parametrize(
    ("head", "boss", "codes"),
    [
        (("xia",), ("xia",), {"kept_apart"}),
        (("xia", "yan"), ("xia",), {"only_one_not_own"}),
        (("xia", "yan"), ("yan", "xia"), set[str]()),
    ],
)
def test_two_approvals_to_be_kept_apart_need_two_people(
    head: tuple[str, ...], boss: tuple[str, ...], codes: set[str]
) -> None:
    first = an_approval(not_same_person_as=["boss_agrees"])
    second = an_approval(id="boss_agrees", by=[{"role": "boss"}])
    assert set(_codes(_desk(first, second, people={"head": head, "boss": boss}))) == codes


def test_approvals_of_different_transitions_are_kept_apart_too() -> None:
    sop = a_sop()
    sop["transitions"][0]["approvals"] = [an_approval(id="plan_ok", not_same_person_as=["head_agrees"])]
    desk = a_desk(sop)
    assert set(_codes(desk)) == {"kept_apart"}
    desk.store.people["head"] = ("hua", "xia")
    assert _codes(desk) == []


def test_votes_leave_somebody_for_the_other_approval_or_do_not() -> None:
    by = [{"role": "head"}, {"role": "boss"}]
    votes = an_approval(by=by, mode="votes", threshold=2, own_request=True)
    one = an_approval(id="alone", by=[{"role": "boss"}], not_same_person_as=["head_agrees"], own_request=True)
    assert "kept_apart" in _codes(_desk(votes, one))
    roomy = _desk(votes, one, people={"head": ("hua", "xia")})
    assert "kept_apart" not in _codes(roomy)


def test_what_happens_in_time_and_who_is_copied_is_looked_at_too() -> None:
    desk = _desk(
        an_approval(within="1 wd", on_timeout={"transfer": "boss"}, cc=["boss"]),
        people={"boss": (), "head": ("hua", "xia")},
    )
    assert [(f.code.value, f.gravity.value, f.path) for f in _foresee(desk)] == [
        ("timeout_role", "warning", f"{PATH}.on_timeout.transfer"),
        ("copy_role", "note", f"{PATH}.cc"),
    ]


def test_an_sop_nobody_owns_and_a_transition_nobody_may_ask_for_are_warned_of() -> None:
    people = {"sop_owner": (), "boss": (), "head": ("hua", "xia")}
    desk = _desk(an_approval(), by=("boss",), people=people)
    definition = desk.store.current["launch"]
    facts = desk.service.facts(definition, desk.store.company("launch"), person("hua"))
    found = foresee(definition, facts, Staff())
    assert [(f.code.value, f.path) for f in found] == [
        ("owner_empty", "owner"),
        ("nobody_asks", "transitions.go_live.by"),
    ]


def test_people_on_the_wrong_side_of_the_house_are_warned_of() -> None:
    desk = _desk(an_approval(), people={"customer": ("xia",), "head": ("hua", "ke")})
    definition = desk.store.current["launch"]
    facts = desk.service.facts(definition, desk.store.company("launch"), person("hua"))
    found = {(f.code.value, f.role, f.persons) for f in foresee(definition, facts, Staff()) if not f.approval}
    assert found == {("held_outside", "head", ("ke",)), ("held_inside", "customer", ("xia",))}


def test_the_same_of_several_approvals_is_said_in_one_sentence() -> None:
    desk = _desk(an_approval(), an_approval(id="again", zh="再审", en="Again"), people={"head": ()})
    definition = desk.store.current["launch"]
    (group,) = together(_foresee(desk))
    assert [one.approval for one in group] == ["head_agrees", "again"]
    assert said(as_one(group), definition, str).what.zh.startswith("“主管同意、再审”无人可签")


def _in_review(desk: Desk) -> Desk:
    desk.start(brief="新品", budget="10 CNY")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.advance("submit")
    desk.run()
    return desk


def test_a_case_is_judged_by_its_own_people_and_by_what_comes_next_only() -> None:
    desk = _desk(an_approval())
    desk.start(brief="新品")
    desk.do(cmd.AssignRoles(case_id=desk.case().id, roles={"head": (PersonId("gone"),)}))
    assert desk.case().roles == {}  # nobody is known as gone
    desk.do(cmd.AssignRoles(case_id=desk.case().id, roles={"head": (PersonId("xia"),)}))
    assert _case(desk) == []
    desk = _in_review(_desk(an_approval()))
    desk.do(cmd.AssignRoles(case_id=desk.case().id, roles={"head": (PersonId("xia"),)}))
    assert _case(desk, unreachable=frozenset({PersonId("xia")})) == [("head_agrees", "out_of_reach")]
    assert _case(desk) == []


def test_a_running_approval_whose_people_can_answer_no_more_is_found() -> None:
    desk = _in_review(_desk(an_approval(by=[*HEAD, {"role": "boss"}], mode="all")))
    desk.advance("go_live")
    desk.sign("hua")
    assert _case(desk) == []
    assert _case(desk, unreachable=frozenset({PersonId("hua")})) == []
    assert _case(desk, unreachable=frozenset({PersonId("bo")})) == [("head_agrees", "out_of_reach")]


def test_an_approval_that_is_not_needed_holds_no_case_up() -> None:
    desk = _in_review(_desk(an_approval(when="budget > '100 CNY'"), people={"head": ()}))
    assert _case(desk) == []
    desk.set(budget="500 CNY")
    assert _case(desk) == [("head_agrees", "role_empty")]


def test_a_case_waits_for_nobody_it_could_be_given_to() -> None:
    desk = _in_review(_desk(an_approval(by=[{"role": "planner"}])))
    desk.advance("go_live")
    assert _case(desk) == [("head_agrees", "only_requesters")]


def test_every_kind_is_said_in_both_languages() -> None:
    definition = _desk(an_approval()).store.current["launch"]
    for code in Foresaw:
        found = Foreseen(
            code=code,
            path="x",
            transition="go_live",
            approval="head_agrees",
            role="head",
            persons=(PersonId("hua"),),
            usual=True,
        )
        told = said(found, definition, str, case="c1")
        assert told.what.zh
        assert told.what.en.isascii()
        assert told.mend.zh
        assert told.mend.en.isascii()
        assert "{" not in told.what.zh + told.what.en + told.mend.zh + told.mend.en


def test_a_sentence_names_what_who_and_how_to_mend_it() -> None:
    desk = _desk(an_approval(), people={"head": ()})
    (found,) = _foresee(desk)
    told = said(found, desk.store.current["launch"], str, case="c1")
    assert told.what.zh == "“主管同意”无人可签：没有人担任角色“主管”"
    assert told.mend.zh == "指定人员：guanka role head 人员编号 --case c1"
    assert told.what.en == "nobody could sign 'Head agrees': nobody holds role 'Head'"
    assert told.mend.en == "assign somebody: guanka role head PERSON --case c1"


def test_a_chinese_sentence_has_spaces_around_latin_names_only():
    sentence = "请的 {people} 收不到消息（{count} 人）"
    assert filled_zh(sentence, {"people": "张伟", "count": "1"}) == "请的张伟收不到消息（1 人）"
    assert filled_zh(sentence, {"people": "Bob Lee", "count": "1"}) == "请的 Bob Lee 收不到消息（1 人）"
