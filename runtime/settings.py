"""What the operator has set, read once from GUANKA_ variables. Loads nothing heavy, so that every
command may read it.
"""

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from engine.errors import GuankaError
from engine.text import Language, Text
from notifications.egress import Egress
from notifications.mail_address import clear_mail
from notifications.recognising import AddressUnknown, recognised

PREFIX: Final = "GUANKA_"
ZONE: Final = "Asia/Shanghai"
KNOWN: Final = (
    "ALERT_URL",
    "CALENDAR",
    "CASE_PATH",
    "CHANNEL_SCHEMES",
    "DATABASE_URL",
    "DATA_DIR",
    "FALLBACK_MINUTES",
    "GROUP_MINUTES",
    "HOST",
    "LANGUAGE",
    "LOGS",
    "MAILS_PER_MINUTE",
    "MESSAGES_PER_HOUR",
    "PERSON",
    "PORT",
    "PREFECT_PORT",
    "PRIVATE_TARGETS",
    "PUBLIC_URL",
    "QUIET_HOURS",
    "SMTP_URL",
    "URGENT_HOURS",
    "WEBHOOK_URL",
    "ZONE",
)
_MAIL: Final = ("mailto", "mailtos")
Value = TypeVar("Value")


class BadSetting(GuankaError):
    """One variable holds what cannot be used. Its value is not repeated: it may be a secret."""

    def __init__(self, name: str, wrong: Text) -> None:
        super().__init__(Text(f"{name}：{wrong.zh}", f"{name}: {wrong.en}"))
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`data_dir` holds everything this installation writes. `person` acts on the command line unless
    `--as` says otherwise. `messages_per_hour` and below: how often people are written to; `urgent_hours` are
    working hours.
    """

    data_dir: Path
    database_url: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    prefect_port: int = 4200
    public_url: str = "http://127.0.0.1:8000"
    smtp_url: str | None = field(default=None, repr=False)
    webhook_url: str | None = field(default=None, repr=False)
    alert_url: str | None = field(default=None, repr=False)
    case_path: str | None = None
    channel_schemes: frozenset[str] = frozenset()
    egress: Egress = field(default_factory=Egress)
    mails_per_minute: int | None = None
    language: Language = "zh"
    zone: str = ZONE
    calendar: str = "cn"
    person: str | None = None
    logs_to_files: bool = True
    messages_per_hour: int = 4
    quiet_hours: bool = True
    group_minutes: int = 10
    fallback_minutes: int = 15
    urgent_hours: int = 2

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def database_file(self) -> Path | None:
        """The SQLite file; None for a database server."""
        return Path(self.database_url.partition(":///")[2]) if self.is_sqlite else None

    @property
    def database_shown(self) -> str:
        """The database without user and password."""
        if self.is_sqlite:
            return str(self.database_file)
        parts = urlsplit(self.database_url)
        port = f":{parts.port}" if parts.port else ""
        return f"postgresql://{parts.hostname or ''}{port}{parts.path}"

    @property
    def local_url(self) -> str:
        """Where the pages are on this machine."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 - compared, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def has_real_channel(self) -> bool:
        return self.smtp_url is not None or self.webhook_url is not None

    @property
    def links_lead_nowhere(self) -> bool:
        """Messages leave this machine, but the links in them work on this machine only."""
        return self.has_real_channel and is_loopback(urlsplit(self.public_url).hostname or "")

    @property
    def keys_file(self) -> Path:
        return self.data_dir / "keys.json"

    @property
    def channel_keys_file(self) -> Path:
        return self.data_dir / "channel_keys.json"

    @property
    def anchor_file(self) -> Path:
        return self.data_dir / "anchors" / "latest.txt"

    @property
    def calendars_dir(self) -> Path:
        """The company's calendars; need not exist."""
        return self.data_dir / "calendars"

    @property
    def logs_dir(self) -> Path:
        return self.data_dir / "logs"


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Raises BadSetting for the first variable that cannot be used."""
    given = _Given(os.environ if environment is None else environment)
    data_dir = Path(given.text("DATA_DIR") or "var").expanduser().absolute()
    host, port = given.read("HOST", _host, "127.0.0.1"), given.read("PORT", _port, 8000)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return Settings(
        data_dir=data_dir,
        database_url=given.read("DATABASE_URL", _database, f"sqlite:///{data_dir / 'guanka.db'}"),
        host=host,
        port=port,
        prefect_port=given.read("PREFECT_PORT", _port, 4200),
        public_url=given.read("PUBLIC_URL", _http_url, f"http://{shown}:{port}"),
        smtp_url=given.read("SMTP_URL", _mail, None),
        webhook_url=given.read("WEBHOOK_URL", _webhook, None),
        alert_url=given.read("ALERT_URL", _webhook, None),
        case_path=given.read("CASE_PATH", _case_path, None),
        channel_schemes=given.read("CHANNEL_SCHEMES", _schemes, frozenset()),
        egress=given.read("PRIVATE_TARGETS", _private, Egress()),
        mails_per_minute=given.read("MAILS_PER_MINUTE", _mails, None),
        language=given.read("LANGUAGE", _language, _of_locale(given.environment)),
        zone=given.read("ZONE", _zone, ZONE),
        calendar=given.text("CALENDAR") or "cn",
        person=given.text("PERSON"),
        logs_to_files=given.read("LOGS", _logs, default=True),
        messages_per_hour=given.read("MESSAGES_PER_HOUR", _whole(1, 1000), 4),
        quiet_hours=given.read("QUIET_HOURS", _on, default=True),
        group_minutes=given.read("GROUP_MINUTES", _whole(0, 60), 10),
        fallback_minutes=given.read("FALLBACK_MINUTES", _whole(1, 24 * 60), 15),
        urgent_hours=given.read("URGENT_HOURS", _whole(0, 40), 2),
    )


@dataclass(frozen=True, slots=True)
class _Given:
    environment: Mapping[str, str]

    def text(self, name: str) -> str | None:
        return self.environment.get(PREFIX + name, "").strip() or None

    def read(self, name: str, reader: Callable[[str], Value], default: Value) -> Value:
        """A variable that is empty counts as not set."""
        found = self.text(name)
        if found is None:
            return default
        try:
            return reader(found)
        except _Wrong as wrong:
            raise BadSetting(PREFIX + name, wrong.said) from None


class _Wrong(Exception):  # carried up to where the variable's name is known
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.said = Text(zh, en)


def _host(text: str) -> str:
    if not text.isascii() or any(c.isspace() or c in "/@" for c in text):
        raise _Wrong(
            "要写主机名或 IP 地址，例如 127.0.0.1", "write a host name or an IP address, such as 127.0.0.1"
        )
    return text


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):  # noqa: PLR2004 - the last port
        raise _Wrong(
            "要写 1 到 65535 之间的端口号，例如 8000", "write a port number from 1 to 65535, such as 8000"
        )
    return int(text)


def _database(text: str) -> str:
    if text.startswith("sqlite:///") and len(text) > len("sqlite:///") and ":memory:" not in text:
        return f"sqlite:///{Path(text.removeprefix('sqlite:///')).expanduser().absolute()}"
    for scheme in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if text.startswith(scheme):
            return "postgresql+psycopg://" + text.removeprefix(scheme)
    raise _Wrong(
        "要写 sqlite:///文件 或 postgresql://用户:密码@主机/库",
        "write sqlite:///file or postgresql://user:password@host/database",
    )


def _http_url(text: str) -> str:
    parts = _split(text)
    if parts is None or parts[0] not in ("http", "https") or not parts[1]:
        raise _Wrong(
            "要写完整网址，例如 https://guanka.example.com",
            "write a whole address, such as https://guanka.example.com",
        )
    return text.rstrip("/")


def _split(text: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts.scheme.lower(), parts.hostname or ""


def _mail(text: str) -> str:
    if text.partition("://")[0].lower() not in _MAIL:
        raise _Wrong(
            "要以 mailto:// / mailtos:// 开头（Apprise 地址）",
            "begin with mailto:// / mailtos:// (an Apprise address)",
        )
    try:
        return clear_mail(text)
    except AddressUnknown as fault:
        raise _Wrong(fault.message.zh, fault.message.en) from None


def _webhook(text: str) -> str:
    """Also the address of a robot of a chat, as it stands on the provider's page, or of mail with whom it
    reaches: a mail server by itself would not know whom to write to.
    """
    if text.partition("://")[0].lower() in _MAIL:
        return _mail(text)
    try:
        return recognised(text).url
    except AddressUnknown:
        raise _Wrong(
            "要写接收通知的网址，例如 https://hooks.example.com/…",
            "write the address that receives messages, such as https://hooks.example.com/…",
        ) from None


def _schemes(text: str) -> frozenset[str]:
    names = frozenset(name.removesuffix("://").lower() for name in text.replace(",", " ").split())
    if not all(name.isascii() and name.isalnum() for name in names):
        raise _Wrong(
            "要写 Apprise 渠道的开头，用逗号分开，例如 tgram,discord；any 表示全部",
            "write the beginnings of Apprise channels, parted by commas, such as tgram,discord, or any",
        )
    return names


def _private(text: str) -> Egress:
    if text.lower() == "any":
        return Egress(anywhere=True)
    try:
        parts = text.replace(",", " ").split()
        return Egress(allowed=tuple(ipaddress.ip_network(part, strict=False) for part in parts))
    except ValueError:
        raise _Wrong(
            "要写 IP 地址或网段，用逗号分开，例如 10.1.2.0/24；any 表示全部",
            "write addresses or networks, parted by commas, such as 10.1.2.0/24; any allows them all",
        ) from None


def _mails(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise _Wrong("要写每分钟最多发几封邮件，例如 30", "write how many mails a minute at most, such as 30")
    return int(text)


def _case_path(text: str) -> str:
    if not text.startswith("/") or "{id}" not in text:
        raise _Wrong(
            "要以 / 开头并含 {id}，例如 /cases/{id}", "begin with / and hold {id}, such as /cases/{id}"
        )
    return text


def _language(text: str) -> Language:
    match text.lower():
        case "zh":
            return "zh"
        case "en":
            return "en"
        case _:
            raise _Wrong("只能是 zh 或 en", "write zh or en")


def _logs(text: str) -> bool:
    match text.lower():
        case "files":
            return True
        case "stderr":
            return False
        case _:
            raise _Wrong("只能是 files 或 stderr", "write files or stderr")


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise _Wrong(f"要写 {least} 到 {most} 之间的整数", f"write a whole number from {least} to {most}")
        return int(text)

    return read


def _on(text: str) -> bool:
    match text.lower():
        case "on":
            return True
        case "off":
            return False
        case _:
            raise _Wrong("只能是 on 或 off", "write on or off")


def _zone(text: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(text).key
    except (LookupError, ValueError, OSError):
        raise _Wrong(
            "不是时区名，例如 Asia/Shanghai", "no time zone; write one such as Asia/Shanghai"
        ) from None


def _of_locale(environment: Mapping[str, str]) -> Language:
    """English only where the system says so; Chinese where it says nothing (C, POSIX) or anything else."""
    said = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), ""
    )
    return "en" if said.lower().startswith("en") else "zh"


def unknown_settings(environment: Mapping[str, str]) -> list[str]:
    """Variables that look like ours and mean nothing: most likely slips of the keyboard."""
    return sorted(
        name for name in environment if name.startswith(PREFIX) and name[len(PREFIX) :] not in KNOWN
    )
