"""The company's own wordings: checked with place and remedy, used where they fit, passed over where not."""

import logging
import re
from pathlib import Path

import pytest
from jinja2 import TemplateError

from engine.outbox import MessageKind
from notifications.dialects import card_for
from notifications.keys import Keys
from notifications.messages import Message
from notifications.samples import samples, samples_of
from notifications.subject import Subject
from notifications.telling import tell
from notifications.wording_check import mistakes_with_samples
from notifications.wording_names import KINDS, Form, names_of
from notifications.wordings import (
    LONGEST,
    UnfitWording,
    Wording,
    _rendered,
    cleaned,
    mistakes_in,
    said,
    shipped,
)
from tests.unit.notifications.office import Office, a_composer, an_office, asking, keys_in
from tests.unit.notifications.test_messages import an_evil_office, variants

ATTACKS = (Path(__file__).parents[2] / "data" / "template_attacks.txt").read_text("utf-8").splitlines()
ASKED = MessageKind.APPROVAL_REQUESTED
DROPPED = MessageKind.TRANSITION_DROPPED


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return keys_in(tmp_path_factory.mktemp("keys"))


def told(office: Office, keys: Keys, subject: str, body: str) -> Message:
    office.wordings[ASKED, "zh"] = Wording(subject=subject, body=body)
    message = a_composer(office, keys).mailbox_text(office.owed(ASKED))
    assert message is not None
    return message


def mistakes(body: str, kind: MessageKind = ASKED, subject: str = "{{ case }}") -> list[tuple[int, int, str]]:
    found = mistakes_in(kind, Wording(subject=subject, body=body))
    return [(one.place.line, one.place.column, one.message.en) for one in found]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_shipped_passes_the_check_a_company_has_to_pass(kind, language) -> None:
    assert mistakes_with_samples(kind, language, shipped(kind, language)) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_sample(kind) -> None:
    assert samples_of(kind)


def test_a_control_character_is_told_with_its_place_and_not_taken_out_in_silence() -> None:
    wording = cleaned("hi {{ case }}\x07", "one\r\nhi \x00 \x1b[31m\x0c\x85\u2028tab\there")
    told = [(m.part, m.place.line, m.place.column, m.message.en) for m in mistakes_in(ASKED, wording)]
    assert [(part, line, column, said.split()[3]) for part, line, column, said in told] == [
        ("subject", 1, 14, "U+0007"),
        ("body", 2, 4, "U+0000"),
        ("body", 2, 6, "U+001B"),
    ]


@pytest.mark.parametrize("kind", MessageKind)
def test_every_name_that_may_be_written_is_always_there_and_of_its_form(keys: Keys, kind) -> None:
    office = an_evil_office("zh")
    composer = a_composer(office, keys)
    kinds = {Form.TEXT: str, Form.CHOICE: str, Form.NUMBER: int, Form.FLAG: bool, Form.LIST: list | tuple}
    for owed in variants(office, kind):
        words = {**tell(subject_of(composer, office, owed)).words, "asked": True}
        for name, spec in names_of(kind).items():
            assert isinstance(words[name], kinds[spec.form]), name


@pytest.mark.parametrize("sample", samples(), ids=lambda one: f"{one.kind}-{one.note.en}")
def test_what_is_said_never_to_be_empty_is_not_and_choices_are_those_that_occur(sample) -> None:
    words = sample.words("en")
    for name, spec in names_of(sample.kind).items():
        assert words[name] or not spec.always or spec.form is Form.NUMBER, name
        assert spec.form is not Form.CHOICE or words[name] in spec.choices


def subject_of(composer, office: Office, owed) -> Subject:
    case = office.case(owed.case_id)
    assert case is not None
    about = (case, office.definition(case.definition), office.event(owed.case_id, owed.sequence))
    contact = office.contact(owed.to)
    assert contact is not None
    subject = composer._context(owed, contact, about, personal=True).subject
    assert isinstance(subject, Subject)
    return subject


