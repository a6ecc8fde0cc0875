"""Published versions of an SOP."""

import pytest

from engine.errors import BrokenDefinition
from engine.ids import PersonId
from engine.store.definitions import Published, Version, digest_of
from engine.store.errors import UnknownDefinition
from engine.store.store import open_store
from tests.contract.cases import ID, SOP_TEXT, START

ADMIN = PersonId("admin")


def publish(store, text):
    return store.definitions.publish(text, "mini.yaml", by=ADMIN, now=START)


def version(text, number):
    return Version(sop="mini", number=number, digest=digest_of(text), published_at=START, published_by=ADMIN)


def test_the_same_text_again_is_the_same_version(store, opened):
    assert publish(store, SOP_TEXT) == Published(version=version(SOP_TEXT, 1), new=True)
    assert publish(opened(), SOP_TEXT) == Published(version=version(SOP_TEXT, 1), new=False)


def test_new_cases_start_on_the_newest_version_and_old_ones_find_theirs(store, opened):
    changed = SOP_TEXT.replace("迷你", "小型")
    publish(store, SOP_TEXT)
    other = opened()
    with other.uow.begin(ID) as work:
        assert work.latest("mini").digest == digest_of(SOP_TEXT)
    publish(store, changed)
    with other.uow.begin(ID) as work:
        assert work.latest("mini").digest == digest_of(changed)
        assert work.definition(digest_of(SOP_TEXT)).sop.zh == "迷你流程"
        assert work.latest("unheard_of") is None
    assert store.definitions.versions() == [version(changed, 2), version(SOP_TEXT, 1)]
    assert store.definitions.numbered("mini", 1) == version(SOP_TEXT, 1)
    assert store.definitions.latest("mini") == version(changed, 2)
    assert store.definitions.text(digest_of(changed)) == changed


def test_a_faulty_text_is_not_published(store):
    with pytest.raises(BrokenDefinition):
        publish(store, SOP_TEXT.replace("to: sign", "to: sing"))
    assert store.definitions.versions() == []


def test_a_version_nobody_published_is_named(store):
    with pytest.raises(UnknownDefinition, match="no published SOP has the hash abc; publish it first"):
        store.definitions.by_digest("abc")


def test_a_published_version_stays_usable_when_a_later_release_refuses_its_text(store, store_url, tmp_path):
    publish(store, SOP_TEXT)

    def stricter(text, file):
        raise BrokenDefinition(())

    later = open_store(store_url, tmp_path, load=stricter)
    assert later.definitions.by_digest(digest_of(SOP_TEXT)).sop.zh == "迷你流程"
    assert later.verify().sound
    later.close()
