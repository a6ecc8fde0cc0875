"""Working calendars, read from `sop_definitions/calendars`, the company's own folder, and the packages that
know public holidays.

The company's folder holds calendars of its own; one named like a shipped one stands in its place, and
`extends` builds on it. What `guanka calendar` keeps lies beside them: `notices/<id>/<year>.yaml` and
`imported/<id>.yaml`. A file that changes is read anew, in every process, without a restart.

The packages are imported when the first calendar is read, not with this module: a command that needs no
calendar does not wait for them.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from engine.case.workdays import Day, Layer, WorkCalendar
from engine.errors import GuankaError
from engine.text import Text
from runtime.calendar_file import YEAR, CalendarFault, CalendarFile, parsed
from runtime.notices import Notice, as_yaml, days_in, read_notice
from runtime.public_holidays import PublishedDays, StatutoryDays, chinese_notices, is_known_country
from runtime.zone_data import zone_mark

BUILT_IN: Final = Path(__file__).resolve().parent.parent / "sop_definitions" / "calendars"
NOTICES: Final = "notices"
IMPORTED: Final = "imported"
_ID: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
Stamp = tuple[tuple[str, int, int, int], ...]


class UnknownCalendar(GuankaError):
    """No file describes the calendar asked for."""

    def __init__(self, calendar_id: str, known: tuple[str, ...]) -> None:
        near = get_close_matches(calendar_id, known, n=1)
        zh, en = "、".join(known) or "无", ", ".join(known) or "none"
        meant = (f"；是否想写 {near[0]!r}？", f"; did you mean {near[0]!r}?") if near else ("", "")
        super().__init__(
            Text(
                f"没有日历 {calendar_id!r}{meant[0]}；可用：{zh}",
                f"there is no calendar {calendar_id!r}{meant[1]}; known: {en}",
            )
        )
        self.calendar_id, self.known, self.near = calendar_id, known, near[0] if near else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A calendar with what people want to know of it. `files` from the first it builds on to its own.

    `notices` are those kept beside the calendar, which the package does not have or says otherwise;
    `published` are number and date of those of the package, as far as they are on file.
    `package` names where the other official days come from, and `packaged_until` how far they reach.
    """

    calendar: WorkCalendar
    title: Text
    source: Text
    files: tuple[Path, ...]
    notices: tuple[Notice, ...] = ()
    base: str = ""
    package: str = ""
    packaged_until: date = date.max
    country: str = ""
    official: Mapping[date, Day] = field(default_factory=dict[date, Day])
    published: Mapping[int, tuple[str, date]] = field(default_factory=dict[int, tuple[str, date]])


class Calendars:
    """The calendars of one installation. `own` is the company's folder, which need not exist."""

    def __init__(self, own: Path | None = None, shipped: Path = BUILT_IN) -> None:
        self.own, self._shipped = own, shipped
        self._kept: dict[str, tuple[Stamp, Described]] = {}

    def __call__(self, calendar_id: str) -> WorkCalendar:
        """Raises UnknownCalendar, or CalendarFault for a file that cannot be used."""
        return self.described(calendar_id).calendar

    def described(self, calendar_id: str) -> Described:
        kept = self._kept.get(calendar_id)
        if kept is not None and _stamp(one[0] for one in kept[0]) == kept[0]:
            return kept[1]
        reading = _Reading(own=self.own, shipped=self._shipped)
        found = reading.calendar(calendar_id)
        self._kept[calendar_id] = (reading.stamp(), found)
        return found

    def known(self) -> tuple[str, ...]:
        """The ids that can be asked for, in order."""
        return known_in(self._folders())

    def imported(self, calendar_id: str) -> Layer:
        """The days taken in from tables for this calendar."""
        return _Reading(own=self.own, shipped=self._shipped).imported_days(calendar_id)

    def with_notice(self, notice: Notice) -> "Calendars":
        """As they would be with this notice kept; nothing is written."""
        return _Trial(self.own, self._shipped, notices=(notice,))

    def with_imported(self, calendar_id: str, days: Layer) -> "Calendars":
        """As they would be with these imported days; nothing is written."""
        return _Trial(self.own, self._shipped, imported={calendar_id: days})

    def _folders(self) -> tuple[Path, ...]:
        return (self._shipped,) if self.own is None else (self.own, self._shipped)


class _Trial(Calendars):
    def __init__(
        self,
        own: Path | None,
        shipped: Path,
        *,
        notices: tuple[Notice, ...] = (),
        imported: Mapping[str, Layer] | None = None,
    ) -> None:
        super().__init__(own, shipped)
        self._notices, self._imported = notices, dict(imported or {})
        self._tried: dict[str, Described] = {}

    def described(self, calendar_id: str) -> Described:
        if calendar_id not in self._tried:
            reading = _Reading(
                own=self.own, shipped=self._shipped, tried=self._notices, imported=self._imported
            )
            self._tried[calendar_id] = reading.calendar(calendar_id)
        return self._tried[calendar_id]


