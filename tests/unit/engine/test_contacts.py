"""Whom a contact that was typed means: somebody on file, somebody new, or nobody who may be."""

from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case.contacts import Newcomer, Wanted, contact, plausible_email
from engine.case.refusal import Refusal, Why
from engine.ids import CaseId, PersonId
from engine.store.people import Person
from tests.factories import Desk, a_definition, a_desk, a_sop

COLLEAGUE = Person(id=PersonId("pei"), name="裴", email="Pei@ours.example")
GU = Person(id=PersonId("gu"), name="顾", email="gu@theirs.example", external=True)


def definition():
    sop = a_sop()
    sop["roles"]["customer"] = {"zh": "客户", "en": "Customer", "external": True}
    return a_definition(sop)


def asked(*people: Person, **typed: Any) -> Any:
    wanted = Wanted(**{"role": "customer", "name": "林越", "email": "lin@Hua-Dong.example", **typed})
    return contact(definition(), wanted, people)


def codes(answer):
    assert isinstance(answer, Refusal)
    return answer.why, [blocker.code for blocker in answer.blockers]


def test_somebody_new_gets_an_id_that_tells_role_and_firm_and_nothing_of_the_person():
    assert asked(company=" 华东精密，采购 ") == Newcomer(
        id=PersonId("customer-hua-dong"),
        name="林越（华东精密，采购）",
        email="lin@Hua-Dong.example",
        language="zh",
        zone="Asia/Shanghai",
    )


def test_a_second_one_of_the_same_firm_is_numbered():
    first = Person(id=PersonId("customer-hua-dong"), name="x", external=True)
    second = Person(id=PersonId("customer-hua-dong-2"), name="y", external=True)
    assert asked(first, second, email="z@hua-dong.example").id == "customer-hua-dong-3"


def test_a_domain_that_is_not_ascii_leaves_the_role():
    assert asked(email="lin@华东.example").id == "customer"


def test_english_names_keep_english_brackets():
    assert asked(name="Lin Yue", company="East", language="en").name == "Lin Yue (East)"


def test_a_known_address_is_the_same_person_whatever_its_case():
    assert asked(COLLEAGUE, GU, email=" GU@theirs.example") == "gu"


def test_a_colleague_is_refused_also_when_an_outsider_has_the_address_too():
    twin = Person(id=PersonId("zz"), name="z", email="pei@ours.example", external=True)
    assert codes(asked(twin, COLLEAGUE, email="pei@OURS.example")) == (Why.CONFLICT, ["contact_is_colleague"])


def test_every_fault_is_told_at_once():
    assert codes(asked(role="head", name="", email="x")) == (
        Why.BAD_INPUT,
        ["role_inside", "contact_name", "contact_email"],
    )
    assert codes(asked(role="custmer"))[0] is Why.NOT_FOUND


@pytest.mark.parametrize(
    "email", ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\nBcc: c@d", "a@b\u200b", "a" * 200 + "@b"]
)
def test_what_is_no_address(email):
    assert not plausible_email(email)


def named(desk: Desk, by: str, **roles: tuple[str, ...]) -> str | None:
    """Why the roles could not be given so; None when they were."""
    persons = {role: tuple(PersonId(p) for p in given) for role, given in roles.items()}
    refusal = desk.do(cmd.AssignRoles(case_id=CaseId("c1"), roles=persons), by=by).refusal
    return refusal.blockers[0].code if refusal else None


@pytest.mark.parametrize("by", ["pei", "hua", "bo"])
def test_whoever_works_on_the_case_names_the_other_sides_people(by: str):
    desk = a_desk()
    desk.start()
    assert named(desk, by, customer=("ke",)) is None
    assert named(desk, by, customer=()) is None


def test_whoever_has_nothing_to_do_with_the_case_names_nobody_of_the_other_side():
    desk = a_desk()
    desk.start()
    assert named(desk, "lu", customer=("ke",)) == "not_on_case"
    assert named(desk, "lu", head=("hua",), customer=("ke",)) == "not_on_case"
    assert desk.case().roles == {}
    assert named(desk, "pei", customer=("ke",)) is None
    assert named(desk, "lu", customer=()) == "not_on_case"
    assert named(desk, "lu", customer=("ke",)) is None  # as it is already: nothing to refuse


def test_whoever_is_put_on_the_case_or_owns_the_sop_may_name_them():
    desk = a_desk()
    desk.start()
    assert named(desk, "pei", head=("lu",)) is None
    assert named(desk, "lu", customer=("ke",)) is None
    assert named(desk, "pei", sop_owner=("zhu",)) is None
    assert named(desk, "zhu", customer=()) is None
