"""The ways out: one message to one address, and what became of it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from enum import StrEnum
from typing import Any, Final, Protocol, cast

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType
from apprise.exception import AppriseException

from engine.clock import Clock, SystemClock
from notifications.dialects import card_for
from notifications.egress import Egress, guarded
from notifications.limits import Limits, at_most
from notifications.masking import masked, secrets_of
from notifications.messages import Message
from notifications.one_line import one_line
from notifications.our_words import unreadable_setting
from notifications.overhearing import overheard
from notifications.recognising import KINDS, AddressUnknown, Recognised, recognised
from notifications.routing import Address
from notifications.sealing import SealUnreadable
from notifications.services import register, served
from notifications.services.mail import KEY_HEADER, Mail
from notifications.services.posting import Posting
from notifications.services.receipt import Receipt, Verdict
from notifications.services.waiting import answering, asked_seconds
from notifications.services.webhook import REFUSED, Webhook

CONNECT_SECONDS: Final = 8.0  # also between two answers of a mail server
READ_SECONDS: Final = 10.0
LIMIT_SECONDS: Final = 60.0  # where a provider says that it was too much, and not for how long
SENDER: Final = "关卡"
ALARM: Final = "alarm"  # the channel of what is told to the operator


class SendState(StrEnum):
    """RETRY: may go later. LATER: its turn has not come; not a try. REJECTED: will not. UNKNOWN: handed over,
    but no answer came; it may arrive twice.
    """

    SENT = "sent"
    RETRY = "retry"
    LATER = "later"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """`code` is the provider's own; `detail`, mostly the provider's words, is for the operator, without
    secrets.

    `retry_after_seconds`: not before, where a limit or the provider says so.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """What stands between a message and the network. `opened` reads an address that is kept sealed; `limits`
    are None where nobody keeps them.
    """

    egress: Egress = field(default_factory=Egress)
    opened: Callable[[str], str] = str
    limits: Limits | None = None


