"""The ledger: one line for each run of a campaign, never edited, and its sums held against the goals."""

import importlib
import json
import platform
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.faults.campaigns import FOLDER, Campaign
from tests.faults.running import Outcome

LEDGER: Final = FOLDER / "ledger.jsonl"
DATABASES: Final = ("sqlite", "postgres")


def counted(counts: Mapping[str, int]) -> dict[str, int]:
    """What counts towards the goal: the first name; where it begins with a database, also the other's."""
    first = next(iter(counts), "")
    database, _, unit = first.partition("_")
    names = [f"{name}_{unit}" for name in DATABASES] if database in DATABASES else [first]
    return {name: counts[name] for name in names if name in counts}


def bound(n: int) -> str:
    """The rule of three: after `n` tries without one, violations are rarer than this (95 % confidence)."""
    return f"{3 / n:.1e}" if n else "none yet"


def append(outcome: Outcome, *, postgres: str, commit: str, ledger: Path = LEDGER) -> None:
    line = {
        "campaign": outcome.campaign,
        "seed": outcome.seed,
        "counts": dict(outcome.counts),
        "seconds": round(outcome.seconds, 1),
        "violations": int(outcome.violation is not None),
        "python": platform.python_version(),
        "sqlite": sqlite_version(),
        "postgres": postgres,
        "commit": commit,
    }
    with ledger.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def sqlite_version() -> str:
    module: Any = importlib.import_module("pysqlite3.dbapi2")
    return str(module.sqlite_version)


def commit() -> str:
    """The commit that was run; with a `+` where something else than the ledger differed from it."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--", ":/", f":(exclude,top){LEDGER.name}", f":!{LEDGER}")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}+" if changed else head


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=FOLDER, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@dataclass(kw_only=True)
class Sum:
    """Everything the ledger says of one campaign."""

    runs: int = 0
    violations: int = 0
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)


def sums(ledger: Path = LEDGER) -> dict[str, Sum]:
    found: dict[str, Sum] = {}
    for line in _lines(ledger):
        total = found.setdefault(line["campaign"], Sum())
        total.runs += 1
        total.violations += line["violations"]
        total.seconds += line["seconds"]
        total.counts.update(line["counts"])
    return found


def _lines(ledger: Path) -> Iterator[dict[str, Any]]:
    if ledger.exists():
        for line in ledger.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def report(campaigns: Mapping[str, Campaign], ledger: Path = LEDGER) -> Iterator[str]:
    """A line for each campaign: what was tried, of how much, and what that proves."""
    found = sums(ledger)
    for name, campaign in campaigns.items():
        total = found.get(name)
        yield f"{name:4} {campaign.SUBJECT}"
        if total is None:
            yield f"       never run; the goal is {campaign.GOAL:,}"
            continue
        for what, n in (counted(total.counts) or {"rounds": 0}).items():
            yield (
                f"       {what} {n:,} of {campaign.GOAL:,} ({n / campaign.GOAL:.0%}),"
                f" violations {total.violations}, 3/n = {bound(n)}"
            )
    yield from (
        f"{name:4} in the ledger, and no campaign any more" for name in found.keys() - campaigns.keys()
    )