def test_the_companys_words_are_sent_and_the_layout_stays_ours(keys: Keys) -> None:
    message = told(
        asking(an_office()), keys, "[{{ sop }}] {{ approval }}", "{{ requester }} 请您看一下。\n\n谢谢！"
    )
    link, code = message.secrets
    assert message.subject == "[上线] 主管同意"
    assert message.text.split("\n")[:5] == ["华敏，您好：", "", "裴文 请您看一下。", "", "谢谢！"]
    for kept in (link, code, "请勿转发本消息。", "- 预算：120,000.00 元", "案例：新品上线 (c1)"):
        assert kept in message.text
        assert (
            kept.removeprefix("- ") in message.html.replace("<strong>", "").replace("</strong>", "") or code
        )
    assert "裴文 请您看一下。" in card_for("feishu", message).body
    assert message.passed_over is False


def test_every_line_is_a_paragraph_also_after_a_condition() -> None:
    wording = Wording(
        subject="x",
        body="一\n{% if reason %}说明：{{ reason }}{% endif %}\n  {% if asked %}\n二\n{% endif %}\n三",
    )
    words = {**samples()[0].words("zh"), "reason": "因", "asked": True}
    assert said(ASKED, wording, words)[1] == ("一", "说明：因", "二", "三")
    assert said(ASKED, wording, {**words, "reason": "", "asked": False})[1] == ("一", "三")


def test_markup_of_the_company_is_plain_words_everywhere(keys: Keys) -> None:
    message = told(
        asking(an_office()), keys, "<b>x</b>", "<script>alert(1)</script> **x** [x](https://evil.example)"
    )
    assert "<script" not in message.html
    assert "<b>" not in message.html
    assert "&lt;script&gt;" in message.html
    assert "＊＊x＊＊ ［x］" in card_for("dingtalk", message).body


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("{{ gone }}", "x"),
        ("x", "{% if asked %}"),
        ("x", ""),
        ("x", "{{ ''.__class__ }}"),
        ("x", "a" * 9_000),
    ],
)
def test_what_does_not_fit_is_passed_over_loudly_and_the_message_still_goes(
    keys: Keys, caplog: pytest.LogCaptureFixture, subject: str, body: str
) -> None:
    office = asking(an_office())
    plain = a_composer(office, keys).mailbox_text(office.owed(ASKED))
    with caplog.at_level(logging.WARNING):
        message = told(office, keys, subject, body)
    assert plain is not None
    assert (message.subject, message.text) == (plain.subject, plain.text)
    assert message.passed_over is True
    assert "approval_requested.zh was passed over" in caplog.text


def test_every_mistake_is_told_with_its_place_and_how_to_mend_it() -> None:
    body = '{{ requestor }}\n\n  {% if round > "2" %}{{ case | upper }}{% elif %}\n'
    body += "{{ changed }} {case} {% esle %}"
    assert mistakes(body) == [
        (1, 4, "there is no name requestor; did you mean 'requester'?"),
        (3, 3, "this has no end; write {% endif %}"),
        (3, 17, "a whole number is wanted here, such as 1"),
        (3, 31, "there are no filters; write the name alone"),
        (3, 49, "a condition is missing; write a name"),
        (4, 4, "this is yes or no; write {% if name %}…{% endif %}"),
        (4, 15, "a name stands in two braces: {{ case }}"),
        (4, 25, "there is no tag esle; did you mean 'else'?"),
    ]


def test_a_misspelt_end_is_one_mistake_and_no_more() -> None:
    body = "{% iff reason %}x{% endfi %}\n{% if round > 1 %}y{% esle %}z{% endif %}"
    assert [one[:2] for one in mistakes(body)] == [(1, 4), (1, 21), (2, 23)]


def test_chinese_signs_within_a_tag_are_pointed_at() -> None:
    assert mistakes("｛｛ case ｝｝")[0] == (1, 1, "braces are the ASCII ones: {{ }}")
    (first, *_) = mistakes("{{ case，sop }} {{ nobody }}")
    assert first == (1, 8, "'，' cannot stand within a tag; is a }} or %} missing before it?")
    assert (1, 19) in [one[:2] for one in mistakes("{{ case，sop }} {{ nobody }}")]


