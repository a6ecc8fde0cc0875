"""Which campaigns there are: every module of this folder named for a row of the list of faults."""

import importlib
import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol, cast

FOLDER: Final = Path(__file__).parent
_MODULE: Final = re.compile(r"([a-z])(\d+)_\w+\.py")


class Campaign(Protocol):
    """What such a module holds. The first name a round counts under is what is counted towards `GOAL`."""

    NAME: str
    SUBJECT: str
    GOAL: int
    QUICK: int

    def rounds(self, folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
        """One round after the other for as long as it is asked, each with its counts.

        Raises AssertionError, telling what happened, when the product did what it must not. Closing it
        examines what was left behind, and may raise the same.
        """
        ...


class NoSuchCampaign(LookupError):
    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"there is no campaign {name}; known: {', '.join(known)}")


def all_campaigns(folder: Path = FOLDER) -> dict[str, Campaign]:
    """By name, in the order of the list of faults."""
    found: dict[tuple[str, int], str] = {}
    for path in folder.glob("*.py"):
        named = _MODULE.fullmatch(path.name)
        if named:
            found[named[1].upper(), int(named[2])] = path.stem
    return {f"{row}{number}": _loaded(found[row, number]) for row, number in sorted(found)}


def _loaded(module: str) -> Campaign:
    return cast("Campaign", importlib.import_module(f"tests.faults.{module}"))


def chosen(names: str) -> list[Campaign]:
    """`all`, or names parted by commas. Raises NoSuchCampaign."""
    known = all_campaigns()
    if names.strip().lower() == "all":
        return list(known.values())
    wanted = [name.strip().upper() for name in names.split(",") if name.strip()]
    for name in wanted:
        if name not in known:
            raise NoSuchCampaign(name, list(known))
    return [known[name] for name in dict.fromkeys(wanted)]