class AppriseChannel:
    """Our own services, and any other of Apprise whose scheme is allowed. One object per delivery: a kept one
    sleeps between sends.
    """

    def __init__(
        self,
        schemes: frozenset[str] = frozenset(),
        *,
        gates: Gates | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._schemes, self._gates = schemes, gates or Gates()
        self._clock = clock or SystemClock()

    def send(self, message: Message, address: Address) -> SendResult:
        if not message.text.strip() and not message.blocks:
            # Apprise drops it without a word, which would read as a place out of reach.
            return _rejected("empty", "the message has no text; nothing was sent")
        try:
            url = self._gates.opened(address.url)
            if not self._allowed(url):
                return _rejected("scheme", "this kind of channel is not allowed here")
            found = recognised(url, self._schemes)
        except SealUnreadable as fault:
            return _rejected("sealed", fault.message.en)
        except AddressUnknown as fault:
            return _unreadable(address, fault.message.en)
        limits, now = self._gates.limits, self._clock.now()
        if limits and (wait := limits.wait(found.kind, found.robot, message.key, now=now)) > 0:
            told = "the provider's limit asks to wait"
            return SendResult(state=SendState.LATER, code="limit", detail=told, retry_after_seconds=wait)
        return self._sent(message, address, found)

    def _allowed(self, url: str) -> bool:
        scheme = url.partition("://")[0].lower()
        return scheme in KINDS or scheme in self._schemes or "any" in self._schemes

    def _sent(self, message: Message, address: Address, found: Recognised) -> SendResult:
        egress = self._gates.egress if address.guarded else None
        with overheard() as lines, guarded(egress) as watched, answering() as answer:
            try:
                plugin = _plugin(message, address, found.url, self._clock)
            except (TypeError, ValueError, AppriseException):
                plugin = None
            if plugin is None:
                return _unreadable(address, "the channel's address cannot be read")
            done = _notify(plugin, message)
            refused, asked = watched.refused, asked_seconds(answer.retry_after, self._clock.now())
        receipt = getattr(plugin, "receipt", None)
        if isinstance(receipt, Receipt) and receipt.code == "url":
            return _unreadable(address, receipt.said)
        secrets = {*secrets_of(found.url), *message.secrets, *(button.url for button in message.buttons)}
        if refused and not done:
            return _rejected("inside", "the channel's address leads inside, where messages may not go")
        if isinstance(receipt, Receipt):
            return self._told(receipt, found, secrets)
        if done:
            return SendResult(state=SendState.SENT)
        judged = _judged("\n".join(lines))
        if asked is None or judged.code not in _SHUTS:
            return judged
        shut = Receipt(verdict=Verdict.LIMIT, code=judged.code, said=judged.detail, retry_after_seconds=asked)
        return self._told(shut, found, secrets)

    def _told(self, receipt: Receipt, found: Recognised, secrets: set[str]) -> SendResult:
        """The provider's word. That it was too much is known to all processes from now on."""
        if receipt.verdict is Verdict.TAKEN:
            return SendResult(state=SendState.SENT)
        asked = receipt.retry_after_seconds
        wait = None if asked is None else at_most(asked)
        if receipt.verdict is Verdict.LIMIT:
            wait = wait or LIMIT_SECONDS
            if self._gates.limits:
                self._gates.limits.shut(found.robot, wait, now=self._clock.now())
        return SendResult(
            state=_STATES[receipt.verdict],
            code=receipt.code,
            detail=masked(receipt.said, secrets),
            retry_after_seconds=wait,
        )


_STATES: Final = {
    Verdict.TAKEN: SendState.SENT,
    Verdict.PERMANENT: SendState.REJECTED,
    Verdict.TRANSIENT: SendState.RETRY,
    Verdict.LIMIT: SendState.LATER,
    Verdict.UNCLEAR: SendState.UNKNOWN,
}


def _rejected(code: str, detail: str) -> SendResult:
    return SendResult(state=SendState.REJECTED, code=code, detail=detail)


def _unreadable(address: Address, detail: str) -> SendResult:
    """What a person gave stays as it is; the operator mends a setting, and then whatever waited goes."""
    if address.guarded:
        return _rejected("url", detail)
    if address.email and not _EMAIL.fullmatch(address.email):
        return _rejected("url", "the person's e-mail cannot be read")
    name = "ALERT" if address.channel == ALARM else "SMTP" if address.email else "WEBHOOK"
    return SendResult(state=SendState.RETRY, code="url", detail=unreadable_setting(f"GUANKA_{name}_URL"))


def _plugin(message: Message, address: Address, url: str, clock: Clock) -> Any:
    """The loaded service, aimed at this address; None where Apprise cannot read the URL. May raise what
    it raises.
    """
    register()
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
    plugin = cast("Any", Apprise).instantiate(served(url), asset=asset, suppress_exceptions=False)
    if plugin is None:
        return None
    plugin.socket_connect_timeout, plugin.socket_read_timeout = CONNECT_SECONDS, READ_SECONDS
    plugin.redirects, plugin.retry = False, 0  # whatever the address asks for: the outbox tries again
    if address.email:
        if not _EMAIL.fullmatch(address.email):
            raise ValueError("not one e-mail address")
        # Set, not written into the URL: an address can then not add another recipient or an option.
        plugin.targets = [(one_line(address.name, 60) or False, address.email)]
        plugin.from_addr = (_sender(plugin.from_addr[0]), plugin.from_addr[1])
    return _aimed(plugin, message, clock)


def _aimed(plugin: Any, message: Message, clock: Clock) -> Any:
    """With what of the message Apprise has no words for."""
    if isinstance(plugin, Posting):
        plugin.clock, plugin.key = clock, message.key
        plugin.card = card_for(plugin.dialect, message)
    elif isinstance(plugin, Mail):
        plugin.clock, plugin.key, plugin.thread = clock, message.key, message.thread
        plugin.plain = message.text
    elif isinstance(plugin, Webhook):
        plugin.clock, plugin.key = clock, message.key
        cast("Any", plugin).headers |= _marks(message)
    elif isinstance(getattr(plugin, "headers", None), dict):
        plugin.headers |= _marks(message)
        _with_key(plugin, message.key)
    return plugin


def _marks(message: Message) -> dict[str, str]:
    return {KEY_HEADER: message.key, "Auto-Submitted": "auto-generated"}


def _with_key(plugin: Any, key: str) -> None:
    if isinstance(getattr(plugin, "payload_extras", None), dict):
        plugin.payload_extras |= {"key": key}


def _sender(name: object) -> str:
    """The name the operator gave the sender. Apprise hands it over encoded, and would encode it once more."""
    given = str(make_header(decode_header(name))) if isinstance(name, str) and name else SENDER
    return one_line(given, 60)


_EMAIL: Final = re.compile(r"[^\s@,;:<>()\[\]\\\"]{1,64}@[^\s@,;:<>()\[\]\\\"]{1,255}")


def _notify(plugin: Any, message: Message) -> bool:
    """Whether it says it went. The service itself is asked, in this thread: version 2 of Apprise would ask it
    in another, where nobody hears its log and no gate stands.
    """
    body, form = message.text, NotifyFormat.TEXT
    if plugin.notify_format == NotifyFormat.HTML:
        body, form = message.html, NotifyFormat.HTML
    elif isinstance(plugin, Posting):
        body, form = plugin.card.body if plugin.card else message.text, NotifyFormat.MARKDOWN
    try:
        return bool(
            plugin.notify(
                body=body, title=message.subject, notify_type=NotifyType.INFO, body_format=form, attach=None
            )
        )
    except Exception:  # noqa: BLE001 - a service that breaks has not sent; what it says may hold secrets
        return False


_HTTP: Final = re.compile(r"error=(\d{3})")
_SHUTS: Final = frozenset({"429", "503"})  # where a Retry-After comes with them
_HTTP_AGAIN: Final = frozenset({"408", "425", "429"})


def _judged(log: str) -> SendResult:
    """What a failed try of one of Apprise's own services means, read from what it logged."""
    if http := _HTTP.search(log):
        code = http[1]
        final = code[0] != "5" and code not in _HTTP_AGAIN
        return SendResult(
            state=SendState.REJECTED if final else SendState.RETRY,
            code=code,
            detail=REFUSED,
        )
    return _without_answer(log)


def _without_answer(log: str) -> SendResult:
    """Broken off after the message was on its way it may have arrived, so it will perhaps arrive twice."""
    under_way = "Read timed out" in log or "Connection aborted" in log
    if under_way:
        detail = "the connection broke before an answer came; the message may arrive twice"
        return SendResult(state=SendState.UNKNOWN, code="no_answer", detail=detail)
    return SendResult(state=SendState.RETRY, code="unreachable", detail="the other side could not be reached")
