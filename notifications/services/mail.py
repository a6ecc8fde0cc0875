"""E-mail over SMTP: HTML and text, one thread for each case, nothing that tells who opened it.

Apprise reads the address (mailto://, mailtos://) and knows the big providers' servers; the message is our
own, because its own has neither our plain text nor a Message-ID that stays the same when it is sent again.
"""

import smtplib
import ssl
from collections.abc import Generator
from contextlib import contextmanager, suppress
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from typing import Any, Final, cast

from apprise import NotifyFormat, NotifyType
from apprise.plugins.email import NotifyEmail

from engine.clock import Clock, SystemClock
from notifications.one_line import one_line
from notifications.services.receipt import Receipt, Verdict

KEY_HEADER: Final = "X-Guanka-Key"
LONGEST_SUBJECT: Final = 300
SSL: Final = "ssl"
STARTTLS: Final = "starttls"
# 5xx answers that speak of our account or of the connection, not of this message: the operator can mend them.
ACCOUNT: Final = frozenset({530, 534, 535, 538})


class Mail(NotifyEmail):
    """`plain` is the text part beside the HTML; `key` and `thread` name the message and its case."""

    service_name = "E-mail (Guanka)"
    protocol = "casemail"
    secure_protocol = "casemails"
    request_rate_per_sec = 0
    notify_format = NotifyFormat.HTML
    clock: Clock = SystemClock()
    plain: str = ""
    key: str = ""
    thread: str = ""
    receipt: Receipt | None = None

    def __init__(self, **kwargs: Any) -> None:
        cast("Any", super()).__init__(**kwargs)
        if not cast("Any", self).smtp_host:
            raise TypeError("no mail server")

    def send(
        self,
        body: str,
        title: str = "",
        notify_type: Any = NotifyType.INFO,
        attach: Any = None,
        **kwargs: Any,
    ) -> bool:
        """What Apprise asks of a service; to the first of the targets, and nobody else."""
        _ = notify_type, attach, kwargs
        self.receipt = self._handed_over(self.message(body, title))
        return self.receipt.verdict is Verdict.TAKEN

    def message(self, body: str, title: str) -> EmailMessage:
        """Text and HTML of the same words; no picture, no address that would be fetched on opening."""
        made = EmailMessage(policy=SMTP)
        sender, reader = self._sender, self._reader
        domain = sender.domain
        made["Subject"] = one_line(title, LONGEST_SUBJECT)  # a header has no other lines
        made["From"], made["To"] = sender, reader
        made["Date"] = format_datetime(self.clock.now())
        made["Message-ID"] = f"<{self.key or self.clock.now().timestamp()}@{domain}>"
        if self.thread:
            # The case itself was never sent; readers gather what names the same ancestor.
            made["In-Reply-To"] = made["References"] = f"<case.{self.thread}@{domain}>"
        made["List-Id"] = f"Guanka <guanka.{domain}>"
        made["Auto-Submitted"] = "auto-generated"
        made["X-Auto-Response-Suppress"] = "All"
        made[KEY_HEADER] = self.key
        made.set_content(self.plain or body, cte="base64")
        if self.plain:
            made.add_alternative(body, subtype="html", cte="base64")
        return made

    @property
    def _sender(self) -> Mailbox:
        name, address = cast("Any", self).from_addr
        return Mailbox(display_name=name or "", addr_spec=address)

    @property
    def _reader(self) -> Mailbox:
        name, address = cast("Any", self).targets[0]
        return Mailbox(display_name=name or "", addr_spec=address)

    def _handed_over(self, message: EmailMessage) -> Receipt:
        try:
            with self._server() as server:
                return _given(server, self._sender.addr_spec, self._reader.addr_spec, message)
        except smtplib.SMTPNotSupportedError:
            said = "the mail server does not offer the encryption or the login that is set; nothing was sent"
            return Receipt(verdict=Verdict.TRANSIENT, code="unsupported", said=said)
        except smtplib.SMTPResponseException as refused:
            return _refused(refused.smtp_code, refused.smtp_error, final=False)
        except ssl.SSLError:
            return Receipt(verdict=Verdict.TRANSIENT, code="tls", said="no sound encrypted connection")
        except (OSError, smtplib.SMTPException):
            said = "the other side could not be reached"
            return Receipt(verdict=Verdict.TRANSIENT, code="unreachable", said=said)

    @contextmanager
    def _server(self) -> Generator[smtplib.SMTP]:
        """Connected, encrypted as set and logged in. Never falls back to plain text."""
        context = _encryption(bool(self.verify_certificate))
        set_up = cast("Any", self)
        place: dict[str, Any] = {"timeout": set_up.socket_connect_timeout}
        kind: Any = smtplib.SMTP
        if set_up.secure_mode == SSL:
            kind, place = smtplib.SMTP_SSL, {**place, "context": context}
        server: smtplib.SMTP = kind(set_up.smtp_host, set_up.port, **place)
        try:
            if set_up.secure_mode == STARTTLS:
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            if set_up.user and set_up.password:
                server.login(set_up.user, set_up.password)
            yield server
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()


@cache
def _encryption(verified: bool) -> ssl.SSLContext:
    """Once in a process: to read the authorities this machine trusts takes longer than to send a message."""
    context = ssl.create_default_context()
    if not verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _given(server: smtplib.SMTP, sender: str, recipient: str, message: EmailMessage) -> Receipt:
    """Every answer on the way is the provider's word. Broken off once the message has begun, it may have
    arrived.
    """
    for code, said in (server.mail(sender), server.rcpt(recipient)):
        if code not in (250, 251):
            return _refused(code, said)
    try:
        code, said = server.data(message.as_bytes())
    except smtplib.SMTPDataError as refused:
        return _refused(refused.smtp_code, refused.smtp_error)
    except (OSError, smtplib.SMTPException):
        said = "the connection broke before an answer came; the message may arrive twice"
        return Receipt(verdict=Verdict.UNCLEAR, code="no_answer", said=said)
    if code == 250:  # noqa: PLR2004 - SMTP's yes
        return Receipt(verdict=Verdict.TAKEN, code=str(code), said=_words(said))
    if code in (-1, 421):
        words = "the connection broke before an answer came; the message may arrive twice"
        return Receipt(verdict=Verdict.UNCLEAR, code="no_answer", said=words)
    return _refused(code, said)


def _refused(code: int, said: object, *, final: bool = True) -> Receipt:
    """5xx about the message is final; about our account, or before it was handed over, it can be mended."""
    lasting = final and 500 <= code < 600 and code not in ACCOUNT  # noqa: PLR2004 - SMTP's lasting refusals
    verdict = Verdict.PERMANENT if lasting else Verdict.TRANSIENT
    return Receipt(verdict=verdict, code=str(code), said=_words(said))


def _words(said: object) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
