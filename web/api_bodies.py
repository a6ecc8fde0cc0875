"""What the API takes. Whatever is not named here is refused."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictBool

from engine.case.state import Place, Verdict
from engine.text import Language

Title = Annotated[str, Field(max_length=2_000)]
Words = Annotated[str, Field(max_length=100_000)]
Persons = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=200)]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StartIn(In):
    sop: Title
    title: Title
    values: dict[str, JsonValue] = {}
    roles: dict[str, Persons] = {}


class FieldsIn(In):
    """`null` takes a value away."""

    values: dict[str, JsonValue]


class ReasonIn(In):
    reason: Words = ""


class DecisionIn(In):
    """`round` and `content` are those that were seen; without them the decision is about what stands now."""

    verdict: Verdict
    comment: Words = ""
    round: int | None = None
    content: str | None = Field(default=None, max_length=200)


class HandOverIn(In):
    to: Title
    reason: Words


class SignersIn(In):
    """`place` is before, beside or after the caller."""

    persons: Persons
    place: Place
    reason: Words


class MaterialIn(In):
    text: Words = ""


class ReturnIn(In):
    """`to` is a stage the case has left, or empty for the requester. `straight_back`: afterwards only the
    caller is asked again, and whoever signed what has changed.
    """

    comment: Words
    to: Title = ""
    straight_back: StrictBool = False
    round: int | None = None
    content: str | None = Field(default=None, max_length=200)


class HoldIn(In):
    reason: Words
    resume_on: date | None = None


class CommentIn(In):
    text: Words


class RoleIn(In):
    people: Persons


class ContactIn(In):
    """`company` may also hold a title. `language` is that of the messages."""

    role: Title
    name: Title
    email: Title
    company: Title = ""
    language: Language = "zh"


class ChildIn(In):
    title: Title
    values: dict[str, JsonValue] = {}


class MilestoneIn(In):
    planned: date | None = None
    forecast: date | None = None
