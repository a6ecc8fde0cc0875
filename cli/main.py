"""`guanka`: the way in for people at a terminal and for scripts. Every command loads only what it needs."""

import os
import sys
from typing import Any, Final

import typer

from cli import (
    absences,
    around,
    calendars,
    cases,
    channels,
    clocks,
    company,
    contacts,
    erasing,
    feeds,
    library,
    link_keys,
    look,
    messages,
    operate,
    preferences,
    record,
    signing,
    templates,
    watching,
    work,
)
from cli.language import chosen_language, say
from cli.misuse import in_chinese
from cli.screen import complain, write
from cli.session import Exit
from engine.text import Text

INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141

app = typer.Typer(
    name="guanka",
    help=say(
        "关卡：营销流程与销售项目，一关一关往前走。",
        "Guanka: marketing SOPs and sales projects, stage by stage.",
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
PARTS = (
    operate,
    watching,
    library,
    cases,
    clocks,
    work,
    signing,
    around,
    look,
    messages,
    preferences,
    company,
    contacts,
    record,
    absences,
    calendars,
    channels,
    erasing,
    feeds,
    link_keys,
    templates,
)
for part in PARTS:
    part.declare(app)


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        write(f"guanka {version('guanka')}")
        raise typer.Exit


_VERSION: Any = typer.Option(
    False, "--version", is_eager=True, callback=_tell_version, help=say("显示版本号", "Show the version.")
)


@app.callback()
def _whole(version: bool = _VERSION) -> None:
    """Before any command."""


UsageError: type[Exception] = typer.BadParameter.__mro__[
    1
]  # wherever Typer takes it from: its own Click, or Click


def main() -> None:
    """The console script. Misuse is one sentence and exit code 2; no trace ever reaches the terminal."""
    try:
        code: object = app(prog_name="guanka", standalone_mode=False)
    except UsageError as fault:
        code = _misused(fault)
    except (typer.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except BrokenPipeError:
        # Whoever read us has gone; the interpreter would complain about it once more while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = BROKEN_PIPE
    except Exception as fault:  # noqa: BLE001 - a fault of ours is told as one, and kept for whoever mends it
        code = _fault_of_ours(fault)
    sys.exit(code if isinstance(code, int) else 0)


def _misused(fault: Any) -> Exit:
    """A group called without its command shows its help instead."""
    if type(fault).__name__ == "NoArgsIsHelpError":
        write(fault.format_message())
        return Exit.USAGE
    path = fault.ctx.command_path if fault.ctx else "guanka"
    said = fault.format_message()
    told = Text(f"用法不对：{in_chinese(said)}（帮助：{path} --help）", f"{said} (help: {path} --help)")
    complain(told.in_(chosen_language()))
    return Exit.USAGE


def _fault_of_ours(fault: Exception) -> Exit:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="guanka-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exception(fault, file=file)
    kind = type(fault).__name__
    told = Text(
        f"程序内部错误（{kind}），什么也没有保存；请把 {file.name} 交给开发者",
        f"an internal error ({kind}), nothing was saved; please give {file.name} to the developers",
    )
    complain(told.in_(chosen_language()))
    return Exit.TROUBLE


if __name__ == "__main__":
    main()
