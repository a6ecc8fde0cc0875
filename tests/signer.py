"""Somebody far away who signs by a link, and the record that is made of it."""

from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser

from runtime.signoff.checking import read_record
from tests.web_site import one

AGENT = "Mozilla/5.0 (iPhone) MicroMessenger/8.0.50"
RECORD = "/api/v1/cases/poster-1/approvals/{}/record"
ANN = {"X-Guanka-Person": "ann"}


@pytest.fixture
def phone(site):
    return site.another(
        base_url="http://sign.example", client=("203.0.113.7", 50000), headers={"User-Agent": AGENT}
    )


def sign(site, phone, *, verdict="approve", comment="可以\n#strong[x] $x$", headers=None, path=""):
    """Looks at the page, waits three minutes, answers."""
    link, code = site.letter()
    token = one(LexborHTMLParser(phone.get(link + path).text), "form.sign-form input[name=token]")
    site.clock.advance(timedelta(minutes=3))
    typed = {"token": token.attributes["value"], "verdict": verdict, "code": code, "comment": comment}
    return link, phone.post(link, data=typed, headers=headers)


def told(site, approval):
    answer = site.browser.get(RECORD.format(approval), headers=ANN)
    assert answer.status_code == 200, answer.text
    return read_record(answer.text, "record.json")
