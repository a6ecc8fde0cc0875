"""`guanka up` as its operator meets it: starting, working, stopping, and being told why not."""

import os
import signal
import socket

import pytest

from runtime.address import as_running
from runtime.settings import read_settings
from tests.integration.runtime.installation import Installation
from tests.local_http import LOCAL, serves
from tests.waiting import eventually


def stage_of(installation: Installation, case_id: str) -> str:
    return str(installation.json("show", case_id)["stages"][0]["stage"])


def test_from_the_first_page_over_a_step_to_a_clean_end(installation: Installation):
    installation.with_ten_steps()
    installation.up("--no-prefect")
    assert LOCAL.get(installation.url, follow_redirects=True, timeout=10).status_code == 200
    installation.await_process("processes runner")

    case_id = installation.json("start", "ten_steps", "Spring campaign", "--as", "ann")["case"]
    answer = installation.json("advance", case_id, "--as", "ann")
    assert (answer["transition"], answer["repeated"]) == ("t0", False)
    eventually(lambda: stage_of(installation, case_id) == "s1", "the runner to carry it", limit=30)

    said = installation.stop()
    assert installation.processes() == {}
    assert "Guanka is running" in said
    assert said.splitlines()[-1] == "Stopping…"
    assert not (installation.folder / "var" / "guanka.db-wal").exists()

    installation.up("--no-prefect")
    assert stage_of(installation, case_id) == "s1"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_other_ways_to_stop_it_leave_nothing_behind_either(installation: Installation, number: int):
    installation.with_ten_steps()
    installation.up("--no-prefect")
    installation.stop(number)
    assert installation.processes() == {}


def test_children_end_when_their_supervisor_is_killed(installation: Installation):
    installation.with_ten_steps()
    installation.up("--no-prefect")
    installation.await_process("processes runner")
    os.kill(installation.supervisor, signal.SIGKILL)
    eventually(lambda: not installation.processes(), "no process to be left", limit=20)


@pytest.mark.parametrize("name", ["web", "runner"])
def test_what_dies_is_started_anew(installation: Installation, name: str):
    installation.with_ten_steps()
    installation.up("--no-prefect")
    installation.await_process("processes runner")  # the last to be started
    first = installation.await_process(f"processes {name}")
    os.kill(first, signal.SIGKILL)
    eventually(lambda: first not in installation.processes(), "it to be gone")
    second = installation.await_process(f"processes {name}")
    assert second != first
    eventually(lambda: serves(f"{installation.url}/health"), "the pages to be there", limit=30)
    assert f"the process {name} ended unexpectedly (-9)" in installation.stop()


def test_with_prefect_its_pages_come_up_behind_and_keep_strangers_out(installation: Installation):
    installation.with_ten_steps()
    installation.up()
    prefect = f"http://127.0.0.1:{installation.settings.prefect_port}/api"
    user, _, password = (installation.folder / "var" / "prefect" / "prefect-auth").read_text().partition(":")
    eventually(lambda: serves(f"{prefect}/health", (user, password)), "Prefect", limit=90)
    assert LOCAL.get(f"{prefect}/flows/count", timeout=5).status_code in (401, 405)
    said = installation.stop()
    assert installation.processes() == {}
    assert password not in said


def test_a_taken_port_is_one_sentence(installation: Installation):
    installation.with_ten_steps()
    with socket.socket() as held:
        held.bind(("127.0.0.1", installation.settings.port))
        held.listen(1)
        done = installation.run("up", "--no-prefect", code=5)
    port = installation.settings.port
    assert done.stdout == ""
    assert done.stderr == (
        f"port 127.0.0.1:{port} is taken; stop the program that holds it, or choose another with"
        f" GUANKA_PORT\n"
    )


def test_a_second_service_on_the_same_data_is_refused(installation: Installation):
    installation.with_ten_steps()
    installation.up("--no-prefect")
    done = installation.run("up", "--no-prefect", code=4)
    assert done.stderr == (
        f"Guanka is running already (process {installation.supervisor}, data in"
        f" {installation.settings.data_dir});"
        " stop it first, or choose another folder with GUANKA_DATA_DIR\n"
    )


def test_commands_find_the_running_service_without_being_told_its_port(installation: Installation):
    installation.with_ten_steps()
    kept = installation.folder / "var" / "address"
    installation.up("--no-prefect")
    port = installation.settings.port
    untold = {"GUANKA_DATA_DIR": installation.env["GUANKA_DATA_DIR"]}
    assert kept.read_text() == f"http://127.0.0.1:{port}\nhttp://127.0.0.1:{port}\n"
    assert as_running(read_settings(untold), untold).public_url == f"http://127.0.0.1:{port}"
    told = untold | {"GUANKA_PUBLIC_URL": "https://guanka.example.com"}
    assert as_running(read_settings(told), told).public_url == "https://guanka.example.com"
    left = kept.read_text()
    installation.stop()
    assert not kept.exists()
    kept.write_text(left)  # as a service that was killed leaves it
    assert as_running(read_settings(untold), untold) == read_settings(untold)


def test_links_that_lead_nowhere_are_warned_about(installation: Installation):
    installation.env["GUANKA_WEBHOOK_URL"] = "http://127.0.0.1:9/hook?token=s3cret-token"
    installation.with_ten_steps()
    installation.up("--no-prefect")
    installation.await_process("processes runner")  # it comes after the announcement
    said = installation.stop()
    assert "GUANKA_PUBLIC_URL points at it" in said
    assert "s3cret-token" not in said


def test_the_demonstration_is_there_once(installation: Installation):
    installation.up("--no-prefect", "--demo")
    installation.await_process("processes runner")  # it comes after the cases
    first = installation.stop()
    cases = {case["title"]: case["id"] for case in installation.json("list")["cases"]}
    installation.up("--no-prefect", "--demo")
    installation.await_process("processes runner")
    second = installation.stop()
    assert ("the demonstration cases are in place" in first, "in place" in second) == (True, False)
    assert {case["title"]: case["id"] for case in installation.json("list")["cases"]} == cases
    assert "zhaolei" in second
