"""One campaign run for a time, or for a number of rounds, and what came of it."""

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.campaigns import Campaign


@dataclass(kw_only=True)
class Outcome:
    """`violation` tells what happened, where something did."""

    campaign: str
    seed: int
    counts: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    seconds: float = 0.0
    violation: str | None = None


def run(campaign: Campaign, seed: int, *, enough: Callable[[Outcome], bool], folder: Path) -> Outcome:
    """Round after round until it is `enough`, or the first violation."""
    outcome = Outcome(campaign=campaign.NAME, seed=seed)
    rng = random.Random(f"{campaign.NAME}/{seed}")
    begun = time.monotonic()
    try:
        with closing(campaign.rounds(folder, rng)) as rounds:  # pyright: ignore[reportArgumentType]
            for counts in rounds:
                outcome.counts.update(counts)
                outcome.rounds += 1
                outcome.seconds = time.monotonic() - begun
                if enough(outcome):
                    break
    except AssertionError as fault:
        outcome.violation = _told(fault)
    outcome.seconds = time.monotonic() - begun
    return outcome


def _told(fault: BaseException) -> str:
    """The violation and what it came from, first cause first."""
    earlier = fault.__context__
    said = str(fault) or type(fault).__name__
    return f"{_told(earlier)}\nthen: {said}" if isinstance(earlier, AssertionError) else said


def run_for(campaign: Campaign, seed: int, *, minutes: float) -> Outcome:
    with tempfile.TemporaryDirectory(prefix=f"guanka-{campaign.NAME.lower()}-") as folder:
        return run(campaign, seed, enough=lambda so_far: so_far.seconds >= 60 * minutes, folder=Path(folder))


def run_quickly(campaign: Campaign, seed: int, folder: Path) -> Outcome:
    """The rounds that run with the ordinary tests."""
    return run(campaign, seed, enough=lambda so_far: so_far.rounds >= campaign.QUICK, folder=folder)
