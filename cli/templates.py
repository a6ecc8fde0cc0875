"""Commands for the wording of messages: guanka template …"""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.language import say
from cli.screen import Result, Screen, write
from cli.session import Exit, Failed, Session, command
from cli.template_files import (
    File,
    Name,
    NameOption,
    mistake_lines,
    plain_mistakes,
    read_wording,
    refused,
    which,
)
from cli.template_preview import preview
from engine.text import Text

if TYPE_CHECKING:
    from engine.ids import PersonId
    from notifications.wording_names import Kind
    from notifications.wordings import Wording
    from runtime.wiring import Parts
    from runtime.wordings import InUse, OwnWordings

Version = Annotated[
    int | None, typer.Option("--version", help=say("较早的第几版", "an earlier version of the company's"))
]
Ours = Annotated[bool, typer.Option("--ours", help=say("系统默认的文字", "the wording that is shipped"))]
Seen = Annotated[
    int | None,
    typer.Option(
        "--seen", help=say("您看到的版本号；已被他人改动则不保存", "the version you saw; refused if it moved")
    ),
]


def declare(app: typer.Typer) -> None:
    group = typer.Typer(
        help=say("消息模板：公司自己的文字", "Message templates: the company's own wording"),
        no_args_is_help=True,
    )
    command(group, "list", "列出模板", "List the templates")(listed)
    command(group, "show", "显示文字，可存为文件修改", "Show the words; saved as a file they can be edited")(
        show
    )
    command(group, "names", "可用的名称及其含义", "The names to use, and what they mean")(names)
    command(group, "check", "检查文件，不保存", "Check a file without keeping it")(check)
    command(group, "preview", "用样例数据预览", "See it with the data of a sample")(preview)
    command(group, "edit", "检查并保存文件", "Check a file and keep it", acts=True)(edit)
    command(group, "reset", "恢复系统默认", "Go back to the wording that is shipped", acts=True)(reset)
    command(group, "history", "历史版本", "Every version there was")(history)
    app.add_typer(group, name="template")


def _own(parts: "Parts") -> "OwnWordings":
    from runtime.wordings import OwnWordings

    return OwnWordings(parts.store, parts.clock)


def listed(session: Session) -> Result:
    with session.opened() as parts:
        found = _own(parts).all()
        rows = [[one.name, _state(session, one), *_who(session, parts, one)] for one in found]
    heads = (("名称", "name"), ("文字", "wording"), ("改动者", "changed by"), ("时间", "at"))
    data = [
        {
            "name": one.name,
            "own": one.own is not None,
            "number": one.number,
            "mistakes": plain_mistakes(one.mistakes),
        }
        for one in found
    ]
    return Result(data=data, show=lambda screen: screen.table([screen.say(*head) for head in heads], rows))


def _state(session: Session, one: "InUse") -> str:
    if one.mistakes:
        return session.say("公司自定，已不适用，改发系统默认", "own, but it does not fit: ours is sent")
    if one.own:
        return session.say(f"公司自定，第 {one.number} 版", f"own, version {one.number}")
    return session.say("系统默认", "ours")


def _who(session: Session, parts: "Parts", one: "InUse") -> list[str]:
    from cli.lookup import Names

    if one.version is None:
        return ["", ""]
    names = Names(parts, session.language)
    return [names.person(one.version.changed_by), names.instant(one.version.changed_at)]


def show(session: Session, name: Name, version: Version = None, ours: Ours = False) -> Result:
    from notifications.wordings import shipped

    with session.opened() as parts:
        one = _named(session, parts, name)
        wording = shipped(one.kind, one.language) if ours else _of_version(parts, one, version)
    data = {
        "name": one.name,
        "number": version or one.number,
        "subject": wording.subject,
        "body": wording.body,
    }
    return Result(data=data, show=lambda _: write(_as_file(wording)))


def _as_file(wording: "Wording") -> str:
    return f"{wording.subject}\n\n{wording.body}"


def _of_version(parts: "Parts", one: "InUse", version: int | None) -> "Wording":
    from runtime.wordings import words_of

    if version is None:
        return one.wording
    for kept in parts.store.wordings.history(one.kind, one.language):
        if kept.number == version and (words := words_of(kept)) is not None:
            return words
    raise Failed(
        Exit.NOT_FOUND,
        Text(
            f"{one.name} 没有第 {version} 版的文字；guanka template history {one.name} 列出各版",
            f"{one.name} has no words of version {version}; guanka template history {one.name} lists them",
        ),
    )


def _named(session: Session, parts: "Parts", name: str) -> "InUse":
    from runtime.wordings import named

    return _own(parts).one(*named(name, session.language))


