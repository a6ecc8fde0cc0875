"""Whatever somebody writes as a wording has its mistakes told, or makes plain sentences within bounds."""

from hypothesis import given
from hypothesis import strategies as st

from engine.outbox import MessageKind
from notifications.samples import samples_of
from notifications.wording_names import KINDS, Kind, names_of
from notifications.wordings import LONGEST, LONGEST_BODY, Wording, mistakes_in, said

NAMES = sorted({name for kind in KINDS for name in names_of(kind)})
TAGS = r"{{ | }}|{% if | %}|{% elif |{% else %}|{% endif %}|{% for x in reasons %}|{% endfor %}|{{ x }}"
SIGNS = r" and ; or ; not ; == ; > ;'granted';1;(;);.;|;[;';\n;{#;#};{%-;-%};{{{;};__class__;{% raw %};，;字"
PIECES = st.one_of(
    st.sampled_from(TAGS.split("|")),
    st.sampled_from(SIGNS.replace(r"\n", "\n").split(";")),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES).map(lambda name: "{{ " + name + " }}"),
    st.text(max_size=4),
)
SOURCES = st.lists(PIECES, max_size=30).map("".join)


@given(kind=st.sampled_from(KINDS), subject=SOURCES, body=SOURCES)
def test_a_wording_is_told_its_mistakes_or_makes_sentences(kind: Kind, subject: str, body: str) -> None:
    wording = Wording(subject=subject, body=body)
    mistakes = mistakes_in(kind, wording)
    for mistake in mistakes:
        lines = (subject if mistake.part == "subject" else body).split("\n")
        assert 1 <= mistake.place.line <= max(len(lines), 1)
        assert 1 <= mistake.place.column <= len(lines[mistake.place.line - 1]) + 1
        assert mistake.message.zh
        assert mistake.message.en
    if not mistakes:
        for sample in samples_of(kind):
            for language in ("zh", "en"):
                made, sentences = said(kind, wording, sample.words(language))
                assert 0 < len(made) <= 120
                assert sentences
                assert sum(map(len, sentences)) <= LONGEST_BODY
                assert "__class__" not in made or "__class__" in subject


READABLE = st.characters(exclude_characters="{}｛｝#%", exclude_categories=["Cc", "Cs"]) | st.sampled_from(
    "\n\t"
)


@given(st.text(alphabet=READABLE, min_size=1, max_size=300))
def test_text_without_braces_and_control_characters_is_read_as_it_stands(text: str) -> None:
    wording = Wording(subject="x", body=f"甲{text}")
    assert mistakes_in(MessageKind.CASE_HELD, wording) == ()
    assert len(text) < LONGEST["body"]
