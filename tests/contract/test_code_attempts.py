"""Wrong codes are counted where every process sees them: by link, and by person and hour."""

from datetime import timedelta

from engine.ids import ApprovalId, CaseId, PersonId
from engine.store.code_attempts import AN_HOUR, LinkName, hour_of
from engine.store.tables import CodeAttemptRow, table

WANG, LI = PersonId("wang"), PersonId("li")
LINK = LinkName(case_id=CaseId("case-1"), approval=ApprovalId("a1"), person=WANG, round=1, issue=1)


def test_tries_of_a_person_add_up_within_the_hour_and_begin_anew_with_the_next(store, opened, clock):
    here, there = store.code_attempts, opened().code_attempts
    hour = hour_of(clock.now() + timedelta(minutes=59))
    assert hour == hour_of(clock.now())
    assert [here.add_in_hour(WANG, hour), there.add_in_hour(WANG, hour)] == [1, 2]
    assert [here.add_in_hour(LI, hour), here.add_in_hour(WANG, hour + AN_HOUR)] == [1, 1]


def test_a_right_code_takes_its_try_back_and_no_more(store, clock):
    tries, hour = store.code_attempts, hour_of(clock.now())
    for _ in range(2):
        tries.add_in_hour(WANG, hour)
        tries.add(LINK)
    tries.forgive(LINK, hour)
    assert (tries.count(LINK), tries.add_in_hour(WANG, hour)) == (1, 2)
    for _ in range(5):
        tries.forgive(LINK, hour)
    assert (tries.count(LINK), tries.add_in_hour(WANG, hour)) == (0, 1)


def test_hours_that_are_over_are_forgotten_and_links_are_not(store, clock):
    tries, hour = store.code_attempts, hour_of(clock.now())
    tries.add(LINK)
    for _ in range(3):
        tries.add_in_hour(WANG, hour)
        tries.add_in_hour(LI, hour)
        hour += AN_HOUR
    with store.database.reading() as connection:
        rows = connection.execute(table(CodeAttemptRow).select()).all()
    assert sorted((row.case_id, row.person) for row in rows) == [("", "li"), ("", "wang"), ("case-1", "wang")]
