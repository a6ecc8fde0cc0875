"""Whether a record is whole and hangs together, judged from the file alone: no store, no network.

docs/checking-a-record.md publishes the same steps for people without this program.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from engine.errors import GuankaError
from engine.text import Text

FORMAT: Final = "guanka-record/1"
START: Final = "0" * 64
Record = Mapping[str, Any]
Faults = Iterator[Text]


class NoRecord(GuankaError):
    """The file is no record at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    what: Text
    faults: tuple[Text, ...]

    @property
    def holds(self) -> bool:
        return not self.faults


def read_record(text: str, name: str) -> Record:
    """Raises NoRecord. A name given twice is refused: two readers would see two records."""
    try:
        found: Any = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise NoRecord(Text(f"{name} 不是记录：{error}", f"{name} is no record: {error}")) from None
    if not isinstance(found, dict) or cast("Record", found).get("format") != FORMAT:
        raise NoRecord(
            Text(
                f"{name} 不是签批记录（应写明 format 为 {FORMAT}）；请给出 guanka record --json 的文件",
                f"{name} is no sign-off record (its format should be {FORMAT}); give a file made by guanka"
                " record --json",
            )
        )
    return cast("Record", found)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def check(record: Record) -> list[Step]:
    """Every step, in order; those after a failed one are carried out all the same."""
    return [Step(what=what, faults=tuple(_carried_out(step, record))) for what, step in STEPS]


def check_document(record: Record, name: str, digest: str) -> Step:
    """Whether a document with this SHA-256 is one of those that were shown."""
    what = Text(f"文件 {name}", f"document {name}")
    shown = [d for one in record.get("rounds", ()) for d in one.get("documents", ())]
    found = next((d for d in shown if d.get("sha256") == digest), None)
    if found is None:
        listed = ", ".join(sorted({str(d.get("file")) for d in shown})) or "-"
        return Step(
            what=what,
            faults=(
                Text(
                    f"不是所签的文件（sha256 {digest}）；所签文件：{listed}",
                    f"is none of those that were signed (sha256 {digest}); signed were: {listed}",
                ),
            ),
        )
    return Step(what=what, faults=())


def _carried_out(step: Callable[[Record], Faults], record: Record) -> Faults:
    try:
        yield from step(record)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        kind = type(error).__name__
        yield Text(f"记录的这一部分残缺（{kind}）", f"this part of the record is incomplete ({kind})")


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _seal(record: Record) -> Faults:
    whole = {name: part for name, part in record.items() if name != "seal"}
    if _sha(_canonical(whole)) != record["seal"]:
        yield Text("封印与内容不符：文件被改动过", "the seal does not fit the file: something was changed")


def _chain(record: Record) -> Faults:
    """Each body under its hash, and each hash under the next where both are here."""
    hashes: dict[int, str] = {0: START}
    for event in record["events"]:
        number = event["sequence"]
        made = hashlib.sha256(bytes.fromhex(event["previous"]) + event["body"].encode()).hexdigest()
        if made != event["hash"]:
            yield Text(f"事件 {number} 与其哈希不符", f"event {number} does not fit its hash")
        if hashes.get(number - 1, event["previous"]) != event["previous"]:
            yield Text(
                f"事件 {number} 没有接在前一事件之后", f"event {number} does not follow the one before"
            )
        body = _body(event)
        if (body["sequence"], body["case"]) != (number, record["case"]["id"]) or number in hashes:
            yield Text(f"事件 {number} 放错了位置", f"event {number} is out of its place")
        hashes[number] = event["hash"]
    yield from _heads(record, hashes)


def _heads(record: Record, hashes: Mapping[int, str]) -> Faults:
    last = max(hashes)
    head, anchor, told = record["head"], record["anchor"], record["check"]
    for name, place in (("head", head), ("anchor", anchor)):
        if place is None:
            continue
        known = [number for number, one in hashes.items() if one == place["hash"]]
        same = hashes.get(place["sequence"], place["hash"]) == place["hash"]
        if place["sequence"] < last or not same or known not in ([], [place["sequence"]]):
            yield Text(f"{name} 与事件不符", f"{name} does not fit the events")
    if hashes.get(told["sequence"]) != told["hash"]:
        yield Text("核验地址的哈希不是其事件的哈希", "the hash to check by is not that of its event")


