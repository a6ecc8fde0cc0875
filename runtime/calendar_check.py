"""Which calendars an SOP file may name where it is checked; the loader reads no folders."""

from dataclasses import dataclass
from pathlib import Path

from runtime.calendars import BUILT_IN, known_in

BESIDE = "calendars"


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHand:
    """`own` is the company's folder; None where there is no installation. Nobody can say then which calendars
    the company will have, so that one neither shipped nor in `calendars` beside the file is only doubtful.
    """

    own: Path | None

    def for_file(self, file: Path) -> tuple[str, ...]:
        return known_in((self.own or file.parent / BESIDE, BUILT_IN))


def at_hand(data_dir: Path) -> AtHand:
    return AtHand(own=data_dir / BESIDE if data_dir.is_dir() else None)
