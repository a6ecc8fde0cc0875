"""What the faces need from the outside; `runtime` brings it, tests may bring others."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from engine.case.state import Case
from engine.clock import Clock
from engine.definition.compiled import Definition
from engine.ids import IdSource
from engine.outbox import OwedDigest, OwedMessage, OwedNotice
from engine.ports import Company, Doors
from engine.store.store import Store
from engine.text import Language
from notifications.keys import Keys
from notifications.messages import Message
from runtime.calendars import Calendars
from runtime.settings import ZONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A case with the definition it runs on and what the company has set for that SOP."""

    case: Case
    definition: Definition
    company: Company


class Diagrams(Protocol):
    def __call__(
        self,
        definition: Definition,
        language: Language,
        *,
        current: Collection[str] = (),
        done: Collection[str] = (),
    ) -> str:
        """The SOP as SVG text that needs neither script nor inline style."""
        ...


class MailboxText(Protocol):
    def __call__(
        self, owed: OwedMessage | OwedNotice | OwedDigest, items: Sequence[OwedMessage | OwedNotice] = ...
    ) -> Message | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """`burst` at once, and one more every so many seconds."""

    burst: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffLimits:
    """For each web process: bad links by sender, forms by sender, and forms by link and sender."""

    bad_links: Allowance = Allowance(burst=60, seconds=1)
    posts: Allowance = Allowance(burst=120, seconds=0.5)
    link_posts: Allowance = Allowance(burst=20, seconds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """`prefect_url` is where Prefect shows its runs, None where it does not run. `case_path` is the page of a
    case below `public_url`, with `{id}` for its id; None where readers could not open it. A record of a
    sign-off prints its times in `zone`, the newest anchor, and where it can be compared; an address only this
    machine can open is not printed.
    """

    prefect_url: str | None = None
    public_url: str = ""
    case_path: str | None = None
    anchor_file: Path | None = None
    zone: str = ZONE
    upload_bytes: int = 25_000_000
    body_bytes: int = 1_000_000
    limits: SignOffLimits = SignOffLimits()
    messages_per_hour: int = 4
    quiet_hours: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """`mailbox_text` puts an owed message, or a digest with its messages, into words for its reader; None
    where case or reader is gone. `calendars` are the installation's; without one, those that come along.
    """

    service: Doors
    store: Store
    keys: Keys
    clock: Clock
    ids: IdSource
    mailbox_text: MailboxText
    diagram: Diagrams
    settings: WebSettings
    calendars: Calendars = field(default_factory=Calendars)
