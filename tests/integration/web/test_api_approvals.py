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


def shown(api, path):
    """The one open request of the case."""
    return api.get(path, headers=ANN).json()["requests"][0]


def test_a_fresh_approval_shows_everything_there_is(api, asked):
    path, on = asked
    request = shown(api, path)
    (approval,) = request["approvals"]
    (ask,) = approval["asks"]
    assert (request["title"]["en"], request["waits_for"], request["returned"]) == ("Submit", ["bob"], None)
    assert (approval["id"], approval["title"]["zh"], approval["mode"]) == (
        on.rsplit("/")[-1],
        "主管审批",
        "any",
    )
    assert (approval["waits_for"], approval["due_at"], approval["stopped_at"]) == (
        ["bob"],
        "2026-03-03T10:00:00Z",
        None,
    )
    assert {ask[name] for name in ("person", "part")} == {"bob"}
    assert (ask["place"], ask["verdict"], ask["delegation"], ask["via"]) == ("anchor", None, None, None)


def test_what_was_done_to_an_approval_is_shown_in_the_words_of_its_state(site, api, asked):
    path, on = asked
    more = {"persons": ["eve"], "place": "after", "reason": "也看"}
    api.post(f"{on}/signers", json=more, headers=BOB)
    api.post(f"{on}/copies", json={"people": ["ann"]}, headers=ANN)
    api.post(f"{on}/nudge", headers=ANN)
    api.post(f"{on}/material/ask", json={"text": "明细？"}, headers=BOB)
    approval = shown(api, path)["approvals"][0]
    assert approval["material"] == {"by": "bob", "text": "明细？"}
    assert (approval["copies"], approval["nudged_at"], approval["stopped_at"]) == (
        ["ann"],
        "2026-03-02T01:00:00Z",
        "2026-03-02T01:00:00Z",
    )
    added = approval["asks"][1]
    assert (added["person"], added["part"], added["place"], added["added_by"]) == (
        "eve",
        "bob",
        "after",
        "bob",
    )
    clocks = {d["subject"]: d for d in api.get(path, headers=ANN).json()["deadlines"]}
    assert clocks[approval["id"]]["stopped_at"] == approval["stopped_at"]


def test_who_looks_at_it_and_what_they_said_is_shown(api, asked):
    path, on = asked
    api.post(f"{on}/delegate", json={"to": "eve", "reason": "你更熟"}, headers=BOB)
    request = shown(api, path)
    assert request["waits_for"] == request["approvals"][0]["waits_for"] == ["eve"]
    assert request["approvals"][0]["asks"][0]["looks"] == "eve"
    api.post(f"{on}/hand-back", json={"text": "可以"}, headers={"X-Guanka-Person": "eve"})
    ask = shown(api, path)["approvals"][0]["asks"][0]
    assert ask["delegation"] == {"to": "eve", "reason": "你更熟", "opinion": "可以"}
    api.post(f"{on}/transfer", json={"to": "eve", "reason": "出差"}, headers=BOB)
    handed = shown(api, path)["approvals"][0]["asks"][0]
    assert (handed["person"], handed["taken_from"], handed["part"]) == ("eve", "bob", "bob")


def test_a_returned_request_says_by_whom_and_how_it_comes_back(api, asked):
    path, on = asked
    api.post(f"{on}/return", json={"comment": "请补", "straight_back": True}, headers=BOB)
    request = shown(api, path)
    approval = on.rsplit("/")[-1]
    assert request["returned"] == {"by": "bob", "approval": approval, "straight_back": True}
    assert (request["waits_for"], request["approvals"][0]["state"]) == (["ann"], "returned")


def test_the_inbox_is_complete(api, asked):
    _, on = asked

    def concerns(who):
        found = api.get(f"{API}/inbox", headers=who).json()["concerns"]
        return [(one["kind"], one["other"], one["words"], one["waits_for"]) for one in found]

    assert concerns(ANN) == [("waiting", "ann", "", ["bob"])]
    api.post(f"{on}/delegate", json={"to": "eve", "reason": "你更熟"}, headers=BOB)
    assert concerns({"X-Guanka-Person": "eve"}) == [("look", "bob", "你更熟", [])]
    assert concerns(ANN) == [("waiting", "ann", "", ["eve"])]
    api.post(f"{on}/call-back", headers=BOB)
    api.post(f"{on}/copies", json={"people": ["eve"]}, headers=ANN)
    assert concerns({"X-Guanka-Person": "eve"}) == [("copy", "ann", "", [])]
    api.post(f"{on}/material/ask", json={"text": "明细？"}, headers=BOB)
    assert ("material", "bob", "明细？", []) in concerns(ANN)
    api.post(f"{on}/return", json={"comment": "请补"}, headers=BOB)
    assert concerns(ANN) == [("returned", "bob", "请补", [])]
    assert api.get(f"{API}/inbox", headers=BOB).json()["concerns"] == []


def test_the_description_holds_examples_that_fit(api):
    from web import api_models, api_people_check, api_requests

    schemas = api.get(f"{API}/openapi.json").json()["components"]["schemas"]
    models = {**vars(api_models), **vars(api_people_check), **vars(api_requests)}
    wanted = {"ApprovalOut", "AskOut", "RequestOut", "DelegationOut", "QuestionOut", "ReturnedOut"}
    shown = {name for name, schema in schemas.items() if "examples" in schema}
    assert shown >= wanted | {"ConcernOut", "FindingOut", "PeopleCheckOut"}
    for name in shown:
        for one in models[name].model_config["json_schema_extra"]["examples"]:
            assert models[name].model_validate(one).model_dump().keys() == one.keys(), name


def test_each_approval_says_what_the_caller_may_do_with_it_now(api, asked):
    path, on = asked

    def acts(who):
        request = api.get(path, headers=who).json()["requests"][0]
        return request["open_acts"], request["approvals"][0]["open_acts"]

    own, found = acts(BOB)
    assert (own, found["ways"], found["out"]) == ([], [""], [])
    assert {"decide", "return", "transfer", "delegate", "add", "ask"} <= set(found["acts"])
    assert "eve" in found["to"]
    own, found = acts(ANN)
    assert (own, {"decide", "transfer"} & set(found["acts"])) == (["withdraw"], set())
    assert {"nudge", "copy"} <= set(found["acts"])
    api.post(f"{on}/delegate", json={"to": "eve", "reason": "你更熟"}, headers=BOB)
    assert {"decide", "call_back"} & set(acts(BOB)[1]["acts"]) == {"call_back"}
    api.post(f"{on}/call-back", headers=BOB)
    api.post(f"{on}/return", json={"comment": "再改"}, headers=BOB)
    assert acts(ANN)[0] == ["resubmit", "withdraw"]
