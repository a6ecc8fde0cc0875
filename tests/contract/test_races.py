"""Many at once: exactly one wins, nothing is done twice, nobody waits for ever. Threads, and processes of
their own.
"""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from engine.case.evolve import replay
from engine.errors import VersionMoved
from engine.ids import CaseId, PersonId
from engine.store.errors import StoreBusy
from engine.store.store import open_store
from tests.contract.cases import ID, START, a_case, a_message, add, commented, published, recorded, started

LATER = START + timedelta(hours=1)


def all_at_once(count, work):
    """Runs `work(n)` in as many threads, released together; what each returned."""
    gate = threading.Barrier(count)

    def one(number):
        gate.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def save_third_event(store, base):
    """What a caller does who judged the case as it was at version 2."""
    new = recorded([commented()], first=3)
    try:
        with store.uow.begin(ID) as work:
            work.save(work.definition(base.definition), replay(new, base), new, ())
    except VersionMoved:
        return "moved"
    return "saved"


def test_of_many_who_judged_the_same_version_one_saves(store, opened):
    base = a_case(store)
    stores = [store, opened()]
    answers = all_at_once(8, lambda n: save_third_event(stores[n % 2], base))
    assert sorted(answers) == ["moved"] * 7 + ["saved"]


def test_writers_that_load_under_the_lock_all_get_through(store, opened):
    a_case(store)
    stores = [store, opened()]
    all_at_once(8, lambda n: [add(stores[n % 2], [commented(f"{n}-{m}")]) for m in range(5)])
    assert store.board.line(ID).version == 42
    assert store.verify().sound


def test_of_many_who_start_a_case_under_one_id_one_does(store, opened):
    digest = published(store)
    stores = [store, opened()]

    def start(number):
        new = recorded(started(digest, title=f"第{number}个"))
        try:
            with stores[number % 2].uow.begin(ID) as work:
                assert work.case(ID) is None
                work.save(work.definition(digest), replay(new), new, ())
        except (AssertionError, VersionMoved):
            return "there"
        return "started"

    assert sorted(all_at_once(6, start)) == ["started"] + ["there"] * 5


def test_claims_of_many_deliverers_never_overlap(store, opened):
    a_case(store)
    for number in range(3, 23):
        add(store, [commented()], owed=[a_message(ID, number)])
    stores = [store, opened()]
    store.clock.set(LATER)

    def claim(number):
        queues = stores[number % 2].queues
        return [c.id for c in queues.claim_messages(limit=6, holder=str(number), lease_seconds=60)]

    taken = [each for part in all_at_once(5, claim) for each in part]
    assert len(taken) == len(set(taken))
    rest = store.queues.claim_messages(limit=20, holder="rest", lease_seconds=60)
    assert len(taken) + len(rest) == 20


@pytest.mark.parametrize("session", ["transaction", "driver"])
def test_a_cursor_kept_for_too_long_disturbs_nobody_elses_reading(store, session):
    """The driver keeps one statement for each text and connection, and a cursor that ends resets it."""
    begin, numbers = getattr(store.database, session), "SELECT 1 UNION SELECT 2 UNION SELECT 3"
    with begin() as kept:
        kept.execute(numbers)
        kept.fetchone()
    with begin() as cursor:
        cursor.execute(numbers)
        first = cursor.fetchone()
        del kept
        assert [first, *cursor.fetchall()] == [(1,), (2,), (3,)]


def test_the_same_wrong_code_is_counted_by_everybody(store, opened):
    from engine.ids import ApprovalId
    from engine.store.code_attempts import LinkName

    link = LinkName(case_id=ID, approval=ApprovalId("a1"), person=PersonId("wang"), round=1, issue=1)
    stores = [store, opened()]
    assert sorted(all_at_once(6, lambda n: stores[n % 2].code_attempts.add(link))) == [1, 2, 3, 4, 5, 6]
    assert store.code_attempts.count(link) == 6


def _process(url, folder, start, answers):
    store = open_store(url, Path(folder))
    with store.uow.begin(ID) as work:
        base = work.case(ID)
    start.wait()
    answers.put(save_third_event(store, base))
    store.close()


def test_of_two_processes_that_judged_the_same_version_one_saves(store, store_url, tmp_path):
    a_case(store)
    store.close()
    context = multiprocessing.get_context("spawn")
    gate, answers = context.Barrier(2), context.Queue()
    runs = [
        context.Process(target=_process, args=(store_url, str(tmp_path), gate, answers)) for _ in range(2)
    ]
    for run in runs:
        run.start()
    assert sorted(answers.get(timeout=60) for _ in runs) == ["moved", "saved"]
    for run in runs:
        run.join(timeout=60)


def test_a_held_lock_is_answered_with_busy_after_a_bounded_wait(store, store_url, tmp_path):
    a_case(store)
    hasty = open_store(store_url, tmp_path, wait_seconds=0.1)
    with store.uow.begin(ID), pytest.raises(StoreBusy, match="nothing was saved, try again shortly"):
        add(hasty, [commented()])
    add(hasty, [commented()])
    hasty.close()


def test_reading_waits_for_no_writer(store, opened):
    case = a_case(store)
    reader = opened()
    with store.uow.begin(ID):
        assert reader.board.case(ID) == case
        assert reader.board.case(CaseId("nobody")) is None
