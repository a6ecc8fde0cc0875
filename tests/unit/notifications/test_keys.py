import json
import os
import stat
import threading
from pathlib import Path

import pytest

from notifications.keys import Keys, KeysUnreadable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "link-keys.json"


def test_the_file_is_made_on_first_use_and_is_readable_by_its_owner_only(path: Path) -> None:
    keys = Keys.open(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (len(keys.ring.keys), keys.epoch) == (1, 1)
    assert list(path.parent.iterdir()) == [path]


def test_opening_again_finds_the_same_keys(path: Path) -> None:
    assert Keys.open(path).ring == Keys.open(path).ring


def test_processes_that_start_together_agree_on_one_key(path: Path) -> None:
    found: list[str] = []
    ready = threading.Barrier(4)

    def start() -> None:
        ready.wait()
        found.append(Keys.open(path).ring.newest.secret.hex())

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert set(found) == {Keys.open(path).ring.newest.secret.hex()}


def test_who_was_slower_to_make_the_file_takes_what_is_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Keys.open(path)
    with monkeypatch.context() as context:
        context.setattr(Path, "exists", lambda _: False)
        assert Keys.open(path).ring == first.ring


def test_after_a_rotation_the_new_key_signs_and_the_one_before_is_still_known(path: Path) -> None:
    keys = Keys.open(path)
    before = keys.ring.newest
    keys.rotate()
    assert [key.id for key in keys.ring.keys] == ["1", "2"]
    assert keys.ring.find("1") == before
    keys.rotate()
    assert [key.id for key in keys.ring.keys] == ["2", "3"]


def test_a_rotation_may_keep_no_older_key(path: Path) -> None:
    keys = Keys.open(path)
    keys.rotate(keep=0)
    assert [key.id for key in keys.ring.keys] == ["2"]


def test_another_process_sees_a_rotation_and_a_raised_epoch_without_a_restart(path: Path) -> None:
    here, there = Keys.open(path), Keys.open(path)
    assert there.ring.newest.id == "1"
    here.rotate()
    assert here.raise_epoch() == 2
    assert (there.ring.newest.id, there.epoch) == ("2", 2)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"epoch": 1, "keys": []}',
        '{"epoch": 1, "keys": [{"id": "1", "secret": "00"}]}',
        '{"epoch": 1, "keys": [{"id": "x", "secret": "00"}]}',
    ],
)
def test_a_damaged_file_is_refused_in_words_and_tells_nothing_of_its_content(
    path: Path, content: str
) -> None:
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(KeysUnreadable) as caught:
        Keys.open(path)
    assert caught.value.message.zh.startswith("签名密钥文件 link-keys.json 无法读取")
    assert caught.value.__cause__ is None


def test_a_file_that_vanishes_is_said_to_be_unreadable(path: Path) -> None:
    keys = Keys.open(path)
    path.unlink()
    with pytest.raises(KeysUnreadable):
        _ = keys.ring


def test_a_key_does_not_show_its_secret(path: Path) -> None:
    keys = Keys.open(path)
    secret = json.loads(path.read_text())["keys"][0]["secret"]
    assert secret not in repr(keys.ring)
    assert repr(keys.ring.newest.secret) not in repr(keys.ring)


def test_a_write_that_fails_leaves_the_keys_as_they_were(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys.open(path)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            keys.rotate()
    assert path.read_bytes() == before
    keys.rotate()
    assert keys.ring.newest.id == "2"
