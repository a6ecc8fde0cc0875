"""`guanka preferences PERSON`: how somebody wants to be told; shown, and changed by what is given."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.language import say
from cli.screen import Result, Screen
from cli.session import Session, command
from engine.ids import PersonId
from engine.text import Text

if TYPE_CHECKING:
    from engine.delivering import Preferences

Choice = Annotated[str | None, typer.Option(metavar="now|digest|off")]
GROUPS: Final = {
    "sign_off": Text("请审批的消息", "requests to sign"),
    "deadlines": Text("我的时限", "my deadlines"),
    "escalations": Text("上报", "escalations"),
    "news": Text("动态", "news"),
}
MANNERS: Final = {
    "now": Text("随时发", "as they come"),
    "digest": Text("合为摘要", "in a digest"),
    "off": Text("只在信箱", "in the mailbox only"),
}


def declare(app: typer.Typer) -> None:
    command(
        app,
        "preferences",
        "某人希望怎样收到消息：查看，或用选项更改",
        "How somebody wants to be told: look, or change with options",
        acts=True,
    )(preferences)


def preferences(
    session: Session,
    person: Annotated[str, typer.Argument(metavar="PERSON", help=say("人员编号", "whose"))],
    sign_off: Choice = None,
    deadlines: Choice = None,
    escalations: Choice = None,
    news: Choice = None,
    channels: Annotated[
        str | None,
        typer.Option("--channels", help=say("渠道顺序，逗号分隔；- 为默认", "order, by commas; - for none")),
    ] = None,
    everywhere: Annotated[
        bool | None,
        typer.Option("--everywhere/--one-channel", help=say("同时发到所有渠道", "to all channels at once")),
    ] = None,
    digest_at: Annotated[
        str | None,
        typer.Option("--digest-at", help=say("摘要的钟点，如 9,16；或 hourly", "hours, as 9,16; or hourly")),
    ] = None,
    per_hour: Annotated[
        int | None,
        typer.Option("--per-hour", min=0, max=1000, help=say("每小时上限；0 为公司默认", "0: the company's")),
    ] = None,
    quiet: Annotated[
        bool | None,
        typer.Option("--quiet/--any-time", help=say("下班后只收紧急的", "off work only what is urgent")),
    ] = None,
    morning: Annotated[
        bool | None,
        typer.Option("--morning/--no-morning", help=say("工作日早上的待办清单", "the morning's list")),
    ] = None,
) -> Result:
    from runtime.allowed import refuse_others
    from runtime.preferring import Wish, changed, channels_of

    groups = {"sign_off": sign_off, "deadlines": deadlines, "escalations": escalations, "news": news}
    wish = Wish(
        manners={name: manner for name, manner in groups.items() if manner is not None},
        channels=channels,
        everywhere=everywhere,
        digest_at=digest_at,
        per_hour=per_hour,
        quiet=quiet,
        morning=morning,
    )
    with session.opened() as parts:
        known = parts.store.people.get(PersonId(person))
        before = parts.store.preferences.of(PersonId(person))
        after = changed(before, wish, has=channels_of(known))
        if after != before:
            if session.claimed:  # else it is the operator at this machine
                refuse_others(parts.store, known.id, by=session.actor().person)
            parts.store.preferences.put(PersonId(person), after)
        company = parts.settings.messages_per_hour

    def shown(screen: Screen) -> None:
        for line in _lines(screen, after, company):
            screen.line(line)

    return Result(data=told(person, after), show=shown)


def told(person: str, chosen: "Preferences") -> dict[str, object]:
    from engine.outbox import MessageGroup

    return {
        "person": person,
        **{group.value: chosen.manner(group).value for group in MessageGroup},
        "channels": list(chosen.channels),
        "everywhere": chosen.everywhere,
        "digest_at": list(chosen.digest_hours) or "hourly",
        "per_hour": chosen.per_hour,
        "quiet": chosen.quiet,
        "morning": chosen.morning,
    }


def _lines(screen: Screen, chosen: "Preferences", company: int) -> "list[str]":
    from engine.outbox import MessageGroup

    manners = [
        screen.pair(
            GROUPS[group.value].in_(screen.language), MANNERS[chosen.manner(group).value].in_(screen.language)
        )
        for group in MessageGroup
    ]
    hours = ", ".join(f"{hour}:00" for hour in chosen.digest_hours)
    yes, no = screen.say("是", "yes"), screen.say("否", "no")
    per_hour = str(chosen.per_hour or f"{company} ({screen.say('公司默认', 'the company’s')})")
    return [
        *manners,
        screen.pair(
            screen.say("渠道顺序", "channels"),
            ", ".join(chosen.channels) or screen.say("默认", "as they are"),
        ),
        screen.pair(screen.say("同时发到所有渠道", "all channels at once"), yes if chosen.everywhere else no),
        screen.pair(screen.say("摘要", "digest at"), hours or screen.say("每小时", "every hour")),
        screen.pair(screen.say("每小时上限", "messages an hour"), per_hour),
        screen.pair(
            screen.say("下班后只收紧急的", "off work only what is urgent"), yes if chosen.quiet else no
        ),
        screen.pair(screen.say("早上的待办清单", "the morning’s list"), yes if chosen.morning else no),
    ]
