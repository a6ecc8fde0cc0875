"""A company at one database, a crew of processes that attack it, and whoever watches and examines it."""

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.company import found
from tests.faults.crew import Crew, crew
from tests.faults.places import Place, both
from tests.faults.station import Station, examined


@dataclass(frozen=True, slots=True, kw_only=True)
class Arena:
    """`here` prepares and examines; the race is the crew's."""

    place: Place
    here: Station
    crew: Crew

    @property
    def name(self) -> str:
        return self.place.name


@contextmanager
def arena(place: Place, *sops: Mapping[str, Any], size: int = 2) -> Generator[Arena]:
    """On leaving, the crew is gone before the record is examined."""
    with examined(place) as here:
        found(here.store, *sops)
        with crew(place, size) as hands:
            yield Arena(place=place, here=here, crew=hands)


@contextmanager
def arenas(folder: Path, *sops: Mapping[str, Any], size: int = 2) -> Generator[list[Arena]]:
    """One on SQLite and one on PostgreSQL."""
    with ExitStack() as opened:
        yield [opened.enter_context(arena(place, *sops, size=size)) for place in both(folder)]
