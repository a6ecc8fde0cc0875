"""What the operator, or whoever owns the channel, can do about a message that was not taken."""

from collections.abc import Mapping
from typing import Final

from engine.text import Text
from notifications.our_words import setting_named
from notifications.recognising import INSIDE
from notifications.services.codes import meaning


def remedy(kind: str, code: str, said: str = "") -> Text | None:
    """By the provider's code, or one of our own; None for a code that is not known. `kind` may be several,
    with commas between: the last one that knows the code is meant.
    """
    if code == "url" and (name := setting_named(said)):
        return Text(f"{name} 读不懂；更正后会自动重发", f"mend {name}; what waits is then sent by itself")
    kinds = reversed(kind.split(", "))
    known = next((found for each in kinds if (found := meaning(each, code, said))), None)
    return known.remedy if known is not None else _OURS.get(code)


_OURS: Final[Mapping[str, Text]] = {
    "inside": INSIDE,
    "scheme": Text("此种渠道未放行", "this kind of channel is not allowed here"),
    "url": Text(
        "地址读不懂；请重新添加渠道，或核对此人的邮箱",
        "the address cannot be read; add the channel again, or check the person's e-mail",
    ),
    "sealed": Text(
        "无法解密；请恢复 channel_keys.json 或重新添加", "restore channel_keys.json, or add it again"
    ),
    "unreachable": Text(
        "连不上；检查网络、代理与地址", "it was not reached; check network, proxy and address"
    ),
    "tls": Text(
        "加密连接不成立；检查证书与本机时间", "no encrypted connection; check certificates and the time"
    ),
    "no_answer": Text(
        "已交出但没有回音；看看是否收到", "handed over without an answer; see whether it arrived"
    ),
    "bad_answer": Text(
        "回答看不懂，可能是代理或登录页；核对地址",
        "the answer makes no sense, perhaps a proxy's or a login page's; check the address",
    ),
    "unsupported": Text(
        "邮件服务器不支持所设的加密或登录；检查 GUANKA_SMTP_URL",
        "the mail server does not offer the encryption or login that is set; check GUANKA_SMTP_URL",
    ),
    **dict.fromkeys(
        ("301", "302", "303", "307", "308"),
        Text(
            "这个地址转到别处，而关卡不跟随；请改用最终的地址",
            "this address leads elsewhere, and that is not followed; give the address it leads to",
        ),
    ),
    **{
        code: Text(
            f"HTTP {code}：{zh}；正式消息会自动重试", f"HTTP {code}: {en}; real messages are tried again"
        )
        for code, zh, en in (
            ("408", "对方等候超时", "the other side waited too long"),
            ("425", "对方暂时不收", "too early for the other side"),
            ("500", "对方出错", "an error over there"),
            ("502", "对方的网关出错", "an error of the gateway over there"),
            ("503", "对方暂时不可用", "temporarily unavailable"),
            ("504", "对方的网关超时", "the gateway over there timed out"),
        )
    },
    "401": Text("没有登录或令牌无效；重新复制地址", "no valid login or token; copy the address again"),
    "403": Text("没有权限；检查对方的安全设置", "not permitted; check the other side's security settings"),
    "404": Text("没有这个地址；重新复制", "no such address; copy it again"),
    "410": Text("地址已失效；重新添加", "the address is gone; add it again"),
    "429": Text(
        "发送过快；正式的消息与告警会稍后自动再发",
        "too many messages; real messages and alarms are sent again later by themselves",
    ),
}
