"""What Prefect tells an operator goes to its own pages; the terminal of this process stays ours."""

import logging

# Prefect reports a server that is away with stack traces, on every attempt; the runner says it once, in a
# sentence.
_TALKATIVE = ("prefect", "prefect._internal", "prefect.flow_runs", "prefect.client", "httpx", "httpcore")


def quieten() -> None:
    """Keep Prefect and its libraries off the terminal, whatever logging they set up while being imported."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.propagate = False
        logger.setLevel(logging.CRITICAL)
