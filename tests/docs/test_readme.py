"""What the first pages show is true: the SOP is sound, the commands exist, both languages say the same."""

import re
import shlex
from collections.abc import Iterator

import pytest
import typer

from engine.definition.loader import load
from engine.errors import BrokenDefinition
from tests.docs.documents import ROOT, fences, links, text_of

READMES = ("README.md", "README.zh.md")
TUTORIALS = ("docs/tutorial.md", "docs/tutorial.zh.md")
PAGES = (*READMES, *TUTORIALS)
MOST_LINES = 20
LARGEST_PICTURE = 200_000


@pytest.mark.parametrize("page", READMES)
def test_the_sop_on_the_first_page_is_sound(page):
    (shown,) = fences(page, "yaml")
    assert load(shown, page).sop.zh


@pytest.mark.parametrize(("page", "language"), [(TUTORIALS[0], "en"), (TUTORIALS[1], "zh")])
def test_the_slips_in_the_tutorial_are_answered_as_shown_and_mended_it_is_the_sop_of_the_first_page(
    page, language
):
    (slips,) = fences(page, "yaml")
    with pytest.raises(BrokenDefinition) as broken:
        load(slips, "offer.yaml")
    for fault in broken.value.faults:
        assert fault.say(language) in text_of(page)
    mended = slips.replace("wating", "waiting").replace("heed", "head").partition("\n")[2]
    assert [mended] == fences("README.md", "yaml")


def test_it_is_short_and_the_same_in_both_languages():
    (english,), (chinese,) = fences("README.md", "yaml"), fences("README.zh.md", "yaml")
    assert english == chinese
    assert len(english.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("page", PAGES)
def test_every_command_shown_is_one_of_ours_with_its_options(page):
    unknown = [line for line in commands(page) if not _is_known(line)]
    assert unknown == []


@pytest.mark.parametrize(("english", "chinese"), [READMES, TUTORIALS])
def test_both_languages_show_the_same_commands(english, chinese):
    assert [_same(line) for line in commands(english)] == [_same(line) for line in commands(chinese)]


def test_the_first_lines_lead_to_the_other_language():
    assert "(README.zh.md)" in text_of("README.md").splitlines()[0]
    assert "(README.md)" in text_of("README.zh.md").splitlines()[0]


def test_the_picture_of_the_board_is_there_and_not_heavy():
    for page in READMES:
        assert "docs/board.png" in links(page)
    assert (ROOT / "docs" / "board.png").stat().st_size < LARGEST_PICTURE


def _same(line: str) -> str:
    return line.replace("GUANKA_LANGUAGE=zh", "GUANKA_LANGUAGE=en")


def commands(page: str) -> list[str]:
    """The lines typed at a prompt, without it and without a comment behind."""
    return [
        line.removeprefix("$ ").split("  #")[0].strip()
        for block in fences(page, "console")
        for line in block.splitlines()
        if line.startswith("$ ")
    ]


def _is_known(line: str) -> bool:
    words = shlex.split(line)
    match words:
        case ["make", target]:
            return re.search(rf"^{target}:", text_of("Makefile"), re.MULTILINE) is not None
        case [program, *arguments] if program.rpartition("/")[2] == "guanka":
            return _parses(arguments)
        case _:
            return words[:1] == ["export"]


def _parses(arguments: list[str]) -> bool:
    """Whether the command line takes them: every word of the command and every option is declared."""
    from cli.main import app

    command = typer.main.get_command(app)
    words = list(arguments)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]  # pyright: ignore[reportAttributeAccessIssue]
    if hasattr(command, "commands"):
        return False
    declared = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    return set(_options(words)) <= declared | {"--help", "-h"}


def _options(words: list[str]) -> Iterator[str]:
    for word in words:
        if re.match(r"--?[a-z]", word):
            yield word.partition("=")[0]
