"""A company to try everything with: people, roles, some settings, and cases in the midst of their work."""

from engine.text import Text
from runtime import demo_cases, demo_people
from runtime.carrying import Carrying
from runtime.shipped import publish_shipped
from runtime.wiring import Parts


def fill_if_empty(parts: Parts) -> bool:
    """Whether it was filled; a store that holds people or cases is left as it is."""
    if not open_company(parts):
        return False
    open_cases(parts)
    return True


def open_company(parts: Parts) -> bool:
    """People, roles, settings; False for a store that holds people or cases already. Pages can be shown
    from then on.
    """
    if parts.store.people.all() or any(parts.store.board.counts().values()):
        return False
    publish_shipped(parts)
    _company(parts)
    return True


def open_cases(parts: Parts) -> None:
    demo_cases.open_all(parts)
    carrying = Carrying(parts)
    carrying.sweep()
    carrying.fire_ready()


def _company(parts: Parts) -> None:
    for person in demo_people.people():
        parts.store.people.put(person)
    for role, persons in demo_people.holders().items():
        parts.store.people.set_holders(role, persons)
    for name, value in demo_people.SETTINGS.items():
        parts.store.people.set_setting(name, value)


def people_lines(parts: Parts) -> list[Text]:
    """Who is there, and who has something to sign now."""
    people = parts.store.people.all(active=True)
    asks = parts.store.inbox.asks()
    lines = [Text("演示人员：", "People of the demonstration:")]
    for person in people:
        waiting = sum(1 for ask in asks if ask.person == person.id)
        post = demo_people.post_of(person.id)
        note_zh = f"，有 {waiting} 项待审批" if waiting else ""
        note_en = f", {waiting} to sign" if waiting else ""
        head = f"  {person.id:<10}{person.name}"
        lines.append(Text(f"{head}（{post}）{note_zh}", f"{head} ({post}){note_en}"))
    return lines
