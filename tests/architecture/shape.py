"""Rules about files that no linter knows: how long a module may be, and what a lock file may hold.

`python -m tests.architecture.shape`, at the top of the checkout, says every fault and fails on one.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PACKAGES: Final = ("engine", "flows", "notifications", "runtime", "web", "cli", "sop_definitions")
MOST_LINES: Final = 400
MOST_LINES_OF_TESTS: Final = 500

# Anything not named here is refused: an address, a path, an option for pip or an unpinned name among it.
_REQUIREMENT: Final = re.compile(r"[A-Za-z0-9._-]+(\[[a-z0-9,-]+\])?==[A-Za-z0-9.+!]+( ; [^/\\]+)? \\")
_HASH: Final = re.compile(r" {4}--hash=sha256:[0-9a-f]{64}( \\)?")


def long_modules(root: Path) -> Iterator[str]:
    for folder, most in (*((name, MOST_LINES) for name in PACKAGES), ("tests", MOST_LINES_OF_TESTS)):
        for module in sorted((root / folder).rglob("*.py")):
            lines = len(module.read_text(encoding="utf-8").splitlines())
            if lines > most:
                where = module.relative_to(root).as_posix()
                yield f"{where} has {lines} lines, at most {most} are allowed; split it by what it knows"


def loose_lock_lines(lock: Path) -> Iterator[str]:
    """Every line that is neither a pinned requirement nor one of its hashes."""
    follows_on = False
    for number, line in enumerate(lock.read_text(encoding="utf-8").splitlines(), start=1):
        allowed = _HASH if follows_on else _REQUIREMENT
        if not allowed.fullmatch(line):
            yield (
                f"{lock.name}:{number}: only 'name==version' and its sha256 hashes may stand here, "
                f"no address, path or option: {line.strip()[:80]!r}"
            )
        follows_on = line.endswith("\\")


def main() -> int:
    root = Path.cwd()
    faults = [*long_modules(root), *loose_lock_lines(root / "requirements.lock")]
    print("\n".join(faults) or "Module lengths and requirements.lock are in order.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
