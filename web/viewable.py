"""What may be shown in the browser instead of being saved: told by the bytes, never by what an upload claims.

Pictures, PDF and plain text only. A page or drawing that could run something (HTML, SVG, XML) is always a
download.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from engine.store.blobs import BlobMissing, BlobStore

Kind = Literal["picture", "pdf", "text", ""]
MOST_TEXT: Final = 2_000_000
_PICTURES: Final[tuple[tuple[Callable[[bytes], bool], str], ...]] = (
    (lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"), "image/png"),
    (lambda data: data.startswith(b"\xff\xd8\xff"), "image/jpeg"),
    (lambda data: data.startswith((b"GIF87a", b"GIF89a")), "image/gif"),
    (lambda data: data.startswith(b"RIFF") and data[8:12] == b"WEBP", "image/webp"),
)
_MARKUP: Final = ("<!doctype", "<html", "<head", "<body", "<script", "<svg", "<?xml", "<iframe", "<math")
_STEERING: Final = frozenset({"Cc", "Cs", "Co", "Cn"})


@dataclass(frozen=True, slots=True)
class Viewable:
    kind: Kind
    media_type: str
    data: bytes


def viewable(data: bytes) -> Viewable | None:
    """None: only to be saved."""
    for fits, media_type in _PICTURES:
        if fits(data):
            return Viewable("picture", media_type, data)
    if data.startswith(b"%PDF-"):
        return Viewable("pdf", "application/pdf", data)
    text = _text(data)
    return None if text is None else Viewable("text", "text/plain; charset=utf-8", text.encode())


def _text(data: bytes) -> str | None:
    """UTF-8, or what Chinese Windows writes, without anything in it that is not to be read."""
    if not data or len(data) > MOST_TEXT:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text if _readable(text) else None
    return None


def _readable(text: str) -> bool:
    lower = text.casefold()
    if lower.lstrip().startswith("<") or any(mark in lower for mark in _MARKUP):
        return False
    return all(c in "\t\n\r\f" or unicodedata.category(c) not in _STEERING for c in text)


@lru_cache(maxsize=4096)
def kind_of(blobs: BlobStore, digest: str) -> Kind:
    """A file's bytes never change under its name, so one look is enough."""
    try:
        found = viewable(blobs.get(digest))
    except (BlobMissing, ValueError):
        return ""
    return found.kind if found else ""
