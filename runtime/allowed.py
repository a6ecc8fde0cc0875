"""Who may change what belongs to the company or to somebody else, until there are accounts.

What is the company's: everybody who works there. What is a person's: the person, and the owners of SOPs.
"""

from typing import Final

from engine.case.wording import SENTENCES
from engine.errors import GuankaError
from engine.ids import PersonId
from engine.store.people import Person
from engine.store.store import Store
from engine.text import Text
from runtime.absences import owners


class NotAllowed(GuankaError):
    """This person may not."""


def refuse_outside(person: Person) -> None:
    """Raises NotAllowed for whoever is outside the company, or has left."""
    if person.external:
        raise NotAllowed(SENTENCES["external_person"])
    if not person.active:
        raise NotAllowed(_LEFT)


def refuse_others(store: Store, whose: PersonId, *, by: PersonId) -> None:
    """Raises NotAllowed, UnknownPerson."""
    refuse_outside(store.people.get(by))
    if by != whose and by not in owners(store):
        raise NotAllowed(
            Text(
                f"只有 {whose} 本人或流程负责人可以更改；请用本人的身份操作",
                f"only {whose} or the owner of an SOP may change this; act as one of them",
            )
        )


_LEFT: Final = Text("已停用的人员不能更改", "whoever is no longer active changes nothing")
