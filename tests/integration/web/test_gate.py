"""Who may reach what, and what every answer carries."""

import pytest

from tests.faults.pages import in_a_loop

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PRIVATE = (
    "/",
    "/work",
    "/sops",
    "/cases/poster-1",
    "/mailbox",
    "/operations",
    "/api/v1/cases",
    "/api/v1/openapi.json",
)


@pytest.mark.parametrize("path", ["/", "/cases/poster-1", "/mailbox", "/nowhere", "/s/x", "/api/v1/cases"])
def test_every_answer_is_dressed(site, path):
    site.start()
    headers = site.browser.get(path).headers
    assert headers["content-security-policy"] == CSP
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", PRIVATE)
@pytest.mark.parametrize(
    "stranger",
    [
        {"base_url": "http://guanka.example"},
        {"base_url": "http://192.168.1.5:8000"},
        {"client": ("192.168.1.9", 50000)},
        {"base_url": "http://localhost.evil.example"},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},
    ],
)
def test_from_elsewhere_only_sign_off_opens(site, path, stranger):
    site.asked()
    link, _ = site.letter()
    outside = site.another(person="ann", **stranger)
    answer = outside.get(path)
    assert (answer.status_code, "签批链接" in answer.text) == (403, True)
    assert outside.post("/cases/poster-1/resume").status_code == 403
    assert outside.get(link).status_code == 200
    assert outside.get("/health").json() == {"status": "ok"}
    assert outside.get("/health/sweep").json()["status"] == "ok"
    assert outside.get("/health/other").status_code == 403
    style = site.browser.get("/").text.split('rel="stylesheet" href="')[1].split('"')[0]
    assert outside.get(style).status_code == 200


@pytest.mark.parametrize("base", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000"])
def test_from_this_machine_everything_opens(site, base):
    assert site.another(base_url=base, client=("::1", 1)).get("/").status_code == 200


def test_body_that_is_too_large_is_turned_away(site):
    answer = site.browser.post("/person", content=b"x" * 1_000_001, headers={"Content-Type": "text/plain"})
    assert (answer.status_code, "过大" in answer.text) == (413, True)


def test_body_without_a_length_is_measured_while_it_comes(site):
    def endless():
        for _ in range(40):
            yield b"person=" + b"x" * 50_000

    answer = site.browser.post(
        "/person", content=endless(), headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code in (400, 413)


def test_style_and_script_are_kept_for_ever_under_their_hash(site):
    page = site.browser.get("/").text
    for name in ("tokens.css", "page.css", "live.js", "icon.svg"):
        address = f"/static/{page.split('/' + name)[0].rsplit('/', 1)[1]}/{name}"
        answer = site.browser.get(address)
        assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (200, True)
    assert site.browser.get("/static/000000000000/page.css").status_code == 404
    assert site.browser.get("/static/x/..%2f..%2fapp.py").status_code == 404


def test_error_of_ours_gets_a_number_and_no_trace(site, monkeypatch):
    site.start()
    monkeypatch.setattr(site.store.board, "page", lambda *_, **__: 1 / 0)
    for path in ("/", "/api/v1/cases"):
        answer = site.browser.get(path)
        assert answer.status_code == 500
        assert "Traceback" not in answer.text
        assert "ZeroDivision" not in answer.text
        assert "token" in answer.text


def test_who_goes_away_in_the_middle_of_a_form_leaves_no_fault_behind(site, capsys):

    from web.app import create_app

    site.asked()
    link, _ = site.letter()
    headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"900")]
    scope = {"type": "http", "method": "POST", "path": link, "raw_path": link.encode(), "headers": headers}
    scope |= {"query_string": b"", "client": ("203.0.113.7", 1), "server": ("x", 80), "scheme": "http"}
    answers = []

    async def gone():
        return {"type": "http.disconnect"}

    async def send(message):
        answers.append(message)

    in_a_loop(create_app(site.wiring)(scope, gone, send))
    assert answers == []
    assert "failed" not in "".join(capsys.readouterr())


def test_busy_store_asks_to_try_again(site, monkeypatch):
    from engine.store.errors import StoreBusy

    def busy(*_, **__):
        raise StoreBusy

    monkeypatch.setattr(site.store.board, "page", busy)
    for path in ("/", "/api/v1/cases"):
        answer = site.browser.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_access_log_does_not_show_links(site, capsys):
    site.asked()
    link, _ = site.letter()
    site.browser.get(link)
    said = capsys.readouterr()
    assert link[3:20] not in said.out + said.err
    assert "/s/***" in said.out + said.err
