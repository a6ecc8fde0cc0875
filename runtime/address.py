"""Where the service on this data folder is reached, for commands that are not told: kept while it runs."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from runtime.folder import writing_to
from runtime.settings import Settings
from runtime.supervisor import answers

FILE: Final = "address"
OWN: Final = ("GUANKA_HOST", "GUANKA_PORT", "GUANKA_PUBLIC_URL")


@contextmanager
def address_kept(settings: Settings) -> Generator[None]:
    """Two lines: the address on this machine, and the one links begin with."""
    file = settings.data_dir / FILE
    with writing_to(settings.data_dir):
        file.write_text(f"{settings.local_url}\n{settings.public_url}\n", encoding="utf-8")
    try:
        yield
    finally:
        with suppress(OSError):
            file.unlink()


def as_running(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """With the public address of the running service, unless the operator has set an address here. What a
    killed service left behind counts for nothing.
    """
    if any(environment.get(name, "").strip() for name in OWN):
        return settings
    lines = _lines(settings.data_dir / FILE)
    if len(lines) != 2 or not answers(f"{lines[0]}/health"):  # noqa: PLR2004 - the two lines kept
        return settings
    return replace(settings, public_url=lines[1])


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
