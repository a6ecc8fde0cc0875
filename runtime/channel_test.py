"""One message on trial: sent for real, through the same gates as every other, and told as it was."""

from dataclasses import dataclass
from html import escape
from secrets import token_hex
from time import monotonic
from typing import Final

from engine.ids import PersonId
from engine.text import Language, Text
from notifications.blocks import Paragraph
from notifications.channels import SendResult, SendState
from notifications.messages import Button, Message
from notifications.recognising import Recognised
from notifications.remedies import remedy
from notifications.routing import Address, addresses
from notifications.sealing import kind_of
from runtime.channel_book import ChannelBook
from runtime.records import StoreRecords
from runtime.wiring import Parts, channel_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """`remedy`: what to do, in the reader's language; empty where nothing needs to be done."""

    channel: str
    result: SendResult
    remedy: str
    milliseconds: int

    @property
    def taken(self) -> bool:
        return self.result.state is SendState.SENT

    @property
    def outcome(self) -> Text:
        return _OUTCOMES[self.result.state]


class ChannelTest:
    def __init__(self, parts: Parts) -> None:
        self._parts, self._channel = parts, parts.channel

    def person(self, person: PersonId, name: str, language: Language) -> list[Tried]:
        """Each of the person's channels, and the e-mail; with a name, that one only. Raises UnknownPerson,
        NoSuchChannel.
        """
        people = self._parts.store.people
        known = people.get(person)
        contact = StoreRecords(self._parts.store, language).contact(person)
        assert contact is not None  # noqa: S101 - just read
        if name and name != "email":
            kept = ChannelBook(people=people, sealer=self._parts.sealer).sealed(person, name)
            ways = [(each, Address(channel=each, url=url, guarded=True)) for each, url in kept]
        else:
            found = addresses(contact, channel_settings(self._parts.settings))
            names = [*known.channels, *(way.channel for way in found[len(contact.channels) :])]
            ways = [w for w in zip(names, found, strict=False) if name in ("", w[1].channel)]
        return [self._tried(label, address, language) for label, address in ways]

    def group(self, name: str) -> Tried:
        """Raises NoSuchGroup."""
        group = self._parts.store.groups.get(name)
        kind = kind_of(group.channel) or "?"
        address = Address(channel=kind, url=group.channel, personal=False, guarded=True)
        return self._tried(kind, address, "en" if group.language == "en" else "zh")

    def address(self, found: Recognised, language: Language) -> Tried:
        return self._tried(found.kind, Address(channel=found.kind, url=found.url, guarded=True), language)

    def _tried(self, label: str, address: Address, language: Language) -> Tried:
        begun = monotonic()
        result = self._channel.send(self._message(language), address)
        took = int((monotonic() - begun) * 1000)
        told = _remedy(address.channel, result, language)
        return Tried(channel=label, result=result, remedy=told, milliseconds=took)

    def _message(self, language: Language) -> Message:
        url = self._parts.settings.public_url
        body, label = _BODY.in_(language), _OPEN.in_(language)
        return Message(
            subject=_SUBJECT.in_(language),
            text=f"{body}\n\n{url}",
            html=f'<p>{escape(body)}</p><p><a href="{escape(url)}">{escape(label)}</a></p>',
            blocks=(Paragraph(body),),
            buttons=(Button(label=label, url=url),),
            key=token_hex(16),
        )


def _remedy(kind: str, result: SendResult, language: Language) -> str:
    """Empty where nothing needs to be done."""
    if result.state is SendState.SENT:
        return ""
    if result.state is SendState.LATER and result.code == "limit":
        return _WAIT.in_(language).format(int(result.retry_after_seconds or 0) + 1)
    unknown = _FINAL if result.state is SendState.REJECTED else _UNKNOWN
    return (remedy(kind, result.code, result.detail) or unknown).in_(language)


_SUBJECT: Final = Text("关卡试发", "A test from Guanka")
_BODY: Final = Text(
    "这是关卡的一条试发消息，说明此渠道可用。", "This is a test from Guanka: the channel works."
)
_OPEN: Final = Text("打开关卡", "Open Guanka")
_WAIT: Final = Text(
    "未超出对方的频率限制才会发出；请 {} 秒后再试。guanka channel list 列为等候的机器人，可用 guanka channel"
    " reopen 立即再发",
    "it waits for the limit; try again in {} s. A robot that guanka channel list shows as waiting is written"
    " to at once with guanka channel reopen",
)
_UNKNOWN: Final = Text(
    "未知的代码；正式消息会自动重试几次，仍不成请把这一行交给开发者",
    "an unknown code; real messages are tried again a few times, else show this line to the developers",
)
_FINAL: Final = Text(
    "未知的代码，对方拒绝；正式消息改用下一个渠道。请核对地址，仍不成请把这一行交给开发者",
    "an unknown code, and a refusal; real messages go to the next channel. Check the address, else show this"
    " line to the developers",
)
_OUTCOMES: Final = {
    SendState.SENT: Text("已送出，对方已接受", "sent, and taken"),
    SendState.RETRY: Text("没有送出，稍后可再试", "not sent; it may go later"),
    SendState.LATER: Text("没有送出，须等候", "not sent; it has to wait"),
    SendState.REJECTED: Text("被拒绝", "refused"),
    SendState.UNKNOWN: Text("不确定是否送达", "it is not known whether it arrived"),
}
