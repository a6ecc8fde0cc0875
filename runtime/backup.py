"""A backup in one file, and the way back. Signing keys stay out: a backup opens no link, and ends those
given out.

The database is copied by SQLite itself while others go on writing; files are named by their content and
never change, so those the copied database names are all there when they are added after it.
"""

import hashlib
import json
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final

from engine.errors import GuankaError
from engine.text import Text, why_not
from notifications.keys import Keys
from runtime.settings import Settings

FORMAT: Final = "guanka-backup/1"
DATABASE: Final = "guanka.db"
MANIFEST: Final = "manifest.json"
FILES: Final = "files/"
CALENDARS: Final = "calendars/"
_CALENDAR: Final = re.compile(r"calendars/(?:[a-z0-9_-]{1,40}/){0,3}[a-z0-9_-]{1,60}\.yaml")
_PIECE: Final = 1 << 20


class BackupFailed(GuankaError):
    """Said in one sentence; nothing was changed."""


class NotHere(GuankaError):
    """The database is a server's; its own tools make and read its backups."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "数据在 PostgreSQL 中：请用 pg_dump --format=custom 备份、pg_restore"
                " 恢复（附件也在数据库里）",
                "the data are in PostgreSQL: back up with pg_dump --format=custom and restore with pg_restore"
                " (files are in the database too)",
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    file: Path
    bytes: int
    files: int


def back_up(settings: Settings, target: Path, *, now: datetime) -> Made:
    """Writes `target`, whole or not at all; a folder gets a file named by the time. Raises BackupFailed,
    NotHere.
    """
    source = settings.database_file
    if source is None:
        raise NotHere
    if not source.exists():
        raise BackupFailed(
            Text(f"没有数据库 {source}；无可备份", f"there is no database {source} to back up")
        )
    file = target / f"guanka-{now:%Y%m%dT%H%M%SZ}.tar" if target.is_dir() else target
    if file.exists():
        raise BackupFailed(
            Text(f"{file} 已存在；请换一个文件名", f"{file} exists already; choose another name")
        )
    try:
        return _write(settings, source, file, now)
    except OSError as fault:
        raise _cannot_write(file, fault) from fault


def _write(settings: Settings, source: Path, file: Path, now: datetime) -> Made:
    file.parent.mkdir(parents=True, exist_ok=True)
    copy, draft = file.with_name(f".{file.name}.db"), file.with_name(f".{file.name}.new")
    try:
        copy.unlink(missing_ok=True)
        _copy_database(source, copy)
        digests: dict[str, str] = {}
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w|") as archive:
                digests[DATABASE] = _add(archive, copy, DATABASE)
                for path in _blobs(settings.data_dir / "files"):
                    name = FILES + path.name
                    digests[name] = _add(archive, path, name)
                for path in _calendars(settings.calendars_dir):
                    name = CALENDARS + path.relative_to(settings.calendars_dir).as_posix()
                    digests[name] = _add(archive, path, name)
                _add_manifest(archive, digests, now)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    finally:
        copy.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)
    blobs = sum(name.startswith(FILES) for name in digests)
    return Made(file=file, bytes=file.stat().st_size, files=blobs)


def _copy_database(source: Path, copy: Path) -> None:
    dbapi2: Any = import_module("pysqlite3.dbapi2")

    connection: Any = dbapi2.connect(str(source), timeout=30)
    try:
        connection.execute("VACUUM INTO ?", (str(copy),))
    except dbapi2.Error as fault:
        raise BackupFailed(
            Text(
                f"数据库无法复制（{fault}）；请运行 guanka doctor",
                f"the database cannot be copied ({fault}); run guanka doctor",
            )
        ) from fault
    finally:
        connection.close()


def _blobs(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("*/*")) if not path.name.startswith("."))


def _calendars(folder: Path) -> Iterator[Path]:
    """The company's calendars, notices and imported days, with those they replaced."""
    named = (path for path in sorted(folder.rglob("*.yaml")) if path.is_file() and not path.is_symlink())
    return (path for path in named if _CALENDAR.fullmatch(CALENDARS + path.relative_to(folder).as_posix()))


def _add(archive: tarfile.TarFile, path: Path, name: str) -> str:
    archive.add(path, arcname=name, recursive=False, filter=_plain_member)
    with path.open("rb") as file:
        return _digest(file)


