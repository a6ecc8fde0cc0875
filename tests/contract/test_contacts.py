"""A contact is registered with the role, in one transaction, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case.contacts import Newcomer, Wanted
from engine.case.state import Actor, Via
from engine.errors import VersionMoved
from engine.ids import CaseId, PersonId
from engine.service import Service
from engine.store.people import Person
from runtime.calendars import load_calendar
from runtime.contacts import Contacts
from tests.contract.cases import SOP_TEXT, START

SOP = SOP_TEXT.replace("roles:\n", "roles:\n  customer: {zh: 客户, en: Customer, external: true}\n")
LI = Actor(person=PersonId("li"), via=Via.WEB)
OUTSIDER = Actor(person=PersonId("gu"), via=Via.LINK)


@pytest.fixture
def service(store, clock):
    for person in (
        Person(id=PersonId("li"), name="李", email="li@ours.example"),
        Person(id=PersonId("gu"), name="顾", email="gu@theirs.example", external=True),
    ):
        store.people.put(person)
    store.definitions.publish(SOP, "mini.yaml", by=PersonId("li"), now=START)
    made = Service(store.uow, clock, load_calendar)
    for name in ("c1", "c2"):
        command = cmd.StartCase(case_id=CaseId(name), sop="mini", title="华东")
        assert made.handle(command, actor=LI).refusal is None
    return made


def add(store, service, case="c1", *, actor=LI, key=None, **typed) -> Any:
    wanted = Wanted(**{"role": "customer", "name": "林越", "email": "lin@east.example"} | typed)
    at = store.board.case(CaseId(case))
    definition = store.definitions.by_digest(at.definition)
    return Contacts(store=store, door=service).add(at, definition, wanted, actor=actor, key=key)


def people(store):
    return {p.id for p in store.people.all()} - {"li", "gu"}


def test_the_person_and_the_role_are_there_together(store, service):
    added = add(store, service)
    assert (added.known, added.person.external, added.person.email) == (False, True, "lin@east.example")
    assert store.board.case(CaseId("c1")).roles == {"customer": ("customer-east",)}
    assert store.verify().findings == ()


def test_a_refused_command_leaves_nobody_behind(store, service):
    answer = add(store, service, actor=OUTSIDER).answer
    assert answer.refusal.blockers[0].code == "external_person"
    assert people(store) == set()
    assert add(store, service).person.id == "customer-east"


def test_a_refusal_does_not_leave_a_ghost_in_what_is_kept_of_the_company(store, service):
    add(store, service, actor=OUTSIDER)
    store.people.put(Person(id=PersonId("new"), name="新"))
    company = store.people.company("mini")
    assert ("customer-east" in company.known, "new" in company.known) == (False, True)


def test_a_known_address_joins_beside_who_is_there(store, service):
    add(store, service)
    assert add(store, service, email="GU@theirs.example").known
    assert add(store, service, "c2").known
    assert store.board.case(CaseId("c1")).roles["customer"] == ("customer-east", "gu")
    assert people(store) == {"customer-east"}


def test_the_same_key_again_is_the_same_contact(store, service):
    first, second = (add(store, service, key="k") for _ in range(2))
    assert (first.answer.repeated, second.answer.repeated) == (False, True)
    assert people(store) == {"customer-east"}


def test_a_colleague_is_refused_and_stays_a_colleague(store, service):
    refused = add(store, service, email="LI@ours.example").answer.refusal
    assert [b.code for b in refused.blockers] == ["contact_is_colleague"]
    assert not store.people.get(PersonId("li")).external


def test_whoever_was_registered_meanwhile_is_not_registered_twice(store, service):
    late = Newcomer(
        id=PersonId("late"), name="晚", email="GU@theirs.example", language="zh", zone="Asia/Shanghai"
    )
    command = cmd.AssignRoles(case_id=CaseId("c1"), roles={"customer": (late.id,)}, joining=True)
    with pytest.raises(VersionMoved):
        service.introduce(late, command, actor=LI)
    assert (people(store), store.board.case(CaseId("c1")).roles) == (set(), {})


def test_many_at_once_make_one_person_on_two_cases(store, service):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: add(store, service, f"c{n % 2 + 1}").person.id, range(8)))
    assert set(found) == people(store) == {"customer-east"}
    for name in ("c1", "c2"):
        assert store.board.case(CaseId(name)).roles["customer"] == ("customer-east",)
    assert store.verify().findings == ()


def test_two_at_once_on_one_case_are_both_there(store, service):
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: add(store, service, email=f"{name}@east.example"), ("a", "b")))
    assert len(store.board.case(CaseId("c1")).roles["customer"]) == 2 == len(people(store))
