"""A company with everything running: pages, mail, a runner beside Prefect, one store.

Its clock stands still until a story moves it; Prefect alone lives in real time.
"""

import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import httpx
import uvicorn
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.settings import PREFECT_API_URL
from prefect.states import Scheduled
from pydantic import JsonValue
from sqlalchemy import func, select

from cli.runner_work import runner_work
from engine.case.state import RequestState
from engine.clock import FixedClock
from engine.definition.compiled import Definition
from engine.definition.diagram import svg
from engine.ids import CaseId, PersonId
from engine.store.people import Person as KnownPerson
from engine.store.tables import OutboxState, RequestRow, table
from flows.deployments import DEPLOYMENTS
from flows.runner import Rhythm, Runner
from runtime.settings import Settings
from runtime.shipped import publish_shipped
from runtime.wakeups import listener, waker
from runtime.wiring import Parts, opened
from tests.local_http import NO_TLS
from tests.stories.browser import Browser
from tests.stories.people import Person
from tests.stories.post import PostOffice
from tests.waiting import eventually
from web.app import create_app
from web.ports import WebSettings, Wiring

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds; only what fails waits so long
SHANGHAI = ZoneInfo("Asia/Shanghai")
# Other work on the machine may keep Prefect busy for longer than a person would be kept waiting.
RHYTHM = Rhythm(poll=0.5, deliver=0.5, tick=0.4, hold=1.0, begin_within=20.0)
RUNNER_LOG = logging.getLogger("guanka.runner")
# Here the clock of the people jumps by weeks: nothing that fell silent meanwhile is made up for unasked.
DEPLOYED = tuple(replace(each, silence=None) for each in DEPLOYMENTS)


