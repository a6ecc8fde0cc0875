"""Commands about SOPs: check, draw, schema, and publishing. The first three need no store."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.language import say
from cli.screen import Result, Screen, write
from cli.session import Exit, Failed, Session, command
from engine.text import Text

if TYPE_CHECKING:
    from engine.definition.compiled import Definition
    from engine.store.definitions import Published

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help=say("YAML 文件或文件夹", "YAML files or folders"))
]


MaybeFiles = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FILE...]", help=say("YAML 文件或文件夹", "YAML files or folders")),
]


def declare(app: typer.Typer) -> None:
    command(
        app,
        "check",
        "检查 SOP 文件，列出全部错误；--people 预查无人可签的审批",
        "Check SOP files and list every fault; --people finds approvals nobody could sign",
    )(check)
    command(app, "diagram", "画出一个 SOP", "Draw an SOP")(diagram)
    command(app, "schema", "输出供编辑器使用的 JSON Schema", "Print the JSON Schema for editors")(schema)
    command(app, "publish", "发布 SOP 的新版本", "Publish a new version of an SOP", acts=True)(publish)
    command(app, "sops", "列出已发布的 SOP", "List the published SOPs")(sops)


def check(
    session: Session,
    files: MaybeFiles = None,
    people: Annotated[
        bool,
        typer.Option(
            "--people",
            help=say(
                "按现有人员预查：哪些审批无人可签；不写文件则查已发布的流程与进行中的案例",
                "look ahead with today's people: which approvals nobody could sign; without files, of the"
                " published SOPs and running cases",
            ),
        ),
    ] = False,
) -> Result:
    from cli.definitions import check as checked
    from cli.definitions import doubts
    from runtime.calendar_check import at_hand

    if people and not files:
        from cli.people_check import of_published

        return of_published(session)
    calendars = at_hand(session.settings.data_dir)
    code, lines = checked(files or [], session.language, calendars)
    if code == Exit.USAGE:
        raise Failed(Exit.USAGE, Text(lines[-1], lines[-1]))
    if people and code == Exit.OK:
        from cli.people_check import of_files

        return of_files(session, files or [])
    faults, summary = lines[:-1], lines[-1]
    warnings = doubts(files or [], session.language, calendars) if code == Exit.OK else []

    def shown(screen: Screen) -> None:
        for line in (*faults, *warnings):
            screen.line(line)
        screen.line(summary, style="green" if code == Exit.OK else "bold")

    data = {"ok": code == Exit.OK, "faults": faults, "warnings": warnings, "summary": summary}
    return Result(data=data, show=shown, code=code)


def diagram(
    session: Session,
    sop: Annotated[
        str,
        typer.Argument(
            help=say(
                "YAML 文件，或已发布、随附流程的名称",
                "a YAML file, or the name of a published or shipped SOP",
            )
        ),
    ],
    svg: Annotated[
        bool, typer.Option("--svg", help=say("输出 SVG，而非 Mermaid 文本", "SVG instead of Mermaid text"))
    ] = False,
) -> Result:
    from cli.definitions import diagram as file_drawn
    from cli.definitions import drawn

    form = "svg" if svg else "mermaid"
    published = None if _is_path(sop) else _published_text(session, sop)
    if published is not None:
        code, text = Exit.OK, drawn(published, session.language, form)
    else:
        code, text = file_drawn(_file(sop), session.language, form)
    if code != Exit.OK:
        raise Failed(Exit(code), Text(text, text), {"faults": text.splitlines()})
    return Result(
        data={"format": form, "text": text},
        show=lambda _: write(text.removesuffix("\n")),
    )


def _is_path(sop: str) -> bool:
    return "/" in sop or sop.endswith((".yaml", ".yml"))


def _published_text(session: Session, sop: str) -> "Definition | None":
    """The version new cases start on. None where there is no store yet. Raises Failed for a name that is
    neither published, nor shipped, nor a file.
    """
    database = session.settings.database_file
    if database is not None and not database.exists():
        return None
    from cli.lookup import latest

    with session.opened() as parts:
        if parts.store.definitions.latest(sop) is None and _file(sop).exists():
            return None
        return latest(parts, sop)


def _file(sop: str) -> Path:
    """A path as it is; the name of a shipped SOP stands for its file."""
    shipped = Path(__file__).resolve().parent.parent / "sop_definitions" / f"{sop}.yaml"
    return Path(sop) if _is_path(sop) or not shipped.exists() else shipped


def schema(session: Session) -> Result:  # noqa: ARG001 - every command takes the session
    import json

    from cli.definitions import schema as written

    _, text = written()
    return Result(data=json.loads(text), show=lambda _: write(text))


def publish(session: Session, files: Files) -> Result:
    """Nothing is published unless every file is sound."""
    from cli.definitions import check as checked
    from engine.definition.loader import load
    from runtime.allowed import refuse_outside
    from runtime.calendar_check import at_hand

    code, lines = checked(files, session.language, at_hand(session.settings.data_dir))
    if code != Exit.OK:
        raise Failed(Exit(code), Text("\n".join(lines), "\n".join(lines)), {"faults": lines[:-1]})
    paths = [file for path in files for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]
    with session.opened() as parts:
        person = session.actor().person
        refuse_outside(parts.store.people.get(person))
        texts = [(path, path.read_text(encoding="utf-8")) for path in paths]
        for path, text in texts:
            for name in load(text, str(path)).calendars:
                parts.calendar(name)  # raises for one whose file cannot be used
        now, publishing = parts.clock.now(), parts.store.definitions.publish
        done = [(path, publishing(text, str(path), by=person, now=now)) for path, text in texts]
    return Result(
        data={"published": [_published(one) for _, one in done]}, show=lambda screen: _told(screen, done)
    )


def _published(one: "Published") -> dict[str, Any]:
    version = one.version
    return {"sop": version.sop, "version": version.number, "hash": version.digest, "new": one.new}


def _told(screen: Screen, done: "list[tuple[Path, Published]]") -> None:
    for path, one in done:
        name, number = one.version.sop, one.version.number
        if one.new:
            said = screen.say(f"已发布 {name} 第 {number} 版", f"published {name} version {number}")
        else:
            said = screen.say(
                f"与 {name} 第 {number} 版相同，无需发布",
                f"the same as {name} version {number}; nothing to do",
            )
        screen.line(screen.pair(str(path), said))


def sops(session: Session) -> Result:
    from cli.lookup import Names

    with session.opened() as parts:
        newest = {v.sop: v for v in reversed(parts.store.definitions.versions())}
        names = Names(parts, session.language)
        rows = [
            [
                version.sop,
                parts.store.definitions.by_digest(version.digest).sop.title.in_(session.language),
                str(version.number),
                names.instant(version.published_at),
                names.person(version.published_by),
            ]
            for version in sorted(newest.values(), key=lambda v: v.sop)
        ]
        heads = [
            session.say(*h)
            for h in (
                ("流程", "SOP"),
                ("名称", "name"),
                ("版本", "version"),
                ("发布于", "published"),
                ("发布人", "by"),
            )
        ]
        return Result(data=list(newest.values()), show=lambda screen: screen.table(heads, rows))
