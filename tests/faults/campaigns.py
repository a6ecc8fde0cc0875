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


def names(folder: Path = FOLDER) -> dict[str, str]:
    """The module of each campaign, in the order of the list of faults; nothing is imported for it."""
    found: dict[tuple[str, int], str] = {}
    for path in folder.glob("*.py"):
        named = _MODULE.fullmatch(path.name)
        if named:
            found[named[1].upper(), int(named[2])] = path.stem
    return {f"{row}{number}": found[row, number] for row, number in sorted(found)}


def campaign(name: str) -> Campaign:
    """Raises NoSuchCampaign."""
    modules = names()
    if name not in modules:
        raise NoSuchCampaign(name, list(modules))
    return cast("Campaign", importlib.import_module(f"tests.faults.{modules[name]}"))


def all_campaigns() -> dict[str, Campaign]:
    return {name: campaign(name) for name in names()}


def chosen(wanted: str) -> list[Campaign]:
    """`all`, or names parted by commas. Raises NoSuchCampaign."""
    if wanted.strip().lower() == "all":
        return list(all_campaigns().values())
    asked = dict.fromkeys(name.strip().upper() for name in wanted.split(",") if name.strip())
    return [campaign(name) for name in asked]
