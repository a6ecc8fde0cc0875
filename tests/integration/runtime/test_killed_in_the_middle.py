"""The promise: what was acknowledged is there, exactly once, whatever was killed and when."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from engine.case import events as ev
from engine.ids import CaseId
from tests.integration.runtime.installation import Installation
from tests.local_http import LOCAL
from tests.waiting import eventually

STEPS = 10
CASES = [f"Case {n}" for n in range(3)]
ANN = {"X-Guanka-Person": "ann"}


class Client:
    """Advances one case step by step, as a program would: each step under its own key, asked again until
    it is answered.
    """

    def __init__(self, url: str, case_id: str) -> None:
        self.url, self.case_id = url, case_id
        self.acknowledged: list[str] = []

    def stage(self) -> str:
        found = LOCAL.get(f"{self.url}/api/v1/cases/{self.case_id}", headers=ANN, timeout=5).json()
        return str(found["positions"][0]["stage"])

    def ask(self, step: int) -> None:
        """Returns when the step is acknowledged. Raises HTTPError when the service dies meanwhile."""
        key = {"Idempotency-Key": f"{self.case_id}-{step}"}
        answer = LOCAL.post(
            f"{self.url}/api/v1/cases/{self.case_id}/transitions/t{step}",
            headers=ANN | key,
            json={"reason": ""},
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        self.acknowledged.append(f"t{step}")

    def walk(self) -> None:
        """From where the case stands to the end; stops without a word when the service is gone."""
        try:
            for step in range(int(self.stage()[1:]), STEPS):
                self.ask(step)
                eventually(lambda step=step: self.stage() == f"s{step + 1}", f"stage {step + 1}", limit=30)
        except httpx.HTTPError:
            return


def history(installation: Installation, case_id: str) -> tuple[Counter[str], Counter[str]]:
    """How often each step was asked for, and how often it was taken."""
    with installation.opened() as parts:
        events = [r.event for r in parts.store.history.read_events(CaseId(case_id))]
        assert parts.store.verify().sound
    asked = Counter(e.transition for e in events if isinstance(e, ev.TransitionRequested))
    taken = Counter(e.transition for e in events if isinstance(e, ev.TransitionFired))
    return asked, taken


def started(installation: Installation) -> list[Client]:
    made = [
        LOCAL.post(
            f"{installation.url}/api/v1/cases",
            headers=ANN,
            json={"sop": "ten_steps", "title": title},
            timeout=10,
        ).json()
        for title in CASES
    ]
    return [Client(installation.url, each["case_id"]) for each in made]


@pytest.mark.parametrize("after", [1, 4, 8])
def test_killing_everything_in_the_middle_of_ten_advances_loses_and_doubles_no_step(
    installation: Installation, after: int
):
    installation.with_ten_steps()
    installation.up("--no-prefect")
    clients = started(installation)
    enough = threading.Event()

    def killer() -> None:
        eventually(lambda: len(clients[0].acknowledged) >= after, f"{after} steps", limit=60, every=0.001)
        enough.set()
        installation.kill_all()

    with ThreadPoolExecutor() as pool:
        done = [pool.submit(client.walk) for client in clients] + [pool.submit(killer)]
        for each in done:
            each.result(120)
    assert enough.is_set()
    before = [set(client.acknowledged) for client in clients]

    for client, acknowledged in zip(clients, before, strict=True):
        asked, _ = history(installation, client.case_id)
        assert acknowledged <= set(asked)

    installation.up("--no-prefect")
    for client in clients:
        last = len(before[clients.index(client)])
        if last < STEPS:
            repeat_without_doubling(client, last)
        client.walk()
    once = Counter({f"t{n}": 1 for n in range(STEPS)})
    assert [history(installation, c.case_id) for c in clients] == [(once, once)] * len(clients)


def repeat_without_doubling(client: Client, step: int) -> None:
    """The step whose answer was lost: asked again under its key, which tells the service that it is the
    same one.
    """
    eventually(
        lambda: client.stage() in (f"s{step}", f"s{step + 1}"), f"stage {step} to be reached", limit=30
    )
    client.ask(step)
    eventually(lambda: client.stage() == f"s{step + 1}", f"stage {step + 1}", limit=30)