def _private(record: Record) -> Faults:
    for event in record["events"]:
        body = _body(event)
        promised = {**body["data"], **body["actor"]}
        for name, (salt, value) in event["private"].items():
            if promised.get(name) != {"private": _sha(f"{salt}{name}:{_canonical(value)}")}:
                number = event["sequence"]
                yield Text(f"事件 {number} 的 {name} 与承诺不符", f"{name} of event {number} was changed")


def _content(record: Record) -> Faults:
    for one in record["rounds"]:
        opened = _event(record, one["sequence"], "approval_opened")["data"]["approval"]
        where = Text(f"第 {one['round']} 轮", f"round {one['round']}")
        told = (one["round"], one["content"], record["approval"]["id"], record["approval"]["name"])
        if told != (opened["round"], opened["content"], opened["id"], opened["spec"]):
            yield Text(f"{where.zh}与请求审批的事件不符", f"{where.en} is not what the event asked for")
        if one["text"] is None:
            if one["fields"] or one["documents"] or one["missing"]:
                yield Text(f"{where.zh}列出的内容没有原文", f"{where.en} lists content without its text")
            continue
        if _sha(one["text"]) != one["content"]:
            yield Text(f"{where.zh}的原文与所签哈希不符", f"the text of {where.en} is not what was signed")
        yield from _listed(record, one, where)


def _listed(record: Record, one: Record, where: Text) -> Faults:
    """What is printed for people is what the text says, no more and no less."""
    digest, transition, approval, content = json.loads(one["text"])
    names = (transition, approval)
    if names != (record["approval"]["transition"]["name"], record["approval"]["name"]):
        yield Text(f"{where.zh}签的是另一项审批", f"{where.en} signs another approval")
    if one is record["rounds"][-1] and digest != record["case"]["sop"]["digest"]:
        yield Text("SOP 版本与所签的不符", "the SOP version is not the one that was signed")
    listed: dict[str, Any] = {d["name"]: d["sha256"] for d in one["documents"]}
    listed |= {m["name"]: None for m in one["missing"]} | {f["name"]: f["value"] for f in one["fields"]}
    if listed != content:
        yield Text(f"{where.zh}列出的内容与原文不符", f"what {where.en} lists is not what its text says")
    for paper in one["documents"]:
        yield from _paper(record, paper, content)


def _paper(record: Record, paper: Record, content: Record) -> Faults:
    if paper["version"] is None:
        held = content[paper["name"]]
        same = (held["name"], held["size"], held["hash"]) == _said(paper)
    else:
        wanted = (paper["name"], paper["version"])
        attached = [e for e in _events(record, "deliverable_attached") if _version(e) == wanted]
        same = len(attached) == 1 and _attached(attached[0]) == _said(paper)
    if not same:
        yield Text(
            f"文件 {paper['file']} 的说明与事件不符", f"{paper['file']} is not described as it came in"
        )


def _said(paper: Record) -> tuple[Any, ...]:
    return paper["file"], paper["size"], paper["sha256"]


def _version(event: Record) -> tuple[Any, ...]:
    return event["data"]["deliverable"], event["data"]["version"]


def _attached(event: Record) -> tuple[Any, ...]:
    """Name, size and hash; an erased name was told as such."""
    name = event["data"]["name"]
    return "[erased]" if isinstance(name, dict) else name, event["data"]["size"], event["data"]["hash"]


def _decisions(record: Record) -> Faults:
    told = [(one["round"], d) for one in record["rounds"] for d in one["decisions"]]
    happened = [e["sequence"] for e in _events(record, "decision_recorded")]
    if [d["sequence"] for _, d in told] != happened:
        yield Text("列出的决定与事件不一致", "the decisions listed are not those of the events")
    for round_, decision in told:
        event = _event(record, decision["sequence"], "decision_recorded")
        if _of_event(event) != _of_statement(decision, round_):
            number = decision["sequence"]
            yield Text(f"决定 {number} 与其事件不符", f"decision {number} is not what its event says")
        if decision["taken_back"] is not _taken_back(record, event):
            number = decision["sequence"]
            yield Text(f"决定 {number} 是否拿回与事件不符", f"whether {number} was taken back is told wrong")


def _of_event(event: Record) -> tuple[Any, ...]:
    data = event["data"]
    client = data.get("client")
    return (
        *(event["actor"]["person"], event["actor"]["via"], event["at"], data["person"], data["round"]),
        *(data["verdict"], _open(data["comment"], "[erased]"), data["assurance"], data.get("language")),
        *(data.get("issue"), _moment(data.get("shown_at")), _open(client, None)),
    )


