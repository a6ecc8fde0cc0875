from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.state import Approval, CaseStatus
from engine.ids import ApprovalId, CaseId, PersonId
from notifications.keys import Keys
from notifications.links import (
    LONGEST_TOKEN,
    LinkClaim,
    LinkState,
    after_wrong_code,
    check,
    claim_for,
    code_for,
    code_matches,
    issue_link,
    read_link,
)
from tests.factories import a_sop, an_approval
from tests.unit.notifications.office import Office, an_office, asking, keys_in


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return keys_in(tmp_path_factory.mktemp("keys"))


def a_claim(keys: Keys, **parts: object) -> LinkClaim:
    claim = LinkClaim(
        case=CaseId("c1"),
        approval=ApprovalId("a9"),
        person=PersonId("hua"),
        round=1,
        content="0123456789abcdef",
        issue=1,
        epoch=keys.epoch,
        key=keys.ring.newest.id,
    )
    return replace(claim, **parts)


def a_token(keys: Keys, **parts: object) -> str:
    return issue_link("https://x", keys, a_claim(keys, **parts)).removeprefix("https://x/s/")


def test_a_link_reads_back_as_what_it_was_made_of(keys: Keys) -> None:
    link = issue_link("https://gate.example/", keys, a_claim(keys))
    assert link.startswith("https://gate.example/s/")
    assert read_link(link.rpartition("/")[2], keys) == a_claim(keys)


def test_a_link_holds_only_characters_that_mail_programs_keep_in_links(keys: Keys) -> None:
    token = a_token(keys, person=PersonId("王伟/?&#"))
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert token[-1].isalnum()
    assert len(a_token(keys)) < 200


def test_no_token_with_one_character_changed_is_accepted(keys: Keys) -> None:
    token = a_token(keys)
    letters = "ABCDwxyz0189-_.=~"
    changed = {token[:n] + c + token[n + 1 :] for n in range(len(token)) for c in letters} - {token}
    assert [t for t in changed if read_link(t, keys) is not None] == []


def test_no_token_with_one_bit_flipped_is_accepted(keys: Keys) -> None:
    token = a_token(keys).encode()
    flipped = [
        (token[:n] + bytes([token[n] ^ 1 << bit]) + token[n + 1 :]).decode("latin-1")
        for n in range(len(token))
        for bit in range(8)
    ]
    assert [t for t in flipped if read_link(t, keys) is not None] == []


def test_no_part_of_a_token_is_accepted(keys: Keys) -> None:
    token = a_token(keys)
    parts = [token[:n] for n in range(len(token))] + [token[n:] for n in range(1, len(token))]
    assert [
        t for t in (*parts, token + "=", token + " ", "." + token) if read_link(t, keys) is not None
    ] == []


@pytest.mark.parametrize(
    "other",
    [
        {"case": CaseId("c2")},
        {"approval": ApprovalId("a8")},
        {"person": PersonId("bo")},
        {"round": 2},
        {"content": "fedcba9876543210"},
        {"issue": 2},
        {"epoch": 7},
    ],
    ids=lambda other: next(iter(other)),
)
def test_the_signature_of_one_link_fits_no_other(keys: Keys, other: dict[str, object]) -> None:
    _, signature, key = a_token(keys).split(".")
    payload = a_token(keys, **other).split(".")[0]
    assert read_link(f"{payload}.{signature}.{key}", keys) is None


def test_a_link_signed_with_another_companys_key_is_refused(keys: Keys, tmp_path: Path) -> None:
    other = keys_in(tmp_path)
    assert read_link(a_token(other), keys) is None


@given(st.text(max_size=300) | st.text("abcAZ09-_.", max_size=300))
def test_no_text_makes_reading_fail(keys: Keys, text: str) -> None:
    assert read_link(text, keys) is None


def test_an_endless_token_is_refused_unread(keys: Keys) -> None:
    assert read_link("A" * (LONGEST_TOKEN + 1), keys) is None


def test_a_link_outlives_one_rotation_and_not_two(tmp_path: Path) -> None:
    keys = keys_in(tmp_path)
    claim, token = a_claim(keys), a_token(keys)
    code = code_for(keys, claim)
    keys.rotate()
    assert read_link(token, keys) == claim
    assert code_matches(keys, claim, code)
    keys.rotate()
    assert read_link(token, keys) is None
    assert not code_matches(keys, claim, code)
    with pytest.raises(LookupError, match="signing key 1 is no longer kept"):
        issue_link("https://x", keys, claim)


def test_a_raised_epoch_ends_every_link_and_new_ones_work(tmp_path: Path) -> None:
    keys = keys_in(tmp_path)
    token = a_token(keys)
    keys.raise_epoch()
    assert read_link(token, keys) is None
    assert read_link(a_token(keys), keys) == a_claim(keys)


def test_the_code_is_four_digits_and_belongs_to_one_link(keys: Keys) -> None:
    codes = {code_for(keys, a_claim(keys, issue=n)) for n in range(1, 200)}
    assert all(len(code) == 4 and code.isdecimal() for code in codes)
    assert len(codes) > 150
    assert code_for(keys, a_claim(keys)) == code_for(keys, a_claim(keys))


