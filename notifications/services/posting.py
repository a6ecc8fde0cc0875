"""What our services have in common: one POST, and an answer that is read before anything counts as sent.

Subclasses of Apprise's NotifyBase, within what versions 1.13 and 2 share. The receipt stands on the object,
for Apprise itself hands back no more than yes or no.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final, cast
from urllib.parse import quote, unquote

import requests
from apprise import NotifyBase, NotifyFormat, NotifyType
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from engine.clock import Clock, SystemClock
from notifications.dialects import Card
from notifications.services.codes import meaning
from notifications.services.receipt import Receipt, Verdict
from notifications.services.waiting import asked_seconds

LONGEST_ANSWER: Final = 65_536  # bytes; a longer one is no answer of a chat service
LONGEST_SAID: Final = 300
_AGAIN: Final = frozenset({408, 425, 500, 502, 503, 504})
_TOO_MANY: Final = 429
_BUSY: Final = 503
_LONGEST_CODE: Final = 60
_UNUSABLE: Final = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """`escaped`: in ASCII only, for a receiver that may guess at the encoding. `login`: user and password."""

    url: str
    body: Mapping[str, object]
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    method: str = "POST"
    login: tuple[str, str] | None = None
    escaped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, as much of it as is read; `text` is None where it was no text or had no end. `at`: when
    it came.
    """

    status: int
    at: datetime
    headers: Mapping[str, str]
    text: str | None

    @property
    def data(self) -> Mapping[str, Any] | None:
        """The JSON object it is, or None."""
        try:
            found: object = json.loads(self.text or "")
        except ValueError:
            return None
        return cast("Mapping[str, Any]", found) if isinstance(found, dict) else None

    @property
    def retry_after_seconds(self) -> float | None:
        return asked_seconds(self.headers.get("Retry-After", ""), self.at)

    @property
    def shuts(self) -> bool:
        """Whether the other side takes nothing for a while: too many messages, or it says until when."""
        return self.status == _TOO_MANY or (self.status == _BUSY and self.retry_after_seconds is not None)


class Posting(NotifyBase):
    """`kind` names the provider in the table of codes. `card` and `key` are set by whoever sends; without a
    card, Apprise's title and body are one as they stand.
    """

    kind: ClassVar[str] = ""
    request_rate_per_sec = 0  # waiting is the business of the limits that all processes share
    notify_format = NotifyFormat.MARKDOWN
    setup_url = "https://github.com/caronc/apprise/wiki"
    templates = ("{schema}://{host}",)
    clock: Clock = SystemClock()
    card: Card | None = None
    key: str = ""
    receipt: Receipt | None = None

    def __init__(self, **kwargs: Any) -> None:
        cast("Any", super()).__init__(**kwargs)

    @property
    def dialect(self) -> str:
        """In which its card is to be; see notifications.dialects."""
        return self.kind

    def post(self, card: Card) -> Post:
        """What is sent: the card as it stands."""
        raise NotImplementedError

    def read(self, answer: Answer) -> Receipt:
        """What the provider's answer means."""
        raise NotImplementedError

    def written(self, show: Callable[[str], str]) -> str:
        """The address, with every secret as `show` has it."""
        raise NotImplementedError

    def url(self, privacy: bool = False, *args: Any, **kwargs: Any) -> str:
        """As Apprise asks for it: to read it again, or without any part of a secret."""
        _ = args, kwargs
        return self.written(lambda secret: "****" if privacy else quote(secret, safe=""))

    def send(
        self,
        body: str,
        title: str = "",
        notify_type: Any = NotifyType.INFO,
        attach: Any = None,
        **kwargs: Any,
    ) -> bool:
        """What Apprise asks of a service. Attachments are not sent."""
        _ = notify_type, attach, kwargs
        self.receipt = posted(self.post(self.card or Card(title=title, body=body)), self)
        return self.receipt.verdict is Verdict.TAKEN


