"""How long this machine has been up: a clock that all its processes share and that nobody can set."""

import time
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

_BOOT_NAME: Final = Path("/proc/sys/kernel/random/boot_id")
MICROSECOND: Final = 1_000_000  # in a second


class Uptime(Protocol):
    """`boot` names the start of the machine that is counted from; empty where the system tells no name."""

    boot: str

    def microseconds(self) -> int: ...


class BootClock:
    """Goes on while the machine sleeps, and takes no notice when its time of day is put forward or back."""

    def __init__(self) -> None:
        self.boot = ""
        with suppress(OSError):
            self.boot = _BOOT_NAME.read_text("ascii").strip()

    def microseconds(self) -> int:
        clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
        return time.clock_gettime_ns(clock) // 1000