def _of_statement(decision: Record, round_: int) -> tuple[Any, ...]:
    return (
        *(decision["by"]["id"], decision["via"], decision["at"], decision["person"]["id"], round_),
        *(decision["verdict"], decision["comment"], decision["assurance"], decision["language"]),
        *(decision["issue"], _moment(decision["shown_at"]), decision["client"]),
    )


def _open(value: Any, hidden: Any) -> Any:
    """A part that is not disclosed stands in its event as a commitment."""
    hides = isinstance(value, dict) and [*cast("Record", value)] == ["private"]
    return hidden if hides else cast("Any", value)


def _moment(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


def _taken_back(record: Record, event: Record) -> bool:
    for later in map(_revealed, record["events"]):
        of_same = (
            later["sequence"] > event["sequence"] and later["data"].get("person") == event["data"]["person"]
        )
        if of_same and later["kind"] in ("decision_recorded", "decision_taken_back"):
            return later["kind"] == "decision_taken_back"
    return False


def _matter(record: Record) -> Faults:
    """Which case, who asked and why, and how it ended."""
    asked = _event(record, record["request"]["sequence"], "transition_requested")
    request = (record["request"]["by"]["id"], record["request"]["at"], record["request"]["reason"])
    if request != (asked["actor"]["person"], asked["at"], _open(asked["data"]["reason"], "[erased]")):
        yield Text("申请与其事件不符", "the request is not what its event says")
    if asked["data"]["transition"] != record["approval"]["transition"]["name"]:
        yield Text("申请的是另一步流转", "the request asked for another transition")
    started = _event(record, 1, "case_started")["data"]
    case = record["case"]
    if (case["title"], case["sop"]["id"]) != (_open(started["title"], "[erased]"), started["sop"]):
        yield Text("案例与其开始的事件不符", "the case is not the one that was started")
    for one in record["rounds"]:
        if one["opened_at"] != _event(record, one["sequence"], "approval_opened")["at"]:
            yield Text(f"第 {one['round']} 轮的时间不符", f"round {one['round']} was not opened then")
    now = record["approval"]
    if (now["state"], now["at"], now["by_rule"]) != _outcome(record):
        yield Text("审批结果与事件不符", "how it ended is not what the events say")


def _outcome(record: Record) -> tuple[str, str | None, bool]:
    now: tuple[str, str | None, bool] = ("open", None, False)
    for event in map(_revealed, record["events"]):
        match event["kind"]:
            case "approval_opened" | "decision_taken_back":
                now = ("open", None, False)
            case "approval_closed":
                granted = event["data"]["granted"]
                now = ("granted" if granted else "refused", event["at"], event["data"]["by_rule"])
            case "request_returned":
                now = ("returned", event["at"], False)
            case "transition_dropped" if now[0] in ("open", "returned"):
                now = ("ended", event["at"], False)
            case _:
                pass
    return now


def _body(event: Record) -> dict[str, Any]:
    return json.loads(event["body"])


def _revealed(event: Record) -> dict[str, Any]:
    """The body, with what is disclosed put in place of its commitment."""
    body = _body(event)
    for name, (_, value) in event["private"].items():
        for part in (body["data"], body["actor"]):
            if name in part:
                part[name] = value
    return body


def _events(record: Record, kind: str) -> list[dict[str, Any]]:
    return [body for body in map(_revealed, record["events"]) if body["kind"] == kind]


def _event(record: Record, sequence: int, kind: str) -> dict[str, Any]:
    return {body["sequence"]: body for body in _events(record, kind)}[sequence]


STEPS: Final[tuple[tuple[Text, Callable[[Record], Faults]], ...]] = (
    (Text("封印：文件自生成后未改动", "seal: the file is as it was made"), _seal),
    (Text("哈希链：每个事件与其哈希相符、前后相接", "chain: each event fits its hash and its place"), _chain),
    (
        Text("承诺：公开的姓名与文字即当时所记", "commitments: what is disclosed is what was written"),
        _private,
    ),
    (Text("内容：所列字段与文件即所签哈希的原文", "content: what is listed is what was signed"), _content),
    (Text("决定：谁、何时、如何作答与事件一致", "decisions: who answered what, when and how"), _decisions),
    (Text("事项：案例、申请与结果与事件一致", "matter: case, request and outcome fit the events"), _matter),
)
