"""What the mail address of the operator has to say: which server, and who writes. Read as Apprise reads it,
without loading it, so that every command may ask.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from engine.text import Text
from notifications.recognising import AddressUnknown, recognised

_MODES: Final = ("insecure", "ssl", "starttls")
_LETTERS: Final = "[a-z0-9_!#$%&*/=?`{|}~^+-]+"
_DOMAIN: Final = r"(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z0-9][a-z0-9_-]*[a-z0-9]|[a-z0-9][a-z0-9_-]{5,}"
_E_MAIL: Final = re.compile(rf"{_LETTERS}(?:\.{_LETTERS})*@(?:{_DOMAIN})", re.IGNORECASE)
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.?|[0-9a-f:.]*:[0-9a-f:.]*", re.IGNORECASE)


def clear_mail(text: str) -> str:
    """The address in our form. Raises AddressUnknown, without a word of it, where no mail could leave."""
    parts = _split(text)
    found = recognised(text)
    given = _arguments(parts.query)
    host = parts.hostname if parts.hostname and _HOST.fullmatch(parts.hostname) else ""
    if not host and not given.get("smtp"):
        raise AddressUnknown(_NO_SERVER)
    if not _is_email(given.get("from", "")) and not _is_email(_writer(parts, given, host)):
        raise AddressUnknown(_NO_SENDER)
    if given.get("mode", "").lower() not in ("", *_MODES):
        raise AddressUnknown(_NO_MODE)
    return found.url


def _split(text: str) -> SplitResult:
    """A / ? # or @ that is not escaped ends a part before its time."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise AddressUnknown(_UNESCAPED) from None
    if parts.netloc.count("@") > 1:
        raise AddressUnknown(_UNESCAPED)
    return parts


def _arguments(query: str) -> Mapping[str, str]:
    """The last of a name counts. A plus is a plus, as it may stand in an e-mail address."""
    pairs = (pair.partition("=") for pair in query.split("&"))
    return {unquote(name).lower(): unquote(value).strip() for name, _, value in pairs}


def _writer(parts: SplitResult, given: Mapping[str, str], host: str) -> str:
    """Where no sender is named, it is the user at the host."""
    user = given.get("user") or unquote(parts.username or "")
    name = re.split(r"[\s@]+", user)[0]
    return f"{name}@{host}" if host else user


def _is_email(text: str) -> bool:
    """Also with a name before it: NAME <ADDRESS>."""
    return _E_MAIL.fullmatch(text.rpartition("<")[2].removesuffix(">").strip()) is not None


_LIKE: Final = "mailtos://USER:PASSWORD@smtp.example.cn?from=gate@example.cn"
_UNESCAPED: Final = Text(
    f"读不懂；写成 {_LIKE}，用户名与密码里的特殊字符要转义（@ 写作 %40）",
    f"it cannot be read; write {_LIKE}, with special characters of user and password escaped (@ as %40)",
)
_NO_SERVER: Final = Text(f"没有写明邮件服务器；写成 {_LIKE}", f"no mail server is named; write {_LIKE}")
_NO_SENDER: Final = Text(
    f"没有写明发件地址；加上 from，写成 {_LIKE}", f"no sender is named; add from, and write {_LIKE}"
)
_NO_MODE: Final = Text(f"mode 只能是 {'、'.join(_MODES)}", f"mode has to be one of {', '.join(_MODES)}")
