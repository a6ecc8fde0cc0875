"""Commands about people who are away or gone: stand-ins (代理), and a leaver's work (离职转办)."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.language import say
from cli.screen import Result, Screen
from cli.session import Exit, Failed, Session, command
from engine.ids import CaseId, PersonId
from engine.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from engine.store.stand_ins import Period
    from runtime.absences import Absences
    from runtime.leaving import HandedOver, Leaving
    from runtime.wiring import Parts

Day = Annotated[str, typer.Option("--from", metavar="DATE", help=say("第一天", "the first day"))]
LastDay = Annotated[str, typer.Option("--to", metavar="DATE", help=say("最后一天", "the last day"))]
Why = Annotated[str, typer.Option("--reason", "-m", help=say("原因", "why"))]


def declare(app: typer.Typer) -> None:
    group = typer.Typer(
        help=say("代理：外出期间由谁审批", "Stand-ins: who signs while you are away"), no_args_is_help=True
    )
    command(group, "add", "请人代理", "Have somebody stand in", acts=True)(add)
    command(group, "list", "列出代理", "List the stand-ins")(listed)
    command(group, "end", "提前结束代理", "End it before its time", acts=True)(end)
    app.add_typer(group, name="stand-in")
    command(
        app,
        "hand-over",
        "离职转办：把某人的全部工作交给接手的人",
        "Hand everything of somebody who leaves over to a successor",
        acts=True,
    )(hand_over)


def add(
    session: Session,
    stand_in: Annotated[str, typer.Argument(metavar="PERSON", help=say("代理人", "who stands in"))],
    first: Day,
    last: LastDay,
    principal: Annotated[
        str | None, typer.Option("--for", metavar="PERSON", help=say("为谁；默认本人", "for whom; you"))
    ] = None,
    sop: Annotated[
        list[str] | None, typer.Option("--sop", help=say("只限这些流程", "in these SOPs only"))
    ] = None,
    reason: Why = "",
) -> Result:
    from runtime.absences import Wish

    wish = Wish(
        principal=PersonId(principal or session.actor().person),
        stand_in=PersonId(stand_in),
        first=_day("--from", first),
        last=_day("--to", last),
        sops=tuple(sop or ()),
        reason=reason,
    )
    with session.opened() as parts:
        period = _absences(parts).begin(wish, by=session.actor().person)
        row = _row(session, parts, period)
    told = Text("代理已登记", "stand-in on file")
    return Result(
        data=row, show=lambda screen: screen.line(screen.pair(told.in_(screen.language), _line(row)))
    )


def listed(
    session: Session,
    person: Annotated[
        str | None, typer.Option("--of", metavar="PERSON", help=say("只看此人", "of this person only"))
    ] = None,
    past: Annotated[bool, typer.Option("--past", help=say("含已结束的", "those that are over too"))] = False,
) -> Result:
    with session.opened() as parts:
        who = PersonId(person) if person else None
        found = parts.store.stand_ins.periods(now=parts.clock.now(), person=who, past=past)
        rows = [_row(session, parts, period) for period in found]

    def shown(screen: Screen) -> None:
        if not rows:
            screen.line(screen.say("没有代理", "nobody stands in for anybody"))
            return
        heads = (("编号", "id"), ("本人", "for"), ("代理人", "stand-in"), ("从", "from"), ("到", "until"))
        more = (("流程", "SOPs"), ("原因", "reason"))
        columns = ("id", "principal_name", "stand_in_name", "from", "until", "sops_shown", "reason")
        screen.table([screen.say(*h) for h in (*heads, *more)], [[r[c] for c in columns] for r in rows])

    return Result(data=rows, show=shown)


def end(
    session: Session,
    period: Annotated[str, typer.Argument(metavar="ID", help=say("代理的编号", "the period's id"))],
) -> Result:
    with session.opened() as parts:
        _absences(parts).end(period, by=session.actor().person)
    told = Text("代理已结束", "the stand-in’s time is over")
    return Result(data={"id": period}, show=lambda screen: screen.line(told.in_(screen.language)))


def hand_over(
    session: Session,
    person: Annotated[str, typer.Argument(metavar="PERSON", help=say("离开的人", "who leaves"))],
    to: Annotated[str, typer.Option("--to", metavar="PERSON", help=say("接手的人", "the successor"))],
    reason: Why,
    case: Annotated[
        list[str] | None,
        typer.Option("--case", help=say("只交接这些案例，可多次", "these cases only; may be repeated")),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=say("只看会怎样", "only say what would happen"))
    ] = False,
) -> Result:
    from runtime.leaving import HandingOver, Leaving
    from runtime.titles import role_titles

    cases = None if case is None else tuple(CaseId(one) for one in case)
    leaving = Leaving(person=PersonId(person), to=PersonId(to), reason=reason, cases=cases)
    with session.opened() as parts:
        desk = HandingOver(store=parts.store, service=parts.service, clock=parts.clock)
        done = (desk.foresee if dry_run else desk.carry_out)(leaving, actor=session.actor())
        data = _handed(session, parts, done)
        titles = {role: title.in_(session.language) for role, title in role_titles(parts.store).items()}

    def shown(screen: Screen) -> None:
        for line in _said(data, titles, screen, dry_run=dry_run):
            screen.line(line)
        if done.stays:
            screen.line(_again(leaving, done).in_(screen.language))

    return Result(data=data, show=shown, code=Exit.REFUSED if done.stays else Exit.OK)


def _handed(session: Session, parts: "Parts", done: "HandedOver") -> dict[str, Any]:
    from cli.refusals import refused

    stays = {
        case: refused(refusal, parts).message.in_(session.language) for case, refusal in done.stays.items()
    }
    return {
        "roles": list(done.roles),
        "cases": list(done.cases),
        "stays": stays,
        "stand_ins_ended": done.periods,
        "gone": done.gone,
    }


def _said(data: dict[str, Any], titles: "Mapping[str, str]", screen: Screen, *, dry_run: bool) -> "list[str]":
    gap = screen.say("、", ", ")
    roles = gap.join(titles.get(role, role) for role in data["roles"])
    went = (("角色", "roles", roles), ("案例", "cases", gap.join(data["cases"])))
    lines = [screen.pair(_head(screen, zh, en, dry_run=dry_run), what) for zh, en, what in went if what]
    for why, cases in _by_reason(data["stays"]).items():
        stays = screen.say(f"未交接 {gap.join(cases)}", f"not handed over: {gap.join(cases)}")
        if dry_run:
            stays = screen.say(f"不能交接 {gap.join(cases)}", f"cannot be handed over: {gap.join(cases)}")
        lines += [stays, *(f"  {line}" for line in why.splitlines())]
    if data["gone"]:
        lines.append(
            screen.say("已全部交接，此人已停用", "nothing is left, and the person is no longer active")
        )
    return lines or [screen.say("没有可交接的", "there is nothing to hand over")]


def _head(screen: Screen, zh: str, en: str, *, dry_run: bool) -> str:
    if dry_run:
        return screen.say(f"将交接的{zh}", f"{en} to be handed over")
    return screen.say(f"已交接的{zh}", f"{en} handed over")


def _by_reason(stays: "Mapping[str, str]") -> dict[str, list[str]]:
    """Cases that stay for the same reason are named together."""
    found: dict[str, list[str]] = {}
    for case, why in stays.items():
        found.setdefault(why, []).append(case)
    return found


def _again(leaving: "Leaving", done: "HandedOver") -> Text:
    """How what stayed goes to somebody else, ready to be typed."""
    cases = " ".join(f"--case {case}" for case in done.stays)
    command = f"guanka hand-over {leaving.person} --to {{}} -m {{}} {cases}"
    return Text(
        f"交给另一人：{command.format('人员', '理由')}",
        f"for another successor: {command.format('PERSON', 'REASON')}",
    )


def _absences(parts: "Parts") -> "Absences":
    from runtime.absences import Absences

    return Absences(store=parts.store, service=parts.service, clock=parts.clock, ids=parts.ids)


def _row(session: Session, parts: "Parts", period: "Period") -> dict[str, Any]:
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    people = {p.id: p for p in parts.store.people.all()}
    rule = period.rule
    zone = ZoneInfo(people[rule.principal].zone)
    last = (rule.ends - timedelta(seconds=1)).astimezone(zone)
    return {
        "id": period.id,
        "principal": rule.principal,
        "principal_name": people[rule.principal].name,
        "stand_in": rule.stand_in,
        "stand_in_name": people[rule.stand_in].name,
        "from": rule.begins.astimezone(zone).date().isoformat(),
        "until": last.date().isoformat(),
        "begins": rule.begins,
        "ends": rule.ends,
        "sops": sorted(rule.sops),
        "sops_shown": ", ".join(sorted(rule.sops)) or session.say("全部", "all"),
        "reason": period.reason,
        "ended_by": period.ended_by,
    }


def _line(row: dict[str, Any]) -> str:
    return f"{row['principal_name']} → {row['stand_in_name']} {row['from']} … {row['until']} ({row['id']})"


def _day(option: str, written: str) -> "date":
    from datetime import date

    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Failed(
            Exit.USAGE,
            Text(
                f"{option}：{written} 不是日期，例如 2026-12-01",
                f"{option}: {written} is no date, such as 2026-12-01",
            ),
        ) from None
