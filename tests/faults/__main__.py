"""`python -m tests.faults`: runs campaigns and keeps their ledger; without a campaign, sums the ledger up."""

import argparse
import secrets
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from tests.faults import ledger
from tests.faults.campaigns import Campaign, NoSuchCampaign, all_campaigns, chosen
from tests.faults.places import postgres_version, serving
from tests.faults.running import Outcome, run_for
from tests.faults.station import quiet
from tests.postgres_server import running_postgres

VIOLATED, MISUSED = 1, 2


def main(words: Sequence[str] | None = None) -> int:
    asked = _read(words)
    if asked.campaign is None:
        print("\n".join(ledger.report(all_campaigns(), asked.ledger)))
        return 0
    try:
        campaigns = chosen(asked.campaign)
    except NoSuchCampaign as fault:
        print(fault, file=sys.stderr)
        return MISUSED
    quiet()
    # A service account has no such folder; a library says so while the server of the tests starts.
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
    run = ledger.commit()  # what is committed meanwhile is not what runs
    seed = secrets.randbelow(2**31) if asked.seed is None else asked.seed
    with running_postgres() as server, serving(server):
        minutes = asked.minutes / len(campaigns)
        clean = [_ran(campaign, seed, minutes, commit=run, file=asked.ledger) for campaign in campaigns]
    return 0 if all(clean) else VIOLATED


def _read(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description="Runs fault campaigns and keeps their ledger; without --campaign, sums the ledger up.",
    )
    parser.add_argument("--campaign", help="a name such as B1, several parted by commas, or all")
    parser.add_argument("--minutes", type=float, default=1.0, help="for all of them together (default: 1)")
    parser.add_argument("--seed", type=int, help="of an earlier run, to repeat it (default: a random one)")
    parser.add_argument("--ledger", type=Path, default=ledger.LEDGER, help="another file to write to")
    return parser.parse_args(words)


def _ran(campaign: Campaign, seed: int, minutes: float, *, commit: str, file: Path) -> bool:
    """Whether it ended without a violation."""
    print(f"{campaign.NAME}: {campaign.SUBJECT} Seed {seed}, {minutes:g} min.", flush=True)
    outcome = run_for(campaign, seed, minutes=minutes)
    ledger.append(outcome, postgres=postgres_version(), commit=commit, ledger=file)
    print("\n".join(_told(outcome, minutes)), flush=True)
    return outcome.violation is None


def _told(outcome: Outcome, minutes: float) -> list[str]:
    counts = ", ".join(f"{name} {n:,}" for name, n in outcome.counts.items())
    said = [f"  {outcome.rounds:,} rounds in {outcome.seconds:.0f} s: {counts or 'nothing counted'}"]
    if outcome.violation is None:
        return said + [
            f"  {what}: n = {n:,}, violations 0, 3/n = {ledger.bound(n)}"
            for what, n in ledger.counted(outcome.counts).items()
        ]
    again = f"make faults CAMPAIGN={outcome.campaign} SEED={outcome.seed} MINUTES={max(minutes, 1):g}"
    return [
        *said,
        f"  VIOLATION: {outcome.violation}",
        f"  The same orders again: {again} (who is faster may differ from run to run)",
    ]


if __name__ == "__main__":
    sys.exit(main())
