"""What is known of an answer besides the answer itself, kept so that it can be shown years later."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Where an answer came from: the address that really asked, and what its browser calls itself.

    `forwarded` is what a proxy in between claims. It is kept as a claim; nothing is decided by it.
    """

    address: str = ""
    forwarded: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`shown_at` is when the page was shown that was answered, `language` the one it was shown in, `issue`
    the number of the link. None where a face does not know it.
    """

    shown_at: datetime | None = None
    language: str | None = None
    issue: int | None = None
    client: Client | None = None


NOTHING_KNOWN = Evidence()
