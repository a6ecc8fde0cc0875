"""The data folder: made when it is not there, and one sentence where it cannot be written to."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import GuankaError
from engine.text import Text


class FolderUnwritable(GuankaError):
    """Rights, a file in the folder's place, a full or read-only disk."""

    def __init__(self, folder: Path, detail: str) -> None:
        super().__init__(
            Text(
                f"无法写入 {folder}（{detail}）；请修改它的权限，或用 GUANKA_DATA_DIR 另选目录",
                f"cannot write to {folder} ({detail}); change its rights or set GUANKA_DATA_DIR",
            )
        )
        self.folder = folder


@contextmanager
def writing_to(folder: Path) -> Generator[None]:
    """Whatever the system refuses inside is raised as FolderUnwritable."""
    try:
        yield
    except OSError as fault:
        raise FolderUnwritable(folder, fault.strerror or type(fault).__name__) from fault


def make_folder(folder: Path) -> None:
    """For its owner only. Raises FolderUnwritable."""
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