@dataclass(slots=True, kw_only=True)
class _Reading:
    """Reads one calendar and what it builds on, and remembers which files that took."""

    own: Path | None
    shipped: Path
    tried: tuple[Notice, ...] = ()
    imported: Mapping[str, Layer] = field(default_factory=dict[str, Layer])
    seen: list[Path] = field(default_factory=list[Path])
    content: list[bytes] = field(default_factory=list[bytes])

    def stamp(self) -> Stamp:
        return _stamp(str(path) for path in self.seen)

    def calendar(self, calendar_id: str) -> Described:
        found = self._read(calendar_id, self._path(calendar_id), ())
        digest = hashlib.sha256(b"\n".join(self.content)).hexdigest()[:8]
        packages = found.calendar.version
        versions = (f"{calendar_id}-{digest}", packages, zone_mark(found.calendar.zone))
        version = "+".join(part for part in versions if part)
        return replace(found, calendar=replace(found.calendar, id=calendar_id, version=version))

    def _path(self, calendar_id: str) -> Path:
        folders = [folder for folder in (self.own, self.shipped) if folder is not None]
        if _ID.fullmatch(calendar_id):
            for folder in folders:
                path = folder / f"{calendar_id}.yaml"
                self.seen.append(path)  # also where there is none: it may come
                if path.is_file():
                    return path
        raise UnknownCalendar(calendar_id, known_in(folders))

    def _read(self, calendar_id: str, path: Path, above: tuple[Path, ...]) -> Described:
        file = CalendarFile.read(path.name, self._bytes(path))
        if path in above:
            raise file.fault("extends", "日历之间循环延用", "calendars extend one another in a circle")
        if file.extends is None:
            found = self._base(calendar_id, file, path)
        else:
            found = _built_on(self._extended(file, path, (*above, path)), file, path)
        return self._with_imported(calendar_id, found, file)

    def _extended(self, file: CalendarFile, path: Path, above: tuple[Path, ...]) -> Described:
        """The calendar a file builds on; one of the file's own name is the shipped one."""
        name = file.extends or ""
        same = name == path.stem and path.parent != self.shipped
        found = self.shipped / f"{name}.yaml" if same else None
        if found is None:
            try:
                found = self._path(name)
            except UnknownCalendar as unknown:
                raise CalendarFault(file.name, "extends", unknown.message) from None
        self.seen.append(found)
        if not found.is_file():
            raise file.fault("extends", f"没有随附的日历 {name!r}", f"no calendar {name!r} comes along")
        return self._read(name, found, above)

    def _base(self, calendar_id: str, file: CalendarFile, path: Path) -> Described:
        package = _published(file)
        kept = tuple(self._kept_notices(calendar_id)) if package.version else ()
        official = _with_notices(_with_notices_of(file, package), kept, file.name)
        country, estimated = _estimated(file, official)
        layers: tuple[Layer, ...] = () if estimated is None else (estimated,)
        layers += (official.days,) if official.days else ()
        versions = (package.version, "" if estimated is None else estimated.version)
        title, source = file.text("title"), file.text("source")
        return Described(
            calendar=WorkCalendar(
                id=calendar_id,
                zone=file.zone(),
                hours=file.hours(),
                week=file.week(),
                layers=layers,
                official_from=official.first,
                official_until=official.last,
                version="+".join(part for part in versions if part),
            ),
            title=title or Text(calendar_id, calendar_id),
            source=source or Text(""),
            files=(path,),
            notices=kept,
            base=calendar_id,
            package=package.version,
            packaged_until=package.last,
            country=country,
            official=official.days,
            published=file.published(),
        )

    def _with_imported(self, calendar_id: str, found: Described, file: CalendarFile) -> Described:
        """The days imported from tables, and those the file itself names on top of them."""
        layers = [self.imported_days(calendar_id), file.days()]
        calendar = found.calendar
        own = tuple(layer for layer in layers if layer)
        return replace(found, calendar=replace(calendar, layers=(*calendar.layers, *own)))

    def imported_days(self, calendar_id: str) -> Layer:
        if calendar_id in self.imported:
            return self.imported[calendar_id]
        if self.own is None:
            return {}
        path = self.own / IMPORTED / f"{calendar_id}.yaml"
        self.seen.append(path)
        if not path.is_file():
            return {}
        return CalendarFile(name=path.name, keys=parsed(path.name, self._bytes(path))).days()

    def _kept_notices(self, calendar_id: str) -> Iterable[Notice]:
        tried = {notice.year: notice for notice in self.tried if notice.calendar == calendar_id}
        found = dict(tried)
        if self.own is not None:
            folder = self.own / NOTICES / calendar_id
            self.seen.append(folder)
            for path in sorted(folder.glob("[12][0-9][0-9][0-9].yaml")):
                self.seen.append(path)
                if int(path.stem) not in tried:
                    notice = read_notice(path.name, self._bytes(path))
                    found[notice.year] = notice
        self.content += [as_yaml(notice).encode() for notice in tried.values()]
        return [found[year] for year in sorted(found)]

    def _bytes(self, path: Path) -> bytes:
        if path not in self.seen:
            self.seen.append(path)
        try:
            content = path.read_bytes()
        except OSError as fault:
            reason = fault.strerror or type(fault).__name__
            raise CalendarFault(
                path.name, "file", Text(f"无法读取：{reason}", f"cannot be read: {reason}")
            ) from fault
        self.content.append(content)
        return content


