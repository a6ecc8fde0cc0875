"""Tokens guessed, cut, altered and put together from others: none is taken for a link. The page shown for
them is always the same; how long the kinds of refusal take is compared in pairs and only counted.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from notifications.keys import Keys
from notifications.links import LinkClaim, read_link
from tests.faults.company import found
from tests.faults.forging import Forger, a_claim, token_of
from tests.faults.pages import Reply, get, press
from tests.faults.places import sqlite
from tests.faults.signing import SOP, Linked, linked
from tests.faults.station import Station, examined

NAME = "F4"
SUBJECT = "Forged and altered tokens: none is accepted, and all are refused alike."
GOAL = 1_000_000
QUICK = 3

TOKENS, OTHERS, PAGES, PAIRS = 2_000, 4, 4, 40
MENDED = 307


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with examined(sqlite(folder)) as here:
        found(here.store, SOP)
        here.parts.keys.rotate()  # so that there is a key before the one that signs
        while True:
            counts = _forged(rng, here.parts.keys)
            yield {**counts, "pages": _same_page(here, rng), **_compared(rng, here.parts.keys)}


def _forged(rng: random.Random, keys: Keys) -> Counter[str]:
    counts: Counter[str] = Counter(tokens=0)
    forger = _forger(rng, keys)
    assert read_link(forger.token, keys) is not None, "the good token is refused"
    for _ in range(TOKENS):
        how, token = forger.forged()
        assert read_link(token, keys) is None, f"{how}: {token!r} was accepted, made from {forger.token!r}"
        counts.update({"tokens": 1, how: 1})
    return counts


def _forger(rng: random.Random, keys: Keys) -> Forger:
    others = [token_of(keys, a_claim(rng, keys)) for _ in range(OTHERS)]
    return Forger(rng, keys, a_claim(rng, keys), others)


def _led(here: Station, answer: Reply) -> Reply:
    """A spelling that mail programs make is led to the plain one first, and judged there."""
    if answer.status != MENDED:
        return answer
    to = next(value.decode() for name, value in answer.headers if name == b"location")
    return get(here.app, to)


def _same_page(here: Station, rng: random.Random) -> int:
    """Seen, and pressed: each bad link of a real case gets the page that nonsense gets."""
    one = linked(here, "by_link")
    claim = read_link(one.letter.path.removeprefix("/s/"), here.parts.keys)
    assert claim is not None
    forger = Forger(rng, here.parts.keys, claim, [token_of(here.parts.keys, a_claim(rng, here.parts.keys))])
    plain = get(here.app, "/s/nothing-at-all")
    for _ in range(PAGES):
        how, token = forger.forged()
        if not token.strip("/") or token in {".", ".."}:
            continue
        path = f"/s/{quote(token, safe='')}"
        for answer in (_led(here, get(here.app, path)), press(here.app, path, {"verdict": "approve"})):
            assert (answer.status, answer.body) == (404, plain.body), f"{how}: {token!r} gets another page"
    _untouched(here, one)
    return 2 * PAGES


def _untouched(here: Station, one: Linked) -> None:
    assert here.case(one.case_id).version == one.version, f"{one.case_id} was changed by a forged link"


def _compared(rng: random.Random, keys: Keys) -> dict[str, int]:
    """How often one kind of refusal took longer than another measured right beside it."""
    claim = a_claim(rng, keys)
    kinds = _refused(rng, keys, claim)
    counts: Counter[str] = Counter(timed_pairs=PAIRS)
    for name, token in kinds.items():
        counts[f"{name}_slower"] = sum(
            _nanoseconds(token, keys) > _nanoseconds(kinds["signature"], keys)
            if rng.random() < 0.5
            else _nanoseconds(kinds["signature"], keys) < _nanoseconds(token, keys)
            for _ in range(PAIRS)
        )
    return dict(counts)


def _refused(rng: random.Random, keys: Keys, claim: LinkClaim) -> dict[str, str]:
    """One token of each kind, as long as each other; `signature` is the one compared with, also by itself."""
    good = token_of(keys, claim)
    payload, signature, key = good.split(".")
    wrong = ("B" if signature[0] == "A" else "A") + signature[1:]
    end = signature[:-2] + ("A" if signature[-2] != "A" else "B") + signature[-1]
    return {
        "signature": f"{payload}.{wrong}.{key}",
        "signature_end": f"{payload}.{end}.{key}",
        "unknown_key": f"{payload}.{signature}.9",
        "older_epoch": token_of(keys, replace(claim, epoch=claim.epoch - 1)),
    }


def _nanoseconds(token: str, keys: Keys) -> int:
    begun = time.perf_counter_ns()
    read_link(token, keys)
    return time.perf_counter_ns() - begun
