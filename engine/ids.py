"""Names of things, and the one place where chance enters."""

import secrets
from typing import NewType, Protocol

CaseId = NewType("CaseId", str)
PersonId = NewType("PersonId", str)
TaskId = NewType("TaskId", str)
ApprovalId = NewType("ApprovalId", str)
RequestId = NewType("RequestId", str)

# Crockford's base 32 in lower case: without i, l, o and u, so that an id can be read out over the telephone.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
CASE_ID_LENGTH = 8  # 40 bits: short enough to type; the store refuses the rare second use
TOKEN_LENGTH = 32  # 160 bits: nobody guesses it


class IdSource(Protocol):
    """Where new names come from."""

    def case_id(self) -> CaseId:
        """A name for a new case. Uniqueness is likely, not certain: the store has the last word."""
        ...

    def token(self) -> str:
        """A name for one act or one secret, which nobody can guess from the ones before."""
        ...


class RandomIds:
    """Names drawn from the operating system's source of chance."""

    def case_id(self) -> CaseId:
        return CaseId(_draw(CASE_ID_LENGTH))

    def token(self) -> str:
        return _draw(TOKEN_LENGTH)


class SequentialIds:
    """Names that count up, `case-1`, `case-2`, `case-token-1`; for tests."""

    def __init__(self, prefix: str = "case") -> None:
        self._prefix = prefix
        self._cases = 0
        self._tokens = 0

    def case_id(self) -> CaseId:
        self._cases += 1
        return CaseId(f"{self._prefix}-{self._cases}")

    def token(self) -> str:
        self._tokens += 1
        return f"{self._prefix}-token-{self._tokens}"


def _draw(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
