"""A notice arrives: tried first, then taken in; open deadlines follow, once, and those concerned are told."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from engine.case.workdays import working_days_between
from engine.ids import CaseId
from runtime.calendar_keeping import keep_notice
from runtime.calendars import load_calendar
from runtime.notices import read_notice
from runtime.public_holidays import chinese_notices, statutory
from runtime.settings import read_settings
from runtime.wiring import opened
from tests.integration.cli.conftest import Terminal

NEXT = chinese_notices().last.year + 1
SPRING = [date(NEXT, 3, 1) + timedelta(days=n) for n in range(10)]
LENGTH = working_days_between(load_calendar("cn"), datetime.now(UTC).date(), date(NEXT, 3, 15))
SOP = f"""\
sop: small
zh: 小流程
en: Small
roles: {{boss: {{zh: 主管, en: Boss}}}}
exits: {{done: {{zh: 完成, en: Done, success: true}}}}
stages:
  - {{id: only, zh: 唯一, en: Only, owner: boss, deadline: {{within: {LENGTH} wd, remind: [2 wd]}}}}
transitions:
  - {{id: finish, zh: 结束, en: Finish, from: only, exit: done}}
"""


def notice_text(*more: date, working: tuple[date, ...] = ()) -> str:
    off = sorted({*statutory("CN", NEXT), *more})
    return json.dumps(
        {
            "year": NEXT,
            "number": "试1号",
            "date": f"{NEXT - 1}-11-05",
            "off": [str(day) for day in off],
            "working": [str(day) for day in working],
        },
        ensure_ascii=False,
    )


@pytest.fixture
def started(terminal: Terminal, tmp_path: Path) -> str:
    (tmp_path / "small.yaml").write_text(SOP, encoding="utf-8")
    terminal.run("publish", str(tmp_path / "small.yaml"), "--as", "xuling")
    terminal.run("role", "boss", "chenjing", "--sop", "small", "--as", "xuling")
    return terminal.json("start", "small", "春季上新", "--as", "xuling")["case"]


def due_of(terminal: Terminal, case: str) -> str:
    (deadline,) = terminal.json("show", case)["deadlines"]
    return deadline["due_at"]


def messages(terminal: Terminal) -> list[tuple[str, str]]:
    with opened(read_settings(terminal.env)) as parts:
        rows = reversed(parts.store.mailbox.page(limit=500))
        return [(row.kind, row.to_person) for row in rows if row.kind == "deadline_moved"]


def test_a_notice_is_tried_before_it_is_taken_in(terminal: Terminal, started: str, tmp_path: Path) -> None:
    file = tmp_path / "notice.yaml"
    file.write_text(notice_text(*SPRING), encoding="utf-8")
    before = due_of(terminal, started)
    tried = terminal.json("calendar", "update", str(file))
    (move,) = [move for move in tried["moves"] if move["case"] == started]
    days = sum(day.weekday() < 5 for day in SPRING)
    assert (tried["applied"], move["from"], move["working_days"]) == (False, before, days)
    assert (move["subject"], move["told"], move["provisional"]) == ("唯一", ["chenjing"], False)
    assert due_of(terminal, started) == before
    shown = terminal.run("calendar", "update", str(file), "--lang", "zh").stdout
    assert "将告知" in shown
    assert f"（{days} 个工作日）" in shown
    assert "以上为试算，加 --apply 才会写入" in shown


def test_taken_in_it_moves_what_it_said_and_tells_each_person_once(
    terminal: Terminal, started: str, tmp_path: Path
) -> None:
    file = tmp_path / "notice.yaml"
    file.write_text(notice_text(*SPRING), encoding="utf-8")
    tried = terminal.json("calendar", "update", str(file))["moves"]
    done = terminal.json("calendar", "update", str(file), "--apply")
    assert (done["applied"], done["moves"], done["failed"]) == (True, tried, [])
    assert due_of(terminal, started) == next(m["to"] for m in tried if m["case"] == started)
    assert not terminal.json("show", started)["deadlines"][0]["provisional"]
    assert messages(terminal) == [("deadline_moved", "chenjing")]
    again = terminal.json("calendar", "update", str(file), "--apply")
    assert (again["applied"], again["moves"]) == (False, [])
    terminal.run("sweep")
    assert messages(terminal) == [("deadline_moved", "chenjing")]
    assert [move["case"] for move in terminal.json("calendar", "moves")] == [started]
    assert terminal.json("verify")["sound"]
    shown = terminal.json("calendar", "show", str(NEXT))
    assert (shown["provisional"], shown["notice"]["number"]) == (False, "试1号")
    assert (shown["notice"]["date"], shown["official_until"]) == (f"{NEXT - 1}-11-05", f"{NEXT}-12-31")


def test_a_notice_that_is_no_yaml_is_told_in_the_readers_language(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "notice.yaml"
    file.write_text("days: [2027-01-01\n", encoding="utf-8")
    asked = ("calendar", "update", str(file))
    refused = terminal.run(*asked, code=1).stderr
    assert "不是 YAML：第 1 行第 7 列：这里开始的 [ 没有写好" in refused
    assert "parsing" not in refused
    assert "line 1, column 7: the [ that opens here" in terminal.run(*asked, "--lang", "en", code=1).stderr
    gone = ("calendar", "update", str(tmp_path / "gone.yaml"))
    assert "没有这个文件" in terminal.run(*gone, code=3).stderr


def test_what_a_process_left_that_died_half_way_the_sweep_finishes(terminal: Terminal, started: str) -> None:
    """The notice is durable, and nothing was counted again yet."""
    before = due_of(terminal, started)
    notice = read_notice("notice.yaml", notice_text(*SPRING).encode())
    keep_notice(read_settings(terminal.env).calendars_dir, notice)
    terminal.run("sweep")
    assert due_of(terminal, started) > before
    terminal.run("sweep")
    assert messages(terminal) == [("deadline_moved", "chenjing")]


def test_a_running_service_sees_newer_data_without_a_restart(terminal: Terminal, started: str) -> None:
    with opened(read_settings(terminal.env)) as parts:
        before = parts.calendar("cn")
        keep_notice(parts.settings.calendars_dir, read_notice("n.yaml", notice_text(*SPRING).encode()))
        assert parts.calendar("cn").version != before.version
        case = parts.store.board.case(CaseId(started))
        assert case is not None
        facts = parts.service.facts(
            parts.store.definitions.by_digest(case.definition),
            parts.store.people.company("small"),
            parts_actor(),
        )
        assert facts.calendar.official_until.year == NEXT


def parts_actor():
    from engine.case.state import RULE

    return RULE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("few", "days off (weekends counted)"),
        ("festival", "is a statutory holiday"),
        ("weekday", "is no weekend day"),
    ],
)
def test_an_implausible_notice_is_refused_with_every_reason(
    terminal: Terminal, tmp_path: Path, change: str, said: str
) -> None:
    monday = date(NEXT, 3, 1) + timedelta(days=-date(NEXT, 3, 1).weekday() % 7)
    texts = {
        "few": json.dumps({"year": NEXT, "off": [f"{NEXT}-01-01"], "working": []}),
        "festival": notice_text().replace(f'"{NEXT}-10-01", ', ""),
        "weekday": notice_text(working=(monday,)),
    }
    file = tmp_path / "notice.yaml"
    file.write_text(texts[change], encoding="utf-8")
    refused = terminal.run("calendar", "update", str(file), "--lang", "en", code=1)
    assert said in refused.stderr
    assert not (Path(terminal.env["GUANKA_DATA_DIR"]) / "calendars").exists()


def test_a_year_known_otherwise_needs_a_word_and_keeps_the_earlier_text(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "notice.yaml"
    file.write_text(notice_text(), encoding="utf-8")
    terminal.run("calendar", "update", str(file), "--apply")
    file.write_text(notice_text(SPRING[0]), encoding="utf-8")
    assert str(SPRING[0]) in terminal.run("calendar", "update", str(file), "--apply", code=4).stderr
    terminal.run("calendar", "update", str(file), "--apply", "--replace")
    kept = Path(terminal.env["GUANKA_DATA_DIR"]) / "calendars" / "notices" / "cn"
    assert len(list((kept / "replaced").glob(f"{NEXT}-*.yaml"))) == 1
    assert SPRING[0] in read_notice("n", (kept / f"{NEXT}.yaml").read_bytes()).days


def test_a_notice_may_come_as_a_table(terminal: Terminal, tmp_path: Path) -> None:
    rows = "".join(f"{day},休,假日\n" for day in sorted(statutory("CN", NEXT)))
    file = tmp_path / "notice.csv"
    file.write_bytes(f"日期,类型,说明\n{rows}".encode("gb18030"))
    told = terminal.json("calendar", "update", str(file), "--number", "试2号", "--apply")
    assert (told["year"], told["off"]) == (NEXT, len(statutory("CN", NEXT)))
    assert terminal.json("calendar", "show", str(NEXT))["notice"]["number"] == "试2号"


def test_company_days_are_imported_after_a_try(terminal: Terminal, started: str, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["日期", "类型", "说明"],
        [SPRING[0], "休", "司庆"],
        [f"{NEXT}-03-02", "09:00-12:00", "半天"],
    ):
        sheet.append(row)
    book.save(tmp_path / "days.xlsx")
    before = due_of(terminal, started)
    tried = terminal.json("calendar", "import", str(tmp_path / "days.xlsx"))
    assert (tried["read"], tried["applied"], due_of(terminal, started)) == (2, False, before)
    terminal.run("calendar", "import", str(tmp_path / "days.xlsx"), "--apply")
    moved = SPRING[0].weekday() < 5
    assert (due_of(terminal, started) > before) is moved
    days = {day["day"]: day for day in terminal.json("calendar", "show", str(NEXT))["days"]}
    assert (days[str(SPRING[0])]["note"], days[f"{NEXT}-03-02"]["hours"]) == ("司庆", ["09:00-12:00"])


def test_every_faulty_row_of_a_table_is_told(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "days.csv"
    file.write_text(
        "date,type,note\n2027-03-01,off,x\n2027-3-1,off,y\nsoon,off,\n2027-03-02,maybe,\n", encoding="utf-8"
    )
    said = terminal.run("calendar", "import", str(file), "--lang", "en", code=1).stderr.splitlines()
    assert [line.partition(":")[0] for line in said] == ["row 3", "row 4", "row 5"]
    file.write_text("a,b\n", encoding="utf-8")
    assert (
        "the first row names the columns"
        in terminal.run("calendar", "import", str(file), "--lang", "en", code=2).stderr
    )
    (tmp_path / "days.xlsx").write_bytes(b"no workbook")
    assert (
        "no XLSX workbook"
        in terminal.run("calendar", "import", str(tmp_path / "days.xlsx"), "--lang", "en", code=2).stderr
    )


def test_a_sop_is_not_published_with_a_calendar_there_is_not(terminal: Terminal, tmp_path: Path) -> None:
    folder = Path(terminal.env["GUANKA_DATA_DIR"]) / "calendars"
    folder.mkdir()
    (folder / "duty.yaml").write_text("extends: cn\nweek: [sat, sun]\n", encoding="utf-8")
    file = tmp_path / "small.yaml"
    file.write_text(SOP.replace("owner: boss,", "owner: boss, calendar: dtuy,"), encoding="utf-8")
    refused = terminal.run("publish", str(file), "--as", "xuling", "--lang", "en", code=1).stderr
    assert refused.startswith(f"{file}:7:57: there is no calendar 'dtuy'; did you mean 'duty'?")
    file.write_text(SOP.replace("owner: boss,", "owner: boss, calendar: duty,"), encoding="utf-8")
    terminal.run("publish", str(file), "--as", "xuling")
    terminal.run("role", "boss", "chenjing", "--sop", "small", "--as", "xuling")
    case = terminal.json("start", "small", "周末值班", "--as", "xuling")["case"]
    due = datetime.fromisoformat(due_of(terminal, case))
    assert due.astimezone(ZoneInfo("Asia/Shanghai")).weekday() > 4


def test_a_backup_brings_calendars_and_notices_back(terminal: Terminal, tmp_path: Path) -> None:
    own = Path(terminal.env["GUANKA_DATA_DIR"]) / "calendars"
    kept = keep_notice(own, read_notice("notice.yaml", notice_text().encode()))
    (own / "duty.yaml").write_text("extends: cn\nweek: [sat, sun]\n", encoding="utf-8")
    terminal.run("backup", str(tmp_path / "all.tar"))
    kept.unlink()
    (own / "duty.yaml").unlink()
    terminal.run("restore", str(tmp_path / "all.tar"), "--replace")
    assert [one["id"] for one in terminal.json("calendar", "list")] == ["cn", "duty"]
    assert not terminal.json("calendar", "show", str(NEXT))["provisional"]


def test_a_person_has_a_calendar_of_their_own(terminal: Terminal) -> None:
    folder = Path(terminal.env["GUANKA_DATA_DIR"]) / "calendars"
    folder.mkdir()
    (folder / "london.yaml").write_text("extends: cn\nzone: Europe/London\n", encoding="utf-8")
    terminal.run("person", "add", "ann", "Ann", "--calendar", "london")
    refused = terminal.run("person", "add", "bob", "Bob", "--calendar", "londn", "--lang", "en", code=3)
    assert refused.stderr.startswith("there is no calendar 'londn'; did you mean 'london'?")
    ann = next(person for person in terminal.json("person", "list") if person["id"] == "ann")
    assert ann["calendar"] == "london"
