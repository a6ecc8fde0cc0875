"""Files on their way to a browser: to be saved, or to be looked at where their bytes are of a safe kind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from fastapi.responses import Response

from engine.store.blobs import BlobMissing
from web.ports import Wiring
from web.seeing import NoSuchPage
from web.viewable import Kind, kind_of, viewable


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFile:
    """A file as a field holds it."""

    hash: str
    name: str
    size: int


def files_in(value: object) -> list[FieldFile]:
    """The files held in fields, however deep."""
    match value:
        case {"hash": str(digest), "name": str(name), "size": int(size)}:
            return [FieldFile(hash=digest, name=name, size=size)]
        case dict():
            return [file for part in value.values() for file in files_in(part)]
        case list():
            return [file for part in value for file in files_in(part)]
        case _:
            return []


LOCKED_UP: Final = "default-src 'none'; sandbox"
# A browser's own viewer is a page with scripts and does not start in a full sandbox; the file itself still
# may load and run nothing, open no window and send no form.
PDF_VIEWER: Final = "default-src 'none'; sandbox allow-scripts allow-same-origin"


def file_answer(wiring: Wiring, digest: str, name: str) -> Response:
    """Raises NoSuchPage."""
    data = _bytes(wiring, digest)
    headers = {"Content-Disposition": _named("attachment", name), "Content-Security-Policy": LOCKED_UP}
    return Response(data, media_type="application/octet-stream", headers=headers)


def view_answer(wiring: Wiring, digest: str, name: str) -> Response:
    """To be looked at; what is not of a safe kind is saved after all. Raises NoSuchPage."""
    shown = viewable(_bytes(wiring, digest))
    if shown is None:
        return file_answer(wiring, digest, name)
    policy = PDF_VIEWER if shown.kind == "pdf" else LOCKED_UP
    headers = {"Content-Disposition": _named("inline", name), "Content-Security-Policy": policy}
    return Response(shown.data, media_type=shown.media_type, headers=headers)


def kinds(wiring: Wiring) -> Callable[[str], Kind]:
    """What a browser may show of a file, by its name."""
    return lambda digest: kind_of(wiring.store.blobs, digest)


def _named(how: str, name: str) -> str:
    return f"{how}; filename*=UTF-8''{quote(name, safe='')}"


def _bytes(wiring: Wiring, digest: str) -> bytes:
    try:
        return wiring.store.blobs.get(digest)
    except (BlobMissing, ValueError):
        raise NoSuchPage from None
