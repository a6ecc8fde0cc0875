"""How what a message is about is called, when it has another name by now or has gone."""

import pytest

from engine.outbox import MessageKind
from notifications.keys import Keys
from tests.factories import a_desk, a_sop_with_steps
from tests.unit.notifications.office import Office, a_composer, keys_in

SAMPLE = {"name": "样稿", "due": "2026-11-20"}
PERMIT = {"name": "报批", "due": "2026-11-19", "done_on": "2026-11-19"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return keys_in(tmp_path_factory.mktemp("keys"))


def _subject(office: Office, keys: Keys) -> str:
    message = a_composer(office, keys).mailbox_text(office.owed(MessageKind.DEADLINE_OVERDUE))
    assert message is not None
    return message.subject


def test_a_message_keeps_the_name_its_milestone_had(keys: Keys) -> None:
    office = Office(a_desk(a_sop_with_steps(owner="planner")))
    desk = office.desk
    desk.start(steps=[SAMPLE])
    desk.sweep()
    told = _subject(office, keys)
    assert told == "已逾期：步骤 样稿｜新品上线"
    for rows in ([PERMIT, SAMPLE], [PERMIT, {**SAMPLE, "name": "样稿二"}], [PERMIT], []):
        assert desk.set(steps=list(rows)).refusal is None
        assert _subject(office, keys) == told
