"""The processes under `guanka up`, each also to be started by itself: the pages, and the runner."""

import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from cli.language import chosen_language
from engine.errors import GuankaError
from runtime.log import set_up_logging
from runtime.settings import Settings, read_settings

if TYPE_CHECKING:
    from runtime.wiring import Parts

GRACE_SECONDS: Final = 5  # for requests under way when the pages are told to stop
TROUBLE: Final = 5


def main(arguments: list[str]) -> int:
    """`web` or `runner`; `--go N`: begin when a word comes through that descriptor, end when it closes."""
    name, *rest = arguments
    go = int(rest[1]) if rest[:1] == ["--go"] else None
    set_up_logging(name)
    try:
        settings = read_settings()
        return run_web(settings, go) if name == "web" else run_runner(settings)
    except GuankaError as fault:
        sys.stderr.write(fault.message.in_(chosen_language([])) + "\n")
        return TROUBLE


def run_web(settings: Settings, go: int | None = None, *, prefect: bool | None = None) -> int:
    """Serves the pages until SIGTERM. Libraries load while whoever started us still prepares the store."""
    import uvicorn

    from engine.definition.diagram import svg
    from runtime.wiring import opened
    from web.app import create_app
    from web.ports import WebSettings, Wiring

    if go is not None and not os.read(go, 1):
        return 0
    shown = "GUANKA_WITHOUT_PREFECT" not in os.environ if prefect is None else prefect
    with opened(settings) as parts:
        web = WebSettings(
            prefect_url=f"http://127.0.0.1:{settings.prefect_port}" if shown else None,
            public_url=settings.public_url,
            case_path=settings.case_path,
            anchor_file=settings.anchor_file,
            zone=settings.zone,
            messages_per_hour=settings.messages_per_hour,
            quiet_hours=settings.quiet_hours,
        )
        app = create_app(
            Wiring(
                service=parts.service,
                store=parts.store,
                keys=parts.keys,
                clock=parts.clock,
                ids=parts.ids,
                mailbox_text=parts.composer.mailbox_text,
                diagram=svg,
                settings=web,
                calendars=parts.calendars,
            )
        )
        _stop_quietly()
        with _watching(parts):
            uvicorn.Server(_uvicorn(app, settings)).run()
    return 0


@contextmanager
def _watching(parts: "Parts") -> Generator[None]:
    """Looks at the sweep from here, where neither the runner nor Prefect is needed for it."""
    from runtime.carrying import holder_name
    from runtime.operators import operator
    from runtime.watch import Watcher

    watcher = Watcher(parts.store, operator(parts.settings), holder=holder_name(), started=parts.clock.now())
    stopping = threading.Event()
    threading.Thread(target=watcher.run, args=(stopping,), name="watch", daemon=True).start()
    try:
        yield
    finally:
        stopping.set()


def _stop_quietly() -> None:
    """Uvicorn raises the signal that stopped it once more, which would end us before the store is closed."""
    import signal

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)


def _uvicorn(app: Any, settings: Settings) -> Any:
    """Forwarded headers are not believed: who is local is judged by the address that really asks."""
    import uvicorn

    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def run_runner(settings: Settings) -> int:
    """Runs all flows until SIGTERM. Prefect reads its settings while it is imported: they are there
    before.
    """
    from runtime.prefect_server import prefect_environment

    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]
    os.environ.update(prefect_environment(settings.data_dir, settings.prefect_port))
    from cli.runner_work import runner_work
    from flows.runner import Runner, run_until_signal
    from runtime.wakeups import listener
    from runtime.wiring import opened

    with opened(settings) as parts:
        wakeups = listener(parts.store.database, settings.data_dir)
        try:
            run_until_signal(Runner(runner_work(parts, wakeups), clock=parts.clock))
        finally:
            wakeups.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
