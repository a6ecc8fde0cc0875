"""`guanka`: the way in for people at a terminal and for scripts. Every command loads only what it needs."""

import sys

import typer

from cli import cases, company, library, look, operate, signing, work
from cli.language import chosen_language, say
from cli.screen import complain
from cli.session import Exit
from engine.text import Text

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
for part in (operate, library, cases, work, signing, look, company):
    part.declare(app)


def main() -> None:
    """The console script. Misuse is one sentence and exit code 2; what nobody foresaw, one sentence and a log line."""
    import click

    try:
        code = app(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as shown:
        print(shown.format_message())
        code = Exit.USAGE
    except click.UsageError as fault:
        complain(_misused(fault))
        code = Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except BrokenPipeError:
        sys.stderr.close()
        code = 141
    sys.exit(code if isinstance(code, int) else 0)


def _misused(fault: "object") -> str:
    import click

    assert isinstance(fault, click.UsageError)
    path = fault.ctx.command_path if fault.ctx else "guanka"
    said = fault.format_message()
    return Text(f"用法不对：{said}（帮助：{path} --help）", f"{said} (help: {path} --help)").in_(
        chosen_language()
    )


if __name__ == "__main__":
    main()
