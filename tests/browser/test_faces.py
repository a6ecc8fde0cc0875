"""The faces in a real browser: a case from start to sign-off, by keyboard, by finger, with and
without script.
"""

import re

import pytest

from engine.case import commands as cmd
from engine.case.state import TaskState, Verdict

pytestmark = pytest.mark.browser


def test_start_a_case_and_do_its_tasks(served):
    page = served.open("/")
    page.get_by_text("新建案例").click()
    page.locator(".start input[name=title]").fill("夏季海报")
    page.get_by_role("button", name="开始").click()
    page.wait_for_url(re.compile(r"/cases/.*said=started"))
    page.get_by_role("button", name="完成：出草图").click()
    page.get_by_text("已保存").wait_for()
    page.locator("#field-headline").fill("清凉一夏")
    page.locator("#field-price").fill("1,200")
    page.locator("#fields details[open] button.primary").first.click()
    page.get_by_text("已保存").wait_for()
    case = served.site.store.board.page().cases[0]
    values = served.site.store.board.case(case.id).values
    assert values == {"headline": "清凉一夏", "price": {"amount": "1200.00", "currency": "CNY"}}
    assert served.complaints == []


def test_advance_shows_without_reloading(served):
    case = served.site.asked()
    page = served.open("/cases/poster-1")
    assert page.locator(".stepper [aria-current=step]").inner_text().startswith("起草")
    approval = next(iter(served.site.store.board.case(case).approvals))
    served.site.act(
        cmd.RecordDecision(case_id=case, approval=approval, verdict=Verdict.APPROVE), person="bob"
    )
    served.site.fire(case)
    page.locator(".stepper [aria-current=step]", has_text="发布").wait_for()
    assert served.complaints == []


def test_what_was_said_of_a_press_goes_when_the_case_moves_on(served):
    case = served.site.start()
    page = served.open("/cases/poster-1?said=going&lang=zh#now")
    assert page.locator("#said").inner_text() == "已提交，马上流转。"
    served.site.act(cmd.CompleteTask(case_id=case, task="sketch"))
    page.locator("#said").wait_for(state="detached")
    assert page.url == f"{served.address}/cases/poster-1?lang=zh#now"


def test_words_being_typed_are_not_swept_away(served):
    case = served.site.asked()
    page = served.open("/cases/poster-1")
    page.locator("textarea[name=text]").fill("还没写完")
    served.site.act(cmd.AddComment(case_id=case, text="别人的话"))
    page.locator("#moved:not([hidden])").wait_for()
    assert page.locator("textarea[name=text]").input_value() == "还没写完"


def test_everything_works_without_script(served):
    served.site.start()
    page = served.open("/cases/poster-1", script=False)
    page.get_by_role("button", name="完成：出草图").click()
    page.wait_for_url(re.compile("said=saved"))
    assert served.site.store.board.case("poster-1").tasks["sketch"].state is TaskState.DONE


@pytest.mark.parametrize("script", [True, False])
def test_sign_on_a_phone_from_the_link(served, script):
    served.site.asked()
    link, code = _link(served)
    page = served.open(link, width=390, script=script)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390 if script else True
    page.get_by_label("The four digits in the message").fill(code)
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("You approved.").wait_for()
    assert served.complaints == []


def test_sign_by_keyboard_alone(served):
    served.site.asked()
    link, code = _link(served)
    page = served.open(link, width=390)
    page.get_by_label("Comment (required when you reject)").focus()
    page.keyboard.type("too dear")
    page.keyboard.press("Tab")
    page.keyboard.type(code)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("You rejected.").wait_for()


def test_enter_key_in_the_code_field_decides_nothing(served):
    served.site.asked()
    link, code = _link(served)
    page = served.open(link, width=390)
    page.get_by_label("The four digits in the message").fill(code)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("You approved.").wait_for()
    decided = [
        e for e in served.site.store.history.read_events("poster-1") if e.event.kind == "decision_recorded"
    ]
    assert len(decided) == 1


def test_one_thumb_is_enough_on_a_phone(served):
    """The two buttons and the digits stay at the bottom edge, wherever the page is scrolled to."""
    served.site.asked()
    link, code = _link(served)
    page = served.open(link, width=390, script=False)
    for name in ("Approve", "Reject"):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert 844 / 2 < box["y"] < 844 - box["height"]
        assert box["height"] >= 44
    page.get_by_label("The four digits in the message").fill(code)
    page.get_by_role("button", name="Approve", exact=True).click()
    page.get_by_text("You approved.").wait_for()


def test_an_act_is_done_by_keyboard_and_without_script(served):
    served.site.asked()
    link, code = _link(served)
    page = served.open(link, width=390, script=False)
    page.get_by_label("The four digits in the message").fill(code)
    page.get_by_text("Ask for material").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("报价单？")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_text("The requester is asked for it.").wait_for()
    page.locator("summary", has_text="Hand over").click()
    page.locator("[name='transfer.person']").fill("伊芙")
    page.keyboard.press("Enter")
    assert page.get_by_text("What you sign").is_visible()
    kinds = [e.event.kind for e in served.site.store.history.read_events("poster-1")]
    assert (kinds.count("material_asked"), kinds.count("ask_transferred")) == (1, 0)
    assert served.complaints == []


def test_a_case_page_act_keeps_its_words_while_the_page_looks_after_itself(served):
    served.site.asked()
    page = served.open("/cases/poster-1?lang=en", person="bob")
    page.locator(".possible summary", has_text="Delegate").click()
    page.locator("[name='delegate.person']").fill("伊芙")
    page.locator("[name='delegate.reason']").fill("先看")
    page.locator("button[value=delegate]").click()
    page.get_by_text("It is delegated; you get it back with an opinion.").wait_for()
    page.get_by_text("伊芙 looks at it first").wait_for()
    assert served.complaints == []


def test_opening_and_clicking_around_a_link_decides_nothing(served):
    served.site.asked()
    link, _ = _link(served)
    before = served.site.tables()
    page = served.open(link)
    for name in ("Approve", "Reject"):
        page.get_by_role("button", name=name, exact=True).click()
        page.locator("#notice").wait_for()
    after = served.site.tables()
    assert (after["event"], after["case_"]) == (before["event"], before["case_"])


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_complains_or_runs_over_the_edge(served, width, language):
    served.site.asked()
    link, _ = _link(served)
    page = served.open("/", width=width)
    for path in ("/", "/work", "/sops", "/sops/poster", "/cases/poster-1", "/mailbox", "/operations", link):
        page.goto(f"{served.address}{path}?lang={language}")
        page.evaluate(UNFOLD)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert served.complaints == []


def test_on_a_phone_the_box_that_removes_a_row_says_so(served):
    served.site.asked()
    page = served.open("/cases/poster-1", width=375)
    page.evaluate(UNFOLD)
    said = "getComputedStyle(document.querySelector('td.remove'), '::before').content"
    assert page.evaluate(said) == '"移除"'
    assert page.locator("[name='f.run.start']").is_visible()


UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"


def _link(served):
    from web.letters import letter

    for mail in served.site.store.mailbox.page():
        found = letter(served.site.wiring, mail)
        if mail.to_person == "bob" and found and found.link:
            return found.link.removeprefix(served.address), found.code
    raise AssertionError("no link is owed")
