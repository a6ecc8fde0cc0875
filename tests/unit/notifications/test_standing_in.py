"""Links and messages of who stands in: live exactly while the case says so, and plain about for whom."""

from datetime import timedelta

import pytest

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.state import Verdict
from engine.ids import ApprovalId, CaseId, PersonId
from engine.outbox import MessageKind
from notifications.keys import Keys
from notifications.links import LinkClaim, LinkState, check, claim_for
from notifications.routing import Contact
from tests.unit.notifications.office import Office, an_office, asking, keys_in
from tests.unit.notifications.test_messages import told

XIA = PersonId("xia")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return keys_in(tmp_path_factory.mktemp("keys"))


def _with_xia() -> Office:
    office = asking(an_office())
    office.contacts["xia"] = Contact(person=XIA, name="夏青")
    return office


def away() -> Office:
    office = _with_xia()
    office.desk.away("hua", "xia", days=1)
    office.desk.sweep()
    return office


def claim(office: Office, keys: Keys, person: str = "xia") -> LinkClaim:
    case = office.desk.case()
    found = claim_for(next(iter(case.approvals.values())), PersonId(person), case.id, keys)
    assert found is not None
    return found


def state(office: Office, of: LinkClaim) -> LinkState:
    case = office.desk.case()
    return check(of, case, office.definition(case.definition))


def sign(office: Office, by: str) -> None:
    approval = next(iter(office.desk.case().approvals))
    decision = cmd.RecordDecision(
        case_id=CaseId("c1"), approval=ApprovalId(approval), verdict=Verdict.APPROVE
    )
    assert office.desk.do(decision, by=by).refusal is None


def test_both_links_are_live_and_the_slower_one_is_told_so(keys: Keys) -> None:
    office = away()
    links = {name: claim(office, keys, name) for name in ("hua", "xia")}
    assert {state(office, link) for link in links.values()} == {LinkState.LIVE}
    office = away()
    approval = next(iter(office.desk.case().approvals.values()))
    assert approval.asks[0].stand_ins == (XIA,)


def test_the_link_of_a_stand_in_ends_with_the_period(keys: Keys) -> None:
    office = away()
    link = claim(office, keys)
    office.desk.clock.advance(timedelta(days=1))
    office.desk.sweep()
    assert state(office, link) is LinkState.DECIDED_BY_OTHERS
    assert state(office, claim(office, keys, "hua")) is LinkState.LIVE


def test_a_link_reissued_for_the_stand_in_replaces_only_theirs(keys: Keys) -> None:
    office = away()
    xia, hua = claim(office, keys), claim(office, keys, "hua")
    again = cmd.ReissueLink(case_id=CaseId("c1"), approval=xia.approval, person=XIA)
    assert office.desk.do(again, by="xia").refusal is None
    assert (state(office, xia), state(office, hua)) == (LinkState.REPLACED, LinkState.LIVE)
    assert state(office, claim(office, keys)) is LinkState.LIVE


def test_the_message_says_for_whom_the_reader_stands_in(keys: Keys) -> None:
    message = told(away(), keys, MessageKind.APPROVAL_REQUESTED, to="xia")
    assert "由您代理" in message.text
    assert "/s/" in message.text
    own = told(away(), keys, MessageKind.APPROVAL_REQUESTED, to="hua")
    assert "由您代理" not in own.text


def test_whoever_takes_over_reads_from_whom_and_why(keys: Keys) -> None:
    office = _with_xia()
    over = sc.HandOverWork(case_id=CaseId("c1"), person=PersonId("hua"), to=XIA, reason="月底离职")
    assert office.desk.do(over).refusal is None
    message = told(office, keys, MessageKind.WORK_HANDED_OVER, to="xia")
    assert "交接给您" in message.subject
    assert "月底离职" in message.text
