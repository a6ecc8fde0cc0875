"""The demonstration company, made once and copied for each test, and the command line on it."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from engine.case.state import CaseStatus
from engine.store.board import BoardFilter
from runtime.demo import fill_if_empty
from runtime.settings import read_settings
from runtime.wiring import Parts, opened


@dataclass(frozen=True)
class Terminal:
    """`guanka` in process. Each call says which exit code it expects, so that no test passes on the
    wrong failure.
    """

    env: dict[str, str]

    def run(self, *arguments: str, code: int = 0, **more_env: str) -> Result:
        done = CliRunner().invoke(app, list(arguments), env=self.env | more_env)
        assert done.exit_code == code, (arguments, done.exit_code, done.stdout, done.stderr, done.exception)
        return done

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code).stdout)

    def case(self, title: str) -> str:
        """The id of the demonstration case whose title begins so."""
        with opened(read_settings(self.env)) as parts:
            wanted = BoardFilter(title=title, statuses=tuple(CaseStatus))
            (found,) = parts.store.board.page(wanted).cases
            return found.id


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    with opened(read_settings(_environment(folder)), migrate=True) as parts:
        assert fill_if_empty(parts)
    return folder


@pytest.fixture
def terminal(demo_folder: Path, tmp_path: Path) -> Terminal:
    shutil.copytree(demo_folder, tmp_path / "var")
    return Terminal(_environment(tmp_path / "var"))


@pytest.fixture
def parts(terminal: Terminal) -> Iterator[Parts]:
    with opened(read_settings(terminal.env)) as found:
        yield found


@pytest.fixture
def empty(tmp_path: Path) -> Terminal:
    """No store yet."""
    return Terminal(_environment(tmp_path / "var"))


def _environment(folder: Path) -> dict[str, str]:
    return {
        "GUANKA_DATA_DIR": str(folder),
        "GUANKA_LANGUAGE": "zh",
        "GUANKA_PERSON": "",
        "GUANKA_DATABASE_URL": "",
        "GUANKA_PREFECT_PORT": "9",  # nobody listens there
        "NO_COLOR": "1",
    }
