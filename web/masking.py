"""What logs may show of an address."""

import re
from typing import Final

_SECRET_PATH: Final = re.compile(r"/s/[^/?]+")


def masked(path: str) -> str:
    """The path as logs may show it: a sign-off link is a key, and keys are not written down."""
    return _SECRET_PATH.sub("/s/***", path)
