"""The keys of sign-off links from the command line: what is live, a new one, and the end of all links."""

from notifications.keys import Keys
from notifications.links import claim_for, issue_link, read_link
from runtime.wiring import Parts
from tests.integration.cli.conftest import Terminal


def a_token(parts: Parts) -> str:
    ask = parts.store.inbox.asks()[0]
    case = parts.store.board.case(ask.case_id)
    assert case is not None
    claim = claim_for(case.approvals[ask.approval], ask.person, ask.case_id, parts.keys)
    assert claim is not None
    return issue_link("https://x", parts.keys, claim).removeprefix("https://x/s/")


def test_show_names_ids_ages_and_epoch_and_no_secret(terminal: Terminal, parts: Parts):
    shown = terminal.json("keys", "show")
    (key,) = shown["keys"]
    assert (key["id"], key["signs"], key["days"], shown["epoch"]) == ("1", True, 0, 1)
    said = terminal.run("keys", "show").stdout + terminal.run("keys", "show", "--lang", "en").stdout
    assert ("纪元 1" in said, "epoch 1" in said) == (True, True)
    assert parts.keys.ring.newest.secret.hex() not in said + str(shown)


def test_a_key_from_before_ages_were_kept_is_shown_all_the_same(terminal: Terminal, parts: Parts):
    parts.keys.rotate()
    assert [key["days"] for key in terminal.json("keys", "show")["keys"]] == [0, None]
    assert "未记录" in terminal.run("keys", "show").stdout


def test_links_survive_one_rotation_and_the_second_says_which_end(terminal: Terminal, parts: Parts):
    token = a_token(parts)
    first = terminal.run("keys", "rotate").stdout
    assert ("由密钥 2 签名" in first, "不再有效" in first) == (True, False)
    assert read_link(token, parts.keys) is not None
    assert "密钥 1 签名的链接不再有效" in terminal.run("keys", "rotate").stdout
    assert read_link(token, parts.keys) is None


def test_all_links_end_only_when_confirmed(terminal: Terminal, parts: Parts):
    token = a_token(parts)
    assert "--yes" in terminal.run("keys", "end-all-links", code=2).stderr
    assert read_link(token, parts.keys) is not None
    said = terminal.run("keys", "end-all-links", "--yes").stdout
    assert ("第 2 期" in said, "guanka approval nudge" in said) == (True, True)
    assert read_link(token, parts.keys) is None
    assert Keys.open(parts.settings.keys_file).epoch == 2


def test_everybody_asked_gets_a_new_link_where_that_is_wished(terminal: Terminal, parts: Parts):
    before = {(a.case_id, a.approval, a.person, a.issue) for a in parts.store.inbox.asks()}
    done = terminal.json("keys", "end-all-links", "--yes", "--resend")
    after = {(a.case_id, a.approval, a.person, a.issue) for a in parts.store.inbox.asks()}
    assert (done["resent"], done["waiting"]) == (len(before), len(before))
    assert after == {(case, approval, person, issue + 1) for case, approval, person, issue in before}
