"""The company's own wordings, on both databases: every version stays, and nobody overwrites another's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from engine.ids import PersonId
from engine.store.wordings import WordingMoved, WordingVersion

NOW = datetime(2026, 11, 26, 1, tzinfo=UTC)


def version(number: int, subject: str | None = "标题", **parts) -> WordingVersion:
    return WordingVersion(
        **{
            "kind": "approval_requested",
            "language": "zh",
            "number": number,
            "subject": subject,
            "body": None if subject is None else "正文",
            "changed_by": PersonId("wang"),
            "changed_at": NOW,
            **parts,
        }
    )


def test_the_newest_version_counts_and_the_others_stay_on_record(store):
    versions = [version(1, "一"), version(2, None), version(3, "三")]
    for one in versions:
        store.wordings.add(one)
    store.wordings.add(version(1, "Title", language="en"))
    assert store.wordings.newest("approval_requested", "zh") == versions[2]
    assert store.wordings.newest("case_held", "zh") is None
    assert store.wordings.history("approval_requested", "zh") == versions[::-1]
    assert [(one.language, one.number) for one in store.wordings.all()] == [("en", 1), ("zh", 3)]


def test_who_saw_an_older_version_changes_nothing(store):
    store.wordings.add(version(1))
    for number in (1, 3):
        with pytest.raises(WordingMoved):
            store.wordings.add(version(number, "另一"))
    assert [one.subject for one in store.wordings.history("approval_requested", "zh")] == ["标题"]


def test_of_many_at_the_same_moment_one_is_kept(store):
    def add(name: str) -> bool:
        try:
            store.wordings.add(version(1, name))
        except WordingMoved:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(add, "甲乙丙丁"))
    assert sum(kept) == 1
    assert len(store.wordings.history("approval_requested", "zh")) == 1
