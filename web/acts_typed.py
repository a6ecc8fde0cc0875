"""One act's part of a form, read into its command; or the sentence that says what is missing.

Fields are named `<act>.<part>`, so that one form can hold several acts and keep what was typed in each.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.datastructures import FormData

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.open_acts import OpenAct
from engine.case.state import Place
from engine.case.work import LONGEST_TEXT
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, CaseId, PersonId
from web.acts_offered import Names
from web.phrases import Phrases, mark


@dataclass(frozen=True, slots=True)
class Kept:
    """What was typed, for the page that comes back; `open` is the act it came back for."""

    data: FormData = field(default_factory=FormData)
    open: str = ""

    def of(self, name: str, at: int = 0) -> str:
        found = [one for one in self.data.getlist(name) if isinstance(one, str)]
        return found[at] if at < len(found) else ""


class Incomplete(ValueError):
    """`args[0]` is the sentence for the visitor; `part` the field it is about."""

    def __init__(self, sentence: str, part: str) -> None:
        super().__init__(sentence)
        self.part = part


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What was typed, and what the page it was typed on had shown."""

    data: FormData
    names: Names
    t: Phrases
    case: CaseId
    approval: ApprovalId
    round: int | None
    content: str | None
    assurance: Assurance
    issue: int | None = None

    def text(self, act: OpenAct, part: str) -> str:
        found = self.data.get(f"{act}.{part}")
        return found.strip() if isinstance(found, str) else ""

    def needed(self, act: OpenAct, part: str) -> str:
        """Raises Incomplete where nothing is written, or too much."""
        written = self.text(act, part)
        if not written:
            raise Incomplete(self.t(_MISSING[part]), f"{act}.{part}")
        if len(written) > LONGEST_TEXT:
            said = self.t(
                "The comment is too long: {length} of at most {most} characters. Please shorten it.",
                length=len(written),
                most=LONGEST_TEXT,
            )
            raise Incomplete(said, f"{act}.{part}")
        return written

    def persons(self, act: OpenAct) -> tuple[PersonId, ...]:
        """Raises Incomplete where nobody is named, or it is not clear who."""
        part = f"{act}.person"
        typed = [one.strip() for one in self.data.getlist(part) if isinstance(one, str) and one.strip()]
        if not typed:
            raise Incomplete(self.t("Choose a person."), part)
        return tuple(dict.fromkeys(self._person(one, part) for one in typed))

    def _person(self, typed: str, part: str) -> PersonId:
        found = self.names.meant(typed)
        if not found:
            said = self.t("Nobody here is called “{name}”; choose a name from the list.", name=typed[:60])
            raise Incomplete(said, part)
        if len(found) > 1:
            labels = self.t(", ").join(self.names.label(person) for person in found)
            raise Incomplete(
                self.t("Several people are called that: {names}. Choose one.", names=labels), part
            )
        return found[0].id

    @property
    def on(self) -> dict[str, Any]:
        return {"case_id": self.case, "approval": self.approval}


_MISSING: Final[Mapping[str, str]] = {
    "reason": mark("Please give a reason."),
    "text": mark("Please write something first."),
}


def command_of(act: OpenAct, sheet: Sheet) -> cmd.Command:
    """Raises Incomplete; KeyError for an act that is none on an approval."""
    return _READ[act](sheet)


def _transfer(sheet: Sheet) -> cmd.Command:
    to = sheet.persons(OpenAct.TRANSFER)[0]
    return sc.TransferAsk(**sheet.on, to=to, reason=sheet.needed(OpenAct.TRANSFER, "reason"))


def _delegate(sheet: Sheet) -> cmd.Command:
    to = sheet.persons(OpenAct.DELEGATE)[0]
    return sc.DelegateAsk(**sheet.on, to=to, reason=sheet.needed(OpenAct.DELEGATE, "reason"))


def _add(sheet: Sheet) -> cmd.Command:
    persons = sheet.persons(OpenAct.ADD)
    written = sheet.text(OpenAct.ADD, "place")
    if written not in (Place.BEFORE, Place.BESIDE, Place.AFTER):
        raise Incomplete(sheet.t("Choose before, beside or after you."), "add.place")
    reason = sheet.needed(OpenAct.ADD, "reason")
    return sc.AddSigners(**sheet.on, persons=persons, place=Place(written), reason=reason)


def _remove(sheet: Sheet) -> cmd.Command:
    person = sheet.persons(OpenAct.REMOVE)[0]
    return sc.RemoveSigner(**sheet.on, person=person, reason=sheet.needed(OpenAct.REMOVE, "reason"))


def _return(sheet: Sheet) -> cmd.Command:
    return sc.ReturnRequest(
        **sheet.on,
        comment=sheet.needed(OpenAct.RETURN, "text"),
        to=sheet.text(OpenAct.RETURN, "way"),
        straight_back=sheet.text(OpenAct.RETURN, "straight") == "yes",
        round=sheet.round,
        content=sheet.content,
        issue=sheet.issue,
        assurance=sheet.assurance,
    )


_READ: Final[Mapping[OpenAct, Callable[[Sheet], cmd.Command]]] = {
    OpenAct.TRANSFER: _transfer,
    OpenAct.DELEGATE: _delegate,
    OpenAct.ADD: _add,
    OpenAct.REMOVE: _remove,
    OpenAct.RETURN: _return,
    OpenAct.ASK: lambda s: sc.AskForMaterial(**s.on, text=s.needed(OpenAct.ASK, "text")),
    OpenAct.GIVE: lambda s: sc.GiveMaterial(**s.on, text=s.text(OpenAct.GIVE, "text")),
    OpenAct.HAND_BACK: lambda s: sc.HandBack(**s.on, text=s.needed(OpenAct.HAND_BACK, "text")),
    OpenAct.CALL_BACK: lambda s: sc.CallBack(**s.on),
    OpenAct.TAKE_BACK: lambda s: sc.TakeBackDecision(**s.on, reason=s.text(OpenAct.TAKE_BACK, "reason")),
    OpenAct.NUDGE: lambda s: sc.NudgeApproval(**s.on),
    OpenAct.COPY: lambda s: sc.CopyApproval(**s.on, persons=s.persons(OpenAct.COPY)),
    OpenAct.COMMENT: lambda s: sc.CommentApproval(**s.on, text=s.needed(OpenAct.COMMENT, "text")),
}