def _plain_member(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _add_manifest(archive: tarfile.TarFile, digests: dict[str, str], now: datetime) -> None:
    import io

    text = json.dumps({"format": FORMAT, "made_at": now.isoformat(), "sha256": digests}, indent=1).encode()
    member = tarfile.TarInfo(MANIFEST)
    member.size, member.mode = len(text), 0o600
    archive.addfile(member, io.BytesIO(text))


def restore(settings: Settings, archive: Path, *, replace: bool, stamp: str) -> int:
    """Puts the backup in place, after all of it was found sound, and ends every link given out; the new
    epoch.

    A database that is there is refused, or moved aside under a name with `stamp`. Nobody else may hold the
    data folder. Raises BackupFailed, NotHere.
    """
    target = settings.database_file
    if target is None:
        raise NotHere
    if target.exists() and not replace:
        raise BackupFailed(
            Text(
                f"{target} 已有数据；确要替换请加 --replace（原库会改名保留）",
                f"{target} holds data; add --replace to put the backup in its place (the old file is kept"
                f" under another name)",
            )
        )
    workplace = settings.data_dir / f".restore-{stamp}"
    try:
        _unpack(archive, workplace)
        _put_in_place(settings, workplace, target, stamp)
    except OSError as fault:
        raise _cannot_write(settings.data_dir, fault) from fault
    finally:
        _clear(workplace)
    return Keys.open(settings.keys_file).raise_epoch()


def _unpack(archive: Path, workplace: Path) -> None:
    """Only plain files under the names we write, each proved by the manifest."""
    workplace.mkdir(parents=True, mode=0o700)
    digests: dict[str, str] = {}
    manifest: dict[str, Any] = {}
    try:
        with tarfile.open(archive, mode="r:") as opened:
            for member in opened:
                content = opened.extractfile(member) if member.isfile() else None
                if content is None or not _is_ours(member.name):
                    raise _unsound(archive, member.name)
                if member.name == MANIFEST:
                    manifest = json.loads(content.read(_PIECE * 64))
                else:
                    digests[member.name] = _keep(content, workplace / _flat(member.name))
    except (tarfile.TarError, ValueError, OSError) as fault:
        raise _unsound(archive, str(fault)) from fault
    if manifest.get("format") != FORMAT or manifest.get("sha256") != digests or DATABASE not in digests:
        raise _unsound(archive, MANIFEST)


def _is_ours(name: str) -> bool:
    digest = name.removeprefix(FILES)
    blob = name.startswith(FILES) and len(digest) == 64 and set(digest) <= set("0123456789abcdef")  # noqa: PLR2004
    return blob or name in (DATABASE, MANIFEST) or _CALENDAR.fullmatch(name) is not None


def _flat(name: str) -> str:
    """The member's name as one file of the workplace; no name of ours holds a tilde."""
    return name.replace("/", "~" if name.startswith(CALENDARS) else "-")


def _keep(content: IO[bytes], path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        while piece := content.read(_PIECE):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _put_in_place(settings: Settings, workplace: Path, target: Path, stamp: str) -> None:
    """Files first: they hurt nobody. The database comes last, by one rename."""
    for path in workplace.glob("files-*"):
        name = path.name.removeprefix("files-")
        place = settings.data_dir / "files" / name[:2] / name
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)
    for path in workplace.glob("calendars~*"):
        place = settings.data_dir / path.name.replace("~", "/")
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.replace(place)
    for suffix in ("-wal", "-shm", ""):
        old = target.with_name(target.name + suffix)
        if old.exists():
            old.replace(target.with_name(f"{target.name}.before-{stamp}{suffix}"))
    target.parent.mkdir(parents=True, exist_ok=True)
    (workplace / DATABASE).replace(target)


def _clear(workplace: Path) -> None:
    with suppress(OSError):
        for path in workplace.iterdir():
            path.unlink()
        workplace.rmdir()


def _digest(file: IO[bytes]) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()  # pyright: ignore[reportArgumentType]


def _unsound(archive: Path, what: str) -> BackupFailed:
    return BackupFailed(
        Text(
            f"{archive} 不是完好的备份（{what}）；什么都没有改动，请换一份备份",
            f"{archive} is not a sound backup ({what}); nothing was changed, use another one",
        )
    )


def _cannot_write(file: Path, fault: OSError) -> BackupFailed:
    why = why_not(fault)
    return BackupFailed(Text(f"无法写入 {file}（{why.zh}）", f"cannot write {file} ({why.en})"))
