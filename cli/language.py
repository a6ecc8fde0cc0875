"""The language of the command line: `--lang`, else GUANKA_LANGUAGE, else the system's locale, else
Chinese.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from engine.text import Language, Text


def chosen_language(
    arguments: Sequence[str] | None = None, environment: Mapping[str, str] | None = None
) -> Language:
    """Read before the command line is parsed, because help and complaints about it need it too."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    env = os.environ if environment is None else environment
    for place, word in enumerate(words):
        following = "".join(words[place + 1 : place + 2])
        wish = following if word == "--lang" else word.removeprefix("--lang=") if "=" in word else ""
        if wish == "zh":
            return "zh"
        if wish == "en":
            return "en"
    said = env.get("GUANKA_LANGUAGE", "").lower()
    if said in ("zh", "en"):
        return "en" if said == "en" else "zh"
    locale = next((env[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if env.get(name)), "")
    return "en" if locale.lower().startswith("en") else "zh"


def say(zh: str, en: str) -> str:
    """Help texts, which Typer wants when the command is declared."""
    return Text(zh, en).in_(chosen_language())
