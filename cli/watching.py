"""`guanka watch`: one look at the sweep from outside it, for cron and for monitors."""

from typing import TYPE_CHECKING, Any

import typer

from cli.screen import Result, Screen
from cli.session import Exit, Session, command
from engine.text import Text

if TYPE_CHECKING:
    from runtime.pulse import Pulse


def declare(app: typer.Typer) -> None:
    command(
        app,
        "watch",
        "到期扫描是否正常；不正常则告警，退出码为 1（供 cron 与监控使用）",
        "Whether the sweep comes round; tells the operator and ends with 1 if not (for cron and monitors)",
    )(watch)


def watch(session: Session) -> Result:
    import logging

    from runtime.carrying import holder_name
    from runtime.operators import operator
    from runtime.watch import Watcher

    logging.getLogger("guanka.watch").addHandler(logging.NullHandler())  # the line below says it
    with session.opened() as parts:
        seen = Watcher(parts.store, operator(parts.settings), holder=holder_name()).look()
    said = _said(seen)

    def show(screen: Screen) -> None:
        screen.line(said.in_(screen.language), style="" if seen is not None and seen.well else "red")

    well = seen is not None and seen.well
    return Result(data=_data(seen), show=show, code=Exit.OK if well else Exit.REFUSED)


def _data(seen: "Pulse | None") -> dict[str, Any]:
    if seen is None:
        return {"status": "no_database"}
    seconds = int(seen.silent.total_seconds())
    return {"status": seen.rhythm.value, "last_sweep": seen.last, "silent_seconds": seconds}


def _said(seen: "Pulse | None") -> Text:
    from runtime.pulse import said

    if seen is None:
        return Text("数据库无法访问", "the database cannot be reached")
    what = said(seen)
    return Text(f"到期扫描：{what.zh}", f"the sweep: {what.en}")
