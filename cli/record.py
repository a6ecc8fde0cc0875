"""Commands for the record of a sign-off: guanka record CASE, guanka record verify FILE."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from cli.cases import CaseArgument
from cli.language import say
from cli.screen import Result, Screen
from cli.session import Exit, Failed, Session, command
from engine.ids import ApprovalId
from engine.text import Text, why_not

if TYPE_CHECKING:
    from cli.lookup import Found
    from runtime.signoff.checking import Step
    from runtime.wiring import Parts

MAKE = "make"
LARGEST = 50_000_000


class _RecordGroup(TyperGroup):
    """`guanka record CASE` is short for `guanka record make CASE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [MAKE, *args]
        return super().parse_args(ctx, args)


Which = Annotated[
    str | None,
    typer.Option(
        "--approval",
        "-a",
        metavar="APPROVAL",
        help=say("审批；只有一项时可省略，也可是已结束的", "the approval, also a past one; may be left out"),
    ),
]
Pdf = Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help=say("写成 PDF", "write a PDF"))]
Json = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help=say("写成 JSON 文件", "write a JSON file"))
]


def declare(app: typer.Typer) -> None:
    group = typer.Typer(
        cls=_RecordGroup,
        help=say("签批记录：给第三方核验的 PDF 与 JSON", "Sign-off records: PDF and JSON others can check"),
        no_args_is_help=True,
    )
    command(group, MAKE, "生成记录（make 可省略）", "Make a record (make may be left out)", json_flag=False)(
        make
    )
    command(group, "verify", "核验记录与文件，不需要数据库", "Check a record and documents, offline")(verify)
    app.add_typer(group, name="record")


def make(
    session: Session, case: CaseArgument, approval: Which = None, pdf: Pdf = None, json: Json = None
) -> Result:
    from cli.lookup import find_case
    from cli.screen import plain
    from runtime.signoff.document import as_file
    from runtime.signoff.making import Records

    with session.opened(links=True) as parts:
        found = find_case(session, parts, case)
        name = _named(parts, found, approval)
        settings = session.settings
        records = Records(
            store=parts.store,
            clock=parts.clock,
            anchor_file=settings.anchor_file,
            public_url=parts.settings.public_url,
            zone=settings.zone,
        )
        record = records.made(found.case, name)
    assert record is not None  # noqa: S101 - the approval was found in the history
    if json is not None:
        _write(json, as_file(record).encode())
    if pdf is not None:
        from runtime.signoff.paper import printed

        _write(pdf, printed(record, session.language))
    written = [file for file in (json, pdf) if file is not None]
    return Result(data=plain(record), show=lambda screen: _shown(screen, record, written))


def _shown(screen: Screen, record: dict[str, Any], written: list[Path]) -> None:
    """What was written, or the record itself where nothing was asked to be."""
    from cli.screen import as_text, write

    if not written:
        write(as_text(record))
        return
    for file in written:
        screen.line(screen.pair(screen.say("已写入", "written"), str(file)))
    screen.line(screen.pair(screen.say("封印", "seal"), record["seal"]))


def _write(file: Path, data: bytes) -> None:
    """Whole or not at all. Raises Failed."""
    beside = file.with_name(f".{file.name}.new")
    try:
        beside.write_bytes(data)
        beside.replace(file)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        why = why_not(fault)
        raise Failed(
            Exit.TROUBLE, Text(f"无法写入 {file}：{why.zh}", f"cannot write {file}: {why.en}")
        ) from None


def _named(parts: "Parts", found: "Found", wanted: str | None) -> ApprovalId:
    """By its id, by its name in the SOP (the newest of that name), or the only one. Raises Failed."""
    from runtime.signoff.story import approvals_of

    known = approvals_of(parts.store.history.read_events(found.case.id))
    listed = ", ".join(f"{name} ({spec})" for name, spec in known.items())
    if not known:
        raise Failed(
            Exit.NOT_FOUND, Text("此案例还没有请过审批", "nobody has been asked to sign on this case yet")
        )
    if wanted is None:
        if len(known) == 1:
            return next(iter(known))
        raise Failed(
            Exit.USAGE,
            Text(
                f"有多项审批，请用 --approval 写明一项：{listed}",
                f"several approvals; name one with --approval: {listed}",
            ),
        )
    named = [name for name, spec in known.items() if wanted in (name, spec)]
    if not named:
        raise Failed(
            Exit.NOT_FOUND,
            Text(f"没有审批 {wanted}；现有：{listed}", f"no approval {wanted}; there are: {listed}"),
        )
    return named[-1]


def verify(
    _session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=say("记录（JSON）", "the record (JSON)"))],
    document: Annotated[
        list[Path] | None,
        typer.Option(
            "--document", "-d", metavar="FILE", help=say("所签的文件", "a document that was signed")
        ),
    ] = None,
) -> Result:
    import hashlib

    from runtime.signoff.checking import check, check_document, read_record

    record = read_record(_read(file).decode(errors="replace"), file.name)
    steps = check(record)
    for each in document or []:
        steps.append(check_document(record, each.name, hashlib.sha256(_read(each)).hexdigest()))
    sound = all(step.holds for step in steps)
    data = {
        "sound": sound,
        "seal": record.get("seal"),
        "steps": [{"step": s.what, "holds": s.holds, "faults": s.faults} for s in steps],
    }
    code = Exit.OK if sound else Exit.REFUSED
    return Result(data=data, show=lambda screen: _told(screen, record, steps), code=code)


def _read(file: Path) -> bytes:
    """Raises Failed."""
    try:
        if file.stat().st_size > LARGEST and file.suffix == ".json":
            raise Failed(Exit.USAGE, Text(f"{file} 过大，不是记录", f"{file} is too large for a record"))
        return file.read_bytes()
    except OSError as fault:
        why = why_not(fault)
        code = Exit.NOT_FOUND if isinstance(fault, FileNotFoundError) else Exit.TROUBLE
        raise Failed(code, Text(f"无法读取 {file}：{why.zh}", f"cannot read {file}: {why.en}")) from None


def _told(screen: Screen, record: Any, steps: list["Step"]) -> None:
    for step in steps:
        mark = screen.say("相符", "ok") if step.holds else screen.say("不符", "NO")
        screen.line(f"{mark:4} {step.what.in_(screen.language)}")
        for fault in step.faults:
            screen.line(f"     - {fault.in_(screen.language)}")
    if all(step.holds for step in steps):
        seal = str(record["seal"])
        screen.line(screen.say("记录完好。封印：", "The record is sound. Seal: ") + seal)
        screen.line(
            screen.say(
                "封印请与纸面或对方所存的核对：重新封过的假记录自身也能相符。",
                "Compare the seal with the one on paper or in the other side's copy: a forgery sealed"
                " anew fits itself.",
            )
        )
    else:
        screen.line(screen.say("记录不可信。", "The record cannot be trusted."))
