import pytest
from pydantic import BaseModel, ValidationError

from engine.definition.durations import Duration, Unit, parse_duration


class Stage(BaseModel):
    due: Duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 wd", Duration(3, Unit.WORKING_DAYS)),
        ("3wd", Duration(3, Unit.WORKING_DAYS)),
        ("  8   wh ", Duration(8, Unit.WORKING_HOURS)),
        ("2 d", Duration(2, Unit.DAYS)),
        ("4h", Duration(4, Unit.HOURS)),
        ("90 min", Duration(90, Unit.MINUTES)),
        ("0 d", Duration(0, Unit.DAYS)),
        ("10000 min", Duration(10_000, Unit.MINUTES)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, expected: Duration) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text", ["", "wd", "3", "3.5 h", "-1 d", "3 wd 2 h", "three wd", "\u00b3 d", "\u0663 d", "3\n4 d"]
)
def test_what_is_not_a_duration_is_refused_with_the_units_named(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration; write a whole number and a unit: wd"):
        parse_duration(text)


def test_an_unknown_unit_is_named_beside_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'3 weeks' has an unknown unit 'weeks'; .*wd.*wh.* d .*h .*min"):
        parse_duration("3 weeks")


def test_more_than_ten_thousand_is_out_of_range() -> None:
    with pytest.raises(ValueError, match=r"^'10001 wd' is out of range; give 0 to 10000 wd$"):
        parse_duration("10001 wd")


def test_a_duration_cannot_be_negative() -> None:
    with pytest.raises(ValueError, match=r"^-1 d is out of range; give 0 to 10000$"):
        Duration(-1, Unit.DAYS)


@pytest.mark.parametrize("unit", list(Unit))
def test_a_written_duration_reads_back_as_itself(unit: Unit) -> None:
    assert parse_duration(str(Duration(3, unit))) == Duration(3, unit)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("3 wd", "3 个工作日", "3 working days"),
        ("1 wh", "1 个工作小时", "1 working hour"),
        ("1 d", "1 天", "1 day"),
        ("0 h", "0 小时", "0 hours"),
        ("90 min", "90 分钟", "90 minutes"),
    ],
)
def test_people_read_the_unit_in_words(text: str, zh: str, en: str) -> None:
    duration = parse_duration(text)
    assert (duration.title("zh"), duration.title("en")) == (zh, en)


def test_a_model_field_reads_and_writes_the_short_form() -> None:
    stage = Stage.model_validate({"due": "3wd"})
    assert stage == Stage(due=Duration(3, Unit.WORKING_DAYS))
    assert stage.model_dump(mode="json") == {"due": "3 wd"}
    assert Stage.model_validate_json(stage.model_dump_json()) == stage


@pytest.mark.parametrize("given", [3, None, {"amount": 3, "unit": "wd"}, "soon"])
def test_a_model_field_refuses_anything_else(given: object) -> None:
    with pytest.raises(ValidationError):
        Stage.model_validate({"due": given})


def test_editors_learn_the_form_from_the_schema() -> None:
    assert Stage.model_json_schema()["properties"]["due"] == {
        "examples": ["3 wd", "90 min"],
        "pattern": r"^\s*[0-9]{1,5}\s*(wd|wh|d|h|min)\s*$",
        "title": "Due",
        "type": "string",
    }
