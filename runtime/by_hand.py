"""Messages stopped, or sent again, by hand: who may do it, and in whose name."""

from collections.abc import Callable
from functools import cache
from typing import Final

from engine.clock import Clock
from engine.ids import CaseId, PersonId
from engine.store.mailbox import Mail
from engine.store.store import Store
from engine.text import Text
from runtime.absences import owners
from runtime.allowed import NotAllowed, refuse_outside


class Hands:
    """One who stops messages and sends them again: a person, or the operator at this machine (None).

    Whoever a message goes to may, and whoever owns the SOP of its case; of what belongs to no case, the owner
    of any SOP. Looks at each case once.
    """

    def __init__(self, store: Store, clock: Clock, by: PersonId | None) -> None:
        self._store, self._clock, self._by = store, clock, by
        self._owners: Callable[[CaseId | None], frozenset[PersonId]] = cache(self._owners_of)

    def may(self, mail: Mail) -> bool:
        """For somebody who works in the company."""
        return self._by in (None, mail.to_person) or self._by in self._owners(mail.case_id)

    def refuse(self, mail: Mail) -> None:
        """Raises NotAllowed where they may not, UnknownPerson."""
        if self._by is not None:
            refuse_outside(self._store.people.get(self._by))
        if not self.may(mail):
            raise NotAllowed(_not_theirs(mail))

    def again(self, mail: Mail) -> bool:
        """False where it is under way or was sent. Raises NotAllowed, UnknownPerson."""
        self.refuse(mail)
        return self._store.deliveries.again(mail.id, by=self._by, now=self._clock.now())

    def stop(self, mail: Mail) -> bool:
        """False where it has ended, is under way or lies in a digest. Raises NotAllowed, UnknownPerson."""
        self.refuse(mail)
        return self._store.deliveries.cancel(mail.id, by=self._by, now=self._clock.now())

    def _owners_of(self, case_id: CaseId | None) -> frozenset[PersonId]:
        case = None if case_id is None else self._store.board.case(case_id)
        if case is None:
            return owners(self._store)
        role = self._store.definitions.by_digest(case.definition).sop.owner
        held = case.roles.get(role) or self._store.people.company(case.sop).people.get(role, ())
        return frozenset(held)


def _not_theirs(mail: Mail) -> Text:
    zh, en = _OWNER_OF_ANY if mail.case_id is None else _OWNER
    return Text(
        f"消息 {mail.id} 只能由收件人或{zh}取消或重发；请用其中一人的身份操作",
        f"only whoever message {mail.id} goes to, or the owner of {en}, may stop it or send it again;"
        " act as one of them",
    )


_OWNER: Final = ("其案例的流程负责人", "its case's SOP")
_OWNER_OF_ANY: Final = ("流程负责人", "an SOP")
