"""The Prefect server as a process of this installation: its environment, its command, and what would make it
unsafe.

Nothing here imports Prefect, which reads its settings while it is imported: whoever starts a process puts
this environment in place first.
"""

import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

HOST = "127.0.0.1"
AUTH_FILE = "prefect-auth"
LEAST_AUTH_LENGTH = 20  # characters of user:password together; a generated one has 50
REQUEST_TIMEOUT_SECONDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsafeSetting:
    """One setting under which strangers could reach the Prefect API, or data could leave. Holds no secret."""

    setting: str
    wrong: Mapping[Literal["zh", "en"], str]
    remedy: str

    def sentence(self, language: Literal["zh", "en"]) -> str:
        match language:
            case "zh":
                return f"{self.setting}:{self.wrong['zh']};请设为 {self.remedy}。"
            case "en":
                return f"{self.setting}: {self.wrong['en']}; set it to {self.remedy}."


def prefect_environment(data_dir: Path, port: int) -> dict[str, str]:
    """All PREFECT_ variables of the server and of every client, and the wish not to be tracked.

    Makes the password of this installation at the first call and keeps it in a file only its owner can read.
    """
    home = data_dir / "prefect"
    auth = _auth_string(home)
    return {
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_LOGGING_COLORS": "false",
        "PREFECT_CLI_PROMPT": "false",
        **_client_settings(port, auth),
        **_server_settings(home, port, auth),
    }


def server_command() -> list[str]:
    """Starts the server in the foreground, as one process; all settings come from its environment."""
    return [sys.executable, "-W", "ignore", "-m", "prefect", "server", "start"]


def check_safe(environment: Mapping[str, str]) -> list[UnsafeSetting]:
    """What is unsafe in `environment`, by the order of the settings; start nothing unless the list is empty.

    A setting that is missing counts with Prefect's own default, and several of those are unsafe.
    """
    unsafe = [
        UnsafeSetting(setting=name, wrong={"zh": rule.zh, "en": rule.en}, remedy=rule.remedy)
        for rule in _RULES
        for name in rule.names
        if rule.refuses(environment, name)
    ]
    server, client = (environment.get(name) for name in _AUTH_SETTINGS)
    if server != client and not any(each.setting in _AUTH_SETTINGS for each in unsafe):
        unsafe.append(_DIFFERENT_AUTH)
    return unsafe


def _client_settings(port: int, auth: str) -> dict[str, str]:
    return {
        "PREFECT_API_URL": f"http://{HOST}:{port}/api",
        "PREFECT_API_AUTH_STRING": auth,
        "PREFECT_API_REQUEST_TIMEOUT": str(REQUEST_TIMEOUT_SECONDS),
        "PREFECT_CLIENT_MAX_RETRIES": "0",
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "true",
        # The check asks the server before the first flow, and fails while the server is still starting.
        "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    }


def _server_settings(home: Path, port: int, auth: str) -> dict[str, str]:
    return {
        "PREFECT_SERVER_API_HOST": HOST,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_API_AUTH_STRING": auth,
        "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": f"http://{HOST}:{port}",
        # Longer than clients keep an idle connection, so that none is closed under a request.
        "PREFECT_SERVER_API_KEEPALIVE_TIMEOUT": "60",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    }


def _auth_string(home: Path) -> str:
    """user:password, the same at every call; two processes starting at once agree, for only one makes the
    file.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / AUTH_FILE
    if not path.exists():
        draft = home / f"{AUTH_FILE}.{secrets.token_hex(8)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"guanka:{secrets.token_urlsafe(32)}")
        try:
            os.link(draft, path)  # whole or not at all, and never over one that is there
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    path.chmod(0o600)
    return path.read_text().strip()


def _is_off(value: str) -> bool:
    return value.strip().lower() in {"0", "false", "off", "no", "f", "n"}


def _is_on(value: str) -> bool:
    return value.strip().lower() in {"1", "true", "on", "yes", "t", "y"}


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip().strip("[]")).is_loopback
    except ValueError:
        return host.strip().lower() == "localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    names: tuple[str, ...]  # a setting and its older names, under any of which it may be given
    default: str  # Prefect's own, for the first name when none is given
    safe: Callable[[str], bool]
    zh: str
    en: str
    remedy: str

    def refuses(self, environment: Mapping[str, str], name: str) -> bool:
        """Every name that is given must be safe, for the reader cannot see which one Prefect follows."""
        given = environment.get(name)
        if given is not None:
            return not self.safe(given)
        missing = not any(other in environment for other in self.names)
        return missing and name == self.names[0] and not self.safe(self.default)


_AUTH_SETTINGS = ("PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING")
_DIFFERENT_AUTH = UnsafeSetting(
    setting="PREFECT_API_AUTH_STRING",
    wrong={
        "zh": "两端密码不同,每次请求都会被拒绝(401)",
        "en": "the two ends differ, every request fails (401)",
    },
    remedy="PREFECT_SERVER_API_AUTH_STRING",
)
_RULES = (
    _Rule(
        names=("PREFECT_SERVER_API_HOST",), default=HOST, safe=_is_loopback,
        zh="Prefect 会被其他机器访问", en="other machines could reach Prefect", remedy=HOST,
    ),
    _Rule(
        names=("PREFECT_API_URL",), default="", safe=lambda url: _is_loopback(urlsplit(url).hostname or ""),
        zh="密码会发往其他机器", en="the password would be sent to another machine",
        remedy=f"http://{HOST}:4200/api",
    ),
    *(
        _Rule(
            names=(name,), default="", safe=lambda auth: len(auth) >= LEAST_AUTH_LENGTH and ":" in auth,
            zh="没有密码或密码太短", en="there is no password, or a short one",
            remedy=f"user:password (≥ {LEAST_AUTH_LENGTH})",
        )
        for name in _AUTH_SETTINGS
    ),
    _Rule(
        names=("PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED", "PREFECT_SERVER_CSRF_PROTECTION_ENABLED"),
        default="false", safe=_is_on,
        zh="其他网站可以冒用浏览器发请求", en="other sites could send requests through a browser",
        remedy="true",
    ),
    _Rule(
        names=("PREFECT_CLIENT_CSRF_SUPPORT_ENABLED",), default="true", safe=_is_on,
        zh="每次流程运行都会被拒绝(403)", en="every flow run would be refused (403)", remedy="true",
    ),
    _Rule(
        names=("PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS", "PREFECT_SERVER_CORS_ALLOWED_ORIGINS"),
        default="*", safe=lambda origins: "*" not in origins,
        zh="任何网站都能读取 Prefect 的数据", en="any site could read what Prefect holds", remedy=f"http://{HOST}:4200",
    ),
    _Rule(
        names=("PREFECT_SERVER_ANALYTICS_ENABLED",), default="true", safe=_is_off,
        zh="使用情况会发往外部", en="usage data would leave this machine", remedy="false",
    ),
    _Rule(
        names=("DO_NOT_TRACK",), default="0", safe=_is_on,
        zh="使用情况会发往外部", en="usage data would leave this machine", remedy="1",
    ),
)  # fmt: skip
