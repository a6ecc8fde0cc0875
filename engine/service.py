"""The one door: every face sends a command here, and here only is a case loaded, decided on and saved.

The use case is always the same: lock, load, decide, save case + events + outbox in one transaction, remember the key.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from pydantic import TypeAdapter

from engine.case import commands as cmd
from engine.case.calendar import WorkCalendar
from engine.case.decide import decide
from engine.case.evolve import replay
from engine.case.facts import Facts
from engine.case.refusal import Blocker, Refusal, Why
from engine.case.state import RULE_PERSON, Actor, Case
from engine.clock import Clock
from engine.definition.compiled import Definition
from engine.errors import KeyReused, StaleCase, VersionMoved
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

        With `key`, the same command again gives the first answer again (`repeated`); refusals are not remembered, so that a
        mended case can be tried under the same key. Raises KeyReused (same key, other command), StaleCase (`if_version` is
        not the stored version) and VersionMoved (the case kept moving under us).
        """
        digest = _digest(command) if key else ""
        for last in range(TRIES, 0, -1):
            try:
                answer = self._once(command, actor, (key, digest), if_version)
                break
            except VersionMoved:
                if last == 1:
                    raise
        if answer.events:
            self._wake()
        return answer

    def _once(
        self, command: cmd.Command, actor: Actor, key: tuple[str | None, str], if_version: int | None
    ) -> Answer:
        with self._unit_of_work.begin(command.case_id) as work:
            known = self._known(work, actor, *key)
            if known is not None:
                return known
            case = work.case(command.case_id)
            if if_version is not None and case is not None and case.version != if_version:
                raise StaleCase(command.case_id, if_version, case.version)
            definition = _definition(work, case, command)
            if definition is None:
                return _nothing(command, case)
            return self._decide(work, definition, case, command, actor, key)

    def _known(self, work: Work, actor: Actor, key: str | None, digest: str) -> Answer | None:
        record = work.used_key(actor.person, key) if key else None
        if record is None:
            return None
        if record.body_hash != digest:
            raise KeyReused(key or "")
        return replace(record.answer, repeated=True)

    def _decide(  # noqa: PLR0913 - the parts of one decision
        self,
        work: Work,
        definition: Definition,
        case: Case | None,
        command: cmd.Command,
        actor: Actor,
        key: tuple[str | None, str],
    ) -> Answer:
        facts = self.facts(definition, work.company(definition.sop.sop), actor)
        events = decide(definition, case, command, facts)
        version = case.version if case else 0
        if isinstance(events, Refusal):
            return Answer(case_id=command.case_id, version=version, refusal=events)
        answer = Answer(case_id=command.case_id, version=version + len(events), events=events)
        if events:
            after = replay(events, case)
            if after is not None:
                owed = [message for event in events for message in messages_owed(event)]
                work.save(definition, after, events, owed)
        if key[0]:
            work.remember(actor.person, key[0], key[1], replace(answer, events=()), now=facts.now)
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
        )


def _digest(command: cmd.Command) -> str:
    return hashlib.sha256(_BODY.dump_json(command)).hexdigest()


def _definition(work: Work, case: Case | None, command: cmd.Command) -> Definition | None:
    if case is not None:
        return work.definition(case.definition)
    return work.latest(command.sop) if isinstance(command, cmd.StartCase) else None


def _nothing(command: cmd.Command, case: Case | None) -> Answer:
    version = case.version if case else 0
    if isinstance(command, cmd.StartCase):
        blocker = Blocker(code="sop_not_published", subject=command.sop)
    else:
        blocker = Blocker(code="no_such_case", subject=command.case_id)
    return Answer(
        case_id=command.case_id, version=version, refusal=Refusal(why=Why.NOT_FOUND, blockers=(blocker,))
    )
