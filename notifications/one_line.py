"""Text from people, made fit to stand in one line of a message: nothing in it can start a header or
turn the reading.
"""

import unicodedata
from typing import Final

LONGEST: Final = 200
_DROPPED: Final = frozenset({"Cf", "Cs", "Co", "Cn"})  # bidi marks, zero-width characters, halves of pairs


def one_line(text: str, limit: int = LONGEST) -> str:
    """Without control and direction characters, every stretch of space one blank, at most `limit`
    characters.
    """
    kept = (
        " " if category in {"Cc", "Zl", "Zp"} else character
        for character, category in ((c, unicodedata.category(c)) for c in text)
        if category not in _DROPPED
    )
    line = " ".join("".join(kept).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
