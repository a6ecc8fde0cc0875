"""How campaigns are found, run, counted and kept in the ledger."""

import json
import random
from collections import Counter

import pytest

from tests.faults import __main__ as command
from tests.faults import ledger
from tests.faults.campaigns import all_campaigns
from tests.faults.running import Outcome, run


class Doubling:
    """A campaign that finds a fault in its third round, or when what it left behind is examined."""

    NAME: str = "X1"
    SUBJECT: str = "Counting to three."
    GOAL: int = 100
    QUICK: int = 3

    def __init__(self, *, at_the_end: bool = False) -> None:
        self._at_the_end = at_the_end

    def rounds(self, folder, rng: random.Random):
        try:
            for number in range(1, 10):
                assert self._at_the_end or number < 3, "counted to three"
                yield {"sqlite_counts": number, "postgres_counts": 1, "draws": rng.randrange(100)}
        finally:
            assert not self._at_the_end, "something was left behind"


class Unsound(Doubling):
    def rounds(self, folder, rng: random.Random):
        try:
            yield from super().rounds(folder, rng)
        finally:
            raise AssertionError("and the record is unsound")


def three(so_far: Outcome) -> bool:
    return so_far.rounds >= 3


def test_every_campaign_says_what_it_is_and_how_far_it_should_go():
    for name, found in all_campaigns().items():
        assert (found.NAME, found.SUBJECT[-1]) == (name, ".")
        assert 0 < found.QUICK <= found.GOAL


def test_rounds_are_counted_up_until_it_is_enough(tmp_path):
    outcome = run(Doubling(), 1, enough=lambda so_far: so_far.rounds >= 2, folder=tmp_path)
    assert (outcome.rounds, outcome.violation) == (2, None)
    assert outcome.counts["sqlite_counts"] == 3
    again = run(Doubling(), 1, enough=lambda so_far: so_far.rounds >= 2, folder=tmp_path)
    assert again.counts == outcome.counts


@pytest.mark.parametrize(
    ("campaign", "violation"),
    [
        (Doubling(), "counted to three"),
        (Doubling(at_the_end=True), "something was left behind"),
        (Unsound(), "counted to three\nthen: and the record is unsound"),
    ],
)
def test_a_violation_is_told_also_one_found_at_the_end(tmp_path, campaign, violation):
    outcome = run(campaign, 1, enough=three, folder=tmp_path)
    assert outcome.violation is not None
    assert [line.split("\nassert")[0] for line in outcome.violation.split("\nthen: ")] == violation.split(
        "\nthen: "
    )


def test_the_first_count_is_held_against_the_goal_for_each_database():
    counts = {"postgres_races": 5, "sqlite_races": 7, "postgres_told": 9}
    assert ledger.counted(counts) == {"sqlite_races": 7, "postgres_races": 5}
    assert ledger.counted({"sqlite_writes": 3, "busy": 1}) == {"sqlite_writes": 3}
    assert ledger.counted({"tokens": 3, "cut": 1}) == {"tokens": 3}
    assert ledger.counted({}) == {}


def test_the_ledger_adds_up_and_names_what_was_never_run(tmp_path):
    file = tmp_path / "ledger.jsonl"
    for seed, n in ((1, 10), (2, 20)):
        outcome = Outcome(campaign="X1", seed=seed, counts=Counter(sqlite_counts=n), seconds=1.26)
        ledger.append(outcome, postgres="18.0", commit="abc", ledger=file)
    (first, _) = map(json.loads, file.read_text().splitlines())
    assert (first["seed"], first["counts"], first["seconds"]) == (1, {"sqlite_counts": 10}, 1.3)
    assert set(first) == {
        "campaign", "seed", "counts", "seconds", "violations", "python", "sqlite", "postgres", "commit",
    }  # fmt: skip
    assert list(ledger.report({"X1": Doubling(), "X2": Doubling()}, file)) == [
        "X1   Counting to three.",
        "       sqlite_counts 30 of 100 (30%), violations 0, 3/n = 1.0e-01",
        "X2   Counting to three.",
        "       never run; the goal is 100",
    ]


def test_a_violation_ends_in_exit_code_one_and_says_how_to_repeat_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "postgres_version", lambda: "18.0")
    file = tmp_path / "ledger.jsonl"
    assert command._ran(Doubling(), 42, 1.0, commit="abc", file=file) is False
    said = capsys.readouterr().out
    assert "VIOLATION: counted to three" in said
    assert "make faults CAMPAIGN=X1 SEED=42 MINUTES=1" in said
    assert json.loads(file.read_text())["violations"] == 1


def test_a_campaign_that_is_not_there_is_answered_with_those_that_are(capsys):
    assert command.main(["--campaign", "B1,Z9"]) == 2
    assert "there is no campaign Z9; known: B1, B2" in capsys.readouterr().err


def test_without_a_campaign_the_ledger_is_summed_up(capsys, tmp_path):
    assert command.main(["--ledger", str(tmp_path / "none.jsonl")]) == 0
    assert "B1   Two processes decide" in capsys.readouterr().out


def test_the_committed_ledger_names_no_machine_and_no_unknown_campaign():
    lines = ledger.LEDGER.read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["campaign"] for line in lines} <= set(all_campaigns())
    assert not any("/" in line or "\\" in line for line in lines)
