"""Our own files for the browser: styles, one script, the icon. Their addresses carry a hash, so
browsers keep them.
"""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response

STATIC = Path(__file__).parent / "static"
MEDIA = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
FOREVER = "public, max-age=31536000, immutable"
router = APIRouter(include_in_schema=False)


@cache
def _files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in STATIC.iterdir() if path.suffix in MEDIA}


@cache
def static_url(name: str) -> str:
    digest = hashlib.sha256(_files()[name]).hexdigest()[:12]
    return f"/static/{digest}/{name}"


@router.get("/static/{digest}/{name}")
def static_file(digest: str, name: str) -> Response:
    found = _files().get(name)
    if found is None or not static_url(name).startswith(f"/static/{digest}/"):
        return Response(status_code=404)
    return Response(found, media_type=MEDIA[Path(name).suffix], headers={"Cache-Control": FOREVER})


@router.get("/favicon.ico")
def favicon() -> Response:
    return Response(_files()["icon.svg"], media_type=MEDIA[".svg"])
