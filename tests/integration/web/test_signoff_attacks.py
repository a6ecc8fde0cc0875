"""What somebody would try who has a link, or several, and time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from selectolax.lexbor import LexborHTMLParser

from engine.case import commands as cmd
from engine.ids import CaseId
from tests.integration.web.test_signoff import POSTER, decision, form_of
from tests.web_site import one

FAR = {"base_url": "http://sign.example", "client": ("203.0.113.7", 50000)}


@pytest.fixture
def phone(site):
    return site.another(**FAR)


def kinds(site, case=POSTER):
    return [each.event.kind for each in site.store.history.read_events(case)]


def test_what_belongs_to_one_link_opens_no_other(site, phone):
    """Form token, digits and cookies of another link, another case, another person."""
    site.store.people.set_holders("lead", ["bob", "eve"])
    first, second = site.asked("poster-1"), site.asked("poster-2")
    (mine, code), (hers, her_code) = site.letters("bob", first)[0], site.letters("eve", first)[0]
    other, other_code = site.letters("bob", second)[0]
    form = form_of(phone.get(mine))
    tries = [
        (mine, {**form_of(phone.get(other)), "code": code}),
        (mine, {**form_of(phone.get(hers)), "code": code}),
        (mine, {**form, "code": other_code if other_code != code else "x"}),
        (mine, {**form, "code": her_code if her_code != code else "x"}),
        (hers, {**form, "code": her_code}),
        (other, {**form, "code": other_code}),
    ]
    phone.cookies.set("guanka_person", "bob")
    answers = [phone.post(link, data={**typed, "verdict": "approve"}).status_code for link, typed in tries]
    assert answers == [403, 403, 422, 422, 403, 403]
    assert (decision(site, first), decision(site, second)) == (None, None)


def test_a_file_of_another_approval_or_case_does_not_come_down(site, phone):
    site.asked("poster-1")
    other = site.asked("poster-2")
    kept = site.store.blobs.put(b"secret")
    site.act(
        cmd.AttachDeliverable(
            case_id=other,
            deliverable="artwork",
            name="a.pdf",
            hash=kept,
            size=6,
            media_type="application/pdf",
        )
    )
    link, _ = site.letters("bob", CaseId("poster-1"))[0]
    for digest in (kept, f"../{kept}", f"{kept}%00", kept.upper(), "%2e%2e%2fguanka.db", "0"):
        answer = phone.get(f"{link}/file/{digest}")
        assert (answer.status_code, b"secret" in answer.content) == (404, False), digest


@pytest.mark.parametrize(
    "name",
    [
        'a"; filename="x.html',
        "a\r\nSet-Cookie: x=1\r\n\r\n<b>",
        "成稿\u202efdp.exe",
        "../../etc/passwd",
        "a\tb",
    ],
)
def test_a_file_name_makes_no_header_and_no_path(site, phone, name):
    case = site.asked()
    kept = site.store.blobs.put(b"paper")
    command = cmd.AttachDeliverable(
        case_id=case, deliverable="artwork", name=name, hash=kept, size=5, media_type="text/html"
    )
    site.service.handle(command, actor=site_actor())
    link, _ = site.letter()
    file = one(LexborHTMLParser(phone.get(link).text), ".papers a").attributes["href"]
    answer = phone.get(file, headers={"Range": "bytes=0-1,2-3,0-"})
    said = answer.headers["content-disposition"]
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
    assert said.startswith("attachment; filename*=UTF-8''")
    assert set(said) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ;*='%-._~")
    assert answer.headers["content-type"] == "application/octet-stream"


def site_actor():
    from engine.case.state import Actor, Via
    from engine.ids import PersonId

    return Actor(person=PersonId("ann"), via=Via.WEB)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"verdict": "approve"}'),
        ("text/plain", b"verdict=approve"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=verdict\r\n\r\napprove",
        ),
        ("multipart/form-data", b"no boundary"),
        ("application/x-www-form-urlencoded; charset=utf-16", "verdict=approve".encode("utf-16")),
        ("application/x-www-form-urlencoded", b"verdict=approve&" * 3000),
        ("application/x-www-form-urlencoded", b"&".join(b"f%d=x" % n for n in range(3000))),
        (
            "application/x-www-form-urlencoded",
            b"verdict=approve&code=%00&comment=%ff%fe%ed%a0%80&token=%ed%a0%80",
        ),
        ("application/x-www-form-urlencoded", b"verdict=" + b"a" * 900_000),
        ("", b"verdict=approve"),
    ],
)
def test_a_form_in_another_shape_is_answered_and_does_nothing(site, phone, kind, body):
    site.asked()
    link, _ = site.letter()
    before = site.tables()
    answer = phone.post(link, content=body, headers={"Content-Type": kind} if kind else {})
    assert 400 <= answer.status_code < 500
    assert site.tables() == before


@pytest.mark.parametrize(
    "code", ["", "0000 0000", "٤٤٤٤", "+123", "1e3", "-0", "0x12", "۱۲۳۴", "9" * 5000, "None"]
)
def test_what_is_no_code_is_a_wrong_one(site, phone, code):
    site.asked()
    link, _ = site.letter()
    typed = {**form_of(phone.get(link)), "verdict": "approve", "code": code}
    assert phone.post(link, data=typed).status_code == 422
    assert decision(site) is None


@pytest.mark.parametrize(
    "comment", ["a\x00b", "\u202egnp.exe", "x\r\ny", "<script>alert(1)</script>", "\ud7ff\ufffe"]
)
def test_a_comment_is_kept_as_words_or_refused_in_a_sentence(site, phone, comment):
    site.asked()
    link, code = site.letter()
    typed = {**form_of(phone.get(link)), "verdict": "approve", "code": code, "comment": comment}
    answer = phone.post(link, data=typed)
    assert answer.status_code in (303, 422)
    assert "<script>" not in phone.get(link).text


def test_a_right_code_among_many_wrong_ones_at_once_decides_once_or_not_at_all(site, phone):
    """The link burns and is replaced while somebody types the right digits."""
    site.asked()
    link, code = site.letter()
    form = {**form_of(phone.get(link)), "verdict": "approve"}
    wrong = [f"{n:04d}" for n in range(12) if f"{n:04d}" != code][:9]
    start = threading.Barrier(10)
    phones = [site.another(**FAR) for _ in range(10)]  # applications are not made in threads

    def press(own, typed):
        start.wait()
        return own.post(link, data={**form, "code": typed}).status_code

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(press, phones, [*wrong[:5], code, *wrong[5:]]))
    done = kinds(site)
    assert done.count("decision_recorded") == (answers[5] == 303)
    assert done.count("link_reissued") <= 1
    assert 500 not in answers
    assert answers.count(303) <= 1
