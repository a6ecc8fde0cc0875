"""What keeps `guanka up` from starting is one sentence, and nothing is left running."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Terminal


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    """`up` runs in this process here, and heeds signals in its own way."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("words", [("up", "--no-prefect"), ("migrate",), ("demo",)], ids=" ".join)
def test_a_folder_that_cannot_be_made_is_one_sentence(
    empty: Terminal, tmp_path: Path, words: tuple[str, ...]
):
    (tmp_path / "file").write_text("", encoding="utf-8")
    folder = tmp_path / "file" / "var"
    done = empty.run(*words, "--lang", "en", code=5, GUANKA_DATA_DIR=str(folder))
    assert (done.stdout, done.stderr) == (
        "",
        f"cannot write to {folder} (Not a directory); change its rights or set GUANKA_DATA_DIR\n",
    )


def test_a_lock_or_a_log_that_cannot_be_opened_is_one_sentence(empty: Terminal, tmp_path: Path):
    folder = tmp_path / "var"
    (folder / "logs" / "web.log").mkdir(parents=True)
    done = empty.run("up", "--no-prefect", code=5)
    assert done.stderr.startswith(f"无法写入 {folder / 'logs'}（")
    assert done.stderr.endswith("）；请修改它的权限，或用 GUANKA_DATA_DIR 另选目录\n")
    (folder / "up.lock").unlink()
    (folder / "up.lock").mkdir()
    assert empty.run("up", "--no-prefect", code=5).stderr.startswith(f"无法写入 {folder}（")


def test_one_port_for_both_services_is_refused(empty: Terminal, tmp_path: Path):
    done = empty.run("up", "--lang", "en", code=2, GUANKA_PORT="8123", GUANKA_PREFECT_PORT="8123")
    assert done.stderr == "GUANKA_PREFECT_PORT: the same as GUANKA_PORT (8123); choose another port\n"
    assert not (tmp_path / "var").exists()
