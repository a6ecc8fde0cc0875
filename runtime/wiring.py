"""Where the core meets its adapters: the one place that knows which store, clock, calendars and channels
are used.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.case.calendar import WorkCalendar
from engine.clock import Clock, SystemClock
from engine.ids import IdSource, RandomIds
from engine.service import Service
from engine.store.store import Store, open_store
from notifications.keys import Keys
from notifications.routing import ChannelSettings, CompanyPace
from runtime.calendars import load_calendar
from runtime.folder import make_folder
from runtime.settings import Settings
from runtime.wakeups import waker

if TYPE_CHECKING:
    from notifications.composing import Composer


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything a process works with, opened once."""

    settings: Settings
    store: Store
    service: Service
    keys: Keys
    clock: Clock
    ids: IdSource

    @property
    def composer(self) -> "Composer":
        """Writes messages, for the deliverer and for whoever shows the mailbox; its templates load with
        it.
        """
        from notifications.composing import Composer
        from runtime.records import StoreRecords
        from runtime.working_time import PersonsHours

        return Composer(
            records=StoreRecords(self.store, self.settings.language),
            keys=self.keys,
            clock=self.clock,
            settings=channel_settings(self.settings),
            working=PersonsHours(),
        )

    def calendar(self, calendar_id: str) -> WorkCalendar:
        return load_calendar(calendar_id)


@contextmanager
def opened(settings: Settings, *, migrate: bool = False, clock: Clock | None = None) -> Generator[Parts]:
    """Raises what `open_store` and `Keys.open` raise. The store is closed on leaving."""
    if migrate:
        make_folder(settings.data_dir)
    store = open_store(settings.database_url, settings.data_dir, migrate=migrate)
    try:
        yield _parts(settings, store, clock or SystemClock())
    finally:
        store.close()


def _parts(settings: Settings, store: Store, clock: Clock) -> Parts:
    wake = waker(store.database, settings.data_dir)
    return Parts(
        settings=settings,
        store=store,
        service=Service(store.uow, clock, load_calendar, wake=wake),
        keys=Keys.open(settings.keys_file, now=clock.now()),
        clock=clock,
        ids=RandomIds(),
    )


def channel_settings(settings: Settings) -> ChannelSettings:
    return ChannelSettings(
        public_url=settings.public_url,
        smtp_url=settings.smtp_url,
        webhook_url=settings.webhook_url,
        case_path=settings.case_path,
        pace=CompanyPace(
            per_hour=settings.messages_per_hour,
            quiet=settings.quiet_hours,
            window=timedelta(minutes=settings.group_minutes),
            fallback=timedelta(minutes=settings.fallback_minutes),
            urgent_within=timedelta(hours=settings.urgent_hours),
        ),
    )
