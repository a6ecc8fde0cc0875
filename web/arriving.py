"""What happens to a link on its way to a person: mail programs take too much or too little for the address,
gateways write it anew, browsers fetch ahead. Whatever can be mended is; the rest gets one kind page.
"""

import re
import unicodedata
from typing import Final
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import Headers
from starlette.types import Scope

from web.limits import within_bounds
from web.masking import LINKS
from web.signoff_page import refused

router = APIRouter(include_in_schema=False, dependencies=[Depends(within_bounds)])
SAFE: Final = frozenset({"GET", "HEAD"})
AHEAD: Final = frozenset({"prefetch", "prerender", "preview"})
AHEAD_HEADERS: Final = ("sec-purpose", "purpose", "x-purpose", "x-moz")
LONGEST_PATH: Final = 4096
MOST_UNQUOTED: Final = 3  # one gateway after another encodes what it finds
_START: Final = re.compile(r"/+s/+", re.IGNORECASE)
# What follows must tell that the link is over: a letter too many is another link, and none of ours.
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[0-9]+(?![_-]*[A-Za-z0-9])")
_BREAK: Final = re.compile(r"=[ \t]*\r?\n|\s+")  # a line of a mail was folded there


def early_answer(scope: Scope) -> Response | None:
    """Of a request for a link that should get no further; None for any other."""
    path = scope["path"]
    if scope["method"] not in SAFE or not LINKS.fullmatch(path):
        return None
    if fetches_ahead(Headers(scope=scope)):
        return Response(status_code=503)  # an empty page is not kept; the person's own click asks again
    mended = mended_path(path)
    return RedirectResponse(mended, 307) if mended is not None else None


def fetches_ahead(headers: Headers) -> bool:
    """Whether a browser asks on the chance that somebody will click."""
    said = " ".join(headers.get(name, "") for name in AHEAD_HEADERS).lower()
    return any(word in AHEAD for word in re.split(r"[^a-z]+", said))


def mended_path(path: str) -> str | None:
    """The link this was before its way here; None where there is nothing to mend, or nothing to be done.

    Only the spelling is looked at: what comes of it is judged as any other link is.
    """
    start = _START.match(path)
    if start is None or len(path) > LONGEST_PATH:
        return None
    rest = _plain(path[start.end() :])
    found = _TOKEN.match(rest)
    if found is None or re.match(r"/+[A-Za-z0-9]", rest[found.end() :]):
        return None  # what is below a link has addresses of its own
    made = f"/s/{found[0]}"
    return made if made != path else None


def _plain(text: str) -> str:
    for _ in range(MOST_UNQUOTED):
        text = unquote(text)
    kept = (c for c in _BREAK.sub("", text) if unicodedata.category(c) != "Cf")
    return "".join(kept).lstrip("<\"'(“‘「『《〈（【[{")


@router.api_route("/s", methods=["GET", "HEAD"])
@router.api_route("/s/{rest:path}", methods=["GET", "HEAD"])
def nothing_there(request: Request) -> Response:
    """A link that lost its end, as when a line was broken before it."""
    return refused(request)