def _built_on(under: Described, file: CalendarFile, path: Path) -> Described:
    """The calendar below with what this file says otherwise."""
    calendar = under.calendar
    return replace(
        under,
        title=file.text("title") or under.title,
        source=file.text("source") or under.source,
        files=(*under.files, path),
        calendar=replace(
            calendar,
            zone=file.zone() if "zone" in file.keys else calendar.zone,
            hours=file.hours() if "hours" in file.keys else calendar.hours,
            week=file.week() if "week" in file.keys else calendar.week,
        ),
    )


def _published(file: CalendarFile) -> PublishedDays:
    match file.keys.get("official", ""):
        case "":
            return PublishedDays()
        case "chinesecalendar":
            return chinese_notices()
        case other:
            raise file.fault(
                "official",
                f"{other!r} 无法识别；写 chinesecalendar 或不写",
                f"{other!r} is not known; write chinesecalendar or nothing",
            )


def _with_notices_of(file: CalendarFile, official: PublishedDays) -> PublishedDays:
    """`official` with the notices written in the file itself."""
    given = file.mapping("notices", file.keys.get("notices") or {})
    for year in given:
        if not YEAR.fullmatch(year):
            raise file.fault(
                "notices", f"{year!r} 不是年份，例如 2027", f"{year!r} is not a year such as 2027"
            )
    notices = [
        Notice(year=int(year), days=days_in(file.name, f"notices.{year}", year, said))
        for year, said in sorted(given.items())
    ]
    return _with_notices(official, notices, file.name)


def _with_notices(official: PublishedDays, notices: Iterable[Notice], file: str) -> PublishedDays:
    """`official` with these notices, each in place of what was known of its year."""
    for notice in notices:
        following = official.last.year + 1
        if notice.year > following:
            said = Text(
                f"缺少 {following} 年的通知，请先补上", f"the notice for {following} is missing; add it first"
            )
            raise CalendarFault(file, f"notices.{notice.year}", said)
        kept = {day: said for day, said in official.days.items() if day.year != notice.year}
        last = date(notice.year, 12, 31) if notice.year == following else official.last
        official = replace(official, days=kept | dict(notice.days), last=last)
    return official


def _estimated(file: CalendarFile, official: PublishedDays) -> tuple[str, StatutoryDays | None]:
    country = str(file.keys.get("estimate") or "")
    if not country:
        return "", None
    if not is_known_country(country):
        raise file.fault(
            "estimate",
            f"{country!r} 不是 holidays 收录的国家代码，例如 CN",
            f"{country!r} is not a country of the holidays package, such as CN",
        )
    published = range(official.first.year, official.last.year + 1) if official.days else range(0)
    return country, StatutoryDays(country, besides=published)


def known_in(folders: Iterable[Path]) -> tuple[str, ...]:
    """The ids of the calendars these folders hold, in order."""
    return tuple(sorted({path.stem for folder in folders for path in folder.glob("*.yaml")}))


def _stamp(paths: Iterable[str]) -> Stamp:
    """What tells that a file has changed, come or gone: cheap enough to look at with every command."""
    found: list[tuple[str, int, int, int]] = []
    for path in dict.fromkeys(paths):
        try:
            stat = Path(path).stat()
            found.append((path, stat.st_mtime_ns, stat.st_size, stat.st_ino))
        except OSError:
            found.append((path, 0, 0, 0))
    return tuple(found)


_READERS: dict[Path, Calendars] = {}


def load_calendar(calendar_id: str, folder: Path = BUILT_IN) -> WorkCalendar:
    """The calendar described by `<calendar_id>.yaml` in `folder`, without a company's own.

    Raises UnknownCalendar, or CalendarFault for a file that cannot be used.
    """
    return _READERS.setdefault(folder, Calendars(shipped=folder))(calendar_id)