@pytest.mark.parametrize("typed", ["{}", " {} ", "{0[0]} {0[1]}{0[2]} {0[3]}"])
def test_the_code_may_be_typed_with_spaces(keys: Keys, typed: str) -> None:
    claim = a_claim(keys)
    assert code_matches(keys, claim, typed.format(code_for(keys, claim)))


def test_the_code_may_be_typed_in_full_width(keys: Keys) -> None:
    claim = a_claim(keys)
    wide = code_for(keys, claim).translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)})
    assert code_matches(keys, claim, wide)


@given(st.text(max_size=50))
def test_nothing_but_the_code_is_taken_for_it(keys: Keys, typed: str) -> None:
    claim = a_claim(keys)
    digits = "".join(c for c in typed if not c.isspace())
    assert code_matches(keys, claim, typed + "x") is False
    assert code_matches(keys, claim, "") is False or digits == ""


def test_the_fifth_wrong_code_burns_the_link() -> None:
    assert [after_wrong_code(n) for n in range(1, 7)] == [
        "again",
        "again",
        "again",
        "again",
        "burnt",
        "burnt",
    ]


# What a link is worth, read off the case.


def the_approval(office: Office) -> Approval:
    return next(a for a in office.desk.case().approvals.values())


def state_of(office: Office, claim: LinkClaim) -> LinkState:
    case = office.desk.case()
    return check(claim, case, office.definition(case.definition))


def claim_of(office: Office, keys: Keys, person: str = "hua") -> LinkClaim:
    claim = claim_for(the_approval(office), PersonId(person), CaseId("c1"), keys)
    assert claim is not None
    return claim


def test_a_link_is_live_while_its_person_is_asked(keys: Keys) -> None:
    office = asking(an_office())
    claim = claim_of(office, keys)
    assert state_of(office, claim) is LinkState.LIVE
    assert the_approval(office).content.startswith(claim.content)
    assert len(claim.content) == 16


def test_who_is_not_asked_gets_no_link(keys: Keys) -> None:
    assert claim_for(the_approval(asking(an_office())), PersonId("bo"), CaseId("c1"), keys) is None


def test_a_link_for_somebody_who_is_not_asked_decides_nothing(keys: Keys) -> None:
    office = asking(an_office())
    stranger = replace(claim_of(office, keys), person=PersonId("bo"))
    assert state_of(office, stranger) is LinkState.DECIDED_BY_OTHERS


def test_changed_content_kills_the_link_and_the_new_round_has_its_own(keys: Keys) -> None:
    office = asking(an_office())
    old = claim_of(office, keys)
    office.desk.set(budget={"amount": "150000", "currency": "CNY"})
    assert state_of(office, old) is LinkState.CONTENT_CHANGED
    assert state_of(office, claim_of(office, keys)) is LinkState.LIVE


def test_changed_and_changed_back_leaves_the_old_link_dead(keys: Keys) -> None:
    office = asking(an_office())
    old = claim_of(office, keys)
    office.desk.set(budget={"amount": "150000", "currency": "CNY"})
    office.desk.set(budget={"amount": "120000", "currency": "CNY"})
    assert state_of(office, old) is LinkState.CONTENT_CHANGED


def test_a_link_of_this_round_for_other_content_is_dead(keys: Keys) -> None:
    office = asking(an_office())
    assert state_of(office, replace(claim_of(office, keys), content="f" * 16)) is LinkState.CONTENT_CHANGED


def test_a_reissued_link_replaces_the_one_before(keys: Keys) -> None:
    office = asking(an_office())
    old = claim_of(office, keys)
    again = cmd.ReissueLink(case_id=CaseId("c1"), approval=old.approval, person=old.person)
    assert office.desk.do(again, by="hua").refusal is None
    assert state_of(office, old) is LinkState.REPLACED
    assert state_of(office, claim_of(office, keys)) is LinkState.LIVE


def both(**parts: object) -> Office:
    review = {"by": [{"role": "head"}, {"role": "boss"}], "on_reject": "stop", **parts}
    return asking(an_office(review=review))


def act(office: Office, kind: type[Any], by: str, **parts: object) -> None:
    approval = next(iter(office.desk.case().approvals))
    assert office.desk.do(kind(case_id=CaseId("c1"), approval=approval, **parts), by=by).refusal is None


def test_a_transferred_ask_kills_the_link_and_the_new_signer_holds_one(keys: Keys) -> None:
    office = asking(an_office())
    old = claim_of(office, keys)
    act(office, sc.TransferAsk, "hua", to=PersonId("xia"), reason="休假")
    assert state_of(office, old) is LinkState.DECIDED_BY_OTHERS
    assert state_of(office, claim_of(office, keys, "xia")) is LinkState.LIVE


