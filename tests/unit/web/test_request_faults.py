"""A request that does not fit is refused in Chinese without English, and in English."""

import re

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic_core import PydanticKnownError

from engine.text import Text
from web.request_faults import CHINESE, faults_of, sentence

NUMBERS = ("gt", "ge", "lt", "le", "min_length", "max_length", "actual_length")
TEXTS = ("expected", "pattern", "error", "field_type", "class_name")
CONTEXT = {**dict.fromkeys(NUMBERS, 1), **dict.fromkeys(TEXTS, "x")}


def refused(kind, **context):
    return RequestValidationError(
        [{"type": kind, "loc": ("query", "page"), "msg": "In English", "ctx": context}]
    )


@pytest.mark.parametrize(("kind", "chinese"), sorted(CHINESE.items()))
def test_sentences_name_what_pydantic_gives_and_hold_no_english(kind, chinese):
    given = re.findall(r"{(\w+)}", PydanticKnownError(kind, CONTEXT).message_template)
    placeholders = re.findall(r"{(\w+)}", chinese)
    assert set(placeholders) <= set(given)
    words = re.sub(r"{\w+}", "", chinese)
    assert set(re.findall(r"[A-Za-z]+", words)) <= {"JSON", "true", "false", "T", "Z"}


@pytest.mark.parametrize(
    ("kind", "context", "chinese"),
    [
        ("missing", {}, "缺少这一项"),
        ("greater_than_equal", {"ge": 1}, "不得小于 1"),
        ("string_too_long", {"max_length": 200}, "最多 200 字"),
        ("enum", {"expected": "'approve', 'hold' or 'reject'"}, "只能是 'approve'、'hold'、'reject'"),
        ("something_new", {}, "这个值不合要求"),
    ],
)
def test_the_sentence_names_place_and_mend(kind, context, chinese):
    faults = faults_of(refused(kind, **context))
    assert sentence(faults) == Text(
        f"请求不合规：query.page：{chinese}", "the request does not fit: query.page: In English"
    )
