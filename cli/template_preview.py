"""guanka template preview: messages of a sample as each channel shows them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.language import say
from cli.screen import Result, Screen
from cli.session import Session
from cli.template_files import Name, sound, which

if TYPE_CHECKING:
    from engine.text import Text
    from notifications.messages import Message
    from notifications.wordings import Wording

ChannelName = Literal["email", "mailbox", "dingtalk", "feishu", "wecom", "slack", "teams", "ntfy"]
Channel = Annotated[
    ChannelName | None, typer.Option("--channel", help=say("只看此渠道", "this channel only"))
]
Group = Annotated[bool, typer.Option("--group", help=say("群里看到的样子", "as a group reads it"))]


def preview(session: Session, name: Name, channel: Channel = None, group: Group = False) -> Result:
    """Of a file where NAME is one, else of what is sent now."""
    from notifications.samples import samples_of
    from runtime.wordings import OwnWordings, named

    file = Path(name)
    if file.is_file():
        kind, language = which(session, file, None)
        wording: Wording | None = sound(session, file, kind, language)
    else:
        with session.opened() as parts:
            one = OwnWordings(parts.store, parts.clock).one(*named(name, session.language))
        kind, language, wording = one.kind, one.language, one.own
    messages = [
        (sample.note, sample.message(language, personal=not group, wording=wording))
        for sample in samples_of(kind)
    ]
    channels: list[ChannelName] = [channel] if channel else list(_SET_OUT)
    data = [
        {"note": note, "subject": m.subject, "passed_over": m.passed_over}
        | {one: _SET_OUT[one](m) for one in channels}
        for note, m in messages
    ]
    return Result(data=data, show=lambda screen: _show_preview(screen, messages, channels))


def _show_preview(
    screen: Screen, messages: "list[tuple[Text, Message]]", channels: list[ChannelName]
) -> None:
    for note, message in messages:
        for channel in channels:
            about = note.in_(screen.language)
            screen.title(f"══ {channel}{f' · {about}' if about else ''} · {message.subject}")
            screen.line(_SET_OUT[channel](message))
            screen.line()
        if message.passed_over:
            screen.line(
                screen.say("公司的文字不适用，以上是系统默认", "the own wording does not fit; this is ours")
            )


def _card(name: str) -> "Callable[[Message], str]":
    def body(message: "Message") -> str:
        from notifications.dialects import card_for

        return card_for(name, message).body

    return body


_SET_OUT: "dict[ChannelName, Callable[[Message], str]]" = {
    "email": lambda message: message.html,
    "mailbox": lambda message: message.text,
    "dingtalk": _card("dingtalk"),
    "feishu": _card("feishu"),
    "wecom": _card("wecom"),
    "slack": _card("slack"),
    "teams": _card("teams"),
    "ntfy": _card("ntfy"),
}
