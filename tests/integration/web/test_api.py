"""The HTTP API: every act, refusals that name what blocks, acts that happen once, versions that hold."""

import pytest

from engine.case.state import TaskState, Via

ANN = {"X-Guanka-Person": "ann"}
BOB = {"X-Guanka-Person": "bob"}
API = "/api/v1"


@pytest.fixture
def api(site):
    return site.another()


def start(api, **more):
    body = {"sop": "poster", "title": "夏季海报", **more}
    return api.post(f"{API}/cases", json=body, headers=ANN)


def test_a_case_from_start_to_end(site, api):
    made = start(api, values={"headline": "清凉"})
    assert made.status_code == 201
    path = made.headers["location"]
    assert api.patch(f"{path}/fields", json={"values": {"price": "1200"}}, headers=ANN).status_code == 200
    assert api.post(f"{path}/tasks/sketch/complete", headers=ANN).status_code == 200
    assert api.post(f"{path}/tasks/pick_font/waive", json={"reason": "沿用"}, headers=ANN).status_code == 200
    sent = api.post(f"{path}/deliverables/artwork", files={"file": ("a.pdf", b"pdf")}, headers=ANN)
    assert sent.status_code == 200
    assert api.post(f"{path}/transitions/publish", json={"reason": "好"}, headers=ANN).status_code == 200
    waits = api.get(f"{API}/inbox", headers=BOB).json()["approvals"]
    assert [one["spec"] for one in waits] == ["sign"]
    decided = api.post(
        f"{path}/approvals/{waits[0]['approval']}/decision", json={"verdict": "approve"}, headers=BOB
    )
    assert decided.status_code == 200
    site.fire(made.json()["case_id"])
    seen = api.get(path, headers=ANN)
    assert [p["stage"] for p in seen.json()["positions"]] == ["release"]
    assert seen.headers["etag"] == f'"{seen.json()["version"]}"'
    file = seen.json()["attachments"][0]["hash"]
    assert api.get(f"{path}/files/{file}", headers=ANN).content == b"pdf"
    assert api.post(f"{path}/transitions/finish", headers=ANN).status_code == 200
    site.fire(made.json()["case_id"])
    assert api.get(path, headers=ANN).json()["outcome"] == "done"
    kinds = {line["kind"]: line["via"] for line in api.get(f"{path}/events", headers=ANN).json()}
    assert kinds["case_started"] == Via.API.value


def test_refusal_names_each_blocker_in_both_languages(site, api):
    path = start(api).headers["location"]
    answer = api.post(f"{path}/transitions/publish", headers=ANN)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["why"] == "blocked"
    assert {b["subject"] for b in body["blockers"]} == {"sketch", "pick_font", "headline", "price", "artwork"}
    assert body["sentences"]["zh"][0] == "任务“出草图”尚未完成"
    assert body["sentences"]["en"][0] == "task 'Make a sketch' is not done yet"
    assert body["blockers"][0]["waits_for"] == ["ann"]
    listed = api.get(path, headers=ANN).json()["transitions"]
    assert next(t for t in listed if t["id"] == "publish")["blockers"] == body["blockers"]


def test_same_key_and_body_give_the_first_answer_again(site, api):
    body, keyed = {"sop": "poster", "title": "夏"}, {**ANN, "Idempotency-Key": "k1"}
    first, second = (api.post(f"{API}/cases", json=body, headers=keyed) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["case_id"] == second.json()["case_id"]
    assert second.json()["repeated"] is True
    other = api.post(f"{API}/cases", json={**body, "title": "秋"}, headers=keyed)
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert site.store.board.page().total == 1


def test_old_version_is_refused(site, api):
    made = start(api)
    path, seen = made.headers["location"], made.headers["etag"]
    assert (
        api.post(f"{path}/comments", json={"text": "好"}, headers={**ANN, "If-Match": seen}).status_code
        == 200
    )
    stale = api.post(f"{path}/comments", json={"text": "晚"}, headers={**ANN, "If-Match": seen})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_case")
    bad = api.post(f"{path}/comments", json={"text": "晚"}, headers={**ANN, "If-Match": "seven"})
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_if_match")


def test_every_other_act(site, api):
    path = start(api).headers["location"]
    acts = [
        api.post(f"{path}/tasks/sketch/complete", headers=ANN),
        api.post(f"{path}/tasks/sketch/reopen", headers=ANN),
        api.put(f"{path}/roles/lead", json={"people": ["eve"]}, headers=ANN),
        api.put(f"{path}/milestones/draft_done", json={"planned": "2026-04-01"}, headers=ANN),
        api.post(f"{path}/hold", json={"reason": "等"}, headers=ANN),
        api.post(f"{path}/resume", headers=ANN),
    ]
    assert [one.status_code for one in acts] == [200] * len(acts)
    refused = api.post(f"{path}/children/none", json={"title": "x"}, headers=ANN)
    assert refused.status_code == 404


def test_lists(site, api):
    start(api)
    site.asked()
    assert api.get(f"{API}/cases", headers=ANN).json()["total"] == 2
    assert api.get(f"{API}/cases?mine=true", headers=BOB).json()["total"] == 1
    assert [s["sop"] for s in api.get(f"{API}/sops", headers=ANN).json()] == ["poster"]
    assert api.get(f"{API}/sops/poster", headers=ANN).json()["definition"]["sop"] == "poster"
    assert api.get(f"{API}/overdue", headers=ANN).json() == []


def test_cookie_alone_may_look_but_not_act(site, api):
    """A foreign page can make a browser send the cookie, never the header."""
    api.cookies.set("guanka_person", "ann")
    path = start(api).headers["location"]
    assert api.get(path).status_code == 200
    for headers in ({}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "same-site"}):
        answer = api.post(f"{path}/tasks/sketch/complete", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "unnamed")
    case = site.store.board.case(path.rsplit("/", 1)[1])
    assert case.tasks["sketch"].state is TaskState.OPEN


@pytest.mark.parametrize("who", [{}, {"X-Guanka-Person": "nobody"}, {"X-Guanka-Person": ""}])
def test_unknown_callers_are_turned_away(api, who):
    assert api.get(f"{API}/cases", headers=who).status_code == 403


def test_unknown_parts_of_a_body_are_refused(site, api):
    answer = start(api, version=7, outcome="done")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert site.store.board.page().total == 0


@pytest.mark.parametrize("path", ["/cases/none", "/cases/none/events", "/sops/none", "/nothing"])
def test_what_is_not_there_is_a_problem_too(api, path):
    answer = api.get(f"{API}{path}", headers=ANN)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_openapi_describes_every_act(api):
    schema = api.get(f"{API}/openapi.json").json()
    assert schema["info"]["title"] == "Guanka"
    assert len(schema["paths"]) >= 20
    assert all(path.startswith(API) for path in schema["paths"])


def test_a_request_that_does_not_fit_is_refused_in_both_languages(api):
    answer = api.get(f"{API}/cases?limit=0", headers=ANN)
    assert answer.status_code == 422
    said = (answer.json()["title_zh"], answer.json()["title"])
    assert said == (
        "请求不合规：query.limit：不得小于 1",
        "the request does not fit: query.limit: Input should be greater than or equal to 1",
    )
