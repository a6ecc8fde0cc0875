"""Commands about the company: people, who holds which role, settings."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.language import say
from cli.screen import Result, Screen
from cli.session import Exit, Failed, Session, command
from engine.ids import CaseId, PersonId
from engine.text import Text

if TYPE_CHECKING:
    from engine.definition.compiled import Definition
    from engine.definition.fields import FieldSpec
    from runtime.wiring import Parts

SopOption = Annotated[
    str | None,
    typer.Option(
        "--sop", help=say("只对此流程；不写则全公司", "for this SOP only; without it, for the company")
    ),
]


def declare(app: typer.Typer) -> None:
    person = typer.Typer(help=say("人员", "People"), no_args_is_help=True)
    command(person, "add", "登记或修改人员", "Add or change a person")(person_add)
    command(person, "list", "列出人员", "List the people")(person_list)
    app.add_typer(person, name="person")
    command(app, "role", "指定或查看角色由谁担任", "Say, or see, who holds a role", acts=True)(role)
    setting = typer.Typer(help=say("公司设置", "The company's settings"), no_args_is_help=True)
    command(setting, "list", "列出设置，含未设定的", "List the settings, the unset ones too")(setting_list)
    command(setting, "set", "设定（等号后留空则取消）", "Set one; an empty value takes it away")(setting_set)
    app.add_typer(setting, name="setting")


def person_add(
    session: Session,
    person: Annotated[
        str, typer.Argument(metavar="ID", help=say("编号，例如 wangmin", "an id, such as wangmin"))
    ],
    name: Annotated[str, typer.Argument(help=say("姓名", "the name"))],
    email: Annotated[str, typer.Option("--email")] = "",
    speaks: Annotated[
        str, typer.Option("--speaks", help=say("此人的语言：zh 或 en", "the person's language: zh or en"))
    ] = "zh",
    zone: Annotated[str, typer.Option("--zone", help=say("时区", "time zone"))] = "",
    calendar: Annotated[
        str,
        typer.Option(
            "--calendar",
            metavar="ID",
            help=say(
                "此人自己的工作日历；不写则按公司的", "the person's own working calendar; else the company's"
            ),
        ),
    ] = "",
    external: Annotated[
        bool, typer.Option("--external", help=say("外部人员", "outside the company"))
    ] = False,
    inactive: Annotated[bool, typer.Option("--inactive", help=say("已离开", "has left"))] = False,
) -> Result:
    from cli.particulars import channels_of, checked, told_of
    from engine.store.people import Person
    from runtime.desertions import Desertions

    kept = checked(
        Person(
            id=PersonId(person),
            name=name,
            email=email,
            language=speaks,
            zone=zone or session.settings.zone,
            external=external,
            active=not inactive,
            calendar=calendar,
        )
    )
    with session.opened() as parts:
        if parts.store.groups.find(person) is not None:
            said = (
                f"{person} 是一个群的名字；此人请另取编号",
                f"{person} is the name of a group; give this person another id",
            )
            raise Failed(Exit.CONFLICT, Text(*said))
        kept = replace(kept, channels=channels_of(parts.store.people, kept.id))
        if kept.calendar:
            parts.calendar(kept.calendar)  # raises for one there is not
        parts.store.people.put(kept)
        Desertions(parts.store, parts.service).tell()
        left = [] if kept.active else _unfinished(parts, kept.id)
    told = Text(f"已登记 {kept.name}（{person}）", f"{kept.name} ({person}) is on file")

    def shown(screen: Screen) -> None:
        screen.line(told.in_(screen.language))
        if left:
            screen.line(_HAND_OVER.in_(screen.language).format(person=person, cases=", ".join(left)))

    return Result(data={**told_of(kept), "unfinished": left}, show=shown)


_HAND_OVER = Text(
    "此人手里还有工作：案例 {cases}；请用 guanka hand-over {person} --to 人员 -m 原因 交接，"
    "否则这些事没有人办",
    "this person still has work in cases {cases}; hand it over with guanka hand-over {person} --to PERSON"
    " -m REASON, or nobody will do it",
)


def _unfinished(parts: "Parts", person: PersonId) -> list[str]:
    from engine.case.leaving import has_work

    return [case.id for case in parts.store.board.mentioning(person) if has_work(case, person)]


_HEADS = (
    ("编号", "id"),
    ("姓名", "name"),
    ("", ""),
    ("邮箱", "e-mail"),
    ("工作日历与时区", "calendar and zone"),
    ("角色", "roles"),
)


def person_list(session: Session) -> Result:
    from cli.particulars import told_of

    with session.opened() as parts:
        people = parts.store.people.all()
        roles: dict[str, list[str]] = {}
        for (sop, name), holders in parts.store.people.holders().items():
            for holder in holders:
                roles.setdefault(holder, []).append(f"{name}@{sop}" if sop else name)
    rows = [
        [
            p.id,
            p.name,
            session.say("外部", "external") if p.external else "",
            p.email,
            f"{p.calendar or session.settings.calendar} {p.zone}",
            ", ".join(roles.get(p.id, [])),
        ]
        for p in people
    ]

    def shown(screen: Screen) -> None:
        if not rows:
            screen.line(
                screen.say(
                    "还没有人员；用 guanka person add 登记", "nobody yet; add people with guanka person add"
                )
            )
            return
        heads = [screen.say(*h) for h in _HEADS]
        screen.table(heads, rows)

    data = [{**told_of(p), "roles": roles.get(p.id, [])} for p in people]
    return Result(data=data, show=shown)


def role(
    session: Session,
    role: Annotated[
        str | None, typer.Argument(help=say("角色；不写则列出全部", "the role; without it, all of them"))
    ] = None,
    persons: Annotated[
        list[str] | None,
        typer.Argument(metavar="PERSON...", help=say("担任者；不写则查看", "who holds it; without any, see")),
    ] = None,
    case: Annotated[str | None, typer.Option("--case", help=say("只在此案例中", "in this case only"))] = None,
    sop: SopOption = None,
    clear: Annotated[bool, typer.Option("--clear", help=say("清空", "let nobody hold it"))] = False,
) -> Result:
    from cli.cases import done
    from engine.case import commands as cmd
    from runtime.allowed import refuse_outside
    from runtime.desertions import Desertions

    holders = tuple(PersonId(p) for p in persons or [])
    if role is None or (not holders and not clear):
        return _roles(session, role, sop)
    with session.opened() as parts:
        told = ", ".join(holders) or session.say("无人", "nobody")
        if case is not None:
            answer = session.do(parts, cmd.AssignRoles(case_id=CaseId(case), roles={role: holders}))
            return done(answer, f"{role}：{told}", f"{role}: {told}")
        if session.claimed:
            refuse_outside(parts.store.people.get(session.actor().person))
        _known_role(parts, role, sop)
        parts.store.people.set_holders(role, holders, sop=sop or "")
        Desertions(parts.store, parts.service).tell()
    data = {"role": role, "sop": sop, "persons": list(holders)}
    return Result(data=data, show=lambda screen: screen.line(screen.pair(role, told)))


def _known_role(parts: "Parts", role: str, sop: str | None) -> None:
    """Raises Failed for a role no published SOP has, naming the likeliest."""
    from difflib import get_close_matches

    known = {name for definition in _definitions(parts, sop) for name in _titles(definition)}
    if role not in known:
        near = get_close_matches(role, sorted(known), n=1)
        zh, en = (f"；是否要写 {near[0]}？", f"; did you mean {near[0]}?") if near else ("", "")
        where = (
            Text(f"流程 {sop} ", f"SOP {sop} has no")
            if sop
            else Text("已发布的流程里", "no published SOP has a")
        )
        raise Failed(Exit.NOT_FOUND, Text(f"{where.zh}没有角色 {role}{zh}", f"{where.en} role {role}{en}"))


def _roles(session: Session, wanted: str | None, sop: str | None) -> Result:
    """Every role of the published SOPs, with who holds it; the empty ones stand out."""

    def told(persons: list[str]) -> str:
        return ", ".join(names.get(person, person) for person in persons)

    with session.opened() as parts:
        if wanted is not None:
            _known_role(parts, wanted, sop)
        held = parts.store.people.holders()
        names: dict[str, str] = {p.id: p.name for p in parts.store.people.all()}
        data = [
            {
                "role": name,
                "title": title.in_(session.language),
                "sop": definition.sop.sop,
                "persons": list(held.get((definition.sop.sop, name)) or held.get(("", name), ())),
            }
            for definition in _definitions(parts, sop)
            for name, title in _titles(definition).items()
            if wanted is None or name == wanted
        ]
    rows = [
        [d["sop"], d["role"], d["title"], told(d["persons"]) or session.say("无人担任", "nobody")]
        for d in data
    ]
    heads = [
        session.say(*h) for h in (("流程", "SOP"), ("角色", "role"), ("名称", "name"), ("担任者", "held by"))
    ]
    return Result(data=data, show=lambda screen: screen.table(heads, rows))


def _titles(definition: "Definition") -> dict[str, Text]:
    """By role; whoever owns the SOP is one also where the file does not declare it."""
    owner = {definition.sop.owner: Text("流程负责人", "SOP owner")}
    return {**owner, **{name: spec.title for name, spec in definition.sop.roles.items()}}


def _definitions(parts: "Parts", sop: str | None) -> "list[Definition]":
    """The current version of each SOP, or of this one."""
    from cli.lookup import latest

    if sop is not None:
        return [latest(parts, sop)]
    names = sorted({version.sop for version in parts.store.definitions.versions()})
    return [latest(parts, name) for name in names]


def setting_list(
    session: Session,
    sop: SopOption = None,
    unset: Annotated[bool, typer.Option("--unset", help=say("只列未设定的", "only the unset ones"))] = False,
) -> Result:
    with session.opened() as parts:
        data = [row for row in _settings(session, parts, sop) if not unset or row["value"] is None]
    rows = [[d["sop"], d["setting"], d["title"], d["shown"], d["type"]] for d in data]
    heads = [
        session.say(*h)
        for h in (("流程", "SOP"), ("设置", "setting"), ("名称", "name"), ("值", "value"), ("类型", "type"))
    ]
    return Result(data=data, show=lambda screen: screen.table(heads, rows))


def _settings(session: Session, parts: "Parts", sop: str | None) -> list[dict[str, Any]]:
    from engine.definition.fields import shown

    found: list[dict[str, Any]] = []
    for definition in _definitions(parts, sop):
        company = parts.store.people.company(definition.sop.sop).settings
        for name, spec in definition.sop.settings.items():
            value = company.get(name)
            told = (
                shown(spec, value, session.language)
                if value is not None
                else session.say("未设定", "not set")
            )
            found.append(
                {
                    "sop": definition.sop.sop,
                    "setting": name,
                    "title": spec.title.in_(session.language),
                    "type": spec.type.value,
                    "value": value,
                    "shown": told,
                }
            )
    return found


def setting_set(
    session: Session,
    name: Annotated[str, typer.Argument(help=say("设置", "the setting"))],
    value: Annotated[
        str,
        typer.Argument(help=say("值，例如 3 wd；空则取消", "the value, such as 3 wd; empty takes it away")),
    ],
    sop: SopOption = None,
) -> Result:
    from engine.definition.fields import FieldFault, canonical

    with session.opened() as parts:
        spec, currency = _setting_spec(parts, name, sop)
        try:
            kept = canonical(spec, value, currency=currency) if value.strip() else None
        except FieldFault as fault:
            raise Failed(
                Exit.USAGE, Text(f"{name}：{fault.message.zh}", f"{name}: {fault.message.en}")
            ) from None
        _not_negative(name, spec, value)
        parts.store.people.set_setting(name, kept, sop=sop or "")
    told = session.say("已取消", "not set any more") if kept is None else str(kept)
    return Result(
        data={"setting": name, "sop": sop, "value": kept},
        show=lambda screen: screen.line(screen.pair(name, told)),
    )


def _not_negative(name: str, spec: "FieldSpec", value: str) -> None:
    """A limit below zero would let nothing through: surely a slip of the keyboard."""
    from engine.definition.fields import FieldType

    if spec.type in (FieldType.MONEY, FieldType.PERCENT) and value.strip().startswith(("-", "−", "－")):
        raise Failed(
            Exit.USAGE,
            Text(f"{name}：不能小于零，这里是 {value}", f"{name}: write zero or more, not {value}"),
        )


def _setting_spec(parts: "Parts", name: str, sop: str | None) -> "tuple[FieldSpec, str]":
    """Its type, from the first SOP that declares it. Raises Failed, with the likeliest name, where none
    does.
    """
    from difflib import get_close_matches

    definitions = _definitions(parts, sop)
    for definition in definitions:
        if name in definition.sop.settings:
            return definition.sop.settings[name], definition.sop.currency
    known = sorted({setting for d in definitions for setting in d.sop.settings})
    near = get_close_matches(name, known, n=1)
    zh, en = (f"；是否要写 {near[0]}？", f"; did you mean {near[0]}?") if near else ("", "")
    raise Failed(
        Exit.NOT_FOUND,
        Text(
            f"没有设置 {name}{zh}（guanka setting list 列出全部）",
            f"there is no setting {name}{en} (guanka setting list shows them all)",
        ),
    )
