"""The runner as a process of its own, as the supervisor starts it."""

import os
import signal
import subprocess
import sys

from runtime.prefect_server import prefect_environment

PROCESS = """
from flows.runner import Runner, run_until_signal
from tests.flow_fakes import FakeWork, a_ready

def told(ready):
    print("fired", ready.case_id, flush=True)

fake = FakeWork(before_fire=told)
fake.transitions.add([a_ready(1)])
run_until_signal(Runner(fake.work))
print("ended", flush=True)
"""


def test_sigterm_ends_the_process_in_time_and_without_a_trace(tmp_path):
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT")}
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS],
        env=inherited | prefect_environment(tmp_path, 9),  # nothing listens at port 9
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=15)
    finally:
        process.kill()
    assert (first, rest, errors, process.returncode) == ("fired case0001\n", "ended\n", "", 0)
