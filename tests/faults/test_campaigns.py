"""A few rounds of every campaign; `make faults` runs more of them."""

import os
import secrets

import pytest

from tests.faults.campaigns import campaign, names
from tests.faults.places import serving
from tests.faults.running import run_quickly

# One for the whole run, told when something fails; FAULTS_SEED repeats the orders of an earlier run.
SEED = int(os.environ.get("FAULTS_SEED") or secrets.randbelow(2**31))


@pytest.mark.postgres
@pytest.mark.parametrize("name", list(names()))
def test_nothing_a_person_decided_is_lost_doubled_or_forged(name, tmp_path, postgres_server):
    attacked = campaign(name)
    with serving(postgres_server):
        outcome = run_quickly(attacked, SEED, tmp_path)
    assert outcome.violation is None, f"FAULTS_SEED={SEED}: {outcome.violation}"
    assert outcome.rounds == attacked.QUICK
