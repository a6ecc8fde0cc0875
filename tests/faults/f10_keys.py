"""Keys are rotated while links are used in another process. A link is good for one rotation after it was
given out, and for none more; a restored backup brings none back.
"""

import random
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path

from engine.case.events import DecisionRecorded
from notifications.links import read_link
from runtime.backup import back_up, restore
from tests.faults.arena import Arena, arena
from tests.faults.company import MONDAY
from tests.faults.forging import a_claim, token_of
from tests.faults.pages import form_token, get, letter, press
from tests.faults.places import sqlite
from tests.faults.signing import SOP, Linked, linked
from tests.faults.station import Station, examined

NAME = "F10"
SUBJECT = "Keys rotate under use: a link lives for one rotation and not two; a restore brings none back."
GOAL = 1_000
QUICK = 3

KEPT, READS, ROTATIONS, LOOKS = 2, 200, 3, 30
RESTORE_EVERY = 3
SEEN, NOWHERE = 303, 404
Reading = tuple[int, int, int, bool]


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with arena(sqlite(folder), SOP) as field:
        for number in count(1):
            reads = _rotated_under_use(field, rng)
            used = _lives_for_one_rotation(field.here)
            restores = number % RESTORE_EVERY == 0
            if restores:
                _restored(field.here, folder / f"restored-{number}")
            yield {"rotations": ROTATIONS + 3, "reads": reads, "links": used, "restores": int(restores)}


def _rotated_under_use(field: Arena, rng: random.Random) -> int:
    """How many readings were judged, each by the keys there were before and after it."""
    reader, rotator = field.crew.hands
    reader.order(reading, rng.randrange(2**31))
    rotator.order(rotated)
    readings: list[Reading] = [each for line in reader.answer() for each in line]
    rotator.answer()
    for key, before, after, accepted in readings:
        if after - key < KEPT:
            assert accepted, f"a link of key {key} was refused while key {after} was the newest"
        if before - key >= KEPT:
            assert not accepted, f"a link of key {key} was accepted while key {before} was the newest"
    return len(readings)


def reading(here: Station, seed: int) -> list[list[Reading]]:
    """Links given out now and some time ago: key, newest key before, newest after, whether it was good."""
    return here.at_once([lambda: _reading(here, random.Random(seed))])


def _reading(here: Station, rng: random.Random) -> list[Reading]:
    keys, held, found = here.parts.keys, list[tuple[int, str]](), list[Reading]()
    for _ in range(READS):
        claim = a_claim(rng, keys)
        held.append((int(claim.key), token_of(keys, claim)))
        key, token = rng.choice(held[-20:])
        before = int(keys.ring.newest.id)
        accepted = read_link(token, keys) is not None
        found.append((key, before, int(keys.ring.newest.id), accepted))
    return found


def rotated(here: Station) -> list[None]:
    def rotate() -> None:
        for _ in range(ROTATIONS):
            for _ in range(LOOKS):
                here.store.board.page()  # some time passes
            here.parts.keys.rotate()

    return here.at_once([rotate])


def _lives_for_one_rotation(here: Station) -> int:
    young, old = linked(here, "by_code"), linked(here, "by_code")
    here.parts.keys.rotate()
    done = _pressed(here, young)
    assert done == SEEN, f"{young.case_id}: after one rotation the link was answered {done}"
    here.parts.keys.rotate()
    done = _pressed(here, old)
    assert done == NOWHERE, f"{old.case_id}: after two rotations the link was answered {done}"
    assert not _decided(here, old)
    return 2


def _restored(here: Station, folder: Path) -> None:
    """A backup from before a decision: neither the used link nor an unused one opens anything on it."""
    used, unused = linked(here, "by_link"), linked(here, "by_link")
    backup = back_up(here.place.settings, folder.with_suffix(".tar"), now=MONDAY).file
    assert _pressed(here, used) == SEEN
    place = replace(here.place, url=f"sqlite:///{folder / 'guanka.db'}", folder=folder)
    folder.mkdir()
    shutil.copy(here.place.settings.keys_file, place.settings.keys_file)
    restore(place.settings, backup, replace=False, stamp="restored")
    with examined(place) as there:
        for one in (used, unused):
            done = _pressed(there, one)
            assert done == NOWHERE, f"{one.case_id}: a link from before the restore was answered {done}"
            assert not _decided(there, one)
        fresh = replace(unused, letter=letter(there.parts, unused.case_id, unused.person))
        assert _pressed(there, fresh) == SEEN, f"{fresh.case_id}: a new link does not work after a restore"


def _pressed(here: Station, one: Linked) -> int:
    token = form_token(get(here.app, one.letter.path))
    typed = {"token": token, "verdict": "approve", "code": one.letter.code}
    return press(here.app, one.letter.path, typed).status


def _decided(here: Station, one: Linked) -> bool:
    return any(isinstance(recorded.event, DecisionRecorded) for recorded in here.history(one.case_id))
