"""What mail programs make of a link, and what is made of that."""

import pytest
from starlette.datastructures import Headers

from web.arriving import fetches_ahead, mended_path
from web.masking import masked

TOKEN = "WyJjMSIsImE5IiwiaHVhIl0.Xn3-k_ZQ0.12"
LINK = f"/s/{TOKEN}"


@pytest.mark.parametrize(
    "arrived",
    [
        *(
            f"{LINK}{end}"
            for end in (">", "。", "，", ")", "）", "”", '"', "'", ".", "...", ",", ";", "!", "/")
        ),
        *(
            f"{LINK}{end}"
            for end in ("_", "**", "&utm_source=mail", "%3E", "%253E", "%E3%80%82", "请点击", "/>")
        ),
        f"{LINK}.Please open it",
        f"/s/<{TOKEN}>",
        f"/s/{TOKEN[:20]}\r\n{TOKEN[20:]}",
        f"/s/{TOKEN[:20]}=\r\n{TOKEN[20:]}",
        f"/s/{TOKEN[:20]}%0D%0A {TOKEN[20:]}",
        f"/s/{TOKEN[:20]}\u200b{TOKEN[20:]}\u00ad",
        f"/s/ {TOKEN}",
        f"/s/{TOKEN.replace('.', '%2E')}",
        f"/s/{TOKEN.replace('.', '%252E')}",
        f"//s//{TOKEN}",
        f"/S/{TOKEN}",
    ],
)
def test_what_a_mail_program_added_or_encoded_is_taken_off(arrived):
    assert mended_path(arrived) == LINK
    assert mended_path(LINK) is None


@pytest.mark.parametrize(
    "other",
    [
        LINK,
        f"{LINK}a",
        f"{LINK}-a",
        f"{LINK}/file/{'0' * 64}",
        f"{LINK}/record",
        f"/s/{TOKEN[:20]}",
        "/s/",
        "/s",
        "/cases/s/a.b.1)",
        "/s/" + "a" * 5000 + ".b.1)",
        "/static/x.css",
    ],
)
def test_what_is_right_or_past_mending_is_left_alone(other):
    assert mended_path(other) is None


@pytest.mark.parametrize(
    ("said", "ahead"),
    [
        ({"Sec-Purpose": "prefetch"}, True),
        ({"Sec-Purpose": "prefetch;prerender"}, True),
        ({"Purpose": "Prefetch"}, True),
        ({"X-Moz": "prefetch"}, True),
        ({"X-Purpose": "preview"}, True),
        ({"Sec-Purpose": "navigate"}, False),
        ({"Sec-Fetch-Mode": "navigate"}, False),
        ({}, False),
    ],
)
def test_a_browser_that_fetches_ahead_says_so(said, ahead):
    assert fetches_ahead(Headers(said)) is ahead


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (LINK, "/s/***"),
        (f"/s/{TOKEN[:20]}\n{TOKEN[20:]}", "/s/***"),
        (f"//S/{TOKEN}", "/s/***"),
        (f"{LINK}/file/abc", "/s/***/file"),
        ("/cases/x", "/cases/x"),
        (
            f"/nowhere/https%3A%2F%2Fgate.example%2Fs%2F{TOKEN}",
            "/nowhere/https%3A%2F%2Fgate.example%2Fs%2F***",
        ),
        (f"/nowhere{LINK}", "/nowhere/s/***"),
    ],
)
def test_a_log_shows_no_link_however_it_arrived(path, shown):
    assert masked(path) == shown
