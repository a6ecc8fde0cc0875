"""The runner beside a real Prefect server."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import StateType
from prefect.states import Scheduled

from flows.deployments import DEPLOYMENTS, register
from flows.runner import Rhythm, Runner
from tests.flow_fakes import FakeWork, a_ready
from tests.local_http import LOCAL
from tests.waiting import eventually

QUICK = Rhythm(poll=0.2, tick=0.2, hold=1.0)
# Other work on the machine may keep Prefect busy for longer than a person would be kept waiting.
PATIENT = replace(QUICK, begin_within=20.0)


def in_prefect(condition, what, limit=30):
    """Looking into Prefect is work for its server: seldom enough not to be the load oneself."""
    eventually(condition, what, limit=limit, every=0.3)


def runs_tagged(client, tag):
    return client.read_flow_runs(flow_run_filter=FlowRunFilter(tags=FlowRunFilterTags(all_=[tag])))


def deployment_of(client, name):
    return client.read_deployment_by_name(f"{name}/{name}")


def state_of_run(client, run_id):
    return client.read_flow_run(run_id).state.type


def start(running, fake, rhythm=PATIENT):
    fake.keep_all_alive()
    runner = Runner(fake.work, rhythm=rhythm)
    running(runner)
    eventually(lambda: runner.prefect_is_there, "the runner to find Prefect", limit=20)
    eventually(lambda: flows_run_smoothly(fake), "a flow to carry a case", limit=30)
    fake.transitions.fired.clear()
    return runner


def flows_run_smoothly(fake):
    """A server that has just registered deployments may be too busy with itself for a first flow."""
    before = len(fake.transitions.fired)
    fake.add_and_wake([a_ready(9999)])
    eventually(lambda: len(fake.transitions.fired) > before, "the case to be fired", limit=30)
    return fake.transitions.fired[-1][1] is not None


def test_one_flow_run_carries_everything_that_is_ready_and_names_the_cases(client, running):
    fake = FakeWork()
    start(running, fake)
    fake.add_and_wake([a_ready(number) for number in (101, 102, 103)])
    eventually(lambda: len(fake.transitions.fired) == 3, "three transitions")
    in_prefect(lambda: bool(runs_tagged(client, "case:case0101")), "the run to be seen")
    (run,) = runs_tagged(client, "case:case0101")
    in_prefect(lambda: state_of_run(client, run.id) is StateType.COMPLETED, "the run to end")
    assert sorted(run.tags) == ["case:case0101", "case:case0102", "case:case0103", "sop:launch"]
    assert run.name == "3 × case0101, case0102, case0103"
    assert fake.transitions.fired == [(f"case0{number}", str(run.id)) for number in (101, 102, 103)]
    assert client.read_flow_run(run.id).state.message == "3 fired"


def test_a_run_with_several_cases_shows_a_table_of_them(client, running):
    fake = FakeWork()
    start(running, fake)
    fake.add_and_wake([a_ready(201), a_ready(202)])
    eventually(lambda: len(fake.transitions.fired) == 2, "two transitions")
    run_id = fake.transitions.fired[0][1]

    def tables():
        found = client.request("POST", "/artifacts/filter", json={}).json()
        return [each for each in found if each["flow_run_id"] == run_id]

    in_prefect(lambda: len(tables()) == 1, "the table")
    assert '"case": "case0201"' in tables()[0]["data"]


def test_one_bad_case_fails_alone(client, running):
    fake = FakeWork()
    fake.transitions.bad.add("case0302")
    start(running, fake)
    fake.add_and_wake([a_ready(number) for number in (301, 302, 303)])
    eventually(lambda: len(fake.transitions.fired) == 2, "the two good ones")
    in_prefect(lambda: bool(runs_tagged(client, "case:case0302")), "the run to be seen")
    (run,) = runs_tagged(client, "case:case0302")
    in_prefect(lambda: state_of_run(client, run.id) is StateType.COMPLETED, "the run to end")
    state = client.read_flow_run(run.id).state
    assert (fake.transitions.cases_fired, state.name, state.message) == (
        ["case0301", "case0303"],
        "Partly failed",
        "1 failed, 2 fired",
    )


def test_a_scheduled_run_is_carried_by_the_runner(client, running):
    fake = FakeWork()
    start(running, fake)
    sweep = deployment_of(client, "sweep")
    run = client.create_flow_run_from_deployment(sweep.id, state=Scheduled(scheduled_time=datetime.now(UTC)))
    in_prefect(lambda: state_of_run(client, run.id) is StateType.COMPLETED, "the scheduled sweep")
    assert fake.sweep.count >= 1
    assert client.read_flow_run(run.id).state.message == "2 due, 1 acted on"


def test_the_schedule_itself_makes_runs_and_the_runner_carries_them(client, running):
    fake = FakeWork()
    fake.keep_all_alive()
    every_second = [replace(each, cron="* * * * * *") for each in DEPLOYMENTS if each.name == "digest"]
    running(Runner(fake.work, rhythm=PATIENT, deployments=every_second))
    eventually(lambda: len(fake.nightly.done) >= 2, "two runs that the cron line made", limit=60)
    digest = deployment_of(client, "digest")

    def completed():
        of_digest = DeploymentFilter(id=DeploymentFilterId(any_=[digest.id]))
        runs = client.read_flow_runs(deployment_filter=of_digest, limit=200)
        return [run for run in runs if run.auto_scheduled and run.state.type is StateType.COMPLETED]

    in_prefect(lambda: bool(completed()), "one of them to be seen completed")


def test_late_runs_are_done_as_one(client, running):
    fake = FakeWork()
    digest = register_only(client, "digest")
    moment = datetime.now(UTC)
    runs = [
        client.create_flow_run_from_deployment(
            digest, state=Scheduled(scheduled_time=moment - timedelta(minutes=minutes))
        )
        for minutes in (3, 2, 1)
    ]
    start(running, fake)
    in_prefect(lambda: state_of_run(client, runs[2].id) is StateType.COMPLETED, "the newest")
    assert [client.read_flow_run(run.id).state.name for run in runs] == ["Skipped", "Skipped", "Completed"]
    assert fake.nightly.done == ["digest"]


def register_only(client, name):
    """Anew, so that no run is left of what an earlier test had scheduled."""
    for left in client.read_deployments(
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[name]))
    ):
        client.delete_deployment(left.id)
    known = register(client, [each for each in DEPLOYMENTS if each.name == name])
    return next(iter(known))


def test_registering_twice_changes_nothing_and_keeps_a_pause(client):
    first = register(client, DEPLOYMENTS)
    housekeeping = deployment_of(client, "housekeeping")
    client.pause_deployment(housekeeping.id)
    before = deployment_of(client, "housekeeping").updated
    assert register(client, DEPLOYMENTS) == first
    after = deployment_of(client, "housekeeping")
    client.resume_deployment(housekeeping.id)
    assert (after.paused, after.updated) == (True, before)


def test_a_paused_deployment_is_reported_and_left_alone(client, running):
    register(client, DEPLOYMENTS)
    sweep = deployment_of(client, "sweep")
    client.pause_deployment(sweep.id)
    try:
        fake = FakeWork()
        fake.keep_all_alive()  # or it is swept once, where Prefect takes long to be asked for the first time
        start(running, fake)
        eventually(lambda: fake.heartbeats.pauses.get("sweep", False), "the pause to be noticed")
        fake.heartbeats.ages["sweep"] = timedelta(hours=1)
        fake.heartbeats.ages["verify"] = timedelta(hours=30)
        eventually(lambda: "verify" in fake.nightly.done, "what is silent and not paused")
        assert (fake.sweep.count, fake.heartbeats.pauses["verify"]) == (0, False)
    finally:
        client.resume_deployment(sweep.id)


def test_events_and_the_watch_over_the_sweep_reach_prefect(client):
    from flows.events import WATCH_NAME, emit, send_waiting, watch_sweep

    emit("stage.entered", "case0401", {"stage": "review"})
    assert send_waiting(client) >= 1
    watch_sweep(client)
    watch_sweep(client)
    assert [each.name for each in client.read_automations_by_name(WATCH_NAME)] == [WATCH_NAME]

    def seen():
        answer = client.request(
            "POST", "/events/filter", json={"filter": {"event": {"name": ["guanka.case.stage.entered"]}}}
        )
        return answer.json()["events"]

    in_prefect(lambda: bool(seen()), "the event to be kept")
    assert seen()[0]["resource"] == {"prefect.resource.id": "guanka.case.case0401"}


def test_a_stranger_is_turned_away_and_so_is_a_page_of_another_site(server):
    stranger = LOCAL.get(f"{server.url}/admin/settings", timeout=5)
    guessing = LOCAL.get(f"{server.url}/admin/settings", auth=("guanka", "guess"), timeout=5)
    without_csrf_token = LOCAL.post(
        f"{server.url}/variables/", json={"name": "x", "value": 1}, auth=server.auth, timeout=5
    )
    known = LOCAL.get(f"{server.url}/admin/settings", auth=server.auth, timeout=5)
    answers = [each.status_code for each in (stranger, guessing, without_csrf_token, known)]
    assert answers == [401, 401, 403, 200]


def test_when_the_server_dies_in_the_middle_every_case_is_still_fired_once(server, client, running):
    reached, go_on = threading.Event(), threading.Event()

    def stop_at_the_tenth(ready):
        if ready.case_id == "case0509":
            reached.set()
            go_on.wait(20)

    fake = FakeWork(before_fire=stop_at_the_tenth)
    runner = start(running, fake)
    numbers = range(500, 600)
    fake.add_and_wake([a_ready(number) for number in numbers])
    assert reached.wait(10), "the run did not begin"
    server.kill()
    more = [a_ready(number) for number in range(600, 700)]
    fake.add_and_wake(more)
    go_on.set()
    eventually(lambda: len(fake.transitions.fired) >= 200, "all cases, without Prefect", limit=2)
    assert sorted(fake.transitions.cases_fired) == [f"case0{number}" for number in range(500, 700)]
    assert {run for _, run in fake.transitions.fired[100:]} == {None}
    run_id = fake.transitions.fired[0][1]
    server.ensure_up()
    eventually(lambda: runner.prefect_is_there, "the runner to find Prefect again", limit=30)
    in_prefect(lambda: state_of_run(client, run_id) is StateType.COMPLETED, "Prefect to be told")
