"""A case acted out in memory, by the same rules as every other, to have something to show in samples."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from engine.case.calendar import WorkCalendar
from engine.case.commands import Command
from engine.case.decide import decide
from engine.case.events import Recorded
from engine.case.evolve import replay
from engine.case.facts import Facts
from engine.case.refusal import Refusal
from engine.case.state import RULE, Actor, Case, Via
from engine.case.workdays import Day, DayKind, Source
from engine.definition.compiled import Definition
from engine.definition.loader import load
from engine.groups import Binding, Ground, news_owed
from engine.ids import CaseId, PersonId
from engine.outbox import MessageKind, OwedMessage, messages_owed
from engine.text import Text

FILE: Final = Path(__file__).parent / "sample_campaign.yaml"
MONDAY: Final = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
ID: Final = CaseId("sample-campaign")
NAMES: Final[Mapping[str, Text]] = {
    "liufang": Text("刘芳", "Liu Fang"),
    "sunyue": Text("孙悦", "Sun Yue"),
    "chenjing": Text("陈静", "Chen Jing"),
    "zhaolei": Text("赵磊", "Zhao Lei"),
    "heping": Text("何平", "He Ping"),
}
ROLES: Final[Mapping[str, tuple[PersonId, ...]]] = {
    "planner": (PersonId("liufang"),),
    "promotion": (PersonId("sunyue"),),
    "marketing_head": (PersonId("chenjing"),),
    "management": (PersonId("zhaolei"),),
    "sop_owner": (PersonId("zhaolei"),),
}
VALUES: Final[Mapping[str, JsonValue]] = {
    "goal": "秋冬新品上市首月，线上新客订单提升四成",
    "budget": "480000 CNY",
    "new_customers": "3000",
    "discount": "12",
    "time_window": {"start": "2026-12-01", "end": "2026-12-24"},
    "audience": "一二线城市 25–40 岁的年轻家庭，关注性价比，常看短视频，周末下单。",
    "content": "达人开箱短视频、限时组合优惠与老客推荐有礼；12 家门店同步体验。",
    "media_plan": [
        {"channel": "短视频平台", "format": "达人合作 6 条", "amount": "180000 CNY"},
        {"channel": "社交媒体", "format": "信息流", "amount": "120000 CNY"},
        {"channel": "搜索", "format": "品牌与品类词", "amount": "60000 CNY"},
        {"channel": "门店", "format": "陈列与试用装", "amount": "70000 CNY"},
        {"channel": "公众号", "format": "客户故事 4 篇", "amount": "20000 CNY"},
        {"channel": "社群", "format": "老客推荐有礼", "amount": "30000 CNY"},
    ],
    "place": "线上，12 家门店同步",
    "partner": "星河传媒（上海）有限公司",
    "landing_page": "https://shop.example.cn/new-season",
    "emergency_plan": "缺货超过两天即停投相关单品；客诉集中时由客服主管当日答复。",
    "lead": "liufang",
    "review_basis": "上季度问卷：六成新客来自短视频，单客成本 138 元。",
    "materials_ready": True,
}
GROUP: Final = "sample"
_CALENDAR: Final = WorkCalendar(
    id="cn",
    zone="Asia/Shanghai",
    hours=((time(9), time(12)), (time(13), time(18))),
    week=frozenset(range(5)),
    version="samples",
)
LONG_WEEKEND: Final = replace(
    _CALENDAR,
    layers=({date(2026, 11, day): Day(DayKind.OFF, Source.COMPANY) for day in (26, 27)},),
    version="samples-newer",
)


@cache
def definition() -> Definition:
    return load(FILE.read_text(encoding="utf-8"), FILE.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The case as it stands at an instant. Every act gives a later moment and leaves this one as it is."""

    now: datetime = MONDAY
    case: Case | None = None
    events: tuple[Recorded, ...] = ()
    owed: tuple[OwedMessage, ...] = field(default=())
    calendar: WorkCalendar = _CALENDAR

    def after(self, **span: float) -> "Moment":
        return replace(self, now=self.now + timedelta(**span))

    def act(self, by: str, *commands: Command) -> "Moment":
        moment = self
        for command in commands:
            moment = moment._once(Actor(person=PersonId(by), via=Via.WEB) if by else RULE, command)
        return moment

    def _once(self, actor: Actor, command: Command) -> "Moment":
        known = frozenset({*(PersonId(name) for name in NAMES), RULE.person})
        facts = Facts(now=self.now, actor=actor, calendar=self.calendar, people=ROLES, known=known)
        made = decide(definition(), self.case, command, facts)
        if isinstance(made, Refusal):
            raise TypeError(f"{command.kind}: {made}")
        case = replay(made, self.case)
        return replace(
            self,
            case=case,
            events=(*self.events, *made),
            owed=(*self.owed, *_messages(made), *_news(made, self.case, case)),
        )

    def told(self, kind: MessageKind, to: str = "") -> OwedMessage:
        """The newest message of this kind, to anybody or to this person."""
        found = [owed for owed in self.owed if owed.kind is kind and to in {"", owed.to}]
        return found[-1]

    @property
    def known(self) -> Case:
        if self.case is None:
            raise LookupError("the case has not begun")
        return self.case


def _messages(events: Iterable[Recorded]) -> Iterable[OwedMessage]:
    for event in events:
        for owed in messages_owed(event):
            if isinstance(owed, OwedMessage):
                yield owed


def _news(events: Iterable[Recorded], before: Case | None, after: Case | None) -> Iterable[OwedMessage]:
    if after is None:
        return ()
    ground = Ground(definition=definition(), before=before, after=after, people=ROLES)
    return news_owed(events, ground, [Binding(group=GROUP)])


Act = Callable[[Moment], Moment]
