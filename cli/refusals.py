"""A refusal on the command line: every sentence, who is waited for, and the exit code of its family."""

from typing import assert_never

from cli.session import Exit, Failed
from engine.case.refusal import Refusal, Why
from engine.case.wording import refusal_sentences, say
from engine.ids import PersonId
from engine.text import Text
from runtime.wiring import Parts


def refused(refusal: Refusal, parts: Parts) -> Failed:
    names = {person.id: person.name for person in parts.store.people.all()}

    def name(person: PersonId) -> str:
        return names.get(person, person)

    zh, en = (refusal_sentences(refusal, language, name) for language in ("zh", "en"))
    return Failed(_code(refusal), Text("\n".join(zh), "\n".join(en)), as_data(refusal))


def _code(refusal: Refusal) -> Exit:
    """Somebody nobody knows is not found, whichever command named this person."""
    if any(blocker.code == "unknown_person" for blocker in refusal.blockers):
        return Exit.NOT_FOUND
    return code_of(refusal.why)


def code_of(why: Why) -> Exit:
    match why:
        case Why.NOT_FOUND:
            return Exit.NOT_FOUND
        case Why.BAD_INPUT:
            return Exit.USAGE
        case Why.BLOCKED | Why.FORBIDDEN:
            return Exit.REFUSED
        case Why.CONFLICT:
            return Exit.CONFLICT
        case unreachable:
            assert_never(unreachable)


def as_data(refusal: Refusal) -> dict[str, object]:
    return {
        "why": refusal.why.value,
        "blockers": [
            {
                "code": blocker.code,
                "subject": blocker.subject,
                "zh": say(blocker, "zh"),
                "en": say(blocker, "en"),
                "role": blocker.role,
                "waits_for": list(blocker.waits_for),
            }
            for blocker in refusal.blockers
        ],
    }
