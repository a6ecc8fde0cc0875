"""Whoever changes the record by hand is found, and the place is named."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import text

from engine.case.events import DeadlineSet, MilestonePlanned
from engine.case.evolve import replay
from engine.case.state import Deadline, DeadlineKind
from engine.ids import CaseId, PersonId
from engine.outbox import messages_owed
from engine.store.anchor import AnchorDamaged
from engine.store.chain import hash_of
from engine.store.mapping import canonical
from tests.contract.cases import ID, START, a_case, add, commented, priced, published, recorded, started

OTHER = CaseId("case0002")


@pytest.fixture
def kept(store):
    """Two cases of four events each, with a deadline."""
    due = Deadline(id="stage:1", kind=DeadlineKind.STAGE, subject="1", due_at=START)
    for case_id in (ID, OTHER):
        a_case(store, priced(), DeadlineSet(deadline=due), case_id=case_id)
    return store


def tamper(store, *statements, **values):
    with store.database.engine.connect() as connection:
        if store.database.is_sqlite:
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
        else:
            connection.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement), values)
        connection.commit()


def found(store, **options):
    return [(f.table, f.key, f.what.en) for f in store.verify(**options).findings]


def test_an_untouched_record_is_sound(kept):
    report = kept.verify()
    assert (report.sound, report.cases, report.events, report.findings) == (True, 2, 8, ())


def test_an_empty_record_is_sound(store):
    assert store.verify().sound


FORGED_EVENT = """
    INSERT INTO event
    SELECT case_id, 5, schema_number, kind, at, person, via, flow_run, body, hash FROM event
    WHERE case_id = 'case0002' AND sequence = 4
"""
FORGED_MESSAGE = """
    INSERT INTO outbox (key, is_command, kind, to_person, case_id, sequence, data, state, attempts, token,
                        channel, code, detail, created_at)
    SELECT 'forged', (1 = 0), 'stage_entered', 'mo', case_id, sequence, '{}', 'owed', 0, 0, '', '', '', at
    FROM event WHERE case_id = 'case0002' AND sequence = 1
