"""What is foreseen, in words: what, where, and how to mend it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.case.approvals import apart_from
from engine.case.foreseen import Foresaw, Foreseen
from engine.definition.compiled import Definition
from engine.ids import PersonId
from engine.text import Text, filled_zh

Names = Callable[[PersonId], str]

WHAT: Mapping[Foresaw, Text] = {
    Foresaw.ROLE_EMPTY: Text(
        "“{approval}”无人可签：没有人担任角色“{role}”",
        "nobody could sign '{approval}': nobody holds role '{role}'",
    ),
    Foresaw.ROLE_INACTIVE: Text(
        "“{approval}”无人可签：担任角色“{role}”的 {people} 都已停用",
        "nobody could sign '{approval}': {people}, who held role '{role}', are active no more",
    ),
    Foresaw.ROLE_PER_CASE: Text(
        "“{approval}”由外部角色“{role}”签，公司内没有指定；每个案例须各自指定",
        "'{approval}' is signed by the outside role '{role}', which nobody holds in general; each case has to"
        " name its own",
    ),
    Foresaw.ONLY_REQUESTERS: Text(
        "“{approval}”无人可签：能签的只有提出申请的 {people}，而自己的申请不能自己签",
        "nobody could sign '{approval}': only {people} could, who ask for it, and nobody signs their own"
        " request",
    ),
    Foresaw.TOO_LIGHT: Text(
        "“{approval}”无法通过：所有人的票合计权重 {there}，门槛是 {needed}",
        "'{approval}' could not pass: all votes together weigh {there}, and it needs {needed}",
    ),
    Foresaw.KEPT_APART: Text(
        "“{approval}”无人可签：它与“{others}”须由不同的人签，而两边都只有 {people}",
        "nobody could sign '{approval}': it must not be signed by the same person as '{others}', and both"
        " have only {people}",
    ),
    Foresaw.OUT_OF_REACH: Text(
        "“{approval}”无人可签：请的 {people} 收不到消息或已停用",
        "nobody could sign '{approval}': no message reaches {people}, or they are active no more",
    ),
    Foresaw.OWN_REQUEST: Text(
        "由 {people} 提出申请时，“{approval}”无人可签：自己的申请不能自己签",
        "asked for by {people}, nobody could sign '{approval}': nobody signs their own request",
    ),
    Foresaw.NOBODY_ASKS: Text(
        "没有人能申请“{transition}”：没有人担任 {roles}",
        "nobody may ask for '{transition}': nobody holds {roles}",
    ),
    Foresaw.ONE_PERSON: Text(
        "“{approval}”要几个人签，但 {roles} 都只有同一个人（{people}），签一次就算数",
        "'{approval}' wants several people, but {roles} are held by one person only ({people}), whose one"
        " answer counts for all",
    ),
    Foresaw.TIMEOUT_ROLE: Text(
        "“{approval}”超时后要交给角色“{role}”，但没有人担任",
        "after its time '{approval}' goes on to role '{role}', which nobody holds",
    ),
    Foresaw.OWNER_EMPTY: Text(
        "没有人担任流程负责人（角色“{role}”）：审批无人可签时，无人会被告知",
        "nobody owns the SOP (role '{role}'): when an approval cannot be signed, nobody is told",
    ),
    Foresaw.HELD_INSIDE: Text(
        "角色“{role}”在流程中是外部角色，却由公司内的 {people} 担任",
        "role '{role}' is one from outside in the SOP, and {people} from inside hold it",
    ),
    Foresaw.HELD_OUTSIDE: Text(
        "角色“{role}”在流程中是内部角色，却由外部的 {people} 担任，他们只能签批，不能办理",
        "role '{role}' is one from inside in the SOP, and {people} from outside hold it, who may sign and do"
        " nothing else",
    ),
    Foresaw.ONLY_ONE: Text(
        "“{approval}”只有 {people} 一人可签，不在时无人可签",
        "only {people} could sign '{approval}'; nobody could while away",
    ),
    Foresaw.ONLY_ONE_NOT_OWN: Text(
        "“{approval}”只有 {people} 一人可签；不在时，或由其本人申请时，无人可签",
        "only {people} could sign '{approval}'; nobody could while away, nor when {people} asks for it",
    ),
    Foresaw.COPY_ROLE: Text(
        "“{approval}”抄送角色“{role}”，但没有人担任",
        "'{approval}' is copied to role '{role}', which nobody holds",
    ),
    Foresaw.ROLE_SPARE: Text(
        "“{approval}”的角色“{role}”没有人担任，只能由其他角色签",
        "nobody holds role '{role}' of '{approval}'; only its other roles could sign",
    ),
}
USUALLY = Text("（平时正是由他们申请）", " (and they are the ones who usually ask)")

_GIVE = Text("指定人员：guanka role {id} 人员编号{case}", "assign somebody: guanka role {id} PERSON{case}")
_MORE = Text(
    "再指定一人，或在流程中写 own_request: true",
    "assign one more person, or write own_request: true in the SOP",
)
MEND: Mapping[Foresaw, Text] = {
    Foresaw.ROLE_EMPTY: _GIVE,
    Foresaw.ROLE_INACTIVE: _GIVE,
    Foresaw.ROLE_PER_CASE: Text(
        "新建案例时写 --role {id}=人员编号，或 guanka role {id} 人员编号 --case 案例",
        "start cases with --role {id}=PERSON, or use guanka role {id} PERSON --case CASE",
    ),
    Foresaw.ONLY_REQUESTERS: _MORE,
    Foresaw.OWN_REQUEST: _MORE,
    Foresaw.TOO_LIGHT: Text(
        "给这些角色再指定人员，或在流程中降低 threshold",
        "assign more people to its roles, or lower its threshold in the SOP",
    ),
    Foresaw.KEPT_APART: Text(
        "给其中一项审批的角色再指定一人", "assign one more person to a role of either approval"
    ),
    Foresaw.OUT_OF_REACH: Text(
        "登记邮箱：guanka person add 人员编号 姓名 --email 地址；或另行指定",
        "give an address: guanka person add ID NAME --email ADDRESS; or assign somebody else",
    ),
    Foresaw.NOBODY_ASKS: _GIVE,
    Foresaw.ONE_PERSON: Text("给其中一个角色另行指定一人", "assign somebody else to one of the roles"),
    Foresaw.TIMEOUT_ROLE: _GIVE,
    Foresaw.OWNER_EMPTY: _GIVE,
    Foresaw.HELD_INSIDE: Text("核对角色与人员是否对应", "see whether role and person belong together"),
    Foresaw.HELD_OUTSIDE: Text("核对角色与人员是否对应", "see whether role and person belong together"),
    Foresaw.ONLY_ONE: Text("可再指定一人", "assign one more person"),
    Foresaw.ONLY_ONE_NOT_OWN: Text("可再指定一人", "assign one more person"),
    Foresaw.COPY_ROLE: _GIVE,
    Foresaw.ROLE_SPARE: _GIVE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing foreseen, for people."""

    what: Text
    mend: Text


