"""The company that campaigns attack: its people, and an SOP whose every transition waits behind one kind of
gate.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import yaml

from engine.ids import PersonId
from engine.store.people import Person
from engine.store.store import Store

MONDAY: Final = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
ASKER, OWNER, BOSS = PersonId("pei"), PersonId("ou"), PersonId("bo")
SIGNERS: Final = tuple(PersonId(f"s{number:02}") for number in range(16))
FIVE: Final = SIGNERS[:5]
ROLES: Final[Mapping[str, tuple[PersonId, ...]]] = {
    "asker": (ASKER,),
    "sop_owner": (OWNER,),
    "boss": (BOSS,),
    "one": SIGNERS[:1],
    "two": SIGNERS[1:2],
    "five": FIVE,
    "many": SIGNERS,
}
NAMES: Final = {ASKER: "裴文", OWNER: "欧阳", BOSS: "柏总"}


def titled(name: str, **parts: Any) -> dict[str, Any]:
    return {"id": name, "zh": f"关口 {name}", "en": f"Gate {name}", **parts}


def gate(*roles: str, mode: str = "any", name: str = "gate", **parts: Any) -> dict[str, Any]:
    """An approval as an SOP writes it."""
    asked = {"by": [{"role": role} for role in roles], "mode": mode, "on_reject": "stop", "comment": "never"}
    return titled(name, **asked, **parts)


def behind(*gates: dict[str, Any]) -> dict[str, Any]:
    """The rest of a transition that stays where it is, so that a case can take it again and again."""
    return {"from": "desk", "stay": True, "approvals": list(gates)}


def a_sop(
    name: str,
    transitions: Mapping[str, Mapping[str, Any]],
    *,
    roles: Iterable[str] = ROLES,
    desk: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A case stands at one desk; every transition is one way on. `cancel` ends it."""
    moves = [titled(move, **parts) for move, parts in transitions.items()]
    cancel = titled("cancel", **{"from": "any", "exit": "cancelled", "reason": "required"})
    return {
        "sop": name,
        "zh": f"流程 {name}",
        "en": f"SOP {name}",
        "roles": {
            role: {"zh": f"角色 {role}", "en": f"Role {role}"} for role in roles if role != "sop_owner"
        },
        "fields": {"brief": {"type": "text", "zh": "简报", "en": "Brief"}},
        "exits": {
            "done": {"zh": "完成", "en": "Done", "success": True},
            "cancelled": {"zh": "取消", "en": "Cancelled"},
        },
        "stages": [titled("desk", **{"owner": "asker", **(desk or {})})],
        "transitions": [*moves, titled("finish", **{"from": "desk", "exit": "done"}), cancel],
    }


def found(store: Store, *sops: Mapping[str, Any], roles: Mapping[str, tuple[PersonId, ...]] = ROLES) -> None:
    """Puts people, roles and SOPs into an empty store."""
    everybody = dict.fromkeys((ASKER, OWNER, BOSS, *SIGNERS, *(p for held in roles.values() for p in held)))
    for person in everybody:
        store.people.put(Person(id=person, name=NAMES.get(person, f"签批人{person}")))
    for role, holders in roles.items():
        store.people.set_holders(role, holders)
    for sop in sops:
        publish(store, sop)


def publish(store: Store, sop: Mapping[str, Any]) -> str:
    """The digest of the version that new cases start on."""
    written = json.loads(json.dumps(sop))  # a part used twice would become an alias, which no SOP may hold
    text = yaml.safe_dump(written, allow_unicode=True, sort_keys=False)
    return store.definitions.publish(text, f"{sop['sop']}.yaml", by=OWNER, now=MONDAY).version.digest
