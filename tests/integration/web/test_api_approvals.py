"""The HTTP API for what people do with a running approval besides deciding it."""

import pytest

ANN = {"X-Guanka-Person": "ann"}
BOB = {"X-Guanka-Person": "bob"}
API = "/api/v1"


@pytest.fixture
def api(site):
    return site.another()


@pytest.fixture
def asked(site, api):
    """The path of a case in which bob is asked to sign, and the approval's id."""
    body = {"sop": "poster", "title": "夏季海报", "values": {"headline": "清凉", "price": "1200"}}
    path = api.post(f"{API}/cases", json=body, headers=ANN).headers["location"]
    api.post(f"{path}/tasks/sketch/complete", headers=ANN)
    api.post(f"{path}/tasks/pick_font/waive", json={"reason": "沿用"}, headers=ANN)
    api.post(f"{path}/deliverables/artwork", files={"file": ("a.pdf", b"pdf")}, headers=ANN)
    assert api.post(f"{path}/transitions/publish", json={"reason": "好"}, headers=ANN).status_code == 200
    approval = api.get(f"{API}/inbox", headers=BOB).json()["approvals"][0]["approval"]
    return path, f"{path}/approvals/{approval}"


def kinds(api, path):
    return [line["kind"] for line in api.get(f"{path}/events", headers=ANN).json()]


@pytest.mark.parametrize(
    ("act", "who", "body", "kind"),
    [
        ("material/ask", BOB, {"text": "明细？"}, "material_asked"),
        ("nudge", ANN, None, "approval_nudged"),
        ("comments", ANN, {"text": "加急"}, "approval_commented"),
        ("copies", ANN, {"people": ["ann"]}, "approval_copied"),
        ("return", BOB, {"comment": "请补"}, "request_returned"),
    ],
)
def test_each_act_is_one_event(api, asked, act, who, body, kind):
    path, on = asked
    answer = api.post(f"{on}/{act}", json=body, headers=who)
    assert (answer.status_code, kind in kinds(api, path)) == (200, True)


def test_what_was_sent_back_is_put_forward_again(api, asked):
    path, on = asked
    api.post(f"{on}/return", json={"comment": "请补", "straight_back": True}, headers=BOB)
    assert api.get(f"{API}/inbox", headers=BOB).json()["approvals"] == []
    request = api.get(path, headers=ANN).json()["requests"][0]["id"]
    assert api.post(f"{path}/requests/{request}/resubmit", headers=ANN).status_code == 200
    assert len(api.get(f"{API}/inbox", headers=BOB).json()["approvals"]) == 1


def test_material_is_given_and_a_decision_taken_back(api, asked):
    path, on = asked
    api.post(f"{on}/material/ask", json={"text": "明细？"}, headers=BOB)
    assert api.post(f"{on}/material/give", headers=ANN).status_code == 200
    api.post(f"{on}/decision", json={"verdict": "approve"}, headers=BOB)
    assert api.post(f"{on}/take-back", headers=BOB).status_code == 200
    assert "decision_taken_back" in kinds(api, path)


@pytest.mark.parametrize(
    ("act", "body", "code"),
    [
        ("transfer", {"to": "ann", "reason": "x"}, "own_request"),
        ("delegate", {"to": "ghost", "reason": "x"}, "no_such_person"),
        ("signers", {"persons": ["bob"], "place": "after", "reason": "x"}, "already_in_approval"),
        ("signers/bob/remove", {"reason": "x"}, "not_yours_to_remove"),
        ("hand-back", {"text": "x"}, "nothing_delegated"),
        ("call-back", None, "nothing_delegated"),
        ("take-back", None, "nothing_to_take_back"),
        ("material/give", None, "no_material_asked"),
        ("return", {"comment": "x", "to": "nowhere"}, "no_such_way_back"),
    ],
)
def test_a_refused_act_says_why(api, asked, act, body, code):
    answer = api.post(f"{asked[1]}/{act}", json=body, headers=BOB)
    assert (answer.status_code in (403, 404, 409), answer.json()["code"]) == (True, code)
