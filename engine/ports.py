"""What the use cases need from the outside. The only implementation that counts is engine.store; tests may
bring others.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue

from engine.case.absence import StandIn
from engine.case.commands import Command
from engine.case.contacts import Newcomer
from engine.case.events import Recorded
from engine.case.facts import Facts, Whereabouts
from engine.case.refusal import Refusal
from engine.case.state import Actor, Case
from engine.definition.compiled import Definition
from engine.groups import Binding
from engine.ids import CaseId, PersonId, RequestId
from engine.outbox import Owed, OwedDigest, OwedNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a handled command came to. `repeated`: the same key and body were handled before, and this is
    that answer.
    """

    case_id: CaseId
    version: int
    events: tuple[Recorded, ...] = ()
    refusal: Refusal | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """An idempotency key already used by this actor: the hash of the command's body, and the answer given."""

    body_hash: str
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What the company has set for one SOP: settings by name, holders by role (the SOP's own before the
    company's).

    `same_as` names one identity for several that are one person, because they share an e-mail address.
    `groups` are the bindings of group chats that may concern this SOP.
    """

    settings: Mapping[str, JsonValue]
    people: Mapping[str, tuple[PersonId, ...]]
    external: frozenset[PersonId]
    known: frozenset[PersonId]
    sops: frozenset[str]
    same_as: Mapping[PersonId, PersonId] = field(default_factory=dict[PersonId, PersonId])
    stand_ins: tuple[StandIn, ...] = ()
    whereabouts: Mapping[PersonId, Whereabouts] = field(default_factory=dict[PersonId, Whereabouts])
    groups: tuple[Binding, ...] = ()


class Work(Protocol):
    """One writing transaction on one case: the case's lock is taken first, everything saved becomes true
    together.
    """

    def case(self, case_id: CaseId) -> Case | None: ...
    def definition(self, digest: str) -> Definition: ...
    def latest(self, sop: str) -> Definition | None:
        """The published version new cases of this SOP start on, or None."""
        ...

    def company(self, sop: str) -> Company: ...
    def used_key(self, person: PersonId, key: str) -> KeyRecord | None: ...
    def introduce(self, newcomer: Newcomer) -> None:
        """Keeps the newcomer with what the command makes. Raises VersionMoved if the id or the e-mail is
        somebody's by now.
        """
        ...

    def remember(
        self, person: PersonId, key: str, body_hash: str, answer: Answer, *, now: datetime
    ) -> None: ...
    def save(
        self, definition: Definition, case: Case, events: Sequence[Recorded], owed: Sequence[Owed]
    ) -> None:
        """Snapshot, chain, projections, deadlines and outbox. Raises VersionMoved if the stored version is
        not the expected.
        """
        ...


class UnitOfWork(Protocol):
    def begin(self, case_id: CaseId) -> AbstractContextManager[Work]:
        """Opens the transaction, lock first; commits on leaving, rolls back on an exception."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyRequest:
    """A request whose gates are all open, leased to one runner. `token` fences: it grows with every lease."""

    case_id: CaseId
    request: RequestId
    transition: str
    sop: str
    token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMessage:
    """An outbox row leased to one deliverer."""

    id: int
    owed: Owed | OwedNotice | OwedDigest
    attempts: int
    token: int
    owed_at: datetime | None = None


class Queues(Protocol):
    """The rows that wait to be worked on, claimed under a lease; `SKIP LOCKED` on PostgreSQL,
    compare-and-set on SQLite.

    Leases are judged by the database's clock. One that ran out may be taken by another; a late write with an
    old token is refused (returns False).
    """

    def take_ready(self, *, limit: int, holder: str, lease_seconds: float) -> Sequence[ReadyRequest]: ...
    def release_ready(self, ready: ReadyRequest, *, retry_at: datetime | None) -> bool: ...
    def claim_messages(
        self, *, limit: int, holder: str, lease_seconds: float, of: PersonId | None = None
    ) -> Sequence[ClaimedMessage]:
        """`of`: only what is owed to this person."""
        ...

    def claim_commands(
        self, *, limit: int, holder: str, lease_seconds: float
    ) -> Sequence[ClaimedMessage]: ...
    def finish(self, claimed: ClaimedMessage, outcome: "Outcome", *, now: datetime) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one try ended: `state` is sent, retry, rejected, dead, unknown or cancelled; `detail` never holds
    a secret.
    """

    state: str
    channel: str = ""
    code: str = ""
    detail: str = ""
    retry_at: datetime | None = None


class Keyed(Protocol):
    """Handles a command: what engine.service.Service offers to everyone."""

    def handle(
        self, command: Command, *, actor: Actor, key: str | None = None, if_version: int | None = None
    ) -> Answer: ...


class Doors(Keyed, Protocol):
    """The one door for commands, and the facts a command by this actor would be judged on."""

    def introduce(
        self, newcomer: Newcomer, command: Command, *, actor: Actor, key: str | None = None
    ) -> Answer:
        """Handles a command that brings along somebody not known yet."""
        ...

    def facts(self, definition: Definition, company: Company, actor: Actor) -> Facts: ...
