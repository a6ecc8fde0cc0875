"""Which rules a time zone has on this machine: they change, and due instants with them."""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import TZPATH


@cache
def zone_mark(zone: str) -> str:
    """A short mark of the zone's rules; another one after they changed. Empty where the file is not found."""
    content = _rules(zone)
    return f"tz-{hashlib.sha256(content).hexdigest()[:6]}" if content else ""


def _rules(zone: str) -> bytes:
    """The file `zoneinfo` reads: the system's, else the package's."""
    for folder in TZPATH:
        path = Path(folder) / zone
        if path.is_file():
            return path.read_bytes()
    try:
        return files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()
    except (ImportError, OSError):
        return b""
