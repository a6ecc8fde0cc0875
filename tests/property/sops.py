"""Random SOPs that hold together, and random commands for them: sensible, senseless, and near misses."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.facts import child_id
from engine.case.state import Place, Verdict
from engine.case.time_commands import GoOn, WaitOutside
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, CaseId, PersonId, RequestId

CASE = CaseId("c1")
PERSONS = ("pei", "hua", "bo", "ke", "xia", "nobody")
ROLES = ("planner", "head", "boss", "customer", "vacant")
FIELDS = {
    "note": "text",
    "amount": "money",
    "day": "date",
    "ok": "bool",
    "parts": {"type": "list", "of": "text"},
    "notes": {"type": "list", "of": {"type": "record", "fields": {"what": "text"}}},
}
GUARDS = (
    "ok",
    "amount > '100 CNY'",
    "day <= today",
    "count(parts) > 0 or ok",
    "given(note)",
    "amount <= $limit",
)


def _approval(draw: st.DrawFn, number: int) -> dict[str, Any]:
    mode = draw(st.sampled_from(["any", "all", "sequence", "votes"]))
    roles = draw(st.lists(st.sampled_from(ROLES), min_size=1, max_size=3, unique=True))
    approval: dict[str, Any] = {
        "id": f"gate{number}",
        "by": [{"role": role, "weight": draw(st.integers(1, 3))} for role in roles],
        "mode": mode,
        "on_reject": draw(st.sampled_from(["stop", "wait_all", "return"])),
        "assurance": draw(st.sampled_from(["code", "link"])),
        "comment": draw(st.sampled_from(["never", "on_reject", "always"])),
        "shows": draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=2, unique=True)),
    }
    approval["return_to"] = draw(
        st.lists(st.sampled_from(["requester", "previous", "earlier"]), max_size=3, unique=True)
    )
    if mode == "votes":
        approval["threshold"] = draw(st.integers(1, 3))
    if draw(st.booleans()):
        approval["when"] = draw(st.sampled_from(GUARDS))
    if draw(st.booleans()):
        approval["within"] = draw(st.sampled_from(["1 wd", "4 h", "$limit_time"]))
        approval["on_timeout"] = draw(
            st.sampled_from(
                [
                    {"approve": True},
                    {"reject": True},
                    {"remind": True},
                    {"escalate": "boss"},
                    {"transfer": "head"},
                ]
            )
        )
    return approval


@st.composite
def sops(draw: st.DrawFn) -> dict[str, Any]:
    """Two to five stages in one or two tracks, forward moves, loops, a success exit, a cancel from
    anywhere.
    """
    count = draw(st.integers(2, 5))
    stages = [_stage(draw, n, "main") for n in range(count)]
    tracks: dict[str, Any] = {"main": {"start": "s0"}}
    transitions: list[dict[str, Any]] = [_forward(draw, n, count) for n in range(count)]
    if draw(st.booleans()):
        stages += [_stage(draw, n, "side") for n in (10, 11)]
        tracks["side"] = {
            "start": "s10",
            "opened_by": "go0",
            "cycle": {"stages": ["s10", "s11"], "every": draw(st.sampled_from(["1 wd", "$limit_time"]))},
        }
        transitions.append({"id": "side_on", "from": "s10", "to": "s11"})
        transitions.append({"id": "nudge", "from": "s11", "moves": {"main": "s0"}, "reason": "required"})
        transitions.append({"id": "meet", "from": {"main": "s0", "side": "s11"}, "to": f"s{count - 1}"})
    loop = draw(st.integers(0, count - 1))
    transitions.append(
        {"id": "back", "from": f"s{count - 1}", "to": f"s{loop}", "bump": "round", "clears": ["ok"]}
    )
    transitions.append({"id": "note_it", "from": "s0", "stay": True, "bump": "round"})
    transitions.append({"id": "cancel", "from": "any", "exit": "cancelled", "reason": "required"})
    return {
        "sop": "launch",
        "zh": "随机",
        "settings": {"limit": {"type": "money"}, "limit_time": {"type": "duration"}},
        "roles": {role: {"zh": role} for role in ROLES},
        "fields": FIELDS,
        "counters": {"round": {"zh": "轮次"}},
        "exits": {"done": {"zh": "完成", "success": True}, "cancelled": {"zh": "取消"}},
        "tracks": tracks,
        "stages": stages,
        "transitions": transitions,
        "children": {"helper": _child(draw)},
        "milestones": [{"id": "arrived", "entered": f"s{count - 1}", "planned": "day", "remind": ["1 wd"]}],
        "rules": [{"id": "not_too_much", "zh": "上限", "always": "amount <= '1000000 CNY'"}],
    }


def _child(draw: st.DrawFn) -> dict[str, Any]:
    effect = {
        "set": {"note": "child.outcome", "amount": "child.amount"},
        "append": {"notes": {"what": "child.outcome"}},
        "fire": draw(st.sampled_from(["cancel", "note_it", "go0"])),
    }
    return {
        "sop": "launch",
        "mandatory": draw(st.booleans()),
        "on_parent_end": draw(st.sampled_from(["cancel", "leave"])),
        "values": {"amount": "amount", "note": "note"},
        "on_child": {"done": effect},
    }


_COUNTED: tuple[dict[str, str], ...] = (
    {"within": "1 wd"},
    {"within": "3 h"},
    {"within": "$limit_time"},
    {"within": "1 wd", "from": "day"},
    {"ahead": "1 wd", "of": "milestone:arrived.forecast"},
    {"within": "2 wd", "from": "approval:gate0"},
)


def _stage(draw: st.DrawFn, n: int, track: str) -> dict[str, Any]:
    stage: dict[str, Any] = {"id": f"s{n}", "track": track, "owner": draw(st.sampled_from(ROLES))}
    if draw(st.booleans()):
        task: dict[str, Any] = {"id": f"t{n}", "waivable": draw(st.booleans()), "keep": draw(st.booleans())}
        if draw(st.booleans()):
            task["every"] = "2 wd"
        if draw(st.booleans()):
            task["requires"] = [draw(st.sampled_from(sorted(FIELDS)))]
        stage["tasks"] = [task]
    if draw(st.booleans()):
        stage["deadline"] = {**draw(st.sampled_from(_COUNTED)), "remind": ["1 h"]}
        stage["deadline"]["escalate"] = [{"after": "1 wd", "to": "boss"}]
    if draw(st.booleans()):
        stage["pausable"] = {"most": draw(st.sampled_from(["2 wd", "40 min", "$limit_time"]))}
    if draw(st.booleans()):
        stage["deliverables"] = [{"id": f"d{n}", "required": draw(st.booleans())}]
    return stage


def _forward(draw: st.DrawFn, n: int, count: int) -> dict[str, Any]:
    last = n == count - 1
    transition: dict[str, Any] = {"id": f"go{n}", "from": f"s{n}"}
    transition |= {"exit": "done"} if last else {"to": f"s{n + 1}"}
    if draw(st.booleans()):
        transition["guard"] = draw(st.sampled_from(GUARDS))
        transition["auto"] = draw(st.booleans())
    if draw(st.booleans()):
        transition["locks"] = draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=2, unique=True))
    if draw(st.booleans()):
        transition["approvals"] = [_approval(draw, n * 10 + k) for k in range(draw(st.integers(1, 2)))]
    return transition


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "note": st.sampled_from(["甲", "乙", None]),
        "amount": st.sampled_from(["50", "5000", "2000000", "abc", None]),
        "day": st.sampled_from(["2026-11-20", "2026-11-25", "2026-02-30", None]),
        "ok": st.sampled_from([True, False, None]),
        "parts": st.sampled_from([["x"], [], None]),
        "ghost": st.just("?"),
    },
)
_TASKS = st.sampled_from([*(f"t{n}" for n in (0, 1, 2, 3, 10, 11)), "ghost"])
_STAGES = st.sampled_from([*(f"s{n}" for n in (0, 1, 2, 10, 11)), "ghost"])
_STEPS = st.sampled_from(
    [
        *(f"go{n}" for n in range(5)),
        "back",
        "note_it",
        "side_on",
        "nudge",
        "side_cycle",
        "meet",
        "cancel",
        "?",
    ]
)
_IDS = st.integers(2, 60)

_APPROVALS = _IDS.map(lambda n: ApprovalId(f"a{n}"))
_HELPERS = st.sampled_from(["hua", "bo", "xia", "yan", "zhu", "pei", "ghost"]).map(PersonId)
_WORDS = st.sampled_from(["", "因为"])
_ON_ONE: dict[str, st.SearchStrategy[Any]] = {"case_id": st.just(CASE), "approval": _APPROVALS}
SIGNER_ACTS: tuple[st.SearchStrategy[cmd.Command], ...] = (
    st.builds(sc.TransferAsk, **_ON_ONE, to=_HELPERS, reason=_WORDS),
    st.builds(
        sc.AddSigners,
        **_ON_ONE,
        persons=st.lists(_HELPERS, max_size=2).map(tuple),
        place=st.sampled_from(Place),
        reason=_WORDS,
    ),
    st.builds(sc.RemoveSigner, **_ON_ONE, person=_HELPERS, reason=_WORDS),
    st.builds(sc.TakeBackDecision, **_ON_ONE),
    st.builds(sc.NudgeApproval, **_ON_ONE),
    st.builds(sc.AskForMaterial, **_ON_ONE, text=_WORDS),
    st.builds(sc.GiveMaterial, **_ON_ONE, text=_WORDS),
    st.builds(sc.CopyApproval, **_ON_ONE, persons=st.lists(_HELPERS, max_size=2).map(tuple)),
    st.builds(sc.CommentApproval, **_ON_ONE, text=_WORDS),
    st.builds(sc.DelegateAsk, **_ON_ONE, to=_HELPERS, reason=_WORDS),
    st.builds(sc.HandBack, **_ON_ONE, text=_WORDS),
    st.builds(sc.CallBack, **_ON_ONE),
    st.builds(
        sc.ReturnRequest,
        **_ON_ONE,
        comment=_WORDS,
        to=st.sampled_from(["", "", "s0", "s1", "s9"]),
        straight_back=st.booleans(),
    ),
    st.builds(sc.ResubmitRequest, case_id=st.just(CASE), request=_IDS.map(lambda n: RequestId(f"r{n}"))),
)

COMMANDS: st.SearchStrategy[cmd.Command] = st.one_of(
    st.builds(cmd.SetFields, case_id=st.just(CASE), values=VALUES),
    st.builds(cmd.CompleteTask, case_id=st.just(CASE), task=_TASKS),
    st.builds(cmd.ReopenTask, case_id=st.just(CASE), task=_TASKS),
    st.builds(cmd.WaiveTask, case_id=st.just(CASE), task=_TASKS, reason=st.sampled_from(["", "不适用"])),
    st.builds(
        cmd.AttachDeliverable,
        case_id=st.just(CASE),
        deliverable=st.sampled_from(["d0", "d1", "d10", "ghost"]),
        name=st.just("方案.pdf"),
        hash=st.sampled_from(["aa", "bb"]),
        size=st.just(3),
        media_type=st.just("application/pdf"),
    ),
    st.builds(
        cmd.RequestTransition, case_id=st.just(CASE), transition=_STEPS, reason=st.sampled_from(["", "因为"])
    ),
    st.builds(cmd.RequestTransition, case_id=st.just(CASE), transition=_STEPS, reason=st.just("因为")),
    st.builds(cmd.WithdrawRequest, case_id=st.just(CASE), request=_IDS.map(lambda n: RequestId(f"r{n}"))),
    st.builds(
        cmd.RecordDecision,
        case_id=st.just(CASE),
        approval=_IDS.map(lambda n: ApprovalId(f"a{n}")),
        verdict=st.sampled_from(Verdict),
        comment=st.sampled_from(["", "同意"]),
        assurance=st.sampled_from(Assurance),
    ),
    st.builds(
        cmd.ReissueLink,
        case_id=st.just(CASE),
        approval=_IDS.map(lambda n: ApprovalId(f"a{n}")),
        person=st.just(PersonId("hua")),
    ),
    st.builds(cmd.FireTransition, case_id=st.just(CASE), request=_IDS.map(lambda n: RequestId(f"r{n}"))),
    st.builds(cmd.HoldCase, case_id=st.just(CASE), reason=st.just("等客户")),
    st.builds(
        WaitOutside, case_id=st.just(CASE), stage=_STAGES, waits_for=st.just("客户"), reason=st.just("等样品")
    ),
    st.builds(GoOn, case_id=st.just(CASE), stage=_STAGES),
    st.builds(cmd.ResumeCase, case_id=st.just(CASE)),
    st.builds(cmd.AddComment, case_id=st.just(CASE), text=st.sampled_from(["好", " "])),
    st.builds(
        cmd.AssignRoles,
        case_id=st.just(CASE),
        roles=st.sampled_from([{"vacant": (PersonId("xia"),)}, {"head": ()}]),
    ),
    st.builds(cmd.OpenChild, case_id=st.just(CASE), child=st.just("helper"), title=st.just("帮手")),
    st.builds(
        cmd.RecordChildClosed,
        case_id=st.just(CASE),
        child=_IDS.map(lambda n: child_id(CASE, n)),
        outcome=st.sampled_from(["done", "cancelled"]),
        values=st.sampled_from([{}, {"amount": "7 CNY"}, {"amount": "2000000 CNY"}, {"amount": "?"}]),
    ),
    st.builds(
        cmd.PlanMilestone,
        case_id=st.just(CASE),
        milestone=st.sampled_from(["arrived", "ghost"]),
        forecast=st.dates(date(2026, 11, 20), date(2026, 12, 20)),
    ),
    st.builds(cmd.Sweep, case_id=st.just(CASE)),
    *SIGNER_ACTS,
)
