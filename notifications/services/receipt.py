"""What became of one try, as the other side itself says it."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """TAKEN: accepted. PERMANENT: refused, and would be again. TRANSIENT: refused for now. LIMIT: too many
    messages for now. UNCLEAR: handed over, and no answer that means anything came.
    """

    TAKEN = "taken"
    PERMANENT = "permanent"
    TRANSIENT = "transient"
    LIMIT = "limit"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """`code` and `said` are the provider's own, as they came: `said` may repeat what was sent, so it is
    masked before anybody sees it. `status`: of HTTP, 0 where there was none.
    """

    verdict: Verdict
    code: str = ""
    said: str = ""
    status: int = 0
    retry_after_seconds: float | None = None