class _Ear(logging.Handler):
    """Hears what the runner has to complain about."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(record.getMessage())


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningCase:
    id: str
    title: str
    definition: Definition

    def titled(self, name: str, language: str) -> str:
        return self.definition.title_of(name).in_("en" if language == "en" else "zh")


class House:
    """`address` is where the pages are; `post` is where the company's mail arrives."""

    def __init__(self, parts: Parts, post: PostOffice, prefect: SyncPrefectClient) -> None:
        self.parts = parts
        self.post = post
        self.prefect = prefect
        self.clock = cast("FixedClock", parts.clock)
        self.address = parts.settings.public_url
        self.api = httpx.Client(base_url=self.address, trust_env=False, verify=NO_TLS, timeout=20)
        self._people: dict[str, Person] = {}
        self._browsers: dict[tuple[str, str], Browser] = {}
        self.complaints: list[str] = []
        self._ear = _Ear(self.complaints)
        RUNNER_LOG.addHandler(self._ear)

    def close(self) -> None:
        RUNNER_LOG.removeHandler(self._ear)
        self.api.close()
        for browser in self._browsers.values():
            browser.close()

    def browser(self, owner: str, language: str, *, chosen: str = "") -> Browser:
        """The browser this person has; `chosen` is who acts on the company's own pages in it."""
        if (owner, language) not in self._browsers:
            self._browsers[owner, language] = Browser(self.address, language=language, person=chosen)
        return self._browsers[owner, language]

    # Who is there, and what the company has set.

    def person(self, name: str, *roles: str, speaks: str = "zh", external: bool = False) -> Person:
        """Somebody new, known by the first role, who holds these roles beside whoever held them before."""
        person_id = roles[0] if roles[0] not in self._people else f"{roles[0]}-{len(self._people)}"
        found = Person(self, person_id, name, language=speaks)
        known = self.parts.store.people
        known.put(
            KnownPerson(
                id=PersonId(person_id), name=name, email=found.email, language=speaks, external=external
            )
        )
        for role in roles:
            known.set_holders(role, [*known.holders().get(("", role), ()), PersonId(person_id)])
        self._people[person_id] = found
        return found

    def sets(self, **settings: JsonValue) -> None:
        """The numbers the company chooses, such as "3 wd" for a time limit."""
        for name, value in settings.items():
            self.parts.store.people.set_setting(name, value)

    def running_case(self, case_id: str) -> RunningCase:
        case = self.parts.store.board.case(CaseId(case_id))
        assert case is not None, f"no case {case_id}"
        definition = self.parts.store.definitions.by_digest(case.definition)
        return RunningCase(id=case_id, title=case.title, definition=definition)

    # Time, which passes only here.

    @property
    def today(self) -> date:
        return self.clock.now().astimezone(SHANGHAI).date()

    def day_comes(self, day: date | str, at: str = "09:00") -> None:
        """Moves the clock to this time of day in Shanghai; what came due is then swept, by a flow run."""
        wanted = date.fromisoformat(day) if isinstance(day, str) else day
        self._moves_to(datetime.combine(wanted, time.fromisoformat(at), SHANGHAI).astimezone(UTC))

    def time_passes(self, **span: float) -> None:
        """By `weeks=`, `days=`, `hours=`…, with the same consequences."""
        self._moves_to(self.clock.now() + timedelta(**span))

    def _moves_to(self, instant: datetime) -> None:
        self.rests()
        self.clock.set(instant)
        self.sweeps()
        self.rests()

    def sweeps(self) -> None:
        """As if somebody pressed "run" beside the sweep in Prefect."""
        sweep = self.prefect.read_deployment_by_name("sweep/sweep")
        now = Scheduled(scheduled_time=datetime.now(UTC))
        run = self.prefect.create_flow_run_from_deployment(sweep.id, state=now)
        eventually(
            lambda: self._ended(run.id), "the sweep to be carried by a flow run", limit=PATIENCE, every=0.1
        )
        store = self.parts.store
        eventually(lambda: not store.sweeps.due(limit=1), "nothing to be due any more")

    def _ended(self, run_id: Any) -> bool:
        """Completed; or cancelled, when another sweep of the same moment did the work."""
        return self._state(run_id) in {StateType.COMPLETED, StateType.CANCELLED}

    def _state(self, run_id: Any) -> StateType | None:
        state = self.prefect.read_flow_run(run_id).state
        return None if state is None else state.type

    def rests(self) -> None:
        """Returns when everything owed is sent and everything ready has been carried."""
        eventually(self._at_rest, "all mail to be sent and all moves to be made", limit=PATIENCE)

    def _at_rest(self) -> bool:
        requests = table(RequestRow)
        ready = select(func.count()).select_from(requests).where(requests.c.state == RequestState.READY.value)
        with self.parts.store.database.reading() as connection:
            waiting = connection.scalar(ready)
        return not waiting and self.parts.store.mailbox.oldest_waiting() is None

    # What everybody can see.

    def sees(self, case: RunningCase, *, stage: str = "", outcome: str = "", status: str = "") -> None:
        """Waits until the case stands there by the API.

        The case page and the board must then say so, in Chinese and in English.
        """
        onlooker = next(iter(self._people.values()))

        def is_so() -> bool:
            found = onlooker.looks_at(case)
            stages = {position["stage"] for position in found["positions"]}
            return (
                (not stage or stage in stages)
                and (found["outcome"] or "") == outcome
                and status in {"", found["status"]}
            )

        eventually(is_so, f"{case.title} to stand in {stage or outcome or status}", limit=PATIENCE, every=0.1)
        for language in ("zh", "en"):
            page = onlooker.opens(f"/cases/{case.id}", language=language)
            card = onlooker.opens("/?status=all", language=language).part(".card", case.title)
            if stage:
                title = case.titled(stage, language)
                assert title in page.part("li[aria-current=step] .name"), f"{title} on the case page"
                assert title in card, f"{title} on the board, not only {card}"
            if outcome:
                title = case.titled(outcome, language)
                assert title in page.part(".case-head"), f"{title} on the case page"
                assert title in card, f"{title} on the board, not only {card}"

    def history(self, case: RunningCase) -> list[dict[str, Any]]:
        onlooker = next(iter(self._people.values()))
        return onlooker.looks_up(f"/cases/{case.id}/events")

    def happened(self, case: RunningCase, kind: str) -> list[dict[str, Any]]:
        """The entries of the history of this kind."""
        return [each for each in self.history(case) if each["kind"] == kind]

    def types(self, *words: str) -> str:
        """What `guanka` answers to these words at a terminal of this machine, beside everything that runs."""
        settings = self.parts.settings
        surroundings = {
            "GUANKA_DATA_DIR": str(settings.data_dir),
            "GUANKA_DATABASE_URL": settings.database_url,
            "COLUMNS": "200",
        }
        command = [sys.executable, "-m", "cli.main", *words]
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | surroundings,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def moves_of(self, case: RunningCase) -> list[str]:
        """The transitions taken, in order; each was carried by a flow run that Prefect knows as completed.

        Where Prefect said it was too busy, the runner carries a move without it, and the history says so.
        """
        self.rests()
        events = self.parts.store.history.read_events(CaseId(case.id))
        fired: list[Any] = [each.event for each in events if each.event.kind == "transition_fired"]
        runs = [each["flow_run"] for each in self.history(case) if each["kind"] == "transition_fired"]
        assert runs.count(None) <= len(self.complaints), "a move was made without Prefect for no reason"
        page = next(iter(self._people.values())).opens(f"/cases/{case.id}")
        for run in filter(None, runs):
            assert page.tree.css_first(f'#history a[href$="/runs/flow-run/{run}"]'), f"a link to {run}"
            eventually(
                lambda run=run: self._state(run) is StateType.COMPLETED,
                f"the flow run {run} to be completed",
                limit=PATIENCE,
            )
        return [event.transition for event in fired]

    def is_sound(self) -> None:
        """The whole record matches its history, and nothing that was owed is left or lost."""
        self.rests()
        assert self.parts.store.verify().findings == ()
        ended = set(self.parts.store.mailbox.counts())
        assert ended <= {OutboxState.SENT, OutboxState.CANCELLED}, self.parts.store.mailbox.counts()