"""
CHAIN = [
    ("UPDATE event SET body = replace(body, '\"li\"', '\"mo\"') WHERE case_id = 'case0002' AND sequence = 2",
     ("event", "case0002/2", "its body does not fit the hash chain")),
    (f"UPDATE event SET hash = '{'0' * 64}' WHERE case_id = 'case0002' AND sequence = 4",
     ("event", "case0002/4", "its body does not fit the hash chain")),
    ("UPDATE event SET person = 'mo' WHERE case_id = 'case0002' AND sequence = 3",
     ("event", "case0002/3", "its column person differs from its body")),
    ("UPDATE event SET kind = 'commented' WHERE case_id = 'case0002' AND sequence = 3",
     ("event", "case0002/3", "its column kind differs from its body")),
    ("DELETE FROM event WHERE case_id = 'case0002' AND sequence = 3",
     ("event", "case0002/3", "this event is missing")),
    ("DELETE FROM event WHERE case_id = 'case0002' AND sequence = 4",
     ("event", "case0002/4", "this event is missing")),
    ("DELETE FROM event WHERE case_id = 'case0002'",
     ("event", "case0002/1", "this event is missing")),
    (FORGED_EVENT,
     ("event", "case0002/5", "its body does not fit the hash chain")),
    (f"UPDATE case_ SET head_hash = '{'0' * 64}' WHERE id = 'case0002'",
     ("case_", "case0002", "the recorded head is not the hash of the last event")),
    ("UPDATE case_ SET version = 3 WHERE id = 'case0002'",
     ("event", "case0002/4", "the case's version does not reach this event")),
    ("DELETE FROM case_ WHERE id = 'case0002'",
     ("event", "case0002/1", "this event belongs to no case")),
    ("UPDATE event_private SET data = replace(data, '10.00', '99.00') WHERE case_id = 'case0002'",
     ("event_private", "case0002/3", "values is not what the chain committed to")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "finding"), CHAIN, ids=[f"{f[2]} {n}" for n, (_, f) in enumerate(CHAIN)]
)
def test_a_changed_chain_is_found_where_it_was_changed(kept, statement, finding):
    tamper(kept, statement)
    assert found(kept)[0] == finding


def test_a_changed_sop_text_is_found(kept):
    tamper(kept, "UPDATE sop_version SET text = replace(text, 'sales', 'saless')")
    digest = kept.definitions.versions()[0].digest
    assert found(kept)[0] == ("sop_version", digest, "the text of this SOP version does not fit its hash")


def test_a_changed_reading_of_a_sop_is_found(kept):
    tamper(kept, "UPDATE sop_version SET parsed = replace(parsed, '\"any\"', '\"all\"')")
    digest = kept.definitions.versions()[0].digest
    said = "what is kept of this SOP version does not fit its text"
    assert found(kept)[0] == ("sop_version", digest, said)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE case_ SET snapshot = '{}' WHERE id = 'case0002'",
        "UPDATE event_private SET data = 'torn' WHERE case_id = 'case0002' AND sequence = 3",
    ],
)
def test_what_cannot_even_be_read_is_a_finding_and_no_crash(kept, statement):
    tamper(kept, statement)
    ((place, key, what),) = found(kept)
    assert (place, key) == ("case_", "case0002")
    assert what.startswith("the case cannot be made from its events")


def test_two_events_that_changed_places_are_found(kept):
    tamper(
        kept,
        "UPDATE event SET sequence = 90 WHERE case_id = 'case0002' AND sequence = 2",
        "UPDATE event SET sequence = 2 WHERE case_id = 'case0002' AND sequence = 3",
        "UPDATE event SET sequence = 3 WHERE case_id = 'case0002' AND sequence = 90",
    )
    assert found(kept) == [("event", "case0002/2", "its body does not fit the hash chain")]


DERIVED = [
    ("UPDATE case_ SET snapshot = replace(snapshot, '10.00', '99.00') WHERE id = 'case0002'",
     ("case_", "case0002", "values of the snapshot is not what the events make")),
    ("UPDATE case_ SET title = '别的' WHERE id = 'case0002'",
     ("case_", "case0002", "its column title differs from the snapshot")),
    ("DELETE FROM task_row WHERE case_id = 'case0002' AND task = 'agree'",
     ("task_row", "case0002/1/agree", "this row is missing")),
    ("INSERT INTO case_role_row VALUES ('case0002', 'boss', 'mo')",
     ("case_role_row", "case0002/boss/mo", "the snapshot knows no such row")),
    ("UPDATE deadline_row SET next_at = NULL, owner = 'boss' WHERE case_id = 'case0002'",
     ("deadline_row", "case0002/stage:1", "owner, next_at differs from the snapshot")),
    (FORGED_MESSAGE,
     ("outbox", "forged", "no event owes this message")),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "finding"), DERIVED, ids=[f[0] + " " + f[2] for _, f in DERIVED])
def test_what_does_not_follow_from_the_events_is_found(kept, statement, finding):
    tamper(kept, statement)
    assert found(kept) == [finding]


def test_a_message_an_event_owes_may_not_be_missing(store):
    digest = published(store)
    first, entered = started(digest)
    new = recorded([first, replace(entered, notify=(PersonId("wang"), PersonId("zhao")))])
    with store.uow.begin(ID) as work:
        work.save(work.definition(digest), replay(new), new, [o for r in new for o in messages_owed(r)])
    assert found(store) == []
    key = store.mailbox.page()[0].key
    tamper(store, "DELETE FROM outbox WHERE key = :key", key=key)
    assert found(store) == [("outbox", key, "a message owed by an event is missing")]


def rewrite(store, case_id):
    """What a forger with the whole database does: one event changed, every hash and the snapshot made to
    fit.
    """
    with store.database.writing() as connection:
        rows = connection.execute(
            text("SELECT sequence, body FROM event WHERE case_id = :id ORDER BY sequence"), {"id": case_id}
        ).all()
        head = "0" * 64
        for sequence, body in rows:
            read = json.loads(body)
            read["actor"]["person"] = "mo"
            forged = canonical(read)
            head = hash_of(head, forged)
            connection.execute(
                text("UPDATE event SET body=:b, hash=:h, person='mo' WHERE case_id=:c AND sequence=:s"),
                {"b": forged, "h": head, "c": case_id, "s": sequence},
            )
        connection.execute(
            text(
                "UPDATE case_ SET head_hash = :h, opened_by = 'mo',"
                " snapshot = replace(snapshot, '\"li\"', '\"mo\"') WHERE id = :c"
            ),
            {"h": head, "c": case_id},
        )


def test_a_chain_rewritten_from_end_to_end_is_found_by_the_anchor(kept, tmp_path):
    kept.anchor(tmp_path / "anchor", now=START)
    rewrite(kept, OTHER)
    assert found(kept) == []
    assert found(kept, anchor=tmp_path / "anchor") == [
        ("event", "case0002/4", "it is not the head that was anchored")
    ]


def test_a_case_removed_without_trace_is_found_by_the_anchor(kept, tmp_path):
    kept.anchor(tmp_path / "anchor", now=START)
    for each in ("event_private", "position_row", "task_row", "deadline_row", "event"):
        tamper(kept, f"DELETE FROM {each} WHERE case_id = 'case0002'")
    tamper(kept, "DELETE FROM case_ WHERE id = 'case0002'")
    assert found(kept) == []
    assert found(kept, anchor=tmp_path / "anchor") == [
        ("case_", "case0002", "this case was anchored and is gone")
    ]


def test_a_case_may_grow_after_it_was_anchored(kept, tmp_path):
    anchored = kept.anchor(tmp_path / "anchor", now=START)
    add(kept, [commented()], case_id=ID)
    a_case(kept, case_id=CaseId("case0000"))
    report = kept.verify(anchor=tmp_path / "anchor")
    assert (report.sound, report.anchor) == (True, anchored)
    assert report.root != anchored.root


def test_the_root_of_a_verification_is_that_of_an_anchor_of_the_same_moment(kept, tmp_path):
    assert kept.anchor(tmp_path / "anchor", now=START).root == kept.verify().root


@pytest.mark.parametrize(
    "change", [lambda t: t.replace("case0001", "case0009"), lambda t: t[:-70], lambda t: "{}"]
)
def test_a_changed_anchor_is_refused(kept, tmp_path, change):
    file = tmp_path / "anchor"
    kept.anchor(file, now=START)
    file.write_text(change(file.read_text()))
    with pytest.raises(AnchorDamaged, match="the anchor file anchor was changed or is incomplete"):
        kept.verify(anchor=file)


def test_a_milestone_is_compared_too(kept):
    add(kept, [MilestonePlanned(milestone="launch", name="上市", planned=START.date())], case_id=OTHER)
    assert found(kept) == []
    tamper(kept, "UPDATE milestone_row SET planned = '2027-01-01'")
    assert found(kept) == [("milestone_row", "case0002/launch", "planned differs from the snapshot")]