def posted(post: Post, service: Any) -> Receipt:
    """One request, and its answer as the service reads it."""
    try:
        answer = _answer(post, service)
    except (requests.RequestException, HTTPError) as fault:
        return _without_answer(fault)
    return service.read(answer)


def _answer(post: Post, service: Any) -> Answer:
    with requests.request(
        post.method,
        post.url,
        params=dict(post.params),
        data=json.dumps(post.body, ensure_ascii=post.escaped).encode(),
        headers={"Content-Type": "application/json; charset=utf-8", **post.headers},
        auth=cast("Any", tuple(part.encode() for part in post.login) if post.login else None),
        timeout=service.request_timeout,
        verify=service.verify_certificate,
        allow_redirects=False,  # it could lead inside
        stream=True,
    ) as response:
        return Answer(
            status=response.status_code,
            at=service.clock.now(),
            headers=response.headers,
            text=_text(response),
        )


def parsed(url: str) -> dict[str, Any] | None:
    """The parts of an address as Apprise reads them, the host with its letters as they are."""
    found: dict[str, Any] | None = cast("Any", NotifyBase).parse_url(url, verify_host=False)
    return found | {"host": unquote(found["host"])} if found else None


def path_parts(path: str | None) -> tuple[str, ...]:
    return tuple(unquote(part) for part in (path or "").split("/") if part)


def _text(response: Any) -> str | None:
    content: bytes = response.raw.read(LONGEST_ANSWER + 1, decode_content=True)
    if len(content) > LONGEST_ANSWER:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def by_code(kind: str, answer: Answer, code: object, said: object) -> Receipt:
    """A refusal under the provider's own code, whatever HTTP says."""
    words, code = str(said or "")[:LONGEST_SAID], str(code)[:_LONGEST_CODE]
    known = meaning(kind, code, words)
    verdict = known.verdict if known else Verdict.TRANSIENT
    if answer.shuts:
        verdict = Verdict.LIMIT
    wait = answer.retry_after_seconds or (known.ban_seconds if known else None)
    return Receipt(verdict=verdict, code=code, said=words, status=answer.status, retry_after_seconds=wait)


def by_status(answer: Answer) -> Receipt:
    """An answer without a code that is known: HTTP alone tells. Success without its word is not success."""
    status = answer.status
    verdict = Verdict.PERMANENT
    if answer.shuts:
        verdict = Verdict.LIMIT
    elif status in _AGAIN or status > 599:  # noqa: PLR2004 - beyond what HTTP knows
        verdict = Verdict.TRANSIENT
    elif 200 <= status < 300:  # noqa: PLR2004 - success
        verdict = Verdict.UNCLEAR
    return Receipt(
        verdict=verdict,
        code="bad_answer" if verdict is Verdict.UNCLEAR else str(status),
        said=(answer.text or "")[:LONGEST_SAID],
        status=status,
        retry_after_seconds=answer.retry_after_seconds,
    )


def taken(answer: Answer, code: str = "0", said: object = "") -> Receipt:
    return Receipt(
        verdict=Verdict.TAKEN, code=code, said=str(said or "")[:LONGEST_SAID], status=answer.status
    )


def _without_answer(fault: Exception) -> Receipt:
    """Never connected: nothing has left. Broken off later: it may have arrived."""
    if isinstance(fault, requests.exceptions.SSLError):
        return Receipt(verdict=Verdict.TRANSIENT, code="tls", said="no sound encrypted connection")
    reason = getattr(fault.args[0] if fault.args else None, "reason", None)
    never = (
        isinstance(fault, (requests.ConnectTimeout, requests.exceptions.ProxyError)),
        isinstance(reason, (NewConnectionError, ConnectTimeoutError)),
    )
    if any(never):
        return Receipt(verdict=Verdict.TRANSIENT, code="unreachable", said="the other side was not reached")
    if isinstance(fault, _UNUSABLE):
        return Receipt(verdict=Verdict.PERMANENT, code="url", said="the address cannot be used")
    return Receipt(verdict=Verdict.UNCLEAR, code="no_answer", said="the connection broke before an answer")
