"""Public holidays as the packages know them; each package is imported when it is first asked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Final, cast

from engine.case.workdays import Day, DayKind, Source
from engine.text import Text

# From the first year on the holidays package has the mainland's days; the lunar calendar it knows no further.
ESTIMATED_YEARS: Final = range(1950, 2101)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedDays:
    """Days of which a government has given notice, from `first` to `last`, both included."""

    days: Mapping[date, Day] = field(default_factory=dict[date, Day])
    first: date = date.min
    last: date = date.max
    version: str = ""


@cache
def chinese_notices() -> PublishedDays:
    """The State Council's notices, for every year the installed chinesecalendar has."""
    from chinese_calendar import constants  # pyright: ignore[reportMissingTypeStubs]

    known = cast("Iterable[Any]", constants.Holiday)
    names = {str(kind.value): Text(str(kind.chinese), str(kind.value)) for kind in known}
    off = {day: Day(DayKind.OFF, Source.OFFICIAL, names[name]) for day, name in constants.holidays.items()}
    working = {day: made_up(names[name]) for day, name in constants.workdays.items()}
    return PublishedDays(
        days=off | working,
        first=date(min(off).year, 1, 1),
        last=date(max(off).year, 12, 31),
        version=_package("chinesecalendar"),
    )


def made_up(holiday: Text) -> Day:
    """A day worked in exchange for one of a holiday's."""
    said = Text(f"{holiday.zh}调休上班", f"made up for {holiday.en or holiday.zh}")
    return Day(DayKind.WORKING, Source.OFFICIAL, said)


def is_known_country(country: str) -> bool:
    """Whether the holidays package has rules for `country`, an ISO 3166 code such as CN."""
    if country == "CN":  # spares the built-in calendar the package's import, some 60 ms
        return True
    import holidays

    return country in holidays.list_supported_countries()


class StatutoryDays(Mapping[date, Day]):
    """A country's holidays by rule, from 1950 to 2100 without the years `besides`, worked out year by year as
    they are read.
    """

    def __init__(self, country: str, besides: range = range(0)) -> None:
        self.version = _package("holidays")
        self._country = country
        self._years = [year for year in ESTIMATED_YEARS if year not in besides]
        self._known: dict[int, dict[date, Day]] = {}

    def __getitem__(self, day: date) -> Day:
        return self._year(day.year)[day]

    def get(self, day: date, default: Day | None = None) -> Day | None:  # type: ignore[override]
        # Mapping's own get catches a KeyError for nearly every day of a long computation.
        return self._year(day.year).get(day, default)

    def __iter__(self) -> Iterator[date]:
        for year in self._years:
            yield from self._year(year)

    def __len__(self) -> int:
        return sum(len(self._year(year)) for year in self._years)

    def _year(self, year: int) -> dict[date, Day]:
        if year not in self._years:
            return {}
        if year not in self._known:
            self._known[year] = statutory(self._country, year)
        return self._known[year]


def statutory(country: str, year: int) -> dict[date, Day]:
    """What the statute alone makes of `year`, as the holidays package knows it."""
    import holidays

    rules = holidays.country_holidays(country, years=year, language=_language(country, "en"))
    chinese = holidays.country_holidays(country, years=year, language=_language(country, "zh"))
    # Make-up days appear here only when the package has a notice that chinesecalendar lacks.
    made: set[date] = getattr(rules, "weekend_workdays", set())
    days = {
        day: Day(DayKind.OFF, Source.ESTIMATE, Text(str(chinese.get(day) or rules[day]), str(rules[day])))
        for day in sorted(rules)
        if day.year == year
    }
    for day in sorted(made):
        if day.year == year:
            days[day] = Day(DayKind.WORKING, Source.ESTIMATE, Text("调休上班", "a made-up day"))
    return days


def _language(country: str, wanted: str) -> str | None:
    """One of the languages the package has for the country that begins like the wanted one, else its own."""
    import holidays

    return next((each for each in _spoken(country, holidays) if each.startswith(wanted)), None)


def _spoken(country: str, package: Any) -> tuple[str, ...]:
    return tuple(package.list_localized_countries().get(country, ()))


def _package(name: str) -> str:
    from importlib.metadata import version

    return f"{name}-{version(name)}"
