"""What every command has: language, who acts, how it answers, and one place where failures get exit codes."""

import getpass
import inspect
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli.language import chosen_language, say
from cli.screen import Result, complain, put
from engine.text import Language, Text
from runtime.settings import Settings, read_settings

if TYPE_CHECKING:
    from engine.case.commands import Command
    from engine.case.state import Actor
    from engine.ports import Answer
    from runtime.wiring import Parts


class Exit(IntEnum):
    """Promised to scripts."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    NOT_FOUND = 3
    CONFLICT = 4
    TROUBLE = 5


class Failed(Exception):
    """Ends a command with a sentence; `data` is what `--json` shows of it."""

    def __init__(self, code: Exit, message: Text, data: Any = None) -> None:
        super().__init__(message.en)
        self.code, self.message, self.data = code, message, data


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    language: Language
    json: bool
    person: str | None = None
    key: str | None = None

    @property
    def settings(self) -> Settings:
        return read_settings()

    def say(self, zh: str, en: str) -> str:
        return Text(zh, en).in_(self.language)

    @contextmanager
    def opened(self, *, links: bool = False) -> "Generator[Parts]":
        """The store as it is; where there is none yet, the sentence says how to make it. With `links`,
        those lead to the service that runs on these data.
        """
        from runtime.address import as_running
        from runtime.wiring import opened

        settings = as_running(self.settings, os.environ) if links else self.settings
        file = settings.database_file
        if file is not None and not file.exists():
            raise Failed(
                Exit.TROUBLE,
                Text(
                    f"这里还没有数据（{file}）；先运行 guanka up、guanka demo 或 guanka migrate，或用"
                    f" GUANKA_DATA_DIR 指明目录",
                    f"there are no data here yet ({file}); run guanka up, guanka demo or guanka migrate"
                    f" first,"
                    " or name the folder with GUANKA_DATA_DIR",
                ),
            )
        with opened(settings) as parts:
            yield parts

    @property
    def claimed(self) -> bool:
        """Whether somebody was named who acts."""
        return bool(self.person or self.settings.person)

    def actor(self) -> "Actor":
        """The person claimed on the command line, recorded with the user of the operating system."""
        from engine.case.state import Actor, Via
        from engine.ids import PersonId

        person = self.person or self.settings.person
        if person is None:
            raise Failed(Exit.USAGE, _WHO)
        return Actor(person=PersonId(person), via=Via.CLI, os_user=_os_user())

    def do(self, parts: "Parts", command: "Command") -> "Answer":
        """Through the one door. A refusal ends the command with its sentences and the exit code of its
        family.
        """
        from cli.refusals import refused

        answer = parts.service.handle(command, actor=self.actor(), key=self.key)
        if answer.refusal is not None:
            raise refused(answer.refusal, parts)
        return answer


_WHO = Text(
    "请说明以谁的身份操作：--as 人员编号，或设置 GUANKA_PERSON；guanka person list 列出人员",
    "say who acts: --as PERSON, or set GUANKA_PERSON; guanka person list shows the people",
)


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


JsonFlag = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON"))]
LangOption = Annotated[
    Literal["zh", "en"] | None, typer.Option("--lang", help=say("语言：zh 或 en", "language: zh or en"))
]
AsOption = Annotated[
    str | None, typer.Option("--as", metavar="PERSON", help=say("以谁的身份操作", "who acts"))
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key",
        help=say("幂等键：同一键同一命令只生效一次", "idempotency key: the same key and command count once"),
    ),
]


def command(
    app: typer.Typer,
    name: str,
    zh: str,
    en: str,
    *,
    acts: bool = False,
    hidden: bool = False,
    json_flag: bool = True,
    dashes: bool = False,
) -> Callable[[Callable[..., Result | None]], Callable[..., Result | None]]:
    """Declares a command. It takes the session first and gives back what to show; the options all have
    are added here. One that writes JSON to a file of its own goes without the `json_flag`. `dashes`: what
    begins with one and is no option is an argument, for the command itself to refuse.
    """

    def declare(function: Callable[..., Result | None]) -> Callable[..., Result | None]:
        settings = {"ignore_unknown_options": dashes}
        face = _faced(function, acts=acts, json_flag=json_flag)
        app.command(name, help=say(zh, en), hidden=hidden, context_settings=settings)(face)
        return function

    return declare


def _faced(function: Callable[..., Result | None], *, acts: bool, json_flag: bool) -> Callable[..., None]:
    def face(**given: Any) -> None:
        session = Session(
            language=given.pop("lang") or chosen_language(),
            json=given.pop("json") if json_flag else False,
            person=given.pop("as_", None),
            key=given.pop("key", None),
        )
        raise typer.Exit(run(session, lambda: function(session, **given)))

    own = list(inspect.signature(function).parameters.values())[1:]
    added: list[tuple[str, Any, Any]] = [("json", JsonFlag, False)] if json_flag else []
    added.append(("lang", LangOption, None))
    if acts:
        added += [("as_", AsOption, None), ("key", KeyOption, None)]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, kind, default in added
    ]
    keyword = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
    face.__signature__ = inspect.Signature([*keyword, *shared])
    face.__annotations__ = {p.name: p.annotation for p in [*keyword, *shared]}
    face.__doc__ = None
    return face


def run(session: Session, act: Callable[[], Result | None]) -> int:
    """The exit code; whatever went wrong on purpose is one sentence on standard error, and an object
    under `--json`.
    """
    try:
        result = act()
    except Failed as failed:
        complain(failed.message.in_(session.language))
        _put_failure(session, failed)
        return failed.code
    except (typer.Exit, typer.Abort):
        raise
    except KeyboardInterrupt:
        return 130
    except Exception as fault:
        failed = as_failure(fault)
        if failed is None:
            raise
        complain(failed.message.in_(session.language))
        _put_failure(session, failed)
        return failed.code
    if result is None:
        return Exit.OK
    put(result, session.language, as_json=session.json)
    return result.code


def _put_failure(session: Session, failed: Failed) -> None:
    if session.json:
        said = {"error": failed.code.name.lower(), "message": failed.message.in_(session.language)}
        data = failed.data if isinstance(failed.data, dict) else {}
        put(Result(data={**said, **data}, show=lambda _: None), session.language, as_json=True)


def as_failure(fault: Exception) -> Failed | None:
    """The sentence and exit code of what the engine raised on purpose; None for anything else, which is
    a fault of ours.
    """
    from engine.errors import GuankaError

    if not isinstance(fault, GuankaError):
        return None
    return Failed(_CODES.get(_family(fault), Exit.TROUBLE), fault.message)


def _family(fault: Exception) -> str:
    names = [kind.__name__ for kind in type(fault).__mro__]
    return next((name for name in names if name in _CODES), "")


_CODES = {
    "BrokenDefinition": Exit.REFUSED,
    "BadSetting": Exit.USAGE,
    "StaleCase": Exit.CONFLICT,
    "VersionMoved": Exit.CONFLICT,
    "KeyReused": Exit.CONFLICT,
    "AlreadyRunning": Exit.CONFLICT,
    "PortTaken": Exit.TROUBLE,
    "UnknownPerson": Exit.NOT_FOUND,
    "UnknownDefinition": Exit.NOT_FOUND,
    "StillOpen": Exit.REFUSED,
    "StandInRefused": Exit.REFUSED,
    "WhereaboutsRefused": Exit.USAGE,
    "FeedRefused": Exit.REFUSED,
    "NoSuchFeed": Exit.NOT_FOUND,
    "HandOverRefused": Exit.REFUSED,
    "NoSuchPeriod": Exit.NOT_FOUND,
    "NoRecord": Exit.USAGE,
    "AddressUnknown": Exit.USAGE,
    "NoSuchChannel": Exit.NOT_FOUND,
    "UnknownCalendar": Exit.NOT_FOUND,
    "CalendarFault": Exit.REFUSED,
    "BadQuestion": Exit.USAGE,
    "TableUnreadable": Exit.USAGE,
    "OutsideTime": Exit.USAGE,
    "UnknownWording": Exit.NOT_FOUND,
    "BrokenWording": Exit.REFUSED,
    "WordingMoved": Exit.CONFLICT,
    "PreferenceRefused": Exit.USAGE,
    "NoSuchGroup": Exit.NOT_FOUND,
    "NotBound": Exit.NOT_FOUND,
    "GroupRefused": Exit.USAGE,
    "NotAllowed": Exit.REFUSED,
}
