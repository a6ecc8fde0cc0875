"""A wording in a file: a line of subject, a blank line, sentences; and its mistakes at that file's lines."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.language import say
from cli.session import Exit, Failed, Session
from engine.text import Text

if TYPE_CHECKING:
    from engine.text import Language
    from notifications.wording_names import Kind
    from notifications.wording_tokens import Mistake
    from notifications.wordings import Wording

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help=say("种类.语言，例如 approval_requested.zh", "KIND.LANGUAGE: approval_requested.zh"),
    ),
]
File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help=say("第一行标题，空一行，然后正文", "a line of subject, a blank line, sentences")
    ),
]
NameOption = Annotated[
    str | None,
    typer.Option("--name", help=say("哪个模板；不写则按文件名", "which template; else the file's name says")),
]


def plain_mistakes(mistakes: "tuple[Mistake, ...]", top: tuple[int, int] = (1, 1)) -> list[dict[str, object]]:
    """`top`: the lines of the file where subject and body begin."""
    return [
        {
            "part": one.part,
            "line": one.place.line + (top[0] if one.part == "subject" else top[1]) - 1,
            "column": one.place.column,
            "message": {"zh": one.message.zh, "en": one.message.en},
        }
        for one in mistakes
    ]


def mistake_lines(
    session: Session, file: Path, mistakes: "tuple[Mistake, ...]", top: tuple[int, int]
) -> list[str]:
    lines = [one.place.line + (top[0] if one.part == "subject" else top[1]) - 1 for one in mistakes]
    return [
        f"{file}:{line}:{one.place.column}: {one.message.in_(session.language)}"
        for line, one in zip(lines, mistakes, strict=True)
    ]


def which(session: Session, file: Path, name: str | None) -> "tuple[Kind, Language]":
    from runtime.wordings import UnknownWording, named

    try:
        return named(name or file.name.removesuffix(".j2").removesuffix(".txt"), session.language)
    except UnknownWording as unknown:
        raise unknown if name else Failed(Exit.USAGE, _SAY_WHICH) from None


_SAY_WHICH = Text(
    "从文件名看不出是哪个模板；请用 --name 指明，例如 --name approval_requested.zh",
    "the file's name does not say which template it is; say --name, such as --name approval_requested.en",
)


def read_wording(file: Path) -> "tuple[Wording, tuple[int, int]]":
    """The words, and the lines where subject and body begin."""
    from cli.typed import read_bytes
    from notifications.wordings import cleaned, lines_of

    try:
        text = read_bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Failed(
            Exit.USAGE,
            Text(f"{file} 不是 UTF-8 文本；请另存为 UTF-8", f"{file} is no UTF-8 text; save it as UTF-8"),
        ) from None
    lines = lines_of(text)
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    body = next((n for n, line in enumerate(lines) if n > first and line.strip()), first + 1)
    return cleaned("\n".join(lines[first : first + 1]), "\n".join(lines[body:])), (first + 1, body + 1)


def sound(session: Session, file: Path, kind: "Kind", language: "Language") -> "Wording":
    from notifications.wording_check import mistakes_with_samples

    wording, top = read_wording(file)
    mistakes = mistakes_with_samples(kind, language, wording)
    if mistakes:
        raise refused(session, file, mistakes, top)
    return wording


def refused(session: Session, file: Path, mistakes: "tuple[Mistake, ...]", top: tuple[int, int]) -> Failed:
    lines = "\n".join(mistake_lines(session, file, mistakes, top))
    told = Text(
        f"{lines}\n什么也没有保存；guanka template names 列出可用的名称",
        f"{lines}\nnothing was kept; guanka template names lists what can be used",
    )
    return Failed(Exit.REFUSED, told, {"mistakes": plain_mistakes(mistakes, top)})
