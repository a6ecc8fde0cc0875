"""What people tell the calendars, kept whole or not at all; the earlier text stays beside it."""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

from engine.case.workdays import Layer
from runtime.calendar_file import listed, text_of
from runtime.calendars import IMPORTED, NOTICES
from runtime.folder import writing_to
from runtime.notices import Notice, as_yaml

REPLACED: Final = "replaced"


def keep_notice(own: Path, notice: Notice) -> Path:
    """Raises FolderUnwritable."""
    return _keep(own / NOTICES / notice.calendar / f"{notice.year}.yaml", as_yaml(notice))


def keep_imported(own: Path, calendar_id: str, days: Layer) -> Path:
    """Raises FolderUnwritable."""
    return _keep(own / IMPORTED / f"{calendar_id}.yaml", days_as_yaml(days))


def days_as_yaml(days: Layer) -> str:
    """As `CalendarFile.days` reads it; neighbours that say the same in one line."""
    import yaml

    found: dict[str, Any] = {}
    for said in dict.fromkeys(days.values()):
        for first, last in listed(sorted(day for day, one in days.items() if one == said)):
            found[_span(first, last)] = text_of(said)
    ordered = dict(sorted(found.items()))
    return yaml.safe_dump({"days": ordered}, allow_unicode=True, sort_keys=False)


def _span(first: date, last: date) -> str:
    return first.isoformat() if first == last else f"{first}..{last}"


def _keep(path: Path, text: str) -> Path:
    with writing_to(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(path.parent):
            _set_aside(path)
            draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            with os.fdopen(
                os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
            ) as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            draft.replace(path)
            _sync(path.parent)
    return path


def _set_aside(path: Path) -> None:
    """The text that is replaced stays readable, named by its content."""
    if not path.exists():
        return
    content = path.read_bytes()
    kept = path.parent / REPLACED / f"{path.stem}-{hashlib.sha256(content).hexdigest()[:8]}.yaml"
    kept.parent.mkdir(exist_ok=True, mode=0o700)
    kept.write_bytes(content)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
