"""What can be foreseen of an approval, as values; the sentences stand in engine.case.foresight_words."""

from dataclasses import dataclass
from enum import StrEnum

from engine.ids import PersonId


class Gravity(StrEnum):
    """NOBODY: it could not be signed at all. WARNING: something written would not happen, or hangs on who
    asks. NOTE: it works, and hangs on one person.
    """

    NOBODY = "nobody"
    WARNING = "warning"
    NOTE = "note"


class Foresaw(StrEnum):
    """What can be foreseen of an approval, a role or a transition."""

    ROLE_EMPTY = "role_empty"
    ROLE_INACTIVE = "role_inactive"
    ROLE_PER_CASE = "role_per_case"
    ONLY_REQUESTERS = "only_requesters"
    TOO_LIGHT = "too_light"
    KEPT_APART = "kept_apart"
    OUT_OF_REACH = "out_of_reach"
    OWN_REQUEST = "own_request"
    NOBODY_ASKS = "nobody_asks"
    ONE_PERSON = "one_person"
    TIMEOUT_ROLE = "timeout_role"
    OWNER_EMPTY = "owner_empty"
    HELD_INSIDE = "held_inside"
    HELD_OUTSIDE = "held_outside"
    ONLY_ONE = "only_one"
    ONLY_ONE_NOT_OWN = "only_one_not_own"
    COPY_ROLE = "copy_role"
    ROLE_SPARE = "role_spare"


GRAVITY = {
    **dict.fromkeys(Foresaw, Gravity.NOBODY),
    **dict.fromkeys(
        (
            Foresaw.ROLE_PER_CASE,
            Foresaw.OWN_REQUEST,
            Foresaw.NOBODY_ASKS,
            Foresaw.ONE_PERSON,
            Foresaw.TIMEOUT_ROLE,
            Foresaw.OWNER_EMPTY,
            Foresaw.HELD_INSIDE,
            Foresaw.HELD_OUTSIDE,
        ),
        Gravity.WARNING,
    ),
    **dict.fromkeys(
        (Foresaw.ONLY_ONE, Foresaw.ONLY_ONE_NOT_OWN, Foresaw.COPY_ROLE, Foresaw.ROLE_SPARE), Gravity.NOTE
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """One thing foreseen. `path` is the key in the SOP file; `transition` and `approval` are empty where it
    is about the SOP. `persons` are those it is about: who holds the role, who cannot be reached, or who asks
    in vain: then nobody could sign when they ask (`usual`: they are who normally asks). `numbers` are the
    weight there is and the weight needed.
    """

    code: Foresaw
    path: str
    transition: str = ""
    approval: str = ""
    role: str = ""
    persons: tuple[PersonId, ...] = ()
    usual: bool = False
    numbers: tuple[int, int] = (0, 0)

    @property
    def gravity(self) -> Gravity:
        """Whoever seldom asks may well find somebody else to ask."""
        seldom = self.code is Foresaw.OWN_REQUEST and not self.usual
        return Gravity.NOTE if seldom else GRAVITY[self.code]
