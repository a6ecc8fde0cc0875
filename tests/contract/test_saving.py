"""What is saved is what is loaded, on both databases."""

from dataclasses import replace

import pytest

from engine.case.refusal import Blocker, Refusal, Why
from engine.errors import VersionMoved
from engine.ids import CaseId, PersonId
from engine.ports import Answer, KeyRecord
from tests.contract.cases import ID, LI, START, a_case, add, commented, priced, published, recorded, started


def test_a_saved_case_is_loaded_again(store, opened):
    saved = a_case(store, priced())
    with opened().uow.begin(ID) as work:
        assert work.case(ID) == saved


def test_a_case_nobody_made_is_none(store):
    with store.uow.begin(CaseId("nobody")) as work:
        assert work.case(CaseId("nobody")) is None


def test_another_case_is_read_without_its_lock(store, opened):
    other = a_case(store, case_id=CaseId("other"))
    with opened().uow.begin(ID) as work:
        assert work.case(CaseId("other")) == other


def test_an_exception_leaves_nothing_behind(store):
    a_case(store)
    with pytest.raises(KeyError, match="after the save"):
        save_and_fail(store)
    with store.uow.begin(ID) as work:
        assert work.case(ID).version == 2


def save_and_fail(store):
    with store.uow.begin(ID) as work:
        case = work.case(ID)
        new = recorded([commented()], first=3)
        work.save(work.definition(case.definition), replace(case, version=3), new, ())
        raise KeyError("after the save")


def test_a_save_on_an_older_version_is_refused(store):
    old = a_case(store)
    add(store, [commented()])
    with pytest.raises(VersionMoved), store.uow.begin(ID) as work:
        work.save(
            work.definition(old.definition), replace(old, version=3), recorded([commented()], first=3), ()
        )


def test_a_case_id_is_given_once(store):
    old = a_case(store)
    with pytest.raises(VersionMoved), store.uow.begin(ID) as work:
        work.save(work.definition(old.definition), old, recorded(started(old.definition)), ())


def test_a_used_key_gives_back_its_answer(store, opened):
    case = a_case(store)
    answer = Answer(case_id=ID, version=2, events=recorded(started(case.definition)))
    with store.uow.begin(ID) as work:
        work.remember(LI.person, "key-1", "hash", answer, now=START)
    with opened().uow.begin(ID) as work:
        assert work.used_key(LI.person, "key-1") == KeyRecord(
            body_hash="hash", answer=replace(answer, repeated=True)
        )
        assert work.used_key(PersonId("wang"), "key-1") is None


def test_a_refusal_is_remembered_whole(store):
    published(store)
    blocker = Blocker(code="task_open", subject="agree", detail={"n": "1"}, waits_for=(PersonId("wang"),))
    answer = Answer(case_id=ID, version=0, refusal=Refusal(why=Why.BLOCKED, blockers=(blocker,)))
    with store.uow.begin(ID) as work:
        work.remember(LI.person, "key-1", "hash", answer, now=START)
    with store.uow.begin(ID) as work:
        assert work.used_key(LI.person, "key-1").answer == replace(answer, repeated=True)


def test_a_key_taken_meanwhile_makes_the_service_look_again(store, opened):
    a_case(store)
    answer = Answer(case_id=ID, version=2)
    with store.uow.begin(ID) as work:
        work.remember(LI.person, "key-1", "hash", answer, now=START)
    with pytest.raises(VersionMoved), opened().uow.begin(CaseId("other")) as work:
        work.remember(LI.person, "key-1", "other hash", answer, now=START)
