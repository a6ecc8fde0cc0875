"""Words of the command line that name something."""

import pytest

from cli.lookup import pairs
from cli.session import Exit, Failed
from cli.typed import people
from engine.text import Text

FIELD = Text("字段", "a field")


def test_a_value_may_hold_anything_even_equals_signs():
    assert pairs(["a=1=2", "b=", "c= x "], FIELD) == {"a": "1=2", "b": "", "c": " x "}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a"], "write a field as name=value, not 'a'"),
        (["=1"], "write a field as name=value, not '=1'"),
        (["a=1", "a=2"], "a field a is given twice"),
    ],
)
def test_what_is_no_pair_is_said(words: list[str], said: str):
    with pytest.raises(Failed) as raised:
        pairs(words, FIELD)
    assert (raised.value.code, raised.value.message.en) == (Exit.USAGE, said)


def test_people_stand_between_commas_of_either_kind():
    assert people("ann, bob，carl,") == ("ann", "bob", "carl")
