"""What the YAML parser stumbles over, said so that an SOP author can mend it."""

import re
from typing import Any, Final

from engine.definition.findings import Place
from engine.text import Text

# YAML's printable set (1.2, section 5.1); a byte order mark inside is an accident of joining files.
_FORBIDDEN: Final = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_FULL_WIDTH: Final = re.compile("[：，［］｛｝“”‘’＃]")
_FULL_WIDTH_KEY: Final = re.compile(r"\s*[a-z_]+：")
_NEW_LINE: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")

# Words of the parser's problem, what to say instead. The first that fits is taken.
_SAYINGS: Final[tuple[tuple[str, Text], ...]] = (
    (
        "mapping values are not allowed",
        Text(
            "这里不能有 ': '；文字里含冒号加空格时请加引号，并检查上一行",
            "': ' cannot stand here; put a text that contains it in quotes, and look at the line above",
        ),
    ),
    (
        "could not find expected ':'",
        Text("这个键后面缺少 ': '", "the key here lacks its ': '"),
    ),
    (
        "while scanning a quoted scalar found unexpected end",
        Text("这里开始的引号没有结束；请补上", "the quote that opens here is never closed; close it"),
    ),
    (
        "while parsing a flow mapping",
        Text(
            "这里开始的 { 没有写好；请检查逗号和结尾的 }",
            "the { that opens here is not well formed; look at its commas and its closing }",
        ),
    ),
    (
        "while parsing a flow sequence",
        Text(
            "这里开始的 [ 没有写好；请检查逗号和结尾的 ]",
            "the [ that opens here is not well formed; look at its commas and its closing ]",
        ),
    ),
    (
        "while parsing a flow node",
        Text("括号没有结束；请补上 ] 或 }", "a bracket is never closed; add its ] or }"),
    ),
    (
        "did not find expected '-' indicator",
        Text(
            "这一行与上面的列表没有对齐；列表项请以 '- ' 开头",
            "this line does not line up with the list above; begin an item with '- '",
        ),
    ),
    (
        "did not find expected key",
        Text(
            "这一行没有对齐，或引号后面还有多余文字；请检查缩进和引号",
            "this line does not line up, or text follows a closing quote; look at its indentation and quotes",
        ),
    ),
    (
        "expected <document start>",
        Text(
            "文件应在此结束，后面却还有内容；请检查缩进和括号",
            "the file should end here, but more follows; look at indentation and brackets",
        ),
    ),
    (
        "cannot start any token",
        Text(
            "文字不能以这个字符开头；请给文字加引号",
            "a text cannot begin with this character; put the text in quotes",
        ),
    ),
    (
        "block sequence entries are not allowed",
        Text(
            "'- ' 不能写在这里；请另起一行并缩进",
            "'- ' cannot stand here; put it on a line of its own, indented",
        ),
    ),
    (
        "unknown escape character",
        Text(
            "双引号里的 \\ 用法不对；请改用单引号",
            "this \\ means nothing within double quotes; use single quotes",
        ),
    ),
    (
        "tag",
        Text(
            "SOP 文件里不能用标签（!）；请给文字加引号",
            "an SOP file may hold no tag (!); put the text in quotes",
        ),
    ),
    (
        "directive",
        Text("SOP 文件里不能用 % 指令；请删去这一行", "an SOP file may hold no % directive; delete the line"),
    ),
)
_OTHERWISE: Final = Text(
    "从这里起无法读懂；请检查引号、括号和缩进",
    "the file cannot be read from here on; look at quotes, brackets and indentation",
)
_TAB: Final = Text("缩进里有制表符；请改用空格", "a tab stands in the indentation; use spaces instead")
# The place where something was opened helps more than the place where the parser gave up.
_OPENED: Final = (
    "while scanning a quoted scalar",
    "while parsing a flow mapping",
    "while parsing a flow sequence",
)


def forbidden_character(text: str) -> tuple[Place, Text] | None:
    found = _FORBIDDEN.search(text)
    if found is None:
        return None
    lines = _NEW_LINE.split(text[: found.start()])
    code = f"U+{ord(found[0]):04X}"
    return Place(len(lines), len(lines[-1]) + 1), Text(
        f"有不可见字符 {code}；请删去", f"an invisible character {code} stands here; delete it"
    )


def yaml_fault(error: Exception, text: str) -> tuple[Place, Text]:
    """Where the parser failed, and one sentence; nothing of its own wording is passed on."""
    problem = f"{getattr(error, 'context', None) or ''} {getattr(error, 'problem', None) or ''}"
    opened = any(problem.startswith(words) for words in _OPENED)
    mark: Any = getattr(error, "context_mark" if opened else "problem_mark", None)
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    lines = _NEW_LINE.split(text)
    reached: Any = getattr(error, "problem_mark", None) or mark
    line = lines[reached.line] if reached and reached.line < len(lines) else ""
    above = lines[reached.line - 1] if reached and 0 < reached.line <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return Place(reached.line + 1, line.index("\t") + 1), _TAB
    said = next((saying for words, saying in _SAYINGS if words in problem), _OTHERWISE)
    return place, _with_width(said, line, above)


def _with_width(said: Text, line: str, above: str) -> Text:
    """A Chinese input method writes full-width signs, which look right and mean nothing to YAML."""
    wide = _FULL_WIDTH.search(line) or _FULL_WIDTH_KEY.match(above)
    if wide is None:
        return said
    return Text(
        f"{said.zh}（附近有全角符号 {wide[0].strip()[-1]}，YAML 只认半角）",
        f"{said.en} (a full-width {wide[0].strip()[-1]} stands near; YAML only knows the half-width one)",
    )