def test_while_it_is_delegated_the_owners_link_waits(keys: Keys) -> None:
    office = asking(an_office())
    link = claim_of(office, keys)
    act(office, sc.DelegateAsk, "hua", to=PersonId("xia"), reason="先看")
    assert state_of(office, link) is LinkState.DELEGATED
    act(office, sc.HandBack, "xia", text="可以")
    assert state_of(office, link) is LinkState.LIVE


def test_who_looks_at_it_for_another_has_a_link_until_it_is_handed_back(keys: Keys) -> None:
    office = asking(an_office())
    act(office, sc.DelegateAsk, "hua", to=PersonId("xia"), reason="先看")
    case = office.desk.case()
    link = claim_for(next(iter(case.approvals.values())), PersonId("xia"), case.id, keys)
    assert link is not None
    assert state_of(office, link) is LinkState.LOOKING
    act(office, cmd.ReissueLink, "xia", person=PersonId("xia"))
    assert state_of(office, link) is LinkState.REPLACED
    act(office, sc.HandBack, "xia", text="可以")
    assert state_of(office, link) is LinkState.DECIDED_BY_OTHERS


def test_while_the_request_lies_with_the_requester_no_link_decides(keys: Keys) -> None:
    office = asking(an_office())
    link = claim_of(office, keys)
    act(office, sc.ReturnRequest, "hua", comment="请补")
    assert state_of(office, link) is LinkState.RETURNED


def test_asking_for_material_leaves_the_link_alive(keys: Keys) -> None:
    office = asking(an_office())
    link = claim_of(office, keys)
    act(office, sc.AskForMaterial, "hua", text="明细？")
    assert state_of(office, link) is LinkState.LIVE


def test_an_answer_taken_back_can_be_given_again(keys: Keys) -> None:
    office = both(mode="all")
    link = claim_of(office, keys)
    office.desk.sign("hua")
    act(office, sc.TakeBackDecision, "hua")
    assert state_of(office, link) is LinkState.LIVE


def test_under_a_sequence_the_second_waits_for_the_first(keys: Keys) -> None:
    office = both(mode="sequence")
    first, second = claim_of(office, keys), claim_of(office, keys, "bo")
    assert state_of(office, first) is LinkState.LIVE
    assert state_of(office, second) is LinkState.NOT_YET_YOUR_TURN
    office.desk.sign("hua")
    assert state_of(office, first) is LinkState.ALREADY_DECIDED_BY_YOU
    assert state_of(office, second) is LinkState.LIVE


def two_gates() -> Office:
    """Decided by either of two, and then by a second approval beside it, so that the first stays in sight."""
    sop = a_sop()
    first = an_approval(by=[{"role": "head"}, {"role": "boss"}])
    sop["transitions"][1]["approvals"] = [first, an_approval(id="second", by=[{"role": "boss"}])]
    office = an_office()
    from tests.factories import a_desk

    office.desk = a_desk(sop, review_time="3 wd")
    return asking(office)


def test_when_somebody_else_was_faster_the_link_says_so(keys: Keys) -> None:
    office = two_gates()
    hua, bo = claim_of(office, keys), claim_of(office, keys, "bo")
    office.desk.sign("hua")
    assert state_of(office, hua) is LinkState.ALREADY_DECIDED_BY_YOU
    assert state_of(office, bo) is LinkState.DECIDED_BY_OTHERS


def test_a_withdrawn_request_takes_its_links_along(keys: Keys) -> None:
    office = asking(an_office())
    claim = claim_of(office, keys)
    (request,) = office.desk.case().requests.values()
    office.desk.do(cmd.WithdrawRequest(case_id=CaseId("c1"), request=request.id))
    assert state_of(office, claim) is LinkState.DECIDED_BY_OTHERS


def test_on_hold_a_link_waits_and_works_again_afterwards(keys: Keys) -> None:
    office = asking(an_office())
    claim = claim_of(office, keys)
    office.desk.do(cmd.HoldCase(case_id=CaseId("c1"), reason="等客户"))
    assert state_of(office, claim) is LinkState.HELD
    office.desk.do(cmd.ResumeCase(case_id=CaseId("c1")))
    assert state_of(office, claim) is LinkState.LIVE


def test_on_hold_giving_up_can_still_be_decided(keys: Keys) -> None:
    sop = a_sop()
    sop["transitions"][4]["approvals"] = [an_approval(id="give_up")]
    office = an_office()
    from tests.factories import a_desk

    office.desk = a_desk(sop)
    office.desk.start()
    office.desk.do(cmd.HoldCase(case_id=CaseId("c1"), reason="等客户"))
    assert office.desk.advance("cancel", reason="客户放弃").refusal is None
    assert state_of(office, claim_of(office, keys)) is LinkState.LIVE


def test_a_closed_case_closes_its_links(keys: Keys) -> None:
    office = asking(an_office())
    claim = claim_of(office, keys)
    case = replace(office.desk.case(), status=CaseStatus.CLOSED)
    assert check(claim, case, office.definition(case.definition)) is LinkState.CASE_CLOSED
