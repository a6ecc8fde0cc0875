"""People, roles and settings as a command sees them."""

from dataclasses import replace

import pytest

from engine.case.facts import Whereabouts
from engine.ids import PersonId
from engine.ports import Company
from engine.store.people import Person, UnknownPerson
from tests.contract.cases import published

LI = Person(id=PersonId("li"), name="李雷", email="li@example.com", channels={"ntfy": "x", "email": True})
WANG = Person(id=PersonId("wang"), name="王芳", external=True)


@pytest.fixture
def people(store):
    store.people.put(LI)
    store.people.put(WANG)
    return store.people


def test_a_person_is_kept_with_the_order_of_the_channels(people):
    assert people.all() == [LI, WANG]
    assert list(people.get(PersonId("li")).channels) == ["ntfy", "email"]


def test_a_person_can_be_changed(people):
    moved = Person(id=PersonId("li"), name="李雷", zone="Europe/Berlin", active=False)
    people.put(moved)
    assert people.get(PersonId("li")) == moved
    assert people.all(active=True) == [WANG]


def test_where_somebody_works_is_changed_alone_and_seen_by_the_next_command(store, people):
    published(store)
    people.settle(PersonId("li"), calendar="duty", zone="Europe/Berlin")
    assert people.get(PersonId("li")) == replace(LI, calendar="duty", zone="Europe/Berlin")
    assert people.company("launch").whereabouts[PersonId("li")] == Whereabouts("duty", "Europe/Berlin")
    with pytest.raises(UnknownPerson):
        people.settle(PersonId("zhao"), calendar="", zone="Europe/Berlin")


def test_an_unknown_person_holds_no_role(people):
    with pytest.raises(UnknownPerson, match="nobody has the id zhao; add this person first"):
        people.set_holders("sales", [PersonId("li"), PersonId("zhao")])
    assert people.holders() == {}


def test_the_company_of_an_sop_has_its_own_holders_before_the_companys(store, people):
    people.set_holders("sales", [PersonId("li")])
    people.set_holders("boss", [PersonId("li")])
    people.set_holders("boss", [PersonId("wang")], sop="mini")
    people.set_setting("limit", 5)
    people.set_setting("limit", 3, sop="mini")
    people.set_setting("days", "3 wd")
    published(store)
    assert people.company("mini") == Company(
        settings={"limit": 3, "days": "3 wd"},
        people={"sales": (PersonId("li"),), "boss": (PersonId("wang"),)},
        external=frozenset({PersonId("wang")}),
        known=frozenset({PersonId("li"), PersonId("wang")}),
        sops=frozenset({"mini"}),
        whereabouts={name: Whereabouts("", "Asia/Shanghai") for name in (PersonId("li"), PersonId("wang"))},
    )


def test_a_change_is_seen_by_the_next_command_in_every_process(store, opened, people):
    other = opened()
    assert other.people.company("mini").people == {}
    people.set_holders("sales", [PersonId("li")])
    assert other.people.company("mini").people == {"sales": (PersonId("li"),)}
    people.put(Person(id=PersonId("li"), name="李雷", active=False))
    assert other.people.company("mini").people == {}


def test_people_who_share_an_address_are_one_person(people):
    people.put(Person(id=PersonId("an"), name="安", email="Shared@x.cn"))
    people.put(Person(id=PersonId("bai"), name="白", email=" shared@X.cn"))
    people.put(Person(id=PersonId("chen"), name="陈", email="chen@x.cn"))
    people.put(Person(id=PersonId("ding"), name="丁", email=""))
    assert people.company("mini").same_as == {"bai": "an"}


def test_a_setting_can_be_taken_away(people):
    people.set_setting("limit", {"amount": "5.00", "currency": "CNY"})
    assert people.settings() == {"limit": {"amount": "5.00", "currency": "CNY"}}
    people.set_setting("limit", None)
    assert people.settings() == {}
