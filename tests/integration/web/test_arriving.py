"""Links as they arrive through mail programs, gateways and browsers that fetch ahead."""

from urllib.parse import unquote

import pytest

from tests.integration.web.test_signoff import decision, form_of

FAR = {"base_url": "http://sign.example", "client": ("203.0.113.7", 50000)}


@pytest.fixture
def phone(site):
    return site.another(**FAR)


@pytest.mark.parametrize("end", [">", "%3E", "。", ")", ".", "/", "%20", "&utm_source=x", "?utm_source=x"])
def test_a_link_with_something_stuck_to_it_still_opens(site, phone, end):
    site.asked()
    link, _ = site.letter()
    page = phone.get(link + end, follow_redirects=True)
    assert (page.status_code, "What you sign" in page.text) == (200, True)
    assert page.url.path == link


def test_a_link_broken_over_two_lines_or_written_anew_still_opens(site, phone):
    site.asked()
    link, _ = site.letter()
    folded = f"{link[:60]}%0D%0A{link[60:]}"
    for arrived in (folded, f"{link[:60]}=%0A{link[60:]}", link.replace(".", "%252E"), f"/S{link[2:]}"):
        page = phone.get(arrived, follow_redirects=True)
        assert (page.status_code, unquote(page.url.path)) == (200, link), arrived


def test_what_a_link_was_mended_to_is_judged_as_any_other(site, phone):
    answer = phone.get("/s/aaaa.bbbb.1)")
    assert (answer.status_code, answer.headers["location"]) == (307, "/s/aaaa.bbbb.1")
    assert phone.get("/s/aaaa.bbbb.1").status_code == 404
    assert phone.post("/s/aaaa.bbbb.1)", data={"verdict": "approve"}).status_code == 404


@pytest.mark.parametrize(
    "rest", ["", "/", "/a/b", "/a%0Ab", "/https://sign.example/s/x", "/%2F%2Fevil.example"]
)
def test_a_link_past_mending_gets_the_kind_page_and_not_the_wall(phone, rest):
    answer = phone.get(f"/s{rest}", headers={"Accept-Language": "zh"})
    assert (answer.status_code, answer.text) == (
        404,
        phone.get("/s/x", headers={"Accept-Language": "zh"}).text,
    )
    assert "链接无效" in answer.text


def test_a_lost_end_says_what_to_do(site, phone):
    site.asked()
    link, _ = site.letter()
    said = phone.get(link[:-9], headers={"Accept-Language": "en"}).text
    assert "Open the link from the newest message, or ask whoever sent it for a new one." in said


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
        {"X-Purpose": "preview"},
    ],
)
def test_what_a_browser_fetches_ahead_is_an_empty_page_it_cannot_keep(site, phone, said):
    site.asked()
    link, _ = site.letter()
    answer = phone.get(link, headers=said)
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (503, b"", "no-store")
    assert phone.get(link).status_code == 200


def test_other_methods_have_no_effect_and_say_so(site, phone):
    site.asked()
    link, code = site.letter()
    typed = {**form_of(phone.get(link)), "verdict": "approve", "code": code}
    before = site.tables()
    for method in ("PUT", "PATCH", "DELETE", "PROPFIND", "TRACE", "LINK"):
        assert phone.request(method, link, data=typed).status_code == 405, method
    options = phone.options(link, headers={"Origin": "http://evil.example"})
    assert options.status_code in (200, 204, 405)
    assert "access-control-allow-origin" not in options.headers
    head = phone.head(link)
    assert (head.status_code, head.content) == (200, b"")
    overridden = phone.get(link, params=typed, headers={"X-HTTP-Method-Override": "POST"})
    assert overridden.status_code == 200
    assert site.tables() == before


def test_head_of_a_file_is_no_bad_link(site, phone):
    site.asked()
    link, _ = site.letter()
    paper = phone.get(link).text.split(f'href="{link}/file/')[1].split('"')[0]
    assert phone.head(f"{link}/file/{paper}").status_code == 200


def test_every_refusal_is_the_same_page_after_the_same_reads(site, phone):
    """Bad signature, unknown key, old epoch, unknown case, person unknown or gone: no telling them apart."""
    from dataclasses import replace

    from engine.ids import CaseId, PersonId
    from notifications.links import claim_for, issue_link

    case = site.case(site.asked())
    approval = next(iter(case.approvals.values()))
    claim = claim_for(approval, PersonId("bob"), case.id, site.keys)
    assert claim is not None
    site.store.people.put(replace(site.store.people.get("zed"), active=False))

    def token(**parts):
        return issue_link("", site.keys, replace(claim, **parts))

    refused = {
        "person gone": token(person=PersonId("zed")),
        "person unknown": token(person=PersonId("nobody")),
        "case unknown": token(case=CaseId("nowhere")),
        "old epoch": token(epoch=claim.epoch - 1),
        "signature": token()[:-4] + "AA.1",
        "key unknown": token()[:-1] + "9",
        "nonsense": "/s/x",
    }
    seen = {}
    for name, link in refused.items():
        asked = _statements(site, lambda link=link: phone.get(link))
        seen[name] = (asked, *_shape(phone.get(link)), *_shape(phone.post(link, data={"verdict": "approve"})))
    assert {repr(one) for one in seen.values()} == {repr(seen["nonsense"])}
    assert len(seen["nonsense"][0]) == 2
    assert decision(site) is None


def _shape(answer):
    return answer.status_code, answer.content, sorted(answer.headers.multi_items())


def _statements(site, act):
    """What the database was asked meanwhile, without the values."""
    from sqlalchemy import event

    found = []

    def note(_connection, _cursor, statement, *_):
        found.extend([statement] if statement.startswith("SELECT") else [])

    engine = site.store.database.engine
    event.listen(engine, "before_cursor_execute", note)
    act()
    event.remove(engine, "before_cursor_execute", note)
    return found
