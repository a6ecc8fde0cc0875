"""The company's own wordings: what counts now, changed and taken back, for page, command line and doctor."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.clock import Clock
from engine.errors import GuankaError
from engine.ids import PersonId
from engine.outbox import MessageKind
from engine.store.store import Store
from engine.store.wordings import WordingMoved, WordingVersion
from engine.text import Language, Text
from notifications.wording_check import mistakes_with_samples
from notifications.wording_names import KINDS, Kind
from notifications.wording_tokens import Mistake
from notifications.wordings import Wording, shipped
from runtime.allowed import refuse_outside

__all__ = [
    "LANGUAGES",
    "BrokenWording",
    "InUse",
    "OwnWordings",
    "UnknownWording",
    "WordingMoved",
    "by_full_name",
    "faults_of",
    "named",
    "said_of",
    "words_of",
]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class UnknownWording(GuankaError):
    def __init__(self, name: str) -> None:
        example = f"{MessageKind.APPROVAL_REQUESTED}.zh"
        super().__init__(
            Text(
                f"没有消息模板 {name[:60]}；名称写作 种类.语言，例如 {example}；"
                f"guanka template list 列出全部",
                f"there is no message template {name[:60]}; write KIND.LANGUAGE, such as {example};"
                f" guanka template list shows them all",
            )
        )


class BrokenWording(GuankaError):
    """It was not kept. `mistakes` are all of them, in order of place."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        lines = [(said_of(one, "zh"), said_of(one, "en")) for one in mistakes]
        super().__init__(Text("\n".join(zh for zh, _ in lines), "\n".join(en for _, en in lines)))
        self.mistakes = mistakes


def faults_of(mistakes: Iterable[Mistake]) -> list[dict[str, Any]]:
    """As the API tells them: `where` of the body, line, column, and the fault in both languages."""
    return [
        {
            "where": f"body.{one.part}",
            "line": one.place.line,
            "column": one.place.column,
            "fault": one.message.en,
            "fault_zh": one.message.zh,
        }
        for one in mistakes
    ]


def said_of(mistake: Mistake, language: Language) -> str:
    """Place and remedy in one line."""
    line, column = mistake.place.line, mistake.place.column
    said = mistake.message.in_(language)
    if language == "zh":
        return f"{PARTS[mistake.part].zh}第 {line} 行第 {column} 列：{said}"
    return f"{PARTS[mistake.part].en}, line {line}, column {column}: {said}"


PARTS = {"subject": Text("标题", "subject"), "body": Text("正文", "body")}


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """What is sent now. `own`: the company's newest words, None where ours are used on purpose. `mistakes`:
    why they are passed over.
    """

    kind: Kind
    language: Language
    number: int = 0
    own: Wording | None = None
    version: WordingVersion | None = None
    mistakes: tuple[Mistake, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.kind}.{self.language}"

    @property
    def wording(self) -> Wording:
        """The words themselves, whether or not they fit."""
        return self.own or shipped(self.kind, self.language)


@dataclass(frozen=True, slots=True)
class OwnWordings:
    store: Store
    clock: Clock

    def all(self) -> list[InUse]:
        """Every kind in every language, in the order of the kinds."""
        kept = {(version.kind, version.language): version for version in self.store.wordings.all()}
        return [_in_use(k, language, kept.get((k, language))) for k in KINDS for language in LANGUAGES]

    def one(self, kind: Kind, language: Language) -> InUse:
        return _in_use(kind, language, self.store.wordings.newest(kind, language))

    def passed_over(self) -> Iterator[InUse]:
        """The company's wordings that do not fit, in place of which ours are sent."""
        return (one for one in self.all() if one.mistakes)

    def save(self, seen: InUse, wording: Wording, *, by: PersonId) -> InUse:
        """As the version after the one that was seen; nothing where nothing was changed.

        Raises NotAllowed, BrokenWording, WordingMoved.
        """
        refuse_outside(self.store.people.get(by))
        mistakes = mistakes_with_samples(seen.kind, seen.language, wording)
        if mistakes:
            raise BrokenWording(mistakes)
        if wording == seen.own:
            return seen
        return self._added(seen, wording, by)

    def reset(self, seen: InUse, *, by: PersonId) -> InUse:
        """Back to our wording; what was written stays on record. Raises NotAllowed, WordingMoved."""
        refuse_outside(self.store.people.get(by))
        return seen if seen.own is None else self._added(seen, None, by)

    def _added(self, seen: InUse, wording: Wording | None, by: PersonId) -> InUse:
        version = WordingVersion(
            kind=seen.kind,
            language=seen.language,
            number=seen.number + 1,
            subject=wording.subject if wording else None,
            body=wording.body if wording else None,
            changed_by=by,
            changed_at=self.clock.now(),
        )
        self.store.wordings.add(version)
        return _in_use(seen.kind, seen.language, version)


def words_of(version: WordingVersion | None) -> Wording | None:
    if version is None or version.subject is None or version.body is None:
        return None
    return Wording(subject=version.subject, body=version.body)


def _in_use(kind: Kind, language: Language, version: WordingVersion | None) -> InUse:
    own = words_of(version)
    return InUse(
        kind=kind,
        language=language,
        number=version.number if version else 0,
        own=own,
        version=version,
        mistakes=mistakes_with_samples(kind, language, own) if own else (),
    )


def named(name: str, language: Language) -> tuple[Kind, Language]:
    """`approval_requested.zh`; without a language, in the one given. Raises UnknownWording."""
    kind, dot, written = name.partition(".")
    found = next((one for one in KINDS if one == kind), None)
    for known in LANGUAGES:
        if found is not None and (written == known or (not dot and language == known)):
            return found, known
    raise UnknownWording(name)


def by_full_name(name: str) -> tuple[Kind, Language]:
    """`approval_requested.zh`, and nothing shorter. Raises UnknownWording."""
    if "." not in name:
        raise UnknownWording(name)
    return named(name, "zh")
