"""Any web address that takes JSON. Apprise reads the address; what comes back is read here, for a receiver
may be a company's own way to DingTalk or WeCom, and refuse under HTTP 200 as they do.
"""

from typing import Any, Final, cast

from apprise import NotifyType
from apprise.plugins.custom_json import NotifyJSON

from engine.clock import Clock, SystemClock
from notifications.services.posting import Answer, Post, by_code, posted, taken
from notifications.services.receipt import Receipt, Verdict
from notifications.webhook_json import webhook_json

KIND: Final = "webhook"
REFUSED: Final = "the other side refused the request"
_NO_FAULT: Final = (None, "", "0", 0)  # what stands for errcode where there is no error
_AGAIN: Final = frozenset({408, 425, 429})


class Webhook(NotifyJSON):
    """`key` names the message. Login, port, path, method, headers, arguments and fields are the address's."""

    service_name = "Webhook (Guanka)"
    protocol = "casejson"
    secure_protocol = "casejsons"
    clock: Clock = SystemClock()
    key: str = ""
    receipt: Receipt | None = None

    def send(
        self,
        body: str,
        title: str = "",
        notify_type: Any = NotifyType.INFO,
        attach: Any = None,
        **kwargs: Any,
    ) -> bool:
        """What Apprise asks of a service. Of a text in several parts the first that failed counts."""
        _ = notify_type, attach, kwargs
        receipt = posted(self.post(body, title), self)
        if self.receipt is None or self.receipt.verdict is Verdict.TAKEN:
            self.receipt = receipt
        return receipt.verdict is Verdict.TAKEN

    def post(self, body: str, title: str) -> Post:
        own = cast("Any", self)
        port = f":{own.port}" if isinstance(own.port, int) else ""
        return Post(
            method=own.method,
            url=f"{'https' if own.secure else 'http'}://{own.host}{port}{own.fullpath}",
            params=own.params,
            login=(own.user, own.password or "") if own.user else None,
            headers={"User-Agent": own.app_id, "Content-Type": "application/json", **own.headers},
            body=webhook_json(title, body, self.key, own.payload_extras),
            escaped=True,
        )

    def read(self, answer: Answer) -> Receipt:
        """Any success is a yes, unless it brings an error code."""
        if not 200 <= answer.status < 300:  # noqa: PLR2004 - success
            return _by_status(answer)
        data = answer.data or {}
        if data.get("errcode") in _NO_FAULT:
            return taken(answer, code=str(answer.status))
        return by_code(KIND, answer, data["errcode"], data.get("errmsg"))


def _by_status(answer: Answer) -> Receipt:
    status, wait = answer.status, answer.retry_after_seconds if answer.shuts else None
    verdict = Verdict.PERMANENT
    if wait is not None:
        verdict = Verdict.LIMIT
    elif status in _AGAIN or 500 <= status < 600:  # noqa: PLR2004 - a fault over there
        verdict = Verdict.TRANSIENT
    return Receipt(verdict=verdict, code=str(status), said=REFUSED, status=status, retry_after_seconds=wait)