def test_missing_parts_long_parts_and_parts_that_may_say_nothing_are_refused() -> None:
    assert mistakes("x", subject=" ") == [(1, 1, "there is no subject")]
    assert mistakes(" \n ") == [(1, 1, "there is no body; write one sentence at least")]
    assert mistakes("x", subject="x\ny") == [(1, 1, "a subject has one line")]
    assert "too long" in mistakes("x" * (LONGEST["body"] + 1))[0][2]
    assert "says nothing" in mistakes("{% if reason %}x{% endif %}{{ reason }}")[0][2]
    assert mistakes("{% if reason %}x{% else %}y{% endif %}") == []
    assert mistakes("{{ case }}") == []


def test_a_subject_that_samples_would_overfill_is_refused() -> None:
    (found,) = mistakes_with_samples(
        ASKED, "zh", Wording(subject="很" * 110 + "{{ case }}{{ sop }}", body="x")
    )
    assert (found.part, "at most" in found.message.en) == ("subject", True)


def test_codes_are_compared_with_what_they_can_be() -> None:
    news = MessageKind.APPROVAL_NEWS
    assert mistakes('{% if what == "granted" or not (what != "copied") %}a{% else %}b{% endif %}', news) == []
    assert mistakes('{% if what == "grantd" %}a{% endif %}x', news)[0][2].endswith("did you mean 'granted'?")
    assert "compare it" in mistakes("{% if what %}a{% endif %}x", news)[0][2]
    assert "to be compared only" in mistakes("{{ what }} x", news)[0][2]


def test_a_list_is_gone_through_once_and_is_no_longer_than_twenty() -> None:
    wording = Wording(subject="x", body="{% for one in reasons %}- {{ one }}\n{% endfor %}完")
    assert mistakes_in(DROPPED, wording) == ()
    words = dict.fromkeys(names_of(DROPPED), "甲") | {
        "asked": False,
        "reasons": [f"因{n}" for n in range(50)],
    }
    _, lines = said(DROPPED, wording, words)
    assert lines == (*(f"- 因{n}" for n in range(20)), "完")


def test_what_is_made_is_bounded_whatever_the_values() -> None:
    wording = Wording(subject="{{ case }}" * 100, body="{{ case }}\n" * 500)
    words = dict.fromkeys(names_of(ASKED), "长" * 5_000) | {"round": 1, "asked": True, "changed": False}
    subject, lines = said(ASKED, wording, words)
    assert len(subject) <= 120
    assert sum(map(len, lines)) <= 12_000


@pytest.mark.parametrize("kind", [ASKED, DROPPED])
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_published_attack_gets_past_the_check(kind: MessageKind, attack: str) -> None:
    for wording in (Wording(subject="{{ case }}", body=attack), Wording(subject=attack, body="x")):
        assert mistakes_in(kind, wording), attack


@pytest.mark.parametrize("attack", ATTACKS)
def test_behind_the_check_the_sandbox_gives_nothing_away_either(attack: str) -> None:
    values = {"case": "甲", "sop": "乙", "reasons": ("因",), "round": 1}
    try:
        made = _rendered(attack, values)
    except (UnfitWording, TemplateError):
        return
    assert not re.search(r"49|<class|built-in|root:|uid=|\bat 0x|object|<module|function", made)
    assert len(made) <= 2 * len(attack)


@pytest.mark.parametrize(
    "text", ["${7*7}", "#{7*7}", "<%= 7*7 %>", "*{7*7}", "@(7*7)", "$(id)", "`id`", "{7*7}", "{0}"]
)
def test_what_is_no_tag_is_read_as_it_stands(text: str) -> None:
    subject, lines = said(ASKED, Wording(subject="x", body=text), samples()[0].words("en"))
    assert (subject, lines) == ("x", (text,))


@pytest.mark.parametrize(
    "unit", ["{{'", "{% if case %}", "(", "{{ case }}", "{#", "{{ not ", "{% if not ", "｛", "\n"]
)
def test_bombs_are_told_apart_from_wordings(unit: str) -> None:
    body = (unit * 8_000)[: LONGEST["body"]]
    found = mistakes_in(ASKED, Wording(subject="x", body=body))
    assert (found == ()) is (unit in {"{{ case }}", "("})


def test_line_ends_and_invisible_signs_are_put_in_order_before_they_are_kept() -> None:
    assert cleaned(" 请审批\u202e \r\n", "一 \r\n\r\n二\x00\x07\r\n") == Wording(
        subject="请审批", body="一\n\n二\x00\x07"
    )
