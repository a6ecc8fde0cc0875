"""The answer no: a refusal names every blocker, what is missing, who is waited for, and how to mend it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.definition.findings import hint
from engine.ids import PersonId
from engine.text import Text


class Why(StrEnum):
    """The families of refusals; faces map them to an exit code or an HTTP status."""

    NOT_FOUND = "not_found"
    BAD_INPUT = "bad_input"
    BLOCKED = "blocked"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """One reason why not. `code` has a sentence in engine.case.wording; `subject` is the id of what is
    missing.

    `title` is the subject's name for people, `detail` fills the sentence, `waits_for` are the persons who
    can mend it.
    """

    code: str
    subject: str = ""
    title: Text | None = None
    detail: Mapping[str, str] = field(default_factory=dict[str, str])
    waits_for: tuple[PersonId, ...] = ()
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    why: Why
    blockers: tuple[Blocker, ...]


def unknown(name: str, known: Iterable[str], *, code: str) -> Blocker:
    """A name that is not there, with the one that was probably meant, or those there are."""
    mend = hint(name, known)
    return Blocker(code=code, subject=name, detail={"zh": mend.zh, "en": mend.en})
