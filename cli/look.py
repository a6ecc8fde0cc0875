"""Commands for what waits: my inbox, what is late, the mailbox."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.language import say
from cli.late import PersonOption, late_rows, overdue, show_late
from cli.messages import fate
from cli.screen import Result, Screen, plain
from cli.session import Exit, Failed, Session, command
from engine.ids import CaseId, PersonId
from engine.text import Text

if TYPE_CHECKING:
    from cli.lookup import Names
    from engine.store.inbox import OpenAsk, OpenTask
    from runtime.standing import Standing
    from runtime.wiring import Parts


def declare(app: typer.Typer) -> None:
    command(
        app,
        "inbox",
        "我的待办：审批、委派、补充材料、退回的申请、任务，以及我在等谁；先到期的在前",
        "What waits for me: approvals, delegations, questions, returned requests, tasks; and whom I wait for;"
        " first due first",
        acts=True,
    )(inbox)
    command(app, "overdue", "逾期清单", "What is overdue")(overdue)
    command(app, "mailbox", "查看消息，含签批链接", "Read messages, sign-off links included")(mailbox)


def inbox(session: Session) -> Result:
    from cli.lookup import Names
    from cli.my_work import MyWork
    from runtime.standing import Standing

    person = session.actor().person
    with session.opened() as parts:
        parts.store.people.get(person)
        names = Names(parts, session.language)
        asks, tasks = parts.store.inbox.asks(person), parts.store.inbox.tasks(person)
        concerns = parts.store.inbox.concerns(person)
        standing = Standing(parts.store.board.case)
        ask_rows = [[*_ask_row(parts, names, session, a), _due(names, standing, a)] for a in asks]
        task_rows = [[*_task_row(parts, session, task), _due(names, standing, task)] for task in tasks]
        work = MyWork.of(parts, names, concerns)
        late = late_rows(parts, names, session, person=person)

    def shown(screen: Screen) -> None:
        if not asks and not tasks and not concerns and not late:
            screen.line(screen.say("没有待办", "nothing waits for you"))
        show_late(screen, late, title=screen.say("已逾期", "Overdue"))
        due = screen.say("到期", "due")
        if ask_rows:
            heads = [
                screen.say(*h)
                for h in (("案例", "case"), ("标题", "title"), ("审批", "approval"), ("申请", "for"))
            ]
            screen.table(
                [*heads, due],
                ask_rows,
                title=screen.say("待我审批（guanka approve 案例）", "To sign (guanka approve CASE)"),
            )
        work.show_to_do(screen)
        if task_rows:
            heads = [
                screen.say(*h)
                for h in (("案例", "case"), ("标题", "title"), ("任务", "task"), ("名称", "name"))
            ]
            screen.table([*heads, due], task_rows, title=screen.say("我的任务", "My tasks"))
        work.show_waiting(screen)

    approvals = [{**plain(ask), "principal_name": names.person(ask.principal)} for ask in asks]
    data = {
        "person": person,
        "overdue": [row.data for row in late],
        "approvals": approvals,
        "tasks": tasks,
        "concerns": concerns,
    }
    return Result(data=data, show=shown)


def _ask_row(parts: "Parts", names: "Names", session: Session, ask: "OpenAsk") -> list[str]:
    title = parts.store.definitions.by_digest(ask.digest).title_of
    approval, transition = title(ask.spec).in_(session.language), title(ask.transition).in_(session.language)
    instead = names.person(ask.principal)
    away = session.say(f"（代 {instead}）", f" (for {instead})") if ask.principal != ask.person else ""
    return [
        ask.case_id,
        ask.title,
        approval + away,
        transition,
    ]


def _task_row(parts: "Parts", session: Session, task: "OpenTask") -> list[str]:
    title = parts.store.definitions.by_digest(task.digest).title_of(task.task).in_(session.language)
    optional = session.say("（可选）", " (optional)") if task.optional else ""
    return [
        task.case_id,
        task.title,
        task.task,
        title + optional,
    ]


def _due(names: "Names", standing: "Standing", one: "OpenAsk | OpenTask") -> str:
    from cli.my_work import noted, still_of

    return noted(names.due(one.due_at, provisional=one.provisional), still_of(standing, names, one))


def mailbox(
    session: Session,
    message: Annotated[
        int | None,
        typer.Argument(help=say("消息编号；不写则列出", "a message's number; without it, the list")),
    ] = None,
    person: PersonOption = None,
    case: Annotated[str | None, typer.Option("--case", help=say("只看此案例的", "only this case's"))] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500)] = 20,
) -> Result:
    with session.opened(links=True) as parts:
        if message is not None:
            return _one(session, parts, message)
        return _many(session, parts, person=person, case=case, limit=limit)


def _many(session: Session, parts: "Parts", *, person: str | None, case: str | None, limit: int) -> Result:
    from cli.lookup import Names, find_case, known_person
    from cli.written import subject
    from engine.store.mailbox import MailFilter

    if person:
        known_person(parts, person)
    if case:
        find_case(session, parts, case)
    wanted = MailFilter(
        person=PersonId(person) if person else None, case_id=CaseId(case) if case else None, commands=False
    )
    mails = parts.store.mailbox.page(wanted, limit=limit)
    ways = parts.store.mailbox.on_its_way([mail.id for mail in mails])
    names = Names(parts, session.language)
    rows = [
        [
            str(mail.id),
            names.instant(mail.created_at),
            names.person(mail.to_person),
            subject(parts, mail, session.language),
            fate(session, mail, ways[mail.id]),
        ]
        for mail in mails
    ]

    def shown(screen: Screen) -> None:
        if not rows:
            screen.line(screen.say("没有消息", "no messages"))
            return
        heads = [
            screen.say(*h)
            for h in (
                ("编号", "no."),
                ("时间", "when"),
                ("收件人", "to"),
                ("主题", "subject"),
                ("状态", "state"),
            )
        ]
        screen.table(heads, rows)
        screen.line(screen.say("查看全文：guanka mailbox 编号", "Read one: guanka mailbox NUMBER"))

    return Result(data=mails, show=shown)


def _one(session: Session, parts: "Parts", number: int) -> Result:
    from cli.written import written

    mail = parts.store.mailbox.get(number)
    text = written(parts, mail) if mail and not mail.is_command else None
    if mail is None or text is None:
        raise Failed(Exit.NOT_FOUND, Text(f"没有消息 {number}", f"there is no message {number}"))
    from cli.lookup import Names

    to = Names(parts, session.language).person(mail.to_person)
    stands = fate(session, mail, parts.store.mailbox.on_its_way([number])[number])
    data = {
        "id": mail.id,
        "to": mail.to_person,
        "state": mail.state.value,
        "subject": text.subject,
        "text": text.text,
    }

    def shown(screen: Screen) -> None:
        screen.title(text.subject)
        screen.line(screen.say(f"收件人：{to}　{stands}", f"To: {to} ({stands})"))
        screen.line()
        screen.line(text.text)

    return Result(data=data, show=shown)