@contextmanager
def open_house(
    data_dir: Path, database_url: str, clock: FixedClock, *, rhythm: Rhythm = RHYTHM
) -> Generator[House]:
    """Everything is up; Prefect's settings must point at its server."""
    with ExitStack() as stack:
        post = PostOffice()
        post.open()
        stack.callback(post.close)
        line = stack.enter_context(_free_line())
        settings = Settings(
            data_dir=data_dir,
            database_url=database_url,
            public_url=f"http://127.0.0.1:{line.getsockname()[1]}",
            smtp_url=post.address,
            case_path="/cases/{id}",
            messages_per_hour=1000,  # weeks pass in seconds here, and each story reads each of its messages
            quiet_hours=False,
            group_minutes=0,
        )
        parts = stack.enter_context(opened(settings, migrate=True, clock=clock))
        publish_shipped(parts)
        stack.enter_context(_pages(parts, line))
        stack.enter_context(_runner(parts, rhythm))
        house = House(parts, post, stack.enter_context(get_client(sync_client=True)))
        stack.callback(house.close)
        yield house


@contextmanager
def _free_line() -> Generator[socket.socket]:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        yield line


@contextmanager
def _pages(parts: Parts, line: socket.socket) -> Generator[None]:
    wiring = Wiring(
        service=parts.service,
        store=parts.store,
        keys=parts.keys,
        clock=parts.clock,
        ids=parts.ids,
        mailbox_text=parts.composer.mailbox_text,
        diagram=svg,
        settings=WebSettings(prefect_url=PREFECT_API_URL.value().removesuffix("/api")),
    )
    server = uvicorn.Server(uvicorn.Config(create_app(wiring), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [line]}, name="pages", daemon=True)
    thread.start()
    eventually(lambda: server.started, "the pages to be served")
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def _runner(parts: Parts, rhythm: Rhythm) -> Generator[None]:
    wakeups = listener(parts.store.database, parts.settings.data_dir)
    runner = Runner(runner_work(parts, wakeups), rhythm=rhythm, deployments=DEPLOYED)
    thread = threading.Thread(target=copy_context().run, args=(runner.run,), name="runner", daemon=True)
    thread.start()
    try:
        eventually(lambda: runner.prefect_is_there, "the runner to find Prefect", limit=PATIENCE)
        yield
    finally:
        runner.stop()
        waker(parts.store.database, parts.settings.data_dir)()  # it may be waiting for one
        thread.join(15)
        wakeups.close()
