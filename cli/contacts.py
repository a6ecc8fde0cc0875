"""Commands for the customer's people on a case: guanka contact …"""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.cases import CaseArgument
from cli.language import say
from cli.screen import Result, Screen
from cli.session import Session, command
from engine.text import Language, Text

if TYPE_CHECKING:
    from runtime.contacts import OnCase

Role = Annotated[str, typer.Option("--role", help=say("外部角色", "an external role of the SOP"))]
Name = Annotated[str, typer.Option("--name", help=say("姓名", "the name"))]
Email = Annotated[
    str, typer.Option("--email", help=say("邮箱，签批链接发往此处", "the e-mail sign-off links go to"))
]
Company = Annotated[str, typer.Option("--company", help=say("单位与职务", "company and title"))]


def declare(app: typer.Typer) -> None:
    group = typer.Typer(
        help=say(
            "公司外联系人：无需账号，只能签批", "Contacts outside the company: no account, sign-off only"
        ),
        no_args_is_help=True,
    )
    command(group, "add", "登记联系人并担任外部角色", "Register a contact in a role", acts=True)(add)
    command(group, "list", "列出联系人", "List the contacts")(listed)
    app.add_typer(group, name="contact")


def add(
    session: Session,
    case: CaseArgument,
    role: Role,
    name: Name,
    email: Email,
    company: Company = "",
    speaks: Annotated[
        Language, typer.Option("--speaks", help=say("消息语言：zh 或 en", "language of messages: zh or en"))
    ] = "zh",
) -> Result:
    from cli.lookup import find_case
    from cli.particulars import told_of
    from cli.refusals import refused
    from engine.case.contacts import Wanted
    from runtime.contacts import Contacts

    with session.opened() as parts:
        found = find_case(session, parts, case)
        wanted = Wanted(
            role=role, name=name, email=email, company=company, language=speaks, zone=session.settings.zone
        )
        contacts = Contacts(store=parts.store, door=parts.service)
        added = contacts.add(found.case, found.definition, wanted, actor=session.actor(), key=session.key)
        if added.answer.refusal is not None:
            raise refused(added.answer.refusal, parts)
        person, title = added.person, found.definition.title_of(role)
    assert person is not None  # noqa: S101 - it was not refused
    known = Text("（此前已登记）", " (on file already)") if added.known else Text("", "")
    told = Text(
        f"{person.name}（{person.id}）任本案例的{title.zh}{known.zh}",
        f"{person.name} ({person.id}) is {title.in_('en')} of this case{known.en}",
    )
    data = {"case": case, "role": role, "person": told_of(person), "known": added.known}
    return Result(data=data, show=lambda screen: screen.line(told.in_(screen.language)))


def listed(session: Session, case: CaseArgument) -> Result:
    from cli.lookup import find_case
    from cli.particulars import told_of
    from runtime.contacts import on_case

    with session.opened() as parts:
        found = find_case(session, parts, case)
        contacts = on_case(found.case, found.definition, found.facts, parts.store.people.all())
    rows = [_row(session, one, found.title(one.role, session.language)) for one in contacts]

    def shown(screen: Screen) -> None:
        if not rows:
            nobody = screen.say(
                "没有联系人；用 guanka contact add 添加", "no contacts; add one with guanka contact add"
            )
            screen.line(nobody)
            return
        heads = (("角色", "role"), ("姓名", "name"), ("邮箱", "e-mail"), ("编号", "id"), ("范围", "for"))
        screen.table([screen.say(*head) for head in heads], rows)

    data = [{"role": one.role, "person": told_of(one.person), "own": one.own} for one in contacts]
    return Result(data=data, show=shown)


def _row(session: Session, one: "OnCase", title: str) -> list[str]:
    where = session.say("本案例", "this case") if one.own else session.say("全公司", "the company")
    return [title, one.person.name, one.person.email, one.person.id, where]
