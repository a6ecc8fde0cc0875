"""The sentence of each blocker, in both languages: what, where, and how to mend it."""

from collections.abc import Callable
from typing import Final

from engine.case.refusal import Blocker, Refusal
from engine.ids import PersonId
from engine.text import Language, Text, filled_zh

SENTENCES: dict[str, Text] = {
    "no_such_case": Text(
        "没有案例 {subject}；用 guanka list 查看现有案例",
        "there is no case {subject}; guanka list shows the cases",
    ),
    "case_exists": Text("案例 {subject} 已存在", "case {subject} exists already"),
    "case_closed": Text(
        "案例已结束（{title}），不能再变动；仍可评论",
        "the case has ended ({title}) and changes no more; comments are welcome",
    ),
    "case_held": Text("案例已暂停；请先恢复，或取消", "the case is on hold; resume it first, or give it up"),
    "not_held": Text("案例没有暂停，无需恢复", "the case is not on hold, so there is nothing to resume"),
    "no_hold_here": Text("当前阶段不允许暂停", "a case may not be put on hold in this stage"),
    "resume_in_past": Text(
        "恢复日期 {subject} 应晚于今天", "the date to resume, {subject}, must lie after today"
    ),
    "no_such_stage": Text("流程没有阶段 {subject}{zh}", "there is no stage {subject}{en}"),
    "stage_elsewhere": Text(
        "案例当前不在阶段“{title}”；请写所在的阶段",
        "the case does not stand in '{title}'; name a stage it stands in",
    ),
    "no_waiting_here": Text(
        "流程没有允许阶段“{title}”停下来等外部；可暂停整个案例，或请流程负责人写上 pausable",
        "the SOP does not let stage '{title}' wait; put the case on hold, or have its owner write 'pausable'",
    ),
    "waits_already": Text(
        "阶段“{title}”已在等{whom}；等到了请继续计时（案例页，或 guanka go-on）",
        "stage '{title}' waits for {whom} already; let its clock run on once that is over (the case page, or"
        " guanka go-on)",
    ),
    "waited_enough": Text(
        "阶段“{title}”最多等 {zh}，已用完；请继续推进，或申请延期",
        "stage '{title}' may wait {en} in all, and has; go on with it, or ask for more time",
    ),
    "not_waiting": Text(
        "阶段“{title}”没有在等人，时间照走", "stage '{title}' waits for nobody; its clock runs"
    ),
    "no_extension_here": Text(
        "这里没有可申请延期的流转：{zh}请流程负责人加一条带 extends 的流转",
        "no transition gives more time here: {en}have the SOP's owner add one with 'extends'",
    ),
    "which_extension": Text(
        "有多种延期，请写明一种：{zh}", "there are several ways to get more time; name one: {en}"
    ),
    "extends_nothing": Text("流转 {subject} 不能延期{zh}", "transition {subject} extends nothing{en}"),
    "nothing_to_extend": Text(
        "“{title}”：没有正在走的期限可延：已完成，或进入时没有设定时长（guanka setting list）",
        "'{title}': no deadline runs that could be extended: it is met, or its length was not set when it"
        " would have begun (guanka setting list)",
    ),
    "extended_enough": Text(
        "“{title}”：最多延期 {most} 次，已用完", "'{title}': {most} extensions at most, and they are used up"
    ),
    "extension_not_later": Text(
        "“{title}”须晚于现在和原期限 {due}；请改日期",
        "'{title}' must lie after now and after the present deadline, {due}; choose a later date",
    ),
    "extension_too_long": Text(
        "“{title}”一次最多延到 {last}；请改日期", "'{title}' may be {last} at most; choose an earlier date"
    ),
    "sop_not_published": Text(
        "流程 {subject} 尚未发布；用 guanka publish 发布",
        "SOP {subject} is not published; publish it with guanka publish",
    ),
    "unknown_person": Text(
        "不认识人员 {subject}；请先登记", "nobody is known as {subject}; add the person first"
    ),
    "external_person": Text(
        "外部人员只能对请其确认的事项作答",
        "people outside the company may only answer what they are asked to confirm",
    ),
    "only_by_rule": Text("该命令只由系统自己发出", "only the engine itself sends this command"),
    "no_such_person": Text(
        "没有人员 {subject}；请先登记", "there is no person {subject}; add the person first"
    ),
    "no_such_person_in": Text(
        "“{title}”：没有人员 {subject}；请填人员编号，或先登记此人",
        "'{title}': there is no person {subject}; give a person's id, or add the person first",
    ),
    "role_inside": Text(
        "“{title}”由公司内部人员担任，不能加外部联系人；外部角色：{zh}",
        "'{title}' is held by people of the company, not by contacts; roles for people outside: {en}",
    ),
    "contact_name": Text(
        "请写出联系人的姓名与单位，合计不超过 {longest} 字",
        "write the contact's name and company, {longest} characters at most together",
    ),
    "contact_email": Text(
        "{subject} 不是可用的邮箱；签批链接发往该邮箱，请写成 lin@example.com 的形式",
        "{subject} is no e-mail address; sign-off links go there, so write one such as lin@example.com",
    ),
    "contact_is_colleague": Text(
        "{email} 是同事 {subject} 的邮箱；同事不能作外部联系人，否则一人可代表双方签字，请填对方的邮箱",
        "{email} is the e-mail of {subject}, a colleague, who could then sign for both sides; give the"
        " contact's own",
    ),
    "contact_has_left": Text(
        "{email} 属于已停用的外部人员 {subject}；如仍由此人签字，请先用 guanka person add 重新启用",
        "{email} belongs to {subject}, who is no longer active; to have this person sign again, use guanka"
        " person add first",
    ),
    "not_on_case": Text(
        "谁代表对方，由在此案例上工作的人指定：立案人、流程内部角色的担任者或流程负责人；请由其中一位添加",
        "who stands for the other side is named by whoever works on this case: who opened it, holders of the"
        " SOP's own roles, or its owner; ask one of them",
    ),
    "no_such_role": Text("没有角色 {subject}{zh}", "there is no role {subject}{en}"),
    "no_such_field": Text("没有字段 {subject}{zh}", "there is no field {subject}{en}"),
    "no_such_task": Text("当前没有任务 {subject}{zh}", "there is no task {subject} here{en}"),
    "no_such_deliverable": Text("没有交付物 {subject}{zh}", "there is no deliverable {subject}{en}"),
    "no_such_transition": Text("没有流转 {subject}{zh}", "there is no transition {subject}{en}"),
    "no_such_child": Text("没有子流程 {subject}{zh}", "there is no child {subject}{en}"),
    "not_a_child": Text("{subject} 不是本案例的子案例", "{subject} is no child of this case"),
    "no_such_milestone": Text("没有里程碑 {subject}{zh}", "there is no milestone {subject}{en}"),
    "milestone_by_field": Text(
        "该里程碑的日期取自字段“{title}”，请改该字段",
        "this milestone takes its date from field '{title}'; change it there",
    ),
    "milestone_by_record": Text(
        "该里程碑的计划与实际日期取自列表“{title}”中它的那一行，请改那里；这里只能填预测日期",
        "this milestone takes its planned and actual dates from its record in '{title}'; change them there"
        " (only its forecast is set here)",
    ),
    "bad_value": Text("“{title}”{where}：{zh}", "'{title}'{where}: {en}"),
    "text_missing": Text("请填写{title}", "please write {title}"),
    "text_too_long": Text(
        "{title}最长 {longest} 字，现为 {length} 字；请缩短",
        "{title} has {length} characters and may have {longest} at most; shorten it",
    ),
    "text_unprintable": Text(
        "{title}含有不可见的控制字符，请删除后重试",
        "{title} holds control characters; remove them and try again",
    ),
    "task_open": Text("任务“{title}”尚未完成", "task '{title}' is not done yet"),
    "task_open_waivable": Text(
        "任务“{title}”尚未完成（可注明理由后豁免）",
        "task '{title}' is not done yet (it may be waived with a reason)",
    ),
    "task_elsewhere": Text(
        "任务“{title}”不在当前阶段", "task '{title}' does not belong to the current stage"
    ),
    "task_not_waivable": Text(
        "任务“{title}”不可豁免，请完成它", "task '{title}' may not be waived; complete it"
    ),
    "field_missing": Text(
        "字段“{title}”（{subject}）尚未填写", "field '{title}' ({subject}) is not filled in yet"
    ),
    "field_locked": Text(
        "“{title}”已获批准，不能再改；须先退回到 {zh}",
        "'{title}' was agreed and binds; go back to {en} first to change it",
    ),
    "deliverable_missing": Text(
        "交付物“{title}”（{subject}）尚未上传", "deliverable '{title}' ({subject}) is not attached yet"
    ),
    "reason_missing": Text("“{title}”须说明理由", "'{title}' needs a reason"),
    "setting_unset": Text(
        "公司设置“{title}”（{subject}）尚未设定；用 guanka setting 设定",
        "the company setting '{title}' ({subject}) is not set; set it with guanka setting",
    ),
    "guard_false": Text("条件不满足：{zh}", "the condition does not hold: {en}"),
    "not_in_stage": Text(
        "“{title}”只能在 {from_zh} 进行，当前在 {here_zh}",
        "'{title}' starts from {from_en}; the case is in {here_en}",
    ),
    "not_for_you": Text("“{title}”只能由 {zh} 发起", "'{title}' may be asked for by {en} only"),
    "transition_under_way": Text("“{title}”已获准，正在执行", "'{title}' is agreed and under way"),
    "approval_pending": Text(
        "“{transition_zh}”待审批“{title}”", "'{transition_en}' waits for approval '{title}'"
    ),
    "approval_unfilled": Text(
        "审批“{title}”无人可批：角色 {role_zh} 没有（除申请人外的）人员；请先指定",
        "nobody can sign approval '{title}': role {role_en} has no holder besides the requester; assign one",
    ),
    "approval_deserted": Text(
        "审批“{title}”等待的人已离开，通不过；请交接其工作，或为其角色指定他人",
        "approval '{title}' waits for somebody who has left, and cannot pass; hand their work over, or put"
        " somebody else into the role",
    ),
    "child_open": Text(
        "子流程“{title}”（{subject}）尚未结束", "child '{title}' ({subject}) has not ended yet"
    ),
    "child_elsewhere": Text("“{title}”只能在 {zh} 发起", "'{title}' can be opened in {en} only"),
    "rule_broken": Text("违反规则“{title}”：{condition}", "this would break the rule '{title}': {condition}"),
    "rule_broken_for": Text(
        "“{group_zh}”违反规则“{title}”：{condition}",
        "'{group_en}' would break the rule '{title}': {condition}",
    ),
    "rule_broken_remedy": Text(
        "违反规则“{title}”：{condition}；可先发起“{remedy_zh}”",
        "this would break the rule '{title}': {condition}; open '{remedy_en}' first",
    ),
    "rule_broken_for_remedy": Text(
        "“{group_zh}”违反规则“{title}”：{condition}；可先发起“{remedy_zh}”",
        "'{group_en}' would break the rule '{title}': {condition}; open '{remedy_en}' first",
    ),
    "request_not_ready": Text("该申请尚未就绪或已结束", "this request is not ready, or over already"),
    "request_over": Text(
        "该申请已有结果，不能撤回", "this request has its outcome already and cannot be withdrawn"
    ),
    "not_your_request": Text("只有申请人可以撤回", "only the requester may withdraw it"),
    "approval_over": Text("该审批已结束", "this approval is over"),
    "approval_closed": Text(
        "该审批已有结果，您的意见不再需要", "this approval has its outcome; your answer is no longer needed"
    ),
    "not_asked": Text("没有请您审批此事", "you are not asked to sign this"),
    "not_your_turn": Text("尚未轮到您审批", "it is not your turn yet"),
    "already_decided": Text("您已作过决定（{verdict}）", "you have answered already ({verdict})"),
    "decided_by_another": Text(
        "{principal} 的这项审批已由 {by} 作出决定（{verdict}）",
        "the ask of {principal} has been answered already by {by} ({verdict})",
    ),
    "stand_in_self": Text(
        "不能请自己代理；请另选一人", "nobody stands in for themselves; choose somebody else"
    ),
    "stand_in_backwards": Text(
        "代理的结束须晚于开始；请改日期", "the period ends before it begins; change the dates"
    ),
    "stand_in_over": Text("代理的期限已过；请改日期", "the period is over already; change the dates"),
    "not_theirs_to_arrange": Text(
        "只有 {subject} 本人或流程负责人可以这样安排",
        "only {subject} or the owner of an SOP may arrange this",
    ),
    "stand_in_twice": Text(
        "{subject} 在此期间已是代理人；如要改期，请先结束原来的",
        "{subject} stands in for that time already; to change it, end the other one first",
    ),
    "stand_in_external": Text(
        "{subject} 是外部人员，不能代理也不能被代理",
        "{subject} is outside the company and neither stands in nor has a stand-in",
    ),
    "stand_in_circle": Text(
        "{subject} 在此期间又由被代理人代理，会转成一圈；请另选一人或改日期",
        "{subject} is away in that time too, and it would come back in a circle; choose somebody else or"
        " other dates",
    ),
    "stand_in_chain": Text(
        "在此期间代理会超过三层；请另选一人或改日期",
        "in that time the chain of stand-ins would have more than three links; choose somebody else or"
        " other dates",
    ),
    "successor_is_leaver": Text(
        "接手的人不能是本人；请另选一人", "nobody takes over from themselves; choose somebody else"
    ),
    "successor_outside": Text(
        "{subject} 与离开的人不同属公司内部或外部；请另选一人",
        "one of {subject} and the leaver is outside the company, the other is not; choose somebody else",
    ),
    "successor_may_not": Text(
        "{subject} 不能接手审批“{title}”：本人是申请人，或已签过须分开的审批；请另选一人接手此案例",
        "{subject} cannot take over approval '{title}': this person makes the request, or has signed what"
        " must stay separate; choose another successor for this case",
    ),
    "successor_signs": Text(
        "{subject} 参与审批“{title}”，不能同时成为申请人；请另选一人接手此案例",
        "{subject} signs approval '{title}' and cannot become the requester as well; choose another successor"
        " for this case",
    ),
    "own_request": Text("不能审批自己的申请", "nobody signs their own request"),
    "one_at_a_time": Text(
        "审批“{title}”须逐项决定，流程不允许批量",
        "approval '{title}' is decided one at a time; the SOP does not allow several at once",
    ),
    "not_seen": Text(
        "批量决定“{title}”须写明每一项看到的轮次与内容（round 与 content）",
        "to decide '{title}' with others, say the round and content you saw of each",
    ),
    "content_changed": Text(
        "内容已变更，请查看最新内容后再决定", "what you saw has changed; look at it again before you decide"
    ),
    "link_replaced": Text(
        "这条链接已由新链接取代；请使用最新消息中的链接",
        "this link was replaced by a newer one; use the link in the newest message",
    ),
    "assurance_too_weak": Text(
        "此审批还须输入消息中的四位数字", "this approval also needs the four digits of the message"
    ),
    "comment_missing": Text("请写明意见", "please say why"),
    "delegated_away": Text(
        "您已委派他人先看；请等其交回，或先收回委派",
        "somebody else looks at it for you; wait for the opinion, or call it back first",
    ),
    "nobody_named": Text("请写明加签的人员与位置", "name who is to sign too, and before, beside or after"),
    "nothing_delegated": Text(
        "此审批没有委派可交回或收回", "nothing of this approval is delegated to hand back"
    ),
    "nothing_to_take_back": Text("您在此审批上没有可拿回的决定", "you have no answer here to take back"),
    "acted_on_since": Text(
        "之后已有人处理，不能再拿回决定；可在审批上写明意见",
        "somebody has acted on it since, so your answer stands; you may add a comment",
    ),
    "act_not_allowed": Text(
        "流程不允许在审批“{title}”上{zh}", "the SOP does not let you {en} on approval '{title}'"
    ),
    "already_in_approval": Text(
        "{subject} 已在此审批中，请另选一人", "{subject} is in this approval already; choose somebody else"
    ),
    "not_yours_to_remove": Text(
        "只有加签的人或流程负责人可以减去 {subject}",
        "only who added {subject}, or the SOP's owner, may take the signer out",
    ),
    "too_few_left": Text(
        "减签后审批“{title}”就无法通过，或会抹去已作的决定；请改为转交",
        "approval '{title}' could no longer pass, or would lose an answer given; hand it over instead",
    ),
    "nudged_lately": Text("刚催办过，{again} 后可再催", "they were reminded lately; try again at {again}"),
    "nobody_to_nudge": Text("审批“{title}”目前没有可催的人", "approval '{title}' waits for nobody just now"),
    "request_returned": Text(
        "“{title}”已退回，待申请人修改后重新提交",
        "'{title}' was sent back and waits until the requester puts it forward again",
    ),
    "signed_elsewhere": Text(
        "审批“{title}”须由另一人签：该人已签过流程要求分开的另一项审批",
        "approval '{title}' needs another person: this one has signed an approval that must stay separate",
    ),
    "not_returned": Text("该申请没有被退回，无需重新提交", "this request was not sent back"),
    "no_such_way_back": Text(
        "流程不允许退回到 {subject}；可退回：{zh}",
        "the SOP lets nobody return this to {subject}; possible: {en}",
    ),
    "material_asked": Text(
        "已在等待补充材料，请等答复", "material was asked for already; wait for the answer"
    ),
    "no_material_asked": Text("此审批没有要求补充材料", "no material was asked for here"),
    "rejected_by": Text("审批“{title}”未通过", "approval '{title}' was refused"),
}


