"""The company's own wordings through the API: the acts of the page /templates, and the same refusals."""

import pytest

from engine.outbox import MessageKind
from notifications.wording_names import KINDS
from notifications.wordings import shipped

API = "/api/v1/templates"
NAME = f"{API}/approval_requested.en"
ANN = {"X-Guanka-Person": "ann"}
WORDS = {"subject": "[Launch] {{ approval }}", "body": "{{ requester }} asks you.\nThank you!"}


@pytest.fixture
def api(site):
    return site.another()


def versions(site, kind="approval_requested", language="en"):
    return site.store.wordings.history(kind, language)


def test_every_kind_is_listed_in_both_languages(api):
    found = api.get(API, headers=ANN).json()
    assert [one["name"] for one in found] == [f"{kind}.{lang}" for kind in KINDS for lang in ("zh", "en")]
    assert {(one["version"], one["own"], one["fits"]) for one in found} == {(0, False, True)}


def test_a_wording_is_read_put_sent_and_withdrawn(site, api):
    answer = api.get(NAME, headers=ANN)
    ours = shipped(MessageKind.APPROVAL_REQUESTED, "en")
    assert answer.headers["etag"] == '"0"'
    assert answer.json()["wording"] == {"subject": ours.subject, "body": ours.body}
    assert "requester" in [one["name"] for one in answer.json()["names"]]
    put = api.put(NAME, json=WORDS, headers=ANN)
    assert (put.status_code, put.headers["etag"]) == (200, '"1"')
    assert put.json()["wording"] == WORDS
    assert (put.json()["own"], put.json()["changed_by"]) == (True, "ann")
    site.asked()
    (letter, *_) = [m for m in site.store.mailbox.page() if m.kind == "approval_requested"]
    assert site.wiring.mailbox_text(letter.owed).subject.startswith("[Launch] ")
    gone = api.delete(NAME, headers=ANN)
    assert (gone.status_code, gone.json()["own"], gone.headers["etag"]) == (200, False, '"2"')
    assert not site.wiring.mailbox_text(letter.owed).subject.startswith("[Launch] ")
    kept = api.get(f"{NAME}/versions", headers=ANN).json()
    assert [(one["version"], one["wording"], one["changed_by"]) for one in kept] == [
        (2, None, "ann"),
        (1, WORDS, "ann"),
    ]


def test_the_same_again_changes_nothing_also_when_seen_long_ago(site, api):
    for _ in range(2):
        assert api.put(NAME, json=WORDS, headers={**ANN, "If-Match": '"0"'}).status_code == 200
    assert [one.number for one in versions(site)] == [1]
    for _ in range(2):
        assert api.delete(NAME, headers=ANN).status_code == 200
    assert [one.number for one in versions(site)] == [2, 1]


def test_mistakes_are_all_told_with_their_places_and_nothing_is_kept(site, api):
    answer = api.put(NAME, json={"subject": "{{ nix }}", "body": "x\n<b>{{ case.x }}"}, headers=ANN)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "unfit_wording")
    assert [(one["where"], one["line"], one["column"]) for one in told["faults"]] == [
        ("body.subject", 1, 4),
        ("body.body", 2, 11),
    ]
    assert "没有名称 nix" in told["title_zh"]
    assert "\n" not in told["title"]
    assert "there is no name nix" in told["faults"][0]["fault"]
    assert versions(site) == []


def test_whoever_saw_an_older_version_is_refused(site, api):
    assert api.put(NAME, json=WORDS, headers=ANN).status_code == 200
    other = {"subject": "a", "body": "b"}
    for refused in (
        api.put(NAME, json=other, headers={**ANN, "If-Match": '"0"'}),
        api.delete(NAME, headers={**ANN, "If-Match": '"0"'}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (412, "wording_moved")
        assert "刚被他人改动" in refused.json()["title_zh"]
    assert api.put(NAME, json=other, headers={**ANN, "If-Match": "x"}).json()["code"] == "bad_if_match"
    assert api.put(NAME, json=other, headers={**ANN, "If-Match": '"1"'}).status_code == 200
    assert [one.number for one in versions(site)] == [2, 1]


def test_of_two_at_the_same_moment_the_second_is_told(site, api, monkeypatch):
    from runtime.wordings import OwnWordings

    seen = OwnWordings(site.store, site.clock).one(MessageKind.APPROVAL_REQUESTED, "en")
    assert api.put(NAME, json=WORDS, headers=ANN).status_code == 200
    monkeypatch.setattr(OwnWordings, "one", lambda self, kind, language: seen)
    late = api.put(NAME, json={"subject": "a", "body": "b"}, headers=ANN)
    assert (late.status_code, late.json()["code"]) == (409, "wording_moved")


@pytest.mark.parametrize("name", ["nix.zh", "approval_requested.fr", "approval_requested", "%2e%2e.zh"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_is_not_there_is_said_with_how_names_are_written(api, name, method):
    body = {"json": WORDS} if method == "PUT" else {}
    answer = api.request(method, f"{API}/{name}", headers=ANN, **body)
    assert answer.status_code == 404
    assert "KIND.LANGUAGE" in answer.json()["title"]


def test_nobody_changes_words_without_a_name_and_nothing_unknown_is_taken(site, api):
    assert api.put(NAME, json=WORDS).status_code == 403
    assert api.delete(NAME).status_code == 403
    assert api.put(NAME, json={**WORDS, "html": "x"}, headers=ANN).status_code == 422
    assert api.put(NAME, json={"subject": "x"}, headers=ANN).status_code == 422
    assert versions(site) == []


def test_a_wording_that_no_longer_fits_says_so(site, api):
    """As after an upgrade that took a name away."""
    from engine.ids import PersonId
    from engine.store.wordings import WordingVersion

    version = WordingVersion(
        kind="stand_in_ended",
        language="zh",
        number=1,
        subject="{{ gone }}",
        body="x",
        changed_by=PersonId("ann"),
        changed_at=site.clock.now(),
    )
    site.store.wordings.add(version)
    found = api.get(f"{API}/stand_in_ended.zh", headers=ANN).json()
    assert (found["own"], found["fits"]) == (True, False)
    assert found["faults"][0]["fault_zh"].startswith("没有名称 gone")
