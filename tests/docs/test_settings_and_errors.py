"""Every setting, exit code and family of errors is documented, and nothing else is."""

import ast
import re
from collections.abc import Iterator

from cli.session import Exit
from engine.case.refusal import Why
from runtime.settings import KNOWN, PREFIX, read_settings
from tests.docs.documents import ROOT, first_cells, section, text_of

PACKAGES = ("engine", "notifications", "runtime", "flows", "web", "cli")


def bases() -> Iterator[tuple[str, set[str]]]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    yield node.name, {base.id for base in node.bases if isinstance(base, ast.Name)}


DEFAULTS = re.compile(rf"^\| `{PREFIX}(\w+)` \| `([^`]+)` \|", re.MULTILINE)
FAMILIES = "错误的种类 · Families of errors"


def test_every_setting_is_documented_and_no_other():
    rows = re.findall(rf"^\| `{PREFIX}(\w+)` \|", text_of("docs/settings.md"), re.MULTILINE)
    assert sorted(rows) == sorted(KNOWN)


def test_the_defaults_of_the_page_are_those_of_the_program():
    settings = read_settings({"LANG": "zh_CN.UTF-8"})
    assert dict(DEFAULTS.findall(text_of("docs/settings.md"))) == {
        "DATA_DIR": settings.data_dir.name,
        "HOST": settings.host,
        "PORT": str(settings.port),
        "PREFECT_PORT": str(settings.prefect_port),
        "CALENDAR": settings.calendar,
        "ZONE": settings.zone,
        "LOGS": "files" if settings.logs_to_files else "stderr",
        "MESSAGES_PER_HOUR": str(settings.messages_per_hour),
        "QUIET_HOURS": "on" if settings.quiet_hours else "off",
        "GROUP_MINUTES": str(settings.group_minutes),
        "FALLBACK_MINUTES": str(settings.fallback_minutes),
        "URGENT_HOURS": str(settings.urgent_hours),
    }


def test_every_family_of_errors_is_documented_and_no_other():
    families = {name for name, parents in bases() if "GuankaError" in parents}
    assert (
        set(first_cells(section("docs/errors.md", "错误的种类 · Families of errors"))[1:]) - {"---"}
        == families
    )


def test_every_family_of_refusals_has_its_status_and_exit_code():
    from cli.refusals import code_of
    from web.case_page import STATUS

    rows = re.findall(r"^\| `(\w+)` \|.*\| (\d+) \| (\d) \|$", text_of("docs/errors.md"), re.MULTILINE)
    assert {row[0]: (int(row[1]), int(row[2])) for row in rows} == {
        why.value: (STATUS[why], int(code_of(why))) for why in Why
    }


def test_every_exit_code_is_documented():
    rows = re.findall(r"^\| (\d) \| `(\w+)` \|", text_of("docs/errors.md"), re.MULTILINE)
    assert {name: int(code) for code, name in rows} == {code.name: code.value for code in Exit}
