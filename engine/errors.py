"""Failures, each carrying its facts. A refusal (engine.case.refusal) is an answer, not a failure, and is
not here.
"""

from dataclasses import dataclass

from engine.text import Text


class GuankaError(Exception):
    """Anything the engine raises on purpose. `message` is for people, in both languages."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en or message.zh)
        self.message = message


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake in a definition file. `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    message: Text

    def say(self, language: str = "en") -> str:
        text = self.message.zh if language == "zh" and self.message.zh else self.message.en or self.message.zh
        return f"{self.file}:{self.line}:{self.column}: {text}"


class BrokenDefinition(GuankaError):
    """A definition file with faults; all of them, in file order."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        lines = [fault.say("en") for fault in faults]
        super().__init__(Text("\n".join(fault.say("zh") for fault in faults), "\n".join(lines)))
        self.faults = faults


class VersionMoved(GuankaError):
    """Another command on the same case was saved first; the service tries again."""

    def __init__(self, case_id: str) -> None:
        super().__init__(
            Text(f"案例 {case_id} 刚被他人更新", f"case {case_id} was changed by somebody else just now")
        )
        self.case_id = case_id


class StaleCase(GuankaError):
    """The caller acted on an older version than the stored one (If-Match)."""

    def __init__(self, case_id: str, seen: int, stored: int) -> None:
        super().__init__(
            Text(
                f"案例 {case_id} 已更新（您看到的是第 {seen} 版，现为第 {stored} 版），请刷新后重试",
                f"case {case_id} has moved on: you saw version {seen}, it is now {stored}; reload, try again",
            )
        )
        self.case_id, self.seen, self.stored = case_id, seen, stored


class KeyReused(GuankaError):
    """The same idempotency key came with another command."""

    def __init__(self, key: str) -> None:
        super().__init__(
            Text(
                f"幂等键 {key} 已用于另一条命令，请换一个键",
                f"idempotency key {key} was already used for another command; send a new key",
            )
        )
        self.key = key
