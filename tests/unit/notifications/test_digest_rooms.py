"""What a digest may hold, so that no card leaves out a thing that it says it mentions."""

import json

import pytest

from engine.text import Language
from notifications.dialects import card_for
from notifications.digests import ROOMS, WHOLE, Digest, Line, Section, compose_digest, room_of, size_of
from notifications.services.dingtalk import DingTalk
from notifications.services.feishu import Feishu, Lark
from notifications.services.ntfy import Ntfy
from notifications.services.posting import Posting
from notifications.services.slack import Slack
from notifications.services.teams import Teams
from notifications.services.wecom import WeCom

LINK = "https://guanka.company-with-a-long-name.example/s/" + "x" * 250
PAGE = "https://guanka.company-with-a-long-name.example/work"
NEWS = (Section.SIGN_OFF, Section.DEADLINES, Section.ESCALATIONS, Section.NEWS)
SERVICES: dict[str, Posting] = {
    "dingtalk": DingTalk("t", mobiles=("13912345678",)),
    "feishu": Feishu("h"),
    "lark": Lark("h"),
    "wecom": WeCom("k"),
    "slack": Slack(("T0", "B0", "s")),
    "teams": Teams("https://x.example/w?sig=1"),
    "ntfy": Ntfy("https://ntfy.example", "t"),
}


def a_line(number: int, title: str, section: Section) -> Line:
    text = f"已逾期：{title}｜<{number:04}>"
    until = "11月26日（周四）18:00 UTC+8"
    return Line(section=section, text=text, link=LINK, until=until, made_up=True)


def filling(kind: str, title: str, language: Language) -> list[Line]:
    """As many lines as a digest of this room may hold, numbered."""
    lines: list[Line] = []
    room = room_of([kind])
    while room is not None:
        line = a_line(len(lines), title, NEWS[len(lines) % 4])
        room -= size_of(line, language, [kind])
        if room < 0:
            break
        lines.append(line)
    return lines


def sent(kind: str, digest: Digest) -> str:
    service = SERVICES[kind]
    body = service.post(card_for(service.dialect, compose_digest(digest))).body
    return json.dumps(body, ensure_ascii=False)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("title", ["新", "新品上市推广" * 14, "a" * 80, "[急]" * 20, "a.b&" * 20])
@pytest.mark.parametrize("name", ["敏" * 60, "&." * 30])
@pytest.mark.parametrize("kind", ROOMS)
def test_every_line_of_the_fullest_digest_stands_on_the_card_with_its_link(
    kind: str, name: str, title: str, language: Language
) -> None:
    lines = filling(kind, title, language)
    assert len(lines) > 2
    body = sent(kind, Digest(me=name, language=language, lines=lines, digits_apart=True, page=PAGE))
    assert [n for n in range(len(lines)) if f"{n:04}" not in body] == []
    assert body.count(LINK) == (0 if kind == "ntfy" else len(lines))
    assert "…" not in body


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", ROOMS)
def test_of_a_long_morning_the_card_says_how_much_more_there_is_and_where(
    kind: str, language: Language
) -> None:
    lines = [a_line(n, "新品上市推广" * 5, Section.LATE) for n in range(400)]
    body = sent(kind, Digest(me="敏", language=language, lines=lines, morning=True, page=PAGE))
    here = [n for n in range(400) if f"{n:04}" in body]
    assert here == list(range(len(here)))
    more = f"还有 {400 - len(here)} 件" if language == "zh" else f"{400 - len(here)} more"
    assert more in body
    assert PAGE in body


def test_where_no_page_opens_for_the_reader_the_rest_leads_nowhere():
    lines = [a_line(n, "新品", Section.LATE) for n in range(400)]
    body = sent("wecom", Digest(me="敏", language="zh", lines=lines, morning=True))
    assert "件没有列在这里：见“我的工作”页与站内信箱" in json.loads(body)["markdown"]["content"]


def test_a_line_takes_the_room_of_the_smallest_card_it_may_come_to():
    line = a_line(1, "新品上市推广" * 5, Section.NEWS)
    alone = {kind: size_of(line, "zh", [kind]) for kind in ROOMS}
    assert size_of(line, "zh", ["email", *ROOMS]) == max(alone.values())
    assert (room_of(["email", "dingtalk", "wecom"]), room_of(["email", "webhook"]), room_of([])) == (
        WHOLE,
        None,
        None,
    )
    assert size_of(line, "zh", ["email"]) == 0


def test_every_card_of_our_own_has_a_room():
    assert set(ROOMS) == set(SERVICES)


def test_a_digest_says_how_many_of_its_lines_come_late() -> None:
    lines = [Line(section=Section.NEWS, text=f"甲{n}", made_up=n < 2) for n in range(3)]
    assert "其中 2 件晚于应发的时刻" in compose_digest(Digest(me="敏", language="zh", lines=lines)).text
    assert "晚于应发" not in compose_digest(Digest(me="敏", language="zh", lines=lines[2:])).text
