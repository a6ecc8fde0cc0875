"""Where the core meets its adapters: the one place that knows which store, clock, calendars and channels
are used.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.case.calendar import WorkCalendar
from engine.clock import Clock
from engine.ids import IdSource, RandomIds
from engine.service import Service
from engine.store.store import Store, open_store
from notifications.keys import Keys
from notifications.routing import ChannelSettings, CompanyPace
from notifications.sealing import Sealer
from runtime.calendars import Calendars
from runtime.channel_book import seal_plain
from runtime.folder import make_folder
from runtime.settings import Settings
from runtime.wakeups import waker

if TYPE_CHECKING:
    from notifications.channels import AppriseChannel
    from notifications.composing import Composer


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything a process works with, opened once."""

    settings: Settings
    store: Store
    service: Service
    keys: Keys
    sealer: Sealer
    clock: Clock
    ids: IdSource
    calendars: Calendars

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
            working=PersonsHours(self.calendars, self.settings.calendar),
        )

    @property
    def channel(self) -> "AppriseChannel":
        """Every way out, behind the limits that all processes share; Apprise loads with it."""
        from notifications.channels import AppriseChannel, Gates
        from notifications.limits import Limits, budgets

        limits = Limits(books=self.store.send_slots, budgets=budgets(self.settings.mails_per_minute))
        gates = Gates(egress=self.settings.egress, opened=self.sealer.opened, limits=limits)
        return AppriseChannel(self.settings.channel_schemes, gates=gates, clock=self.clock)

    def calendar(self, calendar_id: str) -> WorkCalendar:
        """Raises UnknownCalendar and CalendarFault."""
        return self.calendars(calendar_id)


@contextmanager
def opened(settings: Settings, *, migrate: bool = False, clock: Clock | None = None) -> Generator[Parts]:
    """Everything goes by the store's clock, unless a test brings another. The store is closed on leaving.

    Raises what `open_store` and `Keys.open` raise.
    """
    if migrate:
        make_folder(settings.data_dir)
    store = open_store(settings.database_url, settings.data_dir, migrate=migrate, clock=clock)
    try:
        parts = _parts(settings, store)
        if migrate:
            seal_plain(parts.store, parts.sealer)
        yield parts
    finally:
        store.close()


def _parts(settings: Settings, store: Store) -> Parts:
    wake, calendars = waker(store.database, settings.data_dir), Calendars(settings.calendars_dir)
    return Parts(
        settings=settings,
        store=store,
        service=Service(store.uow, store.clock, calendars, wake=wake),
        keys=Keys.open(settings.keys_file, now=store.clock.now()),
        sealer=Sealer.open(settings.channel_keys_file, now=store.clock.now()),
        clock=store.clock,
        ids=RandomIds(),
        calendars=calendars,
    )


def channel_settings(settings: Settings) -> ChannelSettings:
    return ChannelSettings(
        public_url=settings.public_url,
        smtp_url=settings.smtp_url,
        webhook_url=settings.webhook_url,
        case_path=settings.case_path,
        schemes=settings.channel_schemes,
        pace=CompanyPace(
            per_hour=settings.messages_per_hour,
            quiet=settings.quiet_hours,
            window=timedelta(minutes=settings.group_minutes),
            fallback=timedelta(minutes=settings.fallback_minutes),
            urgent_within=timedelta(hours=settings.urgent_hours),
        ),
    )
