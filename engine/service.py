"""The one door: every face sends a command here, and here only is a case loaded, decided on and saved.

The use case is always the same: lock, load, decide, save case + events + outbox in one transaction,
remember the key.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from engine.case import commands as cmd
from engine.case.contacts import Newcomer
from engine.case.decide import decide
from engine.case.evolve import replay
from engine.case.facts import Facts
from engine.case.refusal import Blocker, Refusal, Why
from engine.case.state import RULE_PERSON, Actor, Case
from engine.case.workdays import WorkCalendar
from engine.clock import Clock
from engine.definition.compiled import Definition
from engine.errors import GuankaError, KeyReused, StaleCase, VersionMoved
from engine.groups import Ground, news_owed
from engine.outbox import messages_owed
from engine.ports import Answer, Company, UnitOfWork, Work

_BODY: TypeAdapter[cmd.Command] = TypeAdapter(cmd.Command)
TRIES = 5


class Service:
    """Handles commands. Thread-safe when its unit of work is."""

    def __init__(
        self,
        unit_of_work: UnitOfWork,
        clock: Clock,
        calendars: Callable[[str], WorkCalendar],
        *,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._calendars = calendars
        self._wake = wake

    def handle(
        self, command: cmd.Command, *, actor: Actor, key: str | None = None, if_version: int | None = None
    ) -> Answer:
        """The answer, once it is durable. A refusal is an answer; nothing was changed then.

        With `key`, the same command again gives the first answer again (`repeated`); refusals are not
        remembered, so that a mended case can be tried under the same key. Raises KeyReused (same key, other
        command), StaleCase (`if_version` is not the stored version) and VersionMoved (the case kept moving
        under us).
        """
        digest = _digest(command) if key else ""
        asked = _Asked(command=command, actor=actor, key=key or "", digest=digest, if_version=if_version)
        return self._answered(asked)

    def introduce(
        self, newcomer: Newcomer, command: cmd.Command, *, actor: Actor, key: str | None = None
    ) -> Answer:
        """As `handle`, of a command that names somebody not known yet: both are kept, or neither.

        Raises VersionMoved also when somebody else took the newcomer's id or e-mail meanwhile.
        """
        digest = _digest(command) if key else ""
        asked = _Asked(command=command, actor=actor, key=key or "", digest=digest, newcomer=newcomer)
        return self._answered(asked)

    def _answered(self, asked: "_Asked") -> Answer:
        answer = self._tried(asked)
        if answer.events:
            self._wake()
        return answer

    def _tried(self, asked: "_Asked") -> Answer:
        for _ in range(TRIES - 1):
            try:
                return self._once(asked)
            except VersionMoved:
                continue
        return self._once(asked)

    def _once(self, asked: "_Asked") -> Answer:
        case_id = asked.command.case_id
        with self._unit_of_work.begin(case_id) as work:
            known = _known(work, asked)
            if known is not None:
                return known
            case = work.case(case_id)
            if asked.if_version is not None and case is not None and case.version != asked.if_version:
                raise StaleCase(case_id, asked.if_version, case.version)
            definition = _definition(work, case, asked.command)
            if definition is None:
                return _nothing(asked.command)
            return self._decide(work, definition, case, asked)

    def _decide(self, work: Work, definition: Definition, case: Case | None, asked: "_Asked") -> Answer:
        case_id = asked.command.case_id
        company = work.company(definition.sop.sop)
        if asked.newcomer is not None:
            company = _with(company, asked.newcomer)
        facts = self.facts(definition, company, asked.actor)
        events = decide(definition, case, asked.command, facts)
        version = case.version if case else 0
        if isinstance(events, Refusal):
            return Answer(case_id=case_id, version=version, refusal=events)
        if asked.newcomer is not None:
            work.introduce(asked.newcomer)  # first, also without events: the id may be another's by now
        answer = Answer(case_id=case_id, version=version + len(events), events=events)
        after = replay(events, case)
        if events and after is not None:
            owed = [message for event in events for message in messages_owed(event)]
            ground = Ground(definition=definition, before=case, after=after, people=company.people)
            work.save(definition, after, events, [*owed, *news_owed(events, ground, company.groups)])
        if asked.key:
            remembered = replace(answer, events=())
            work.remember(asked.actor.person, asked.key, asked.digest, remembered, now=facts.now)
        return answer

    def facts(self, definition: Definition, company: Company, actor: Actor) -> Facts:
        """What a command by this actor is judged on now; faces use it to show blockers."""
        return Facts(
            now=self._clock.now(),
            actor=actor,
            calendar=self._calendars(definition.sop.calendar),
            settings=company.settings,
            people=company.people,
            external=company.external,
            known=company.known | {RULE_PERSON},
            sops=company.sops,
            same_as=company.same_as,
            stand_ins=company.stand_ins,
            calendars=self._calendars_of(definition, company),
            whereabouts=company.whereabouts,
        )

    def _calendars_of(self, definition: Definition, company: Company) -> dict[str, WorkCalendar]:
        """Those the SOP counts by, and people's own; one of a person that cannot be read is left out."""
        found = {name: self._calendars(name) for name in definition.calendars}
        for name in {known.calendar for known in company.whereabouts.values()} - {"", *found}:
            with suppress(GuankaError):
                found[name] = self._calendars(name)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One call of `handle`; `digest` is the hash of the command under `key`, both empty without a key."""

    command: cmd.Command
    actor: Actor
    key: str
    digest: str
    if_version: int | None = None
    newcomer: Newcomer | None = None


def _with(company: Company, newcomer: Newcomer) -> Company:
    new = {newcomer.id}
    return replace(company, known=company.known | new, external=company.external | new)


def _known(work: Work, asked: _Asked) -> Answer | None:
    record = work.used_key(asked.actor.person, asked.key) if asked.key else None
    if record is None:
        return None
    if record.body_hash != asked.digest:
        raise KeyReused(asked.key)
    return replace(record.answer, repeated=True)


def _digest(command: cmd.Command) -> str:
    return hashlib.sha256(_BODY.dump_json(command)).hexdigest()


def _definition(work: Work, case: Case | None, command: cmd.Command) -> Definition | None:
    if case is not None:
        return work.definition(case.definition)
    return work.latest(command.sop) if isinstance(command, cmd.StartCase) else None


def _nothing(command: cmd.Command) -> Answer:
    """The answer where there is neither a case nor an SOP to start one on."""
    if isinstance(command, cmd.StartCase):
        blocker = Blocker(code="sop_not_published", subject=command.sop)
    else:
        blocker = Blocker(code="no_such_case", subject=command.case_id)
    refusal = Refusal(why=Why.NOT_FOUND, blockers=(blocker,))
    return Answer(case_id=command.case_id, version=0, refusal=refusal)