def names(session: Session, name: Name) -> Result:
    from notifications.wording_names import names_of
    from runtime.wordings import named

    kind, _ = named(name, session.language)
    found = names_of(kind)
    data = {
        one: {"form": spec.form, "means": spec.means, "choices": spec.choices} for one, spec in found.items()
    }
    return Result(data=data, show=lambda screen: _show_names(screen, kind))


def _show_names(screen: Screen, kind: "Kind") -> None:
    from notifications.wording_names import Form, names_of

    forms = {
        Form.TEXT: screen.say("文字", "text"),
        Form.NUMBER: screen.say("数字", "number"),
        Form.FLAG: screen.say("是或否，用于条件", "yes or no, in conditions"),
        Form.CHOICE: screen.say("代号，用于条件", "a code, in conditions"),
        Form.LIST: screen.say("列表，用于循环", "a list, in a loop"),
    }
    rows: list[list[str]] = []
    for one, spec in names_of(kind).items():
        rows.append([one, forms[spec.form], spec.means.in_(screen.language)])
        rows += [[f'  "{value}"', "", said.in_(screen.language)] for value, said in spec.choices.items()]
    screen.table([screen.say("名称", "name"), "", screen.say("含义", "meaning")], rows)


def check(session: Session, file: File, name: NameOption = None) -> Result:
    from notifications.wording_check import mistakes_with_samples

    kind, language = which(session, file, name)
    wording, top = read_wording(file)
    mistakes = mistakes_with_samples(kind, language, wording)

    def told(screen: Screen) -> None:
        for line in mistake_lines(session, file, mistakes, top):
            screen.line(line)
        if mistakes:
            screen.line()
            _show_names(screen, kind)
        else:
            screen.line(screen.say("没有错误", "no mistakes"))

    data = {"name": f"{kind}.{language}", "mistakes": plain_mistakes(mistakes, top)}
    return Result(data=data, show=told, code=Exit.REFUSED if mistakes else Exit.OK)


def edit(session: Session, file: File, name: NameOption = None, seen: Seen = None) -> Result:
    from runtime.wordings import BrokenWording, WordingMoved

    kind, language = which(session, file, name)
    wording, top = read_wording(file)
    with session.opened() as parts:
        own, by = _own(parts), _known(session, parts)
        at = own.one(kind, language)
        if seen is not None and seen != at.number:
            raise WordingMoved(kind, language)
        try:
            kept = own.save(at, wording, by=by)
        except BrokenWording as broken:
            raise refused(session, file, broken.mistakes, top) from None
    done = Text(
        f"已保存 {kept.name} 第 {kept.number} 版，从下一条消息起使用",
        f"{kept.name} is kept as version {kept.number} and used from the next message on",
    )
    return _told(kept, done if kept.number != at.number else _SAME)


_SAME = Text("文字没有变化", "the words are the same; nothing was changed")


def _known(session: Session, parts: "Parts") -> "PersonId":
    """Who acts, where the company knows them. Raises UnknownPerson."""
    return parts.store.people.get(session.actor().person).id


def reset(session: Session, name: Name) -> Result:
    with session.opened() as parts:
        at = _named(session, parts, name)
        kept = _own(parts).reset(at, by=_known(session, parts))
    done = Text(f"{kept.name} 恢复系统默认的文字", f"{kept.name} has our wording again")
    same = Text(
        f"{kept.name} 本来就是系统默认的文字，没有改动",
        f"{kept.name} had our wording all along; nothing was changed",
    )
    return _told(kept, same if at.own is None else done)


def _told(kept: "InUse", done: Text) -> Result:
    data = {"name": kept.name, "number": kept.number, "own": kept.own is not None}
    return Result(data=data, show=lambda screen: screen.line(done.in_(screen.language)))


def history(session: Session, name: Name) -> Result:
    from cli.lookup import Names

    with session.opened() as parts:
        one, people = _named(session, parts, name), Names(parts, session.language)
        versions = parts.store.wordings.history(one.kind, one.language)
        rows = [
            [
                str(v.number),
                people.person(v.changed_by),
                people.instant(v.changed_at),
                v.subject or session.say("系统默认", "ours"),
            ]
            for v in versions
        ]
    heads = (("版本", "version"), ("改动者", "changed by"), ("时间", "at"), ("标题", "subject"))

    def told(screen: Screen) -> None:
        if rows:
            screen.table([screen.say(*head) for head in heads], rows)
        else:
            screen.line(screen.say("一直是系统默认的文字", "it always had our wording"))

    return Result(data=versions, show=told)
