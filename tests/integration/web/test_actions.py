"""Everything the case page offers, through its own forms."""

from datetime import timedelta
from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case.state import RULE, CaseStatus, TaskState
from engine.ids import CaseId

POSTER = CaseId("poster-1")


def case_of(site, case_id="poster-1"):
    return site.store.board.case(case_id)


def test_start_a_case_from_the_board(site, visit):
    page = visit("/")
    answer = page.form("/cases", sop="poster", title="夏季海报")
    assert answer.status_code == 303
    case_id = answer.headers["location"].removeprefix("/cases/").removesuffix("?said=started")
    assert case_of(site, case_id).title == "夏季海报"
    assert "案例已建立" in visit(answer.headers["location"]).text


def test_start_with_first_fields_from_the_library(site, visit):
    answer = visit("/sops/poster").form("/cases", title="夏", **{"f.headline": "清凉", "f.price": "1,200.50"})
    case_id = answer.headers["location"].split("/")[2].split("?")[0]
    assert case_of(site, case_id).values == {
        "headline": "清凉",
        "price": {"amount": "1200.50", "currency": "CNY"},
    }


def test_bad_first_field_comes_back_with_what_was_typed(site, visit):
    answer = visit("/sops/poster").form("/cases", title="夏", **{"f.price": "许多钱"})
    assert answer.status_code == 422
    assert 'value="许多钱"' in answer.text
    assert 'value="夏"' in answer.text


