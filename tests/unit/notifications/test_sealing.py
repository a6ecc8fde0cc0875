"""Addresses are sealed under a key beside the data, which can be changed and can be lost."""

import json
import stat

import pytest

from notifications.sealing import Sealer, SealUnreadable, is_sealed, kind_of

URL = "dingtalk://SECcanary@t0kenCanary/"


def test_what_is_sealed_shows_its_kind_only_and_opens_again(tmp_path) -> None:
    sealer = Sealer.open(tmp_path / "keys.json")
    kept = sealer.seal("dingtalk", URL)
    assert (is_sealed(kept), kind_of(kept), "anary" in kept) == (True, "dingtalk", False)
    assert sealer.opened(kept) == Sealer.open(tmp_path / "keys.json").opened(kept) == URL
    assert (sealer.opened(URL), is_sealed(URL), kind_of(URL)) == (URL, False, "")
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_a_rotation_leaves_one_key_that_opens_what_was_sealed_anew(tmp_path) -> None:
    path = tmp_path / "keys.json"
    sealer, elsewhere = Sealer.open(path), Sealer.open(path)
    old = sealer.seal("slack", URL)
    with sealer.rotating():
        assert elsewhere.opened(old) == URL
        new = sealer.sealed_anew(old)
    assert elsewhere.opened(new) == URL
    with pytest.raises(SealUnreadable):
        sealer.opened(old)
    assert len(json.loads(path.read_text())["keys"]) == 1


def test_a_rotation_that_breaks_off_loses_nothing(tmp_path) -> None:
    sealer = Sealer.open(tmp_path / "keys.json")
    old = sealer.seal("slack", URL)
    with pytest.raises(RuntimeError), sealer.rotating():
        raise RuntimeError
    assert sealer.opened(old) == sealer.opened(sealer.seal("slack", URL)) == URL


def test_another_key_or_a_damaged_file_says_what_to_do(tmp_path) -> None:
    kept = Sealer.open(tmp_path / "a.json").seal("slack", URL)
    with pytest.raises(SealUnreadable, match="sealed under another key"):
        Sealer.open(tmp_path / "b.json").opened(kept)
    (tmp_path / "b.json").write_text("{")
    with pytest.raises(SealUnreadable, match=r"b\.json cannot be read"):
        Sealer.open(tmp_path / "b.json").opened(kept)
