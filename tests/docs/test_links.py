"""Links between documents lead somewhere, and every document can be found from the index."""

import pytest

from tests.docs.documents import ROOT, anchors, documents, links, name_of

NAMES = [name_of(path) for path in documents()]


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(name):
    broken = [target for target in links(name) if not _leads_somewhere(name, target)]
    assert broken == []


def _leads_somewhere(name: str, target: str) -> bool:
    if target.startswith(("http://", "https://", "mailto:")):
        return True
    path, _, heading = target.partition("#")
    file = (ROOT / name).parent / path if path else ROOT / name
    if not file.exists():
        return False
    return not heading or heading in anchors(name_of(file.resolve()))


def test_every_page_under_docs_stands_in_the_index():
    listed = {(ROOT / "docs" / target).resolve() for target in links("docs/README.md")}
    pages = {path.resolve() for path in (ROOT / "docs").glob("*.md")} - {ROOT / "docs" / "README.md"}
    assert {name_of(page) for page in pages - listed} == set()


def test_every_decision_stands_in_the_list_of_decisions_under_its_number():
    listed = links("docs/decisions/README.md")
    files = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert listed == files
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))


def test_every_decision_says_context_choice_and_price():
    for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(path.name[:4])}. "), path.name
        assert [part for part in ("Context", "Choice", "Price") if f"**{part}.**" not in text] == [], (
            path.name
        )
