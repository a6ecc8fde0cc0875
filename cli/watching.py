"""`guanka watch`: one look at the sweep from outside it, for cron and for monitors."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.language import say
from cli.screen import Result, Screen
from cli.session import Exit, Failed, Session, command
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


Test = Annotated[
    bool, typer.Option("--test", help=say("只发一条试发告警到 GUANKA_ALERT_URL", "only try GUANKA_ALERT_URL"))
]


def watch(session: Session, test: Test = False) -> Result:
    import logging

    from runtime.carrying import holder_name
    from runtime.operators import operator
    from runtime.watch import Watcher

    logging.getLogger("guanka.watch").addHandler(logging.NullHandler())  # the line below says it
    if test:
        return _tried(session)
    with session.opened() as parts:
        seen = Watcher(parts.store, operator(parts.settings), holder=holder_name()).look()
    said = _said(seen)

    def show(screen: Screen) -> None:
        screen.line(said.in_(screen.language), style="" if seen is not None and seen.well else "red")

    well = seen is not None and seen.well
    return Result(data=_data(seen), show=show, code=Exit.OK if well else Exit.REFUSED)


def _tried(session: Session) -> Result:
    """Without the database: it may be what has failed when an alarm is due."""
    from notifications.channels import SendState
    from notifications.recognising import recognised
    from notifications.remedies import remedy
    from runtime.operators import operator

    to = operator(session.settings)
    if to.url is None:
        raise Failed(Exit.USAGE, _NO_ADDRESS)
    result = to.sent(_TRY, to.url)
    mend = remedy(recognised(to.url, frozenset({"any"})).kind, result.code, result.detail)
    taken = result.state is SendState.SENT
    said = _TAKEN if taken else _not_taken(result.code, result.detail, mend)
    data = {"state": result.state.value, "code": result.code, "said": result.detail}
    code = Exit.OK if taken else Exit.REFUSED
    return Result(data=data, show=lambda screen: screen.line(said.in_(screen.language)), code=code)


def _not_taken(code: str, detail: str, mend: Text | None) -> Text:
    from notifications.our_words import told

    zh, en = (f"。怎么办：{mend.zh}", f". What to do: {mend.en}") if mend else ("", "")
    words = Text(*(f"{code} {told(code, detail, language)}".strip() for language in ("zh", "en")))
    return Text(f"试发的告警没有送到：{words.zh}{zh}", f"the alarm on trial did not arrive: {words.en}{en}")


_TRY = Text(
    "关卡：试发一条告警\n这是试发，说明扫描停了的时候此处会收到告警；没有出任何问题。",
    "Guanka: an alarm on trial\nThis is a test: when the sweep stops, it is told here. Nothing is wrong.",
)
_TAKEN = Text("试发的告警已送出，对方已接受", "the alarm on trial was sent, and taken")
_NO_ADDRESS = Text("没有设置 GUANKA_ALERT_URL；设好再试", "GUANKA_ALERT_URL is not set; set it, then try it")


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
