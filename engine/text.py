"""Words people read, in Simplified Chinese and English."""

import errno
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, assert_never

Language = Literal["zh", "en"]
_SPACED: Final = re.compile(r"( ?)\{(\w+)\}( ?)")


@dataclass(frozen=True, slots=True)
class Text:
    """One wording in both languages; either may be empty, and the other then stands in for it."""

    zh: str
    en: str = ""

    def in_(self, language: Language) -> str:
        """The wording for `language`; the other language's when that one was left empty."""
        match language:
            case "zh":
                return self.zh or self.en
            case "en":
                return self.en or self.zh
            case _:
                assert_never(language)


def filled_zh(sentence: str, parts: Mapping[str, str]) -> str:
    """A Chinese sentence with its parts put in. A space beside {a part} stays only where the part begins or
    ends with a Latin letter or digit: 请的张伟收不到, but 请的 Bob Lee 收不到.
    """

    def put(found: re.Match[str]) -> str:
        part = parts[found[2]]
        before = found[1] if part[:1].isascii() else ""
        after = found[3] if part[-1:].isascii() else ""
        return f"{before}{part}{after}"

    return _SPACED.sub(put, sentence)


def why_not(fault: OSError) -> Text:
    """Why the system gave no file; in Chinese too for what happens to people."""
    said = fault.strerror or type(fault).__name__
    return Text(_NOT_GIVEN.get(fault.errno or 0, said), said)


_NOT_GIVEN: Final[Mapping[int, str]] = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "系统不允许",
    errno.EISDIR: "这是文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EEXIST: "已经存在",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "配额已用完",
    errno.EROFS: "磁盘只读",
    errno.ENAMETOOLONG: "名称太长",
    errno.ELOOP: "链接绕成了圈",
    errno.ETXTBSY: "文件正在使用",
    errno.EIO: "读写出错",
}
