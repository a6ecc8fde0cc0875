"""What we ourselves write down about a try, in the reader's language; what the other side said stays."""

from collections.abc import Mapping
from typing import Final

from engine.text import Language


def told(code: str, detail: str, language: Language) -> str:
    """`detail` of a try as this reader reads it."""
    if language == "en":
        return detail
    # These two say in full what the remedy beside them says.
    return "" if code in ("sealed", "url") else _CHINESE.get(detail, detail)


def unreadable_setting(name: str) -> str:
    """In `detail`, of an address that is the operator's."""
    return f"{name}{_UNREADABLE}"


def setting_named(detail: str) -> str:
    """The setting that `unreadable_setting` speaks of; empty where it speaks of none."""
    return detail.removesuffix(_UNREADABLE) if detail.endswith(_UNREADABLE) else ""


_UNREADABLE: Final = " cannot be read; nothing was sent"
_CHINESE: Final[Mapping[str, str]] = {
    "the message has no text; nothing was sent": "消息没有正文，未发送",
    "the database was busy; nothing was sent": "数据库正忙，未发送",
    "too many others were being sent; nothing was sent": "同时在发的消息太多，未发送",
    "no answer in time; the message may arrive twice": "没有及时等到回答，消息可能会到两次",
    "this kind of channel is not allowed here": "此种渠道未放行",
    "the provider's limit asks to wait": "对方的频率限制要求等候",
    "the channel's address leads inside, where messages may not go": "渠道地址指向内网，不能发往那里",
    "the other side refused the request": "对方拒绝了请求",
    "the connection broke before an answer came; the message may arrive twice": (
        "没等到回答连接就断了，消息可能会到两次"
    ),
    "the connection broke before an answer": "没等到回答连接就断了",
    "the other side could not be reached": "连不上对方",
    "the other side was not reached": "连不上对方",
    "no sound encrypted connection": "加密连接不成立",
    "the mail server does not offer the encryption or the login that is set; nothing was sent": (
        "邮件服务器不支持所设的加密或登录，未发送"
    ),
    "this address is no longer used for this person": "此人不再使用这个地址",
    "delivered by another channel": "已由其他渠道送达",
    "what it was about is over, or a newer message says it": "所说的事已结束，或已有更新的消息",
    "the case or the person is not known; nobody to write to": "案例或人员不存在，没有收件人",
    "the group is not written to any more": "不再向这个群发消息",
    "the person wants these in the mailbox only": "此人选择只在站内信箱看这类消息",
}
