"""The fixed words on a printed record."""

from collections.abc import Mapping
from typing import Final

from engine.text import Text

LABELS: Final[Mapping[str, Text]] = {
    "record": Text("签批记录", "Sign-off record"),
    "matter": Text("事项", "Matter"),
    "case": Text("案例", "Case"),
    "sop": Text("流程", "SOP"),
    "asked_by": Text("申请人", "Asked by"),
    "asked_for": Text("申请事项", "Asked for"),
    "reason": Text("理由", "Reason"),
    "signed": Text("所签内容", "What was signed"),
    "documents": Text("文件", "Documents"),
    "file": Text("文件", "File"),
    "size": Text("大小", "Size"),
    "not_attached": Text("未附文件", "not attached"),
    "erased": Text("所签内容已抹除，仅存哈希", "What was signed has been erased; its hash remains"),
    "decisions": Text("决定", "Decisions"),
    "no_decision": Text("尚无决定", "No decision yet"),
    "comment": Text("意见", "Comment"),
    "shown": Text("所答页面的展示时间", "Page answered was shown"),
    "decided": Text("作答时间", "Answered"),
    "how": Text("方式", "How"),
    "origin": Text("来源", "From"),
    "forwarded": Text("代理声称", "as a proxy claims"),
    "agent": Text("浏览器", "Browser"),
    "taken_back": Text("此决定后已拿回", "taken back afterwards"),
    "external": Text("公司外部", "outside the company"),
    "earlier": Text("此前各轮", "Earlier rounds"),
    "checking": Text("核验", "Checking"),
    "content": Text("所签内容", "Content signed"),
    "event": Text("链上事件", "Event in the chain"),
    "head": Text("案例链头", "Head of the case"),
    "anchor": Text("锚定根", "Anchor root"),
    "seal": Text("本记录封印", "Seal of this record"),
    "how_to": Text(
        "以上均为 SHA-256。本 PDF 内附 record.json；按 docs/checking-a-record.md 所列步骤，"
        "仅用 Python 标准库即可核验记录与文件，无需联系出具方。",
        "All of these are SHA-256. record.json is attached to this PDF. With the steps of"
        " docs/checking-a-record.md anybody can check it, and the documents, with Python alone.",
    ),
    "scan": Text("扫码向出具方核对", "Scan to compare with the issuer"),
    "made": Text("生成于", "made"),
    "page": Text("页", "page"),
}
STATES: Final[Mapping[str, Text]] = {
    "granted": Text("已通过", "Granted"),
    "refused": Text("未通过", "Refused"),
    "open": Text("进行中", "Open"),
    "returned": Text("已退回申请人", "Returned to the requester"),
    "ended": Text("未作结论即终止", "Ended without an answer"),
}
VERDICTS: Final[Mapping[str, Text]] = {
    "approve": Text("同意", "Approved"),
    "reject": Text("驳回", "Rejected"),
}
ASSURANCES: Final[Mapping[str, Text]] = {
    "link": Text("凭个人链接", "with the personal link"),
    "code": Text("凭个人链接与消息中的四位数字", "with the personal link and the four digits of the message"),
    "login": Text(
        "在公司主机上以所选身份操作，未经登录验证",
        "on the company's machine, in a name chosen there and proven by no sign-in",
    ),
}
VIAS: Final[Mapping[str, Text]] = {
    "web": Text("网页", "web page"),
    "link": Text("签批页", "sign-off page"),
    "api": Text("程序接口", "API"),
    "cli": Text("命令行", "command line"),
    "runner": Text("系统", "the system"),
    "rule": Text("按规则", "by rule"),
}
BY_RULE: Final = Text("按规则", "by rule")
FOR: Final = Text("{by}（代 {person}）", "{by} for {person}")
LINK_NUMBER: Final = Text("第 {issue} 次发出的链接", "link number {issue}")
ROUND: Final = Text("第 {round} 轮", "Round {round}")
VERSION: Final = Text("第 {version} 版", "version {version}")
EVENT: Final = Text("第 {sequence} 个事件", "event {sequence}")
EARLIER: Final = Text(
    "{round}（{at}）：内容后有变动，已重新请审批；签过：{people}",
    "{round} ({at}): what was shown changed afterwards and was asked again; signed by: {people}",
)
NOBODY: Final = Text("无人", "nobody")
