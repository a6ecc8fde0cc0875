"""The keys that sign links, and the epoch that ends all links at once; a small file outside the database.

A restored database must not bring old links back to life: `restore` raises the epoch, which no backup holds.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from engine.errors import GuankaError
from engine.text import Text
from notifications.key_file import create, locked, replaced

SECRET_BYTES = 32
KEPT = 2  # the one that signs, and the one before it: links already sent stay good for one rotation


class KeysUnreadable(GuankaError):
    """The key file is damaged or was written by something else. Nothing of its content is said."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            Text(
                f"签名密钥文件 {path.name} 无法读取；请从备份恢复，或删除它（已发出的链接将全部失效）",
                f"the key file {path.name} cannot be read; restore it from a backup, or delete it"
                " (all links sent so far then stop working)",
            )
        )
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """`id` stands in every token signed with it; it is a number that only grows. `made`: if known."""

    id: str
    secret: bytes
    made: datetime | None = None

    def __repr__(self) -> str:
        return f"Key(id={self.id!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """All live keys, newest last, as they stand in the file at one moment."""

    keys: tuple[Key, ...]
    epoch: int

    @property
    def newest(self) -> Key:
        return self.keys[-1]

    def find(self, key_id: str) -> Key | None:
        return next((key for key in self.keys if key.id == key_id), None)


class Keys:
    """The key file. A rotation by another process is seen at the next use, without a restart."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, int, int], KeyRing] | None = None

    @classmethod
    def open(cls, path: Path, *, now: datetime | None = None) -> Self:
        """Makes the file, readable by its owner only, if there is none. Raises KeysUnreadable."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            create(path, _as_data(KeyRing(keys=(_fresh("1", now),), epoch=1)))
        keys = cls(path)
        _ = keys.ring
        return keys

    @property
    def ring(self) -> KeyRing:
        """Raises KeysUnreadable."""
        try:
            found = self._path.stat()
            stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
            if self._read is None or self._read[0] != stamp:
                self._read = (stamp, _parsed(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
            raise KeysUnreadable(self._path) from None
        return self._read[1]

    @property
    def epoch(self) -> int:
        return self.ring.epoch

    def rotate(self, *, keep: int = KEPT, now: datetime | None = None) -> KeyRing:
        """A new key signs from now on; the last `keep` keys, this one among them, still read."""

        def rotated(ring: KeyRing) -> KeyRing:
            fresh = _fresh(str(int(ring.newest.id) + 1), now)
            return replace(ring, keys=(*ring.keys, fresh)[-max(keep, 1) :])

        return self._change(rotated)

    def raise_epoch(self) -> int:
        """Ends every link given out so far; returns the new epoch."""
        return self._change(lambda ring: replace(ring, epoch=ring.epoch + 1)).epoch

    def _change(self, change: Callable[[KeyRing], KeyRing]) -> KeyRing:
        with locked(self._path):
            replaced(self._path, _as_data(change(self.ring)))
        return self.ring


def _fresh(key_id: str, now: datetime | None) -> Key:
    return Key(id=key_id, secret=secrets.token_bytes(SECRET_BYTES), made=now)


def _parsed(text: str) -> KeyRing:
    data = json.loads(text)
    keys = tuple(
        Key(id=str(int(key["id"])), secret=bytes.fromhex(key["secret"]), made=_instant(key.get("made")))
        for key in data["keys"]
    )
    if not keys or any(len(key.secret) < SECRET_BYTES for key in keys):
        raise ValueError("no usable key")
    return KeyRing(keys=keys, epoch=int(data["epoch"]))


def _instant(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written).astimezone(UTC) if written else None


def _as_data(ring: KeyRing) -> dict[str, Any]:
    keys = [
        {"id": key.id, "secret": key.secret.hex(), **({"made": key.made.isoformat()} if key.made else {})}
        for key in ring.keys
    ]
    return {"epoch": ring.epoch, "keys": keys}
