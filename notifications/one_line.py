"""Text from people, made fit to stand in one line of a message: nothing in it can start a header or
turn the reading.
"""

import unicodedata
from typing import Final

LONGEST: Final = 200
_DROPPED: Final = frozenset({"Cf", "Cs", "Co", "Cn"})  # bidi marks, zero-width characters, halves of pairs
_BLANK: Final = frozenset({"Cc", "Zl", "Zp", "Zs"})


def one_line(text: str, limit: int = LONGEST) -> str:
    """Without control and direction characters, every stretch of space one blank, at most `limit`
    characters. Reads no more of the text than stands in the line.
    """
    line = ""
    for character in text:
        category = unicodedata.category(character)
        if category in _BLANK:
            line = f"{line.rstrip()} " if line else ""
        elif category not in _DROPPED:
            line += character
        if len(line.rstrip()) > limit:
            return line[: limit - 1].rstrip() + "…"
    return line.rstrip()
