"""Nothing on a page is left untranslated."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import web
from web.phrases import LOCALE, Phrases, preferred

HERE = Path(web.__file__).parent
CALL = re.compile(r"""\b(?:t|mark)\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
COUNT = re.compile(r"""\bt\.count\(\s*"([^"]*)",\s*"([^"]*)\"""", re.DOTALL)


def said() -> set[str]:
    """Every text asked for in a template or a module."""
    found: set[str] = set()
    for path in (*HERE.rglob("*.html"), *HERE.rglob("*.py")):
        text = path.read_text(encoding="utf-8").replace("self._t", "t").replace("self.visitor.t", "t")
        text = text.replace("self.t.count", "t.count").replace("self.t(", "t(")
        found |= {one or other for one, other in CALL.findall(text)}
        found |= {one for one, _ in COUNT.findall(text)}
    return found


def catalogue():
    with (LOCALE / "zh" / "web.po").open("rb") as file:
        return read_po(file, locale="zh")


def messages() -> dict[str, str]:
    return {str(m.id): str(m.string) for m in catalogue() if m.id}


def test_everything_said_is_translated():
    assert sorted(said() - messages().keys()) == []


def test_nothing_is_missing_fuzzy_or_left_over():
    assert [m.id for m in catalogue() if m.id and (m.fuzzy or not m.string)] == []
    assert list(catalogue().obsolete) == []
    everything = "\n".join(
        p.read_text(encoding="utf-8") for p in (*HERE.rglob("*.html"), *HERE.rglob("*.py"))
    )
    assert [one for one in messages() if one not in everything] == []


@pytest.mark.parametrize(("english", "chinese"), sorted(messages().items()))
def test_both_languages_name_the_same_parts(english, chinese):
    parts = re.compile(r"\{(\w+)\}")
    assert sorted(set(parts.findall(english))) == sorted(set(parts.findall(chinese)))


def test_numbers_take_the_right_form():
    assert Phrases("en").count("{count} day left", "{count} days left", 1) == "1 day left"
    assert Phrases("en").count("{count} day left", "{count} days left", 2) == "2 days left"
    assert Phrases("zh").count("{count} day left", "{count} days left", 2) == "还剩 2 天"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", None),
        ("fr", None),
        ("en-GB,en;q=0.9", "en"),
        ("zh-TW, en;q=0.9", "zh"),
        ("fr, zh;q=0.3, en;q=0.5", "en"),
        ("en;q=x, zh", "zh"),
    ],
)
def test_browser_wish_is_read_by_weight(header, language):
    assert preferred(header) == language


def test_a_chinese_name_needs_no_space_around_it_and_a_latin_one_does():
    t = Phrases("zh")
    assert t("started by {person}", person="刘芳") == "刘芳发起于"
    assert t("started by {person}", person="Bob Lee") == "Bob Lee 发起于"
    assert t("filled in {names}", names="“价格”") == "填写了“价格”"
