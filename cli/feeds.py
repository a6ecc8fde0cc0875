"""Commands on calendar feeds: an address for a calendar to subscribe to, and the end of one."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.language import say
from cli.screen import Result, Screen
from cli.session import Session, command
from engine.text import Text

if TYPE_CHECKING:
    from engine.store.feeds import Feed
    from runtime.feeds import FeedDesk
    from runtime.wiring import Parts


def declare(app: typer.Typer) -> None:
    group = typer.Typer(
        help=say("日历订阅：我的期限、案例的里程碑", "Calendar feeds: my deadlines, a case's milestones"),
        no_args_is_help=True,
    )
    command(group, "add", "生成一个日历地址", "Make an address for a calendar", acts=True)(add)
    command(group, "list", "列出我的日历地址", "List my addresses", acts=True)(listed)
    command(group, "end", "停用一个日历地址", "End an address", acts=True)(end)
    app.add_typer(group, name="feed")


def add(
    session: Session,
    case: Annotated[
        str | None,
        typer.Option("--case", metavar="CASE", help=say("只含此案例", "milestones and dates of this case")),
    ] = None,
) -> Result:
    """The address is shown this once: only a hash of it is kept."""
    from cli.lookup import find_case
    from runtime.feeds import PATH

    with session.opened(links=True) as parts:
        case_id = None if case is None else find_case(session, parts, case).case.id
        feed, token = _desk(parts).give(session.actor().person, key=parts.ids.token(), case_id=case_id)
        address = parts.settings.public_url.rstrip("/") + PATH.format(token=token)

    def shown(screen: Screen) -> None:
        screen.line(address)
        screen.line(
            screen.say(
                "请在日历中订阅此地址；地址只显示这一次，持有者即可读取",
                "subscribe to this in a calendar; it is shown this once, and whoever has it can read it",
            )
        )

    return Result(data={**_row(feed, ""), "address": address}, show=shown)


def listed(session: Session) -> Result:
    from cli.lookup import Names

    with session.opened() as parts:
        names = Names(parts, session.language)
        found = parts.store.feeds.of(session.actor().person, epoch=parts.keys.epoch)
        rows = [_row(feed, title) for feed, title in found]
        everything = session.say("我的全部期限", "all my dates")
        lines = [[r["id"], r["title"] or everything, names.instant(r["made_at"])] for r in rows]

    def shown(screen: Screen) -> None:
        if not rows:
            screen.line(screen.say("没有日历地址；guanka feed add 可生成", "none; make one: guanka feed add"))
            return
        heads = [screen.say(*h) for h in (("编号", "id"), ("内容", "of"), ("始于", "since"))]
        screen.table(heads, lines)

    return Result(data=rows, show=shown)


def end(
    session: Session,
    feed: Annotated[str, typer.Argument(metavar="ID", help=say("地址的编号", "the address's id"))],
) -> Result:
    with session.opened() as parts:
        _desk(parts).end(feed, person=session.actor().person)
    told = Text("地址已停用", "ended")
    return Result(data={"id": feed}, show=lambda screen: screen.line(told.in_(screen.language)))


def _desk(parts: "Parts") -> "FeedDesk":
    from runtime.feeds import FeedDesk

    return FeedDesk(store=parts.store, clock=parts.clock, epoch=parts.keys.epoch)


def _row(feed: "Feed", title: str) -> dict[str, Any]:
    return {"id": feed.id, "case": feed.case_id, "title": title, "made_at": feed.made_at}