def test_double_click_starts_one_case(site, visit):
    page = visit("/")
    first, second = (page.form("/cases", sop="poster", title="夏") for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert site.store.board.page().total == 1


def test_tasks_are_completed_reopened_and_waived(site, visit):
    site.start()
    path = "/cases/poster-1"
    assert visit(path).form(f"{path}/tasks/sketch/complete").status_code == 303
    assert case_of(site).tasks["sketch"].state is TaskState.DONE
    assert visit(path).form(f"{path}/tasks/sketch/reopen").status_code == 303
    assert case_of(site).tasks["sketch"].state is TaskState.OPEN
    assert visit(path).form(f"{path}/tasks/pick_font/waive", reason="沿用旧字体").status_code == 303
    assert case_of(site).tasks["pick_font"].state is TaskState.WAIVED


def test_waiving_without_reason_is_refused_in_a_sentence(site, visit):
    site.start()
    answer = visit("/cases/poster-1").form("/cases/poster-1/tasks/pick_font/waive")
    assert (answer.status_code, "请填写理由" in answer.text) == (422, True)


def test_every_type_of_field_is_saved_from_its_control(site, visit):
    site.start()
    path = "/cases/poster-1"
    sent = visit(path).client.post(
        f"{path}/fields",
        data={
            **_hidden(visit(path)),
            "name": list(case_fields(site)),
            "f.headline": "春日",
            "f.notes": "第一行\r\n第二行",
            "f.copies": "12",
            "f.price": "88 USD",
            "f.share": "12.5",
            "f.go_live_on": "2026-04-01",
            "f.meeting": "2026-03-05T14:30",
            "f.run.start": "2026-04-01",
            "f.run.end": "2026-04-30",
            "f.lead_time": "3 wd",
            "f.paper": "gloss",
            "f.urgent": "true",
            "f.owner": "bob",
            "f.channels": "地铁\n公交",
            "f.lines.0.item": "印刷",
            "f.lines.0.amount": "800",
            "f.lines.3.item": "张贴",
            "f.lines.3.amount": "200",
            "f.lines.4.item": "多余",
            "f.lines.4.amount": "1",
            "f.lines.4.remove": "1",
        },
        files={"f.proof": ("样张.png", b"png", "image/png")},
    )
    assert sent.status_code == 303, sent.text
    values = dict(case_of(site).values)
    proof = values.pop("proof")
    assert (proof["name"], proof["size"]) == ("样张.png", 3)
    assert values == {
        "headline": "春日",
        "notes": "第一行\n第二行",
        "copies": 12,
        "price": {"amount": "88.00", "currency": "USD"},
        "share": "12.5",
        "go_live_on": "2026-04-01",
        "meeting": "2026-03-05T06:30:00Z",
        "run": {"start": "2026-04-01", "end": "2026-04-30"},
        "lead_time": "3 wd",
        "paper": "gloss",
        "urgent": True,
        "owner": "bob",
        "channels": ["地铁", "公交"],
        "lines": [
            {"item": "印刷", "amount": {"amount": "800.00", "currency": "CNY"}},
            {"item": "张贴", "amount": {"amount": "200.00", "currency": "CNY"}},
        ],
    }


def test_saving_a_form_unchanged_changes_nothing(site, visit):
    test_every_type_of_field_is_saved_from_its_control(site, visit)
    before = case_of(site)
    page = visit("/cases/poster-1")
    for node in page.html.css('form[action="/cases/poster-1/fields"]'):
        from tests.web_site import defaults

        answer = page.client.post("/cases/poster-1/fields", data=defaults(node))
        assert answer.status_code == 303, visit_notice(answer)
    assert case_of(site) == before


def visit_notice(answer):
    return answer.text.partition('id="notice"')[2][:600]


def case_fields(site):
    return site.store.definitions.by_digest(case_of(site).definition).sop.fields


def _hidden(page):
    return {
        one.attributes["name"]: one.attributes["value"]
        for one in page.html.css(
            'form[action$="/fields"] input[name=token], form[action$="/fields"] input[name=key]'
        )
    }


def test_emptied_field_is_taken_away(site, visit):
    site.asked()
    visit("/cases/poster-1").form("/cases/poster-1/fields", name=["headline"], **{"f.headline": ""})
    assert "headline" not in case_of(site).values


def test_bad_values_come_back_with_sentence_and_typed_text(site, visit):
    site.start()
    answer = visit("/cases/poster-1").form("/cases/poster-1/fields", **{"f.headline": "好", "f.price": "x"})
    assert answer.status_code == 422
    assert 'value="x"' in answer.text
    assert 'value="好"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert case_of(site).values == {}


def test_deliverable_goes_up_and_comes_down_as_a_file(site, visit):
    site.start()
    page = visit("/cases/poster-1")
    sent = page.form(
        "/cases/poster-1/files/artwork", file=("成 稿.html", b"<script>alert(1)</script>", "text/html")
    )
    assert sent.status_code == 303
    link = visit("/cases/poster-1").html.css_first("#deliverable-artwork a").attributes["href"]
    down = site.browser.get(link)
    assert down.content == b"<script>alert(1)</script>"
    assert down.headers["content-type"] == "application/octet-stream"
    assert down.headers["x-content-type-options"] == "nosniff"
    assert down.headers["content-disposition"] == "attachment; filename*=UTF-8''%E6%88%90%20%E7%A8%BF.html"


def test_file_of_another_case_is_not_handed_out(site):
    site.asked("poster-1")
    site.start("poster-2")
    digest = case_of(site).attachments["artwork"][0].hash
    assert site.browser.get(f"/cases/poster-1/files/{digest}").status_code == 200
    assert site.browser.get(f"/cases/poster-2/files/{digest}").status_code == 404


def test_asking_signing_and_arriving(site, visit):
    case_id = site.asked()
    lead = site.another(person="bob")
    page = visit("/cases/poster-1", client=lead)
    approval = next(iter(case_of(site).approvals))
    assert page.form(f"/cases/poster-1/approvals/{approval}", verdict="approve").status_code == 303
    site.fire(case_id)
    assert [v.stage for v in case_of(site).positions.values()] == ["release"]
    assert visit("/cases/poster-1").form("/cases/poster-1/moves/finish").status_code == 303
    site.fire(case_id)
    assert (case_of(site).status, case_of(site).outcome) == (CaseStatus.CLOSED, "done")
    assert visit("/cases/poster-1").status == 200


def test_only_who_is_asked_sees_the_buttons(site, visit):
    site.asked()
    approval = next(iter(case_of(site).approvals))
    form = f'form[action="/cases/poster-1/approvals/{approval}"]'
    assert visit("/cases/poster-1").html.css_first(form) is None
    assert visit("/cases/poster-1", client=site.another(person="bob")).html.css_first(form) is not None


def test_signing_what_has_changed_since_is_refused(site, visit):
    site.asked()
    page = visit("/cases/poster-1", client=site.another(person="bob"))
    site.act(cmd.SetFields(case_id=POSTER, values={"price": "9999"}))
    approval = next(iter(case_of(site).approvals))
    answer = page.form(f"/cases/poster-1/approvals/{approval}", verdict="approve")
    assert (answer.status_code, "changed" in answer.text) == (409, True)
    assert case_of(site).approvals[approval].asks[0].decision is None


def test_blocked_move_is_refused_with_every_blocker(site, visit):
    site.start()
    page = visit("/cases/poster-1")
    token = page.html.css_first("input[name=token]").attributes["value"]
    answer = page.client.post("/cases/poster-1/moves/publish", data={"token": token})
    assert answer.status_code == 409
    for missing in ("出草图", "选字体", "标题", "报价", "成稿"):
        assert missing in answer.text


def test_request_is_withdrawn_by_who_asked(site, visit):
    site.asked()
    request = next(iter(case_of(site).requests))
    assert visit("/cases/poster-1").form(f"/cases/poster-1/requests/{request}/withdraw").status_code == 303
    assert case_of(site).requests == {}


def test_hold_resume_comment_roles_and_milestone(site, visit):
    site.start()
    path = "/cases/poster-1"
    visit(path).form(f"{path}/hold", reason="等客户", resume_on="2026-03-20")
    assert case_of(site).status is CaseStatus.HELD
    visit(path).form(f"{path}/resume")
    assert case_of(site).status is CaseStatus.OPEN
    assert visit(path).form(f"{path}/comments", text="进展顺利").status_code == 303
    assert "进展顺利" in visit(path).text
    visit(path).form(f"{path}/roles/lead", person=["eve", "bob"])
    assert case_of(site).roles == {"lead": ("eve", "bob")}
    assert visit(path).form(f"{path}/milestones/draft_done", planned="2026-03-30").status_code == 303
    assert case_of(site).milestones["draft_done"].planned.isoformat() == "2026-03-30"


@pytest.mark.parametrize("day", ["2026-13-45", "x" * 50])
def test_day_that_is_none_gets_a_sentence(site, visit, day):
    site.start()
    answer = visit("/cases/poster-1").form("/cases/poster-1/hold", reason="等", resume_on=day)
    assert (answer.status_code, "2026-03-31" in answer.text) == (422, True)


def test_dead_message_is_sent_again(site, visit):
    from engine.ports import Outcome

    site.asked()
    for claimed in site.store.queues.claim_messages(limit=10, holder="t", lease_seconds=60):
        outcome = Outcome(state="dead", code="404", detail="gone")
        site.store.queues.finish(claimed, outcome, now=site.clock.now())
    page = visit("/operations")
    form = page.html.css_first('form[action$="/again"]').attributes["action"]
    assert page.form(form).headers["location"] == "/operations?said=replayed"
    number = int(form.split("/")[2])
    assert site.store.mailbox.get(number).state.value == "retry"


@pytest.mark.parametrize(("state", "listed"), [("dead", True), ("rejected", True), ("cancelled", False)])
def test_operations_list_in_words_what_only_a_person_sets_going_again(site, visit, state, listed):
    from engine.ports import Outcome

    site.asked()
    for claimed in site.store.queues.claim_messages(limit=10, holder="t", lease_seconds=60):
        site.store.queues.finish(claimed, Outcome(state=state, code="x", detail=""), now=site.clock.now())
    page = visit("/operations")
    assert (page.html.css_first('form[action$="/again"]') is not None) is listed
    assert ("请求审批 · Bob Lee" in page.text) is listed
    assert "approval_requested" not in page.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_of_message_has_its_words(language):
    from engine.outbox import MessageKind, NoticeKind
    from web.phrases import Phrases
    from web.rendering import environment

    t = Phrases(language)
    names: Any = environment().get_template("states.html").make_module({"t": t})
    between_cases = {"start_case", "close_by_parent", "record_child_closed"}
    kinds = [*MessageKind, *NoticeKind, *between_cases]
    said = {names.kind_name(kind) for kind in kinds}
    assert (len(said), t("message") in said) == (len(kinds), False)


def test_a_move_nobody_has_to_agree_to_is_said_to_go_on_at_once(site, visit):
    case = site.asked()
    page = visit("/cases/poster-1")
    dropped = page.form(f"/cases/{case}/moves/drop", reason="不做了")
    assert dropped.headers["location"] == "/cases/poster-1?said=going#now"
    assert "已提交，马上流转。" in visit("/cases/poster-1?said=going").text


def test_a_move_that_waits_for_somebody_is_said_to_wait(site, visit):
    case = site.asked()
    request = next(iter(site.case(case).requests))
    site.act(cmd.WithdrawRequest(case_id=case, request=request))
    answer = visit("/cases/poster-1").form(f"/cases/{case}/moves/publish")
    assert answer.headers["location"] == "/cases/poster-1?said=asked#now"


def test_long_words_are_folded_in_the_history_and_short_ones_are_not(site, visit):
    case = site.start()
    site.act(cmd.AddComment(case_id=case, text="短"))
    site.act(cmd.AddComment(case_id=case, text="长" * 5000))
    history = visit("/cases/poster-1").html.css_first(".history")
    assert [q.text() for q in history.css("li > q")] == ["短"]
    folded = history.css_first("details:not([open])")
    assert "全文共 5000 字" in folded.css_first("summary").text()
    assert folded.css_first("q").text() == "长" * 5000


def test_switching_person_changes_who_acts(site, visit):
    site.start()
    page = visit("/cases/poster-1")
    assert page.form("/person", person="eve", back="/cases/poster-1").headers["location"] == "/cases/poster-1"
    visit("/cases/poster-1").form("/cases/poster-1/comments", text="我是伊芙")
    assert site.store.history.read_events("poster-1")[-1].actor.person == "eve"


@pytest.mark.parametrize("back", ["//evil.example/", "/\\evil.example", "https://evil.example", "evil"])
def test_switching_person_leads_nowhere_else(visit, back):
    assert visit("/").form("/person", person="eve", back=back).headers["location"] == "/"


def test_form_without_token_or_from_elsewhere_does_nothing(site, visit):
    site.start()
    path = "/cases/poster-1/tasks/sketch/complete"
    page = visit("/cases/poster-1")
    token = page.html.css_first("input[name=token]").attributes["value"]
    stranger = site.another(person="ann")
    tries = [
        page.client.post(path),
        page.client.post(path, data={"token": "0" * 40}),
        page.client.post(path, data={"token": token}, headers={"Origin": "http://evil.example"}),
        page.client.post(path, data={"token": token}, headers={"Origin": "http://127.0.0.1:9999"}),
        page.client.post(path, data={"token": token}, headers={"Sec-Fetch-Site": "cross-site"}),
        page.client.post(
            path, data={"token": token}, headers={"Origin": "null", "Sec-Fetch-Site": "same-site"}
        ),
        stranger.post(path, data={"token": token}),
    ]
    assert [answer.status_code for answer in tries] == [403] * len(tries)
    assert case_of(site).tasks["sketch"].state is TaskState.OPEN
    good = page.client.post(
        path, data={"token": token}, headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    )
    assert good.status_code == 303


def test_looking_at_pages_changes_nothing(site, visit):
    site.asked()
    before = site.tables()
    for path in (
        "/",
        "/work",
        "/sops",
        "/sops/poster",
        "/cases/poster-1",
        "/mailbox",
        "/operations",
        "/health",
        "/health/sweep",
    ):
        visit(path)
    assert site.tables() == before


def test_version_tells_the_script_when_to_look_again(site):
    site.start()
    before = site.browser.get("/cases/poster-1/version").json()["version"]
    site.act(cmd.CompleteTask(case_id=POSTER, task="sketch"))
    assert site.browser.get("/cases/poster-1/version").json() == {"version": before + 1}


def test_deadline_says_how_long_is_left_and_then_how_late(site, visit):
    case = site.start()
    assert "还剩 2 天" in visit("/cases/poster-1").html.css_first("#deadlines").text()
    site.clock.advance(timedelta(days=5))
    site.service.handle(cmd.Sweep(case_id=case), actor=RULE)
    assert "逾期 " in visit("/cases/poster-1").html.css_first("#deadlines").text()
