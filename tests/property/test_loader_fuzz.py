"""Whatever stands in a file, loading it gives a definition or placed faults; nothing else."""

from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine.definition.diagram import mermaid, svg
from engine.definition.loader import load, read
from engine.errors import BrokenDefinition, Fault

ROOT = Path(__file__).parents[2]
SEEDS = [
    file.read_bytes().decode()
    for file in [*(ROOT / "sop_definitions").glob("*.yaml"), *(ROOT / "tests/data/broken").glob("*.yaml")]
]
SIGNS = st.sampled_from([
    *"{}[]:,-#&*!|>'\"%@`~?\t\n ：，", "\n  - ", ": ", "!!int ", "<<: ", "---\n", "null", "0x1F",
    "2026-13-45",
])  # fmt: skip
ODD = st.one_of(
    SIGNS, st.text(max_size=6), st.sampled_from(["$x", "from", "any", "main", "child.x", "true", "-1"])
)


def faults_of(load_it: Callable[[], object]) -> tuple[Fault, ...]:
    """Empty for a sound file; anything but a definition or a BrokenDefinition goes up and fails the test."""
    try:
        load_it()
    except BrokenDefinition as broken:
        return broken.faults
    return ()


def judged(text: str) -> None:
    faults = faults_of(lambda: load(text, "sop.yaml"))
    if not faults:
        definition = load(text, "sop.yaml")
        assert mermaid(definition, "zh")
        assert svg(definition, "en")
    for fault in faults:
        assert min(fault.line, fault.column) >= 1
        assert fault.message.zh
        assert fault.message.en
        assert "\n" not in fault.say("zh") + fault.say("en")


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A real file with pieces cut out, put in, doubled and moved."""
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        piece = draw(st.one_of(ODD, st.just(text[start:end] * 2)))
        text = text[:start] + piece + text[end:]
    return text


@st.composite
def lines_changed(draw: st.DrawFn) -> str:
    lines = draw(st.sampled_from(SEEDS)).splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 4))):
        if lines:
            taken = lines.pop(draw(st.integers(0, len(lines) - 1)))
            lines.insert(
                draw(st.integers(0, len(lines))), draw(st.sampled_from([taken, taken * 2, " " + taken, ""]))
            )
    return "".join(lines)


@given(mutated())
def test_a_damaged_file_is_read_or_explained(text):
    judged(text)


@given(lines_changed())
def test_a_file_with_its_lines_moved_is_read_or_explained(text):
    judged(text)


@given(st.one_of(st.text(), st.lists(ODD, max_size=40).map("".join)))
def test_any_text_is_read_or_explained(text):
    judged(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_explained(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("bytes") / "sop.yaml"
    file.write_bytes(content)
    assert faults_of(lambda: read(file))
