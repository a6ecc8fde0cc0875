"""The SOPs that come with the product, published where nobody has published their own."""

from pathlib import Path
from typing import Final

from engine.case.state import RULE_PERSON
from engine.store.definitions import digest_of
from runtime.wiring import Parts

FOLDER: Final = Path(__file__).resolve().parent.parent / "sop_definitions"


def publish_shipped(parts: Parts) -> list[str]:
    """The SOPs newly published, by file name. A text published before is not even read again.

    An SOP of which a person has published a version is theirs: a newer shipped text does not replace it.
    """
    known = parts.store.definitions.versions()
    digests = {version.digest for version in known}
    adapted = {version.sop for version in known if version.published_by != RULE_PERSON}
    published: list[str] = []
    for file in sorted(FOLDER.glob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        if file.stem in adapted or digest_of(text) in digests:
            continue
        parts.store.definitions.publish(text, file.name, by=RULE_PERSON, now=parts.clock.now())
        published.append(file.stem)
    return published
