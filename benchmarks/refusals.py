"""Whether a bad sign-off link shows by the time its refusal takes why it is bad.

Asks in process for links that are bad in different ways, in random order, and prints as JSON for each way the
median beside that of a forged signature, and how far the two can be told apart: 0.5 not at all, 1 always.

    .venv/bin/python -m benchmarks.refusals [--asks 300]
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from bisect import bisect_left, bisect_right
from dataclasses import replace
from pathlib import Path

from engine.ids import CaseId, PersonId
from notifications.links import claim_for, issue_link
from tests.served_site import a_site_in
from tests.web_site import Site

YARDSTICK = "forged signature"


def bad_links(site: Site) -> dict[str, str]:
    """Each refused for another reason."""
    case = site.case(site.asked())
    site.store.people.put(replace(site.store.people.get(PersonId("zed")), active=False))
    approval = next(iter(case.approvals.values()))
    claim = claim_for(approval, PersonId("bob"), case.id, site.keys)
    assert claim is not None

    def link(**parts: object) -> str:
        return issue_link("", site.keys, replace(claim, **parts))

    genuine = link()
    middle = genuine.index(".") + 9
    return {
        YARDSTICK: genuine[:middle] + ("A" if genuine[middle] != "A" else "B") + genuine[middle + 1 :],
        "unknown key": genuine[:-1] + "9",
        "earlier epoch": link(epoch=claim.epoch - 1),
        "case not there": link(case=CaseId("nowhere0")),
        "person not there": link(person=PersonId("abc")),
        "person not active": link(person=PersonId("zed")),
        "nonsense of that length": "/s/" + "x" * (len(genuine) - 3),
    }


def measured(site: Site, links: dict[str, str], asks: int, rng: random.Random) -> dict[str, list[float]]:
    browser = site.another(base_url="http://sign.example", client=("203.0.113.7", 1))
    times: dict[str, list[float]] = {name: [] for name in links}
    for turn in range(asks + 20):
        names = list(links)
        rng.shuffle(names)
        for name in names:
            began = time.perf_counter()
            answer = browser.get(links[name])
            took = time.perf_counter() - began
            if answer.status_code != 404:
                raise SystemExit(f"{name} was answered {answer.status_code}")
            if turn >= 20:  # the first ones load what is loaded once
                times[name].append(took)
    return times


def told_apart(one: list[float], other: list[float]) -> float:
    """How often a random one of the slower kind is slower than a random one of the other."""
    ordered = sorted(other)
    above = sum((bisect_left(ordered, t) + bisect_right(ordered, t)) / 2 for t in one)
    share = above / (len(one) * len(other))
    return max(share, 1 - share)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--asks", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, a_site_in(Path(folder)) as site:
        times = measured(site, bad_links(site), given.asks, random.Random(given.seed))
    base = statistics.median(times[YARDSTICK])
    report = {
        name: {
            "median_ms": round(statistics.median(took) * 1000, 3),
            "ratio": round(statistics.median(took) / base, 3),
            "told_apart": round(told_apart(took, times[YARDSTICK]), 3),
        }
        for name, took in times.items()
    }
    print(json.dumps({"asks": given.asks, "seed": given.seed, "refusals": report}, indent=1))


if __name__ == "__main__":
    main()
