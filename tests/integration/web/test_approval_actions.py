"""The case page's buttons for every act on a running approval: shown to whom they are open, and working."""

import pytest

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.state import ApprovalState, Verdict
from engine.ids import CaseId, PersonId
from tests.integration.web.test_signoff_acts import approval, kinds
from tests.web_site import defaults

PAGE = "/cases/poster-1"


@pytest.fixture
def asked(site):
    site.asked()
    return site


def acts_of(page):
    return [button.attributes["value"] for button in page.html.css("#requests .possible button[name=act]")]


def on(site):
    return {"case_id": "poster-1", "approval": approval(site).id}


def send(site, visit, person, act, **parts):
    """Presses the button of this act on the page of the case, as this person."""
    page = visit(PAGE, client=site.another(person=person))
    address = f"{PAGE}/approvals/{approval(site).id}/acts"
    form = next(
        form
        for form in page.html.css(f'form[action="{address}"]')
        if form.css_first(f'button[value="{act}"]') is not None
    )
    return page.client.post(address, data={**defaults(form), "act": act, **parts})


@pytest.mark.parametrize(
    ("person", "acts"),
    [
        ("ann", ["nudge", "copy", "comment"]),
        ("bob", ["return", "ask", "transfer", "delegate", "add", "nudge", "copy", "comment"]),
        ("eve", ["nudge", "copy", "comment"]),
    ],
)
def test_only_what_a_person_could_do_is_shown(asked, visit, person, acts):
    assert acts_of(visit(PAGE, client=asked.another(person=person))) == acts


@pytest.mark.parametrize(
    ("person", "act", "parts", "kind"),
    [
        ("bob", "return", {"return.way": "", "return.text": "改价"}, "request_returned"),
        ("bob", "ask", {"ask.text": "报价单？"}, "material_asked"),
        ("bob", "transfer", {"transfer.person": "伊芙", "transfer.reason": "休假"}, "ask_transferred"),
        ("bob", "delegate", {"delegate.person": "eve", "delegate.reason": "先看"}, "ask_delegated"),
        ("bob", "add", {"add.person": ["伊芙", "Zed Agency"], "add.reason": "x"}, "signers_added"),
        ("ann", "nudge", {}, "approval_nudged"),
        ("ann", "copy", {"copy.person": "伊芙"}, "approval_copied"),
        ("eve", "comment", {"comment.text": "加急"}, "approval_commented"),
    ],
)
def test_each_button_is_one_event(asked, visit, person, act, parts, kind):
    answer = send(asked, visit, person, act, **parts)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{PAGE}?said={act}#requests"
    assert kinds(asked).count(kind) == 1


def test_what_is_open_only_later_works_too(asked, visit):
    send(asked, visit, "bob", "delegate", **{"delegate.person": "伊芙", "delegate.reason": "先看"})
    page = visit(PAGE, client=asked.another(person="bob"))
    assert "伊芙 looks at it first" in page.text
    assert send(asked, visit, "bob", "call_back").status_code == 303
    send(asked, visit, "bob", "delegate", **{"delegate.person": "伊芙", "delegate.reason": "先看"})
    assert send(asked, visit, "eve", "hand_back", **{"hand_back.text": "价格合理"}).status_code == 303
    assert "The opinion of 伊芙 价格合理" in visit(PAGE, client=asked.another(person="bob")).text
    send(asked, visit, "bob", "ask", **{"ask.text": "报价单？"})
    asker = visit(PAGE)
    assert "Bob Lee 要求补充材料，时限暂停。 报价单？" in asker.text
    assert send(asked, visit, "ann", "give", **{"give.text": "见附件"}).status_code == 303
    assert approval(asked).material is None


def test_signers_added_are_shown_and_taken_out(asked, visit):
    send(asked, visit, "bob", "add", **{"add.person": "伊芙", "add.place": "after", "add.reason": "复核"})
    page = visit(PAGE, client=asked.another(person="bob"))
    assert "added by Bob Lee, signs after" in page.text
    gone = send(asked, visit, "bob", "remove", **{"remove.person": "eve", "remove.reason": "不必了"})
    assert (gone.status_code, [ask.person for ask in approval(asked).asks]) == (303, ["bob"])


def test_a_decision_is_taken_back_on_the_page(asked, visit):
    asked.act(cmd.RecordDecision(**on(asked), verdict=Verdict.APPROVE), "bob")
    assert send(asked, visit, "bob", "take_back").status_code == 303
    assert approval(asked).state is ApprovalState.OPEN


def test_what_was_sent_back_says_so_and_is_put_forward_again(asked, visit):
    asked.act(sc.ReturnRequest(**on(asked), comment="价格再谈", straight_back=True), "bob")
    page = visit(f"{PAGE}?lang=en")
    assert "Bob Lee sent it back. It waits until 安娜 resubmits it." in page.text
    assert "Then it comes straight back to Bob Lee. 价格再谈" in page.text
    request = next(iter(asked.case("poster-1").requests))
    assert page.form(f"{PAGE}/requests/{request}/resubmit", reason="改好了").status_code == 303
    assert approval(asked).state is ApprovalState.OPEN
    assert "/resubmit" not in visit(PAGE, client=asked.another(person="bob")).html.html


@pytest.mark.parametrize(
    ("act", "parts", "status", "said"),
    [
        ("transfer", {"transfer.person": "伊芙"}, 422, "Please give a reason."),
        (
            "transfer",
            {"transfer.person": "安娜", "transfer.reason": "x"},
            403,
            "nobody signs their own request",
        ),
        ("return", {"return.way": "release", "return.text": "改"}, 403, "lets nobody return"),
    ],
)
def test_a_refused_act_says_why_and_keeps_what_was_typed(asked, visit, act, parts, status, said):
    answer = send(asked, visit, "bob", act, **parts)
    assert (answer.status_code, said in answer.text) == (status, True)
    for value in (value for name, value in parts.items() if name.endswith((".person", ".text"))):
        assert value in answer.text


def test_content_that_changed_meanwhile_is_not_sent_back_unseen(asked, visit):
    page = visit(PAGE, client=asked.another(person="bob"))
    address = f"{PAGE}/approvals/{approval(asked).id}/acts"
    asked.act(cmd.SetFields(case_id=CaseId("poster-1"), values={"price": "1500"}))
    token = page.html.css_first("input[name=token]").attributes["value"]
    typed = {"token": token, "act": "return", "return.text": "x", "round": "1", "content": "old"}
    assert page.client.post(address, data=typed).status_code == 409


@pytest.mark.parametrize("act", ["decide", "withdraw", "nonsense", ""])
def test_an_act_that_is_none_is_answered_with_the_page(asked, visit, act):
    page = visit(PAGE, client=asked.another(person="bob"))
    token = page.html.css_first("input[name=token]").attributes["value"]
    answer = page.client.post(
        f"{PAGE}/approvals/{approval(asked).id}/acts", data={"token": token, "act": act}
    )
    assert (answer.status_code, "Choose what to do." in answer.text) == (422, True)


def test_who_is_copied_is_shown(asked, visit):
    asked.act(sc.CopyApproval(**on(asked), persons=(PersonId("eve"),)))
    assert "Copied to: 伊芙" in visit(f"{PAGE}?lang=en").text
