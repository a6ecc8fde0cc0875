"""What is typed about a person, before it is kept."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cli.session import Exit, Failed
from engine.text import Text

if TYPE_CHECKING:
    from engine.ids import PersonId
    from engine.store.people import Channels, People, Person

LONGEST: Final = 200


def checked(person: "Person") -> "Person":
    """With the blanks around name and e-mail taken off. Raises Failed for the first thing that cannot
    be used.
    """
    from runtime.whereabouts import zone_fault

    neat = replace(person, name=person.name.strip(), email=person.email.strip())
    for wrong in (
        _id(neat.id),
        _name(neat.name),
        _email(neat.email),
        _speaks(neat.language),
        zone_fault(neat.zone),
    ):
        if wrong is not None:
            raise Failed(Exit.USAGE, wrong)
    return neat


def told_of(person: "Person") -> dict[str, Any]:
    """What JSON shows of a person: of the channels their names only."""
    from cli.screen import plain

    return {**plain(person), "channels": list(person.channels)}


def channels_of(people: "People", person: "PersonId") -> "Channels":
    """Those the person has already; a change of the other particulars leaves them alone."""
    from engine.store.people import UnknownPerson

    try:
        return people.get(person).channels
    except UnknownPerson:
        return {}


def _id(person: str) -> Text | None:
    plain = person.replace("-", "").replace("_", "").replace(".", "")
    if plain.isascii() and plain.isalnum() and len(person) <= LONGEST:
        return None
    return Text(
        f"{person!r} 不能作编号；请用字母、数字、-、_ 或 .，最多 {LONGEST} 个",
        f"{person!r} cannot be an id; use letters, digits, -, _ or ., {LONGEST} at most",
    )


def _name(name: str) -> Text | None:
    if not name:
        return Text("姓名不能为空；请写出姓名", "the name is empty; write one")
    if len(name) <= LONGEST:
        return None
    return Text(
        f"姓名有 {len(name)} 个字；最多 {LONGEST} 个",
        f"the name has {len(name)} characters; write {LONGEST} at most",
    )


def _email(email: str) -> Text | None:
    from engine.case.contacts import plausible_email

    if not email or plausible_email(email):
        return None
    return Text(
        f"{email!r} 不是邮箱地址；例如 wangmin@example.com",
        f"{email!r} is no e-mail address; write one such as wangmin@example.com",
    )


def _speaks(language: str) -> Text | None:
    return None if language in ("zh", "en") else Text("--speaks 只能是 zh 或 en", "--speaks is zh or en")
