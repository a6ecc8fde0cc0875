"""docs/templates.md is true: its names are those of the program, and its example is one."""

from engine.outbox import MessageKind
from notifications.wording_check import mistakes_with_samples
from notifications.wording_names import KINDS
from notifications.wordings import LONGEST, LONGEST_SUBJECT, cleaned
from tests.docs.documents import fences, text_of
from tests.docs.names_tables import PAGE, written


def test_the_tables_of_names_are_those_of_the_program():
    """Otherwise: python -m tests.docs.names_tables."""
    assert PAGE.read_text(encoding="utf-8") == written()


def test_the_example_passes_the_check():
    (example,) = fences("docs/templates.md", "")
    subject, body = example.split("\n", 1)
    assert mistakes_with_samples(MessageKind.APPROVAL_REQUESTED, "zh", cleaned(subject, body)) == ()


def test_the_limits_are_those_of_the_program():
    text = text_of("docs/templates.md")
    for number in (*LONGEST.values(), LONGEST_SUBJECT):
        assert f"{number:,}" in text
    assert str(2 * len(KINDS)) in text
