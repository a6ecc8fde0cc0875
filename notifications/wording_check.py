"""A wording before it is kept: what the grammar says, and what a reader would get of it."""

from engine.text import Language, Text
from notifications.samples import samples_of
from notifications.wording_names import Kind
from notifications.wording_tokens import Mistake, Place
from notifications.wordings import LONGEST_SUBJECT, Wording, mistakes_in, subject_of


def mistakes_with_samples(kind: Kind, language: Language, wording: Wording) -> tuple[Mistake, ...]:
    """Also a subject that would be cut, with values as they commonly are."""
    mistakes = mistakes_in(kind, wording)
    if mistakes:
        return mistakes
    common = [sample.words(language) for sample in samples_of(kind) if not sample.extreme]
    longest = max(len(subject_of(kind, wording, words)) for words in common)
    return (_too_long(longest),) if longest > LONGEST_SUBJECT else ()


def _too_long(longest: int) -> Mistake:
    said = Text(
        f"标题用样例数据填好后有 {longest} 个字符，至多 {LONGEST_SUBJECT} 个；请写短些",
        f"with the values of a sample the subject has {longest} characters; {LONGEST_SUBJECT} at most",
    )
    return Mistake("subject", Place(1, 1), said)
