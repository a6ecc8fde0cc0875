"""Logs: lines to read on a terminal, JSON anywhere else; links and passwords are struck out on the way."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from notifications.masking import without_channels, without_links

_CREDENTIALS: Final = re.compile(r"(\w[\w+.-]*://)[^/@\s]+@")
_SECRET_NAMES: Final = re.compile(
    r"password|secret|token|auth|code$|smtp_url|webhook_url|database_url", re.IGNORECASE
)


def mask(text: str) -> str:
    """The text with sign-off links, addresses of chat robots and the credentials of others struck out."""
    return _CREDENTIALS.sub(r"\1***@", without_channels(without_links(text)))


def mask_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if name not in ("event", "level", "timestamp", "logger") and _SECRET_NAMES.search(name):
            event[name] = "***"
        elif isinstance(value, str):
            event[name] = mask(value)
    return event


def set_up_logging(process: str) -> None:
    """Everything this process logs, through structlog or the standard library, goes to its standard error."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(process),
        structlog.processors.format_exc_info,
        mask_event,
    ]
    last: Any = (
        structlog.dev.ConsoleRenderer(colors=True)
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("guanka").setLevel(logging.INFO)


def _named(process: str) -> Any:
    def named(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("process", process)
        return event

    return named
