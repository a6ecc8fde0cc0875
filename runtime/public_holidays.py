"""Public holidays as the packages know them; each package is imported when it is first asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Final

from engine.case.calendar import DayKind

LAST_ESTIMATED_YEAR: Final = 2100  # the holidays package knows the lunar calendar no further


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedDays:
    """Days of which a government has given notice, from `first` to `last`, both included."""

    days: Mapping[date, DayKind] = field(default_factory=dict[date, DayKind])
    first: date = date.min
    last: date = date.max
    version: str = ""


@cache
def chinese_notices() -> PublishedDays:
    """The State Council's notices, for every year the installed chinesecalendar has."""
    from chinese_calendar import constants  # pyright: ignore[reportMissingTypeStubs]

    off = dict.fromkeys(constants.holidays, DayKind.OFF)
    working = dict.fromkeys(constants.workdays, DayKind.WORKING)
    return PublishedDays(
        days=off | working,
        first=date(min(off).year, 1, 1),
        last=date(max(off).year, 12, 31),
        version=_package("chinesecalendar"),
    )


def is_known_country(country: str) -> bool:
    """Whether the holidays package has rules for `country`, an ISO 3166 code such as CN."""
    if country == "CN":  # spares the built-in calendar the package's import, some 60 ms
        return True
    import holidays

    return country in holidays.list_supported_countries()


class StatutoryDays(Mapping[date, DayKind]):
    """A country's holidays by rule, from `first_year` to 2100, worked out year by year as they are read."""

    def __init__(self, country: str, first_year: int) -> None:
        self.version = _package("holidays")
        self._country = country
        self._years = range(first_year, LAST_ESTIMATED_YEAR + 1)
        self._known: dict[int, dict[date, DayKind]] = {}

    def __getitem__(self, day: date) -> DayKind:
        return self._year(day.year)[day]

    def get(self, day: date, default: DayKind | None = None) -> DayKind | None:  # type: ignore[override]
        # Mapping's own get catches a KeyError for nearly every day of a long computation.
        return self._year(day.year).get(day, default)

    def __iter__(self) -> Iterator[date]:
        for year in self._years:
            yield from self._year(year)

    def __len__(self) -> int:
        return sum(len(self._year(year)) for year in self._years)

    def _year(self, year: int) -> dict[date, DayKind]:
        if year not in self._years:
            return {}
        if year not in self._known:
            self._known[year] = _statutory(self._country, year)
        return self._known[year]


def _statutory(country: str, year: int) -> dict[date, DayKind]:
    import holidays

    rules = holidays.country_holidays(country, years=year)
    # Make-up days appear here only when the package has a notice that chinesecalendar lacks.
    made_up: set[date] = getattr(rules, "weekend_workdays", set())
    off = dict.fromkeys(sorted(rules), DayKind.OFF)
    working = dict.fromkeys(sorted(made_up), DayKind.WORKING)
    return {day: kind for day, kind in (off | working).items() if day.year == year}


def _package(name: str) -> str:
    from importlib.metadata import version

    return f"{name}-{version(name)}"
