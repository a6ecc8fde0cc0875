"""Questions to a calendar and their answers, with the days skipped and why."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.errors import GuankaError
from runtime.calendar_health import health
from runtime.calendar_questions import Ask, Question, answered, as_data, instant, question_of
from runtime.calendars import Calendars
from runtime.public_holidays import chinese_notices

CALENDARS = Calendars()
LAST = chinese_notices().last


def test_an_answer_names_the_days_skipped_and_those_worked_after_all() -> None:
    answer = answered(Question(ask="due", at="2026-02-13 10:00", duration="3 wd"), CALENDARS)
    data = as_data(answer)
    assert (data["due"], data["provisional"]) == ("2026-02-25T18:00:00+08:00", False)
    spring = {"from": date(2026, 2, 15), "to": date(2026, 2, 23), "why": "春节", "why_en": "Spring Festival"}
    assert [{k: v for k, v in each.items() if k != "source"} for each in data["skipped"]] == [spring]
    assert [(each["day"], each["why"]) for each in data["worked"]] == [(date(2026, 2, 14), "春节调休上班")]


def test_beyond_the_official_days_an_answer_is_provisional_and_says_by_rule() -> None:
    answer = answered(Question(ask="due", at=f"{LAST.year}-12-28 10:00", duration="10 wd"), CALENDARS)
    assert answer.provisional
    assert {each.why.source.value for each in answer.skipped} == {"estimate", "week"}


@pytest.mark.parametrize(
    ("ask", "second", "told"),
    [
        ("before", "2 wd", "2026-03-05T18:00:00+08:00"),
        ("due", "90 min", "2026-03-09T11:30:00+08:00"),
        ("due", "1 d", "2026-03-10T10:00:00+08:00"),
    ],
)
def test_other_units_and_the_way_back(ask: Ask, second: str, told: str) -> None:
    answer = as_data(answered(Question(ask=ask, at="2026-03-09 10:00", duration=second), CALENDARS))
    assert answer["due"] == told


def test_between_counts_working_days_and_time_both_ways() -> None:
    there = answered(Question(ask="between", at="2026-03-06 17:00", until="2026-03-09 10:30"), CALENDARS)
    back = answered(Question(ask="between", at="2026-03-09 10:30", until="2026-03-06 17:00"), CALENDARS)
    assert (there.working_days, there.working_time) == (1, timedelta(hours=2, minutes=30))
    assert (back.working_days, back.working_time) == (-1, timedelta(hours=-2, minutes=-30))
    assert [each.why.note.en for each in there.skipped] == ["weekend"]


@pytest.mark.parametrize(
    ("text", "zone", "at"),
    [
        ("2026-03-02", "Asia/Shanghai", datetime(2026, 3, 1, 16, tzinfo=UTC)),
        ("2026-03-02T10:00Z", "Asia/Shanghai", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("2026-03-02 10:00+0800", "Europe/Berlin", datetime(2026, 3, 2, 2, tzinfo=UTC)),
        ("2026-03-29 02:30", "Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("2026-10-25 02:30", "Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_as_the_calendars_clocks_show_it(text: str, zone: str, at: datetime) -> None:
    assert instant(text, zone) == at


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("x", "every line is a JSON object"),
        ('{"at": "2026-03-02"}', "duration is missing"),
        ('{"ask": "between", "at": "2026-03-02"}', "until is missing"),
        ('{"at": "2026-03-02", "duration": "3 wd", "when": 1}', "unknown key 'when'"),
        ('{"ask": "after", "at": "2026-03-02", "duration": "3 wd"}', "ask is 'after'; write one of due"),
        ('{"at": "soon", "duration": "3 wd"}', "'soon' is not an instant"),
        ('{"at": "2026-13-02", "duration": "3 wd"}', "'2026-13-02' is not an instant"),
        ('{"at": "2026-03-02", "duration": "3"}', "'3' is not a duration"),
        ('{"at": "2026-03-02", "duration": "10001 wd"}', "'10001 wd' is not a duration"),
        ('{"at": "9999-12-30", "duration": "300 wd"}', "300 wd from 9999-12-"),
        ('{"at": "2026-03-02", "duration": "1 wd", "calendar": "mars"}', "there is no calendar 'mars'"),
    ],
)
def test_a_line_that_cannot_be_answered_says_why(line: str, fault: str) -> None:
    with pytest.raises(GuankaError) as caught:
        answered(question_of(line, "due", "cn"), CALENDARS)
    assert caught.value.message.en.startswith(fault)
    assert caught.value.message.zh


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(LAST.year, 10, 31), "ok"),
        (date(LAST.year, 11, 1), "warning"),
        (date(LAST.year + 1, 1, 2), "warning"),
    ],
)
def test_from_november_on_the_missing_year_is_a_warning(day: date, state: str) -> None:
    now = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    found = list(health(CALENDARS, now, "Asia/Shanghai"))
    assert [(each.calendar, each.state) for each in found] == [("cn", state)]
    assert state == "ok" or "guanka calendar update" in found[0].said.en


def test_a_file_that_cannot_be_used_is_a_fault_of_the_calendars_health(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("extends: cn\nzone: Mars\n", encoding="utf-8")
    now = datetime(LAST.year, 5, 1, tzinfo=UTC)
    states = {each.calendar: each.state for each in health(Calendars(tmp_path), now, "Asia/Shanghai")}
    assert states == {"cn": "ok", "own": "fault"}
