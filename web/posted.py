"""A posted form: read within bounds, checked to be ours, and turned into a key under which it acts once."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

from web.visitor import Wired, check_form

MOST_FIELDS = 20_000
MOST_FILES = 200


@dataclass(frozen=True, slots=True)
class Posted:
    """`data` is the form; nothing in it is trusted but that a page of ours sent it."""

    data: FormData

    def text(self, name: str) -> str:
        found = self.data.get(name)
        return found.strip() if isinstance(found, str) else ""

    def texts(self, name: str) -> list[str]:
        return [one for one in self.data.getlist(name) if isinstance(one, str) and one]

    def number(self, name: str) -> int:
        """A small whole number; 0 for anything else."""
        found = self.text(name)
        return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else 0  # noqa: PLR2004

    @property
    def key(self) -> str | None:
        """Of the page and of what was typed: a double click is one act, a corrected form another."""
        page = self.text("key")
        if not page:
            return None
        typed = "\x00".join(
            f"{name}={value}" for name, value in self.data.multi_items() if isinstance(value, str)
        )
        return f"{page[:60]}:{hashlib.sha256(typed.encode()).hexdigest()[:24]}"


async def posted(request: Request, wiring: Wired) -> AsyncIterator[Posted]:
    form = await request.form(
        max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=wiring.settings.body_bytes
    )
    try:
        token = form.get("token")
        check_form(request, wiring, token if isinstance(token, str) else "")
        yield Posted(form)
    finally:
        await form.close()


Form = Annotated[Posted, Depends(posted)]