def said(found: Foreseen, definition: Definition, name: Names, *, case: str = "") -> Said:
    """`name` gives the name of a person; `case` is the id of the case it was foreseen in. Several approvals
    are named in one sentence.
    """
    what, mend = WHAT[found.code], MEND[found.code]
    zh, en = _parts(found, definition, name, zh=True), _parts(found, definition, name, zh=False)
    sentence = Text(filled_zh(what.zh, zh), what.en.format_map(en))
    if found.usual:
        sentence = Text(sentence.zh + USUALLY.zh, sentence.en + USUALLY.en)
    there = {"id": found.role.partition(" ")[0], "case": f" --case {case}" if case else ""}
    return Said(what=sentence, mend=Text(filled_zh(mend.zh, there), mend.en.format_map(there)))


def together(found: Iterable[Foreseen]) -> list[list[Foreseen]]:
    """What is the same but for the approval, side by side, so that it can be said in one sentence."""
    groups: dict[Foreseen, list[Foreseen]] = {}
    for one in found:
        plain = one if one.code is Foresaw.KEPT_APART else replace(one, path="", transition="", approval="")
        groups.setdefault(plain, []).append(one)
    return list(groups.values())


def as_one(group: Sequence[Foreseen]) -> Foreseen:
    return replace(group[0], approval=" ".join(dict.fromkeys(one.approval for one in group)))


def _parts(found: Foreseen, definition: Definition, name: Names, *, zh: bool) -> dict[str, str]:
    def title(one: str) -> str:
        return definition.title_of(one).in_("zh" if zh else "en")

    def listed(words: Iterable[str]) -> str:
        return ("、" if zh else ", ").join(words)

    there, needed = found.numbers
    return {
        "approval": listed(title(approval) for approval in found.approval.split()),
        "transition": title(found.transition),
        "role": title(found.role),
        "roles": listed(title(role) for role in found.role.split()),
        "people": listed(name(person) for person in found.persons),
        "others": listed(title(other) for other in _apart(found, definition)),
        "there": str(there),
        "needed": str(needed),
    }


def _apart(found: Foreseen, definition: Definition) -> Iterable[str]:
    transition = definition.transitions.get(found.transition)
    specs = transition.approvals if transition else ()
    return (
        other.id for spec in specs if spec.id == found.approval for _, other in apart_from(definition, spec)
    )
