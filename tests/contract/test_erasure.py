"""People and ended cases can be forgotten, and every chain still verifies."""

import pytest
from sqlalchemy import text

from engine.case.events import CaseClosed, Commented, MilestonePlanned
from engine.case.state import Actor, Via
from engine.ids import CaseId, PersonId
from engine.store.chain import ERASED_TEXT
from engine.store.errors import StillOpen
from engine.store.people import Person
from engine.store.tables import METADATA
from tests.contract.cases import ID, START, a_case, add, priced, published, started

WANG = Actor(person=PersonId("wang"), via=Via.CLI, os_user="wangfang")
SECRET = "与张三的私下约定"


def everything(store):
    """All text of all tables."""
    with store.database.reading() as connection:
        return "\n".join(
            str(tuple(row)) for each in METADATA.sorted_tables for row in connection.execute(each.select())
        )


def test_the_contents_of_an_ended_case_are_gone_and_the_chain_holds(store, tmp_path):
    published_at = published(store)
    add(store, [*started(published_at, title=SECRET), Commented(text=SECRET), priced("4711.00")])
    add(store, [MilestonePlanned(milestone="launch", name=SECRET), CaseClosed(outcome="won")])
    store.anchor(tmp_path / "anchor", now=START)
    assert store.eraser.erase_private(ID) == 4
    left = everything(store)
    assert (SECRET in left, "4711.00" in left) == (False, False)
    assert store.verify(anchor=tmp_path / "anchor").findings == ()
    case = store.board.case(ID)
    assert (case.title, case.values, case.milestones["launch"].name) == (ERASED_TEXT, {}, ERASED_TEXT)


def test_a_running_case_keeps_its_contents(store):
    case = a_case(store)
    with pytest.raises(StillOpen, match=f"case {ID} has not ended"):
        store.eraser.erase_private(ID)
    assert store.board.case(ID) == case


def test_a_person_is_forgotten_with_the_words_but_not_the_decisions(store):
    store.people.put(Person(id=PersonId("wang"), name="王芳", email="wang@example.com"))
    store.people.set_holders("boss", [PersonId("wang")])
    a_case(store, priced())
    add(store, [Commented(text="我的意见"), priced("12.00")], actor=WANG)
    add(store, [Commented(text="别人的意见")])
    assert store.eraser.erase_person(PersonId("wang")) == 2
    left = everything(store)
    assert [word in left for word in ("王芳", "wang@", "我的意见", "wangfang")] == [False] * 4
    assert [word in left for word in ("别人的意见", "12.00")] == [True, True]
    assert store.verify().findings == ()
    assert store.people.holders() == {}
    forgotten = store.history.entries(ID)[3].recorded
    assert (forgotten.event, forgotten.actor) == (
        Commented(text=ERASED_TEXT),
        Actor(person=PersonId("wang"), via=Via.CLI),
    )


def test_who_wrote_nothing_leaves_no_trace_to_erase(store):
    a_case(store)
    assert store.eraser.erase_person(PersonId("zhao")) == 0
    assert store.eraser.erase_private(CaseId("nobody")) == 0


def test_the_database_shows_no_private_text_in_the_chain_itself(store):
    a_case(store, Commented(text=SECRET))
    with store.database.reading() as connection:
        bodies = connection.scalars(text("SELECT body FROM event")).all()
    assert [SECRET in body for body in bodies] == [False] * 3
