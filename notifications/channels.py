"""The ways out: one message to one address, and what became of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from enum import StrEnum
from typing import Any, Final, Protocol, cast

from apprise import Apprise, AppriseAsset, NotifyFormat
from apprise.exception import AppriseException

from notifications.masking import masked, secrets_of
from notifications.messages import Message
from notifications.one_line import one_line
from notifications.overhearing import overheard
from notifications.routing import Address

SCHEMES: Final = frozenset({"mailto", "mailtos", "json", "jsons"})
CONNECT_SECONDS: Final = 8.0  # also between two answers of a mail server
READ_SECONDS: Final = 10.0
KEY_HEADER: Final = "X-Guanka-Key"
SENDER: Final = "关卡"


class SendState(StrEnum):
    """RETRY: may go later. REJECTED: will not. UNKNOWN: handed over, but no answer came; it may arrive
    twice. LATER: not tried, since the other side would take no more now.
    """

    SENT = "sent"
    RETRY = "retry"
    LATER = "later"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """`code` is the provider's own; `detail` is for the operator, without secrets. `retry_after_seconds`:
    what the other side asked for.
    """

    state: SendState
    code: str = ""
    detail: str = ""
    retry_after_seconds: float | None = None


class Channel(Protocol):
    def send(self, message: Message, address: Address) -> SendResult:
        """One try. Never raises for what the other side does."""
        ...


@dataclass(slots=True)
class RecordingChannel:
    """Keeps what it is given and answers as told: the next of `results`, the last one for good."""

    results: Sequence[SendResult] = (SendResult(state=SendState.SENT),)
    sent: list[tuple[Message, Address]] = field(default_factory=list)

    def send(self, message: Message, address: Address) -> SendResult:
        self.sent.append((message, address))
        return self.results[min(len(self.sent), len(self.results)) - 1]


class AppriseChannel:
    """Any Apprise service whose scheme is allowed. One Apprise object per delivery: a kept one sleeps
    between sends.
    """

    def __init__(self, schemes: frozenset[str] = frozenset()) -> None:
        self._schemes = SCHEMES | schemes

    def send(self, message: Message, address: Address) -> SendResult:
        scheme = address.url.partition("://")[0].lower()
        if scheme not in self._schemes:
            return _rejected("scheme", "this kind of channel is not allowed here")
        with overheard() as lines:
            try:
                plugin = _plugin(message, address)
            except (TypeError, ValueError, AppriseException):
                plugin = None
            if plugin is None:
                return _rejected("url", "the channel's address cannot be read; mend it in the settings")
            done = _notify(plugin, message)
        if done:
            return SendResult(state=SendState.SENT)
        return _judged("\n".join(lines), {*secrets_of(address.url), *message.secrets})


def _rejected(code: str, detail: str) -> SendResult:
    return SendResult(state=SendState.REJECTED, code=code, detail=detail)


def _plugin(message: Message, address: Address) -> Any:
    """The loaded service, aimed at this address; None where Apprise cannot read the URL. May raise what
    it raises.
    """
    asset = AppriseAsset(
        app_id="Guanka",
        app_desc="Guanka",
        app_url="",
        async_mode=False,  # in this thread, where its log is overheard
        secure_logging=True,
        http_redirects=False,  # a redirect could lead inside
        pgp_autogen=False,
        pem_autogen=False,
        interpret_emojis=False,
        storage_mode="memory",
    )
    plugin = cast("Any", Apprise).instantiate(address.url, asset=asset, suppress_exceptions=False)
    if plugin is None:
        return None
    plugin.socket_connect_timeout, plugin.socket_read_timeout = CONNECT_SECONDS, READ_SECONDS
    if address.email:
        if not _EMAIL.fullmatch(address.email):
            raise ValueError("not one e-mail address")
        # Set, not written into the URL: an address can then not add another recipient or an option.
        plugin.targets = [(one_line(address.name, 60) or False, address.email)]
        plugin.from_addr = (_sender(plugin.from_addr[0]), plugin.from_addr[1])
    if isinstance(getattr(plugin, "headers", None), dict):
        plugin.headers |= {KEY_HEADER: message.key, "Auto-Submitted": "auto-generated"}
    if isinstance(getattr(plugin, "payload_extras", None), dict):
        plugin.payload_extras |= {"key": message.key}
    return plugin


def _sender(name: object) -> str:
    """The name the operator gave the sender. Apprise hands it over encoded, and would encode it once more."""
    given = str(make_header(decode_header(name))) if isinstance(name, str) and name else SENDER
    return one_line(given, 60)


_EMAIL: Final = re.compile(r"[^\s@,;:<>()\[\]\\\"]{1,64}@[^\s@,;:<>()\[\]\\\"]{1,255}")


def _notify(plugin: Any, message: Message) -> bool:
    """Whether Apprise says it went. Version 2 answers with an object, so only its truth is asked for."""
    service = cast("Any", Apprise())
    service.add(plugin)
    html = plugin.notify_format == NotifyFormat.HTML
    body, form = (message.html, NotifyFormat.HTML) if html else (message.text, NotifyFormat.TEXT)
    return bool(service.notify(body=body, title=message.subject, body_format=form))


# 5xx answers that speak of our account or of the connection, and not of this message: the operator can mend
# them.
_ACCOUNT_CODES: Final = frozenset({"530", "534", "535", "538"})
_SMTP: Final = re.compile(r"Socket Exception: .*?\((\d{3}), (?:b?['\"])(.*)", re.DOTALL)
_HTTP: Final = re.compile(r"error=(\d{3})")
_HTTP_AGAIN: Final = frozenset({"408", "425", "429"})


def _judged(log: str, secrets: set[str]) -> SendResult:
    """What a failed try means, read from what Apprise logged."""
    if smtp := _SMTP.search(log):
        code, reply = smtp[1], masked(smtp[2].split("\n", 1)[0].rstrip("'\")}, "), secrets)
        final = code.startswith("5") and code not in _ACCOUNT_CODES and "Connection error" not in log
        return SendResult(state=SendState.REJECTED if final else SendState.RETRY, code=code, detail=reply)
    if http := _HTTP.search(log):
        code = http[1]
        final = code[0] != "5" and code not in _HTTP_AGAIN
        return SendResult(
            state=SendState.REJECTED if final else SendState.RETRY,
            code=code,
            detail="the other side refused the request",
        )
    return _without_answer(log)


def _without_answer(log: str) -> SendResult:
    """Broken off after the message was on its way it may have arrived, so it will perhaps arrive twice."""
    under_way = "Sending email" in log or "Read timed out" in log or "Connection aborted" in log
    if under_way:
        detail = "the connection broke before an answer came; the message may arrive twice"
        return SendResult(state=SendState.UNKNOWN, code="no_answer", detail=detail)
    if "not supported" in log:
        detail = "the mail server does not offer the encryption or the login that is set; nothing was sent"
        return SendResult(state=SendState.RETRY, code="unsupported", detail=detail)
    return SendResult(state=SendState.RETRY, code="unreachable", detail="the other side could not be reached")
