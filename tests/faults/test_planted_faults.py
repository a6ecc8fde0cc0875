"""A campaign that could not fail would prove nothing: with a fault planted in the product, it tells of it."""

import pytest

from engine.case import approvals
from engine.case.facts import Facts
from notifications import digests
from notifications.keys import Keys
from notifications.links import LinkClaim
from runtime import desertions
from runtime.working_time import PersonsHours
from tests.faults import f4_forged_tokens
from tests.faults.campaigns import campaign
from tests.faults.places import serving
from tests.faults.running import Outcome, run
from web import digits, signoff

SEED = 7
MOST_ROUNDS = 150


@pytest.fixture
def attacked(tmp_path, postgres_server):
    def until_it_fails(name: str) -> str:
        def enough(so_far: Outcome) -> bool:
            return so_far.rounds >= MOST_ROUNDS

        with serving(postgres_server):
            outcome = run(campaign(name), SEED, enough=enough, folder=tmp_path)
        assert outcome.violation is not None, f"{name} did not notice it in {outcome.rounds} rounds"
        return outcome.violation

    return until_it_fails


def test_a_page_that_writes_when_it_is_looked_at(attacked, monkeypatch):
    looked_at = signoff.open_link

    def counted(request, wiring, token):
        link = looked_at(request, wiring, token)
        wiring.store.code_attempts.add(link.name)
        return link

    monkeypatch.setattr(signoff, "open_link", counted)
    assert "changed ['code_attempt']" in attacked("F1")


def test_a_token_whose_signature_nobody_looks_at(attacked, monkeypatch):
    def trusting(token: str, keys: Keys) -> LinkClaim | None:
        claim = reading(token, keys)
        return claim or (a_claim if token.count(".") == 2 else None)

    reading = f4_forged_tokens.read_link
    a_claim = LinkClaim(case="c", approval="a1", person="eve", round=1, content="", issue=1, epoch=1, key="1")  # type: ignore[arg-type]
    monkeypatch.setattr(f4_forged_tokens, "read_link", trusting)
    assert "was accepted" in attacked("F4")


def test_digits_that_are_not_compared(attacked, monkeypatch):
    monkeypatch.setattr(digits, "code_matches", lambda keys, claim, typed: True)
    assert "was answered 303" in attacked("F5")


def test_two_accounts_that_count_as_two_people(attacked, monkeypatch):
    monkeypatch.setattr(Facts, "same", lambda self, one, other: one == other)
    assert "pei2" in attacked("F7")


def test_an_empty_role_that_nobody_is_told_of(attacked, monkeypatch):
    monkeypatch.setattr(approvals, "closing", lambda spec, asks, empty: ())
    assert "it does not say so" in attacked("F8")


def test_somebody_who_leaves_without_anybody_being_told(attacked, monkeypatch):
    monkeypatch.setattr(desertions.Desertions, "tell", lambda self: 0)
    assert "it does not say so" in attacked("F8")


def test_a_digest_that_is_cut_off_where_a_card_ends(attacked, monkeypatch):
    monkeypatch.setattr(digests, "ROOMS", {})
    assert "were never mentioned" in attacked("D9")


def test_a_night_in_which_nobody_is_left_in_peace(attacked, monkeypatch):
    monkeypatch.setattr(PersonsHours, "quiet_until", lambda self, contact, now: now)
    assert "outside working hours" in attacked("D10")
