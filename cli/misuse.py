"""What the parser of the command line says of a misuse, in Chinese; English is its own."""

import re
from typing import Final

_SAYINGS: Final = (
    (r"Missing argument '([^']*)'\.?(.*)", r"缺少参数 \1\2"),
    (r"Missing option (.*?)\.?", r"缺少选项 \1"),
    (r"No such option: (\S+) \(Possible options: (.*)\)", r"没有选项 \1（相近的：\2）"),
    (r"No such option: (\S+?)\.?", r"没有选项 \1"),
    (r"No such option: (\S+) Did you mean (\S+)\?", r"没有选项 \1；是否要写 \2？"),
    (r"No such command '([^']*)'\. Did you mean (.*)\?", r"没有命令 \1；是否要写 \2？"),
    (r"No such command '([^']*)'\.?", r"没有命令 \1"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", r"多余的参数：\1"),
    (r"Option '?(.*?)'? requires an argument\.?", r"选项 \1 后面要写值"),
    (r"Option '?(.*?)'? does not take a value\.?", r"选项 \1 后面不能写值"),
    (r"Missing command\.?", r"缺少命令"),
)
_INVALID: Final = re.compile(r"Invalid value for (.*?): (.*)", re.DOTALL)
_VALUES: Final = (
    (r"Input should be a valid integer.*", r"要写整数"),
    (r"Input should be a valid number.*", r"要写数字"),
    (r"Input should be greater than or equal to (.*)", r"不能小于 \1"),
    (r"Input should be less than or equal to (.*)", r"不能大于 \1"),
    (r"(?:Value error, )?'(.*)' is not one of (.*?)\.?", r"“\1”不在可选值 \2 之中"),
)


def in_chinese(said: str) -> str:
    """As it is where it is none of the common sentences."""
    invalid = _INVALID.fullmatch(said)
    if invalid:
        return f"{invalid[1]} 的值不对：{_told(_VALUES, invalid[2])}"
    return _told(_SAYINGS, said)


def _told(sayings: tuple[tuple[str, str], ...], said: str) -> str:
    for pattern, chinese in sayings:
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found:
            return found.expand(chinese)
    return said
