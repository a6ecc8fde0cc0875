"""What does not fit in a request to the API, one sentence for each value, in both languages."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi.exceptions import RequestValidationError

from engine.text import Text

MOST: Final = 20
_OTHER: Final = "这个值不合要求"
_INSTANTS: Final = (
    "datetime_type",
    "datetime_parsing",
    "datetime_object_invalid",
    "datetime_from_date_parsing",
)
_AS: Final = "; write an instant such as 2026-03-31T02:00Z, or a day"
CHINESE: Final[Mapping[str, str]] = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项，请去掉",
    "json_invalid": "不是有效的 JSON",
    "string_type": "应为文本",
    "string_too_short": "至少 {min_length} 字",
    "string_too_long": "最多 {max_length} 字",
    "string_pattern_mismatch": "格式不符",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_parsing_size": "整数过大",
    "int_from_float": "应为整数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不得大于 {le}",
    "enum": "只能是 {expected}",
    "literal_error": "只能是 {expected}",
    "date_type": "日期请写成 2026-03-31 的形式",
    "date_parsing": "日期请写成 2026-03-31 的形式",
    "date_from_datetime_parsing": "日期请写成 2026-03-31 的形式",
    "date_from_datetime_inexact": "只写日期，不带时刻",
    **dict.fromkeys(_INSTANTS, "时刻请写成 2026-03-31T02:00Z 的形式，也可只写日期"),
}
"""By pydantic's name of the fault; the placeholders are those of its context."""


def faults_of(error: RequestValidationError) -> list[dict[str, str]]:
    """The first faults: `where` (path of the value), `fault` in English, `fault_zh` in Chinese."""
    return [
        {"where": ".".join(map(str, one["loc"])), "fault": _english(one), "fault_zh": _chinese(one)}
        for one in error.errors()[:MOST]
    ]


def sentence(faults: list[dict[str, str]]) -> Text:
    """The first fault, as what the whole request is refused for."""
    first = faults[0] if faults else {"where": "", "fault": "", "fault_zh": _OTHER}
    return Text(
        f"请求不合规：{first['where']}：{first['fault_zh']}",
        f"the request does not fit: {first['where']}: {first['fault']}",
    )


def _english(fault: Mapping[str, Any]) -> str:
    """Pydantic's own words; of an instant it does not say how one is written."""
    return f"{fault['msg']}{_AS}" if fault["type"] in _INSTANTS else str(fault["msg"])


def _chinese(fault: Mapping[str, Any]) -> str:
    parts = dict(fault.get("ctx") or {})
    if "expected" in parts:  # pydantic's words: 'a', 'b' or 'c'
        parts["expected"] = str(parts["expected"]).replace(", ", "、").replace(" or ", "、")
    return CHINESE.get(fault["type"], _OTHER).format_map(parts)