VERDICTS: Final = {"approve": Text("同意", "yes"), "reject": Text("驳回", "no")}
PERSONS: Final = frozenset({"by", "principal"})  # the details that are a person's id
ABOUT_A_PERSON: Final = frozenset(  # whose subject is one
    {
        "already_in_approval",
        "not_theirs_to_arrange",
        "not_yours_to_remove",
        "stand_in_circle",
        "stand_in_external",
        "stand_in_twice",
        "successor_may_not",
        "successor_outside",
        "successor_signs",
    }
)


def say(blocker: Blocker, language: Language, name: Callable[[PersonId], str] | None = None) -> str:
    """The blocker in words; with `name`, people by their names, and also who can mend it or is waited for."""
    sentence, parts = SENTENCES[blocker.code].in_(language), _parts(blocker, language, name)
    sentence = filled_zh(sentence, parts) if language == "zh" else sentence.format_map(parts)
    if not blocker.waits_for or name is None:
        return sentence
    people = ("、" if language == "zh" else ", ").join(name(person) for person in blocker.waits_for)
    return f"{sentence}（等待：{people}）" if language == "zh" else f"{sentence} (waiting for {people})"


class _Parts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _parts(blocker: Blocker, language: Language, name: Callable[[PersonId], str] | None = None) -> _Parts:
    said = {**blocker.detail, "subject": blocker.subject}
    if name is not None:
        persons = PERSONS | {"subject"} if blocker.code in ABOUT_A_PERSON else PERSONS
        said |= {part: name(PersonId(said[part])) for part in persons if part in said}
    if said.get("verdict") in VERDICTS:
        said["verdict"] = VERDICTS[said["verdict"]].in_(language)
    return _Parts({**said, "title": blocker.title.in_(language) if blocker.title else blocker.subject})


def refusal_sentences(
    refusal: Refusal, language: Language, name: Callable[[PersonId], str] | None = None
) -> list[str]:
    """One sentence for each blocker, in order."""
    return [say(blocker, language, name) for blocker in refusal.blockers]
