"""Addresses of channels, which are secrets, sealed while they are kept: Fernet, under a key beside the data.

Only the kind stays readable. Neither database nor backup holds the key: whoever has only those opens nothing,
and an installation that lost the key file asks for the addresses again.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Final, Self

from engine.errors import GuankaError
from engine.text import Text
from notifications.key_file import create, locked, replaced

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

MARK: Final = "sealed:"
KEY_BYTES: Final = 32  # as Fernet wants it


class SealUnreadable(GuankaError):
    """What was sealed under another key, or the key file itself, cannot be read."""

    def __init__(self, *, file: str = "") -> None:
        told = (
            Text(
                f"渠道密钥文件 {file} 无法读取；请恢复它，或删除它后重新添加各人的渠道",
                f"the file of channel keys {file} cannot be read; restore it, or delete it and add the"
                " channels again",
            )
            if file
            else Text(
                "渠道地址是用另一把密钥加密的，无法读取；请恢复原来的 channel_keys.json，"
                "或用 guanka channel add 重新添加",
                "the channel's address was sealed under another key; restore channel_keys.json, or add it"
                " again with guanka channel add",
            )
        )
        super().__init__(told)


class Sealer:
    """The key file, read anew when another process has changed it. The newest key seals; all of them open."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, int, int], MultiFernet] | None = None

    @classmethod
    def open(cls, path: Path, *, now: datetime | None = None) -> Self:
        """Makes the file, readable by its owner only, if there is none. It is read when something is
        opened.
        """
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            create(path, {"keys": [_fresh(now)]})
        return cls(path)

    @property
    def keys(self) -> "MultiFernet":
        """Raises SealUnreadable."""
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - few commands need it

        try:
            found = self._path.stat()
            stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
            if self._read is None or self._read[0] != stamp:
                self._read = (stamp, MultiFernet([Fernet(key["key"]) for key in self._content()["keys"]]))
        except (OSError, ValueError, KeyError, TypeError):
            raise SealUnreadable(file=self._path.name) from None
        return self._read[1]

    def seal(self, kind: str, url: str) -> str:
        return f"{MARK}{kind}:{self.keys.encrypt(url.encode()).decode()}"

    def opened(self, kept: str) -> str:
        """The address; one that was never sealed as it is. Raises SealUnreadable."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - as above

        if not is_sealed(kept):
            return kept
        try:
            return self.keys.decrypt(kept.rpartition(":")[2].encode()).decode()
        except (InvalidToken, ValueError):
            raise SealUnreadable from None

    def sealed_anew(self, kept: str) -> str:
        """Under the newest key. Raises SealUnreadable."""
        return self.seal(kind_of(kept), self.opened(kept))

    @contextmanager
    def rotating(self, *, now: datetime | None = None) -> Generator[None]:
        """A new key seals from now on. The older ones open until the block, which seals everything anew, has
        ended well, and are gone then.
        """
        with locked(self._path):
            keys = [_fresh(now), *self._content()["keys"]]
            replaced(self._path, {"keys": keys})
            yield
            replaced(self._path, {"keys": keys[:1]})

    def _content(self) -> dict[str, Any]:
        return json.loads(self._path.read_text(encoding="utf-8"))


def is_sealed(kept: str) -> bool:
    return kept.startswith(MARK)


def kind_of(kept: str) -> str:
    """The kind of channel, which is readable without a key; empty for an address that was never sealed."""
    return kept.split(":", 2)[1] if is_sealed(kept) else ""


def _fresh(now: datetime | None) -> dict[str, str]:
    made = {"made": now.isoformat()} if now else {}
    return {"key": urlsafe_b64encode(token_bytes(KEY_BYTES)).decode(), **made}
