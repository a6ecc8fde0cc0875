"""People's channels in the store: sealed, also those an earlier version kept as they were."""

from engine.ids import PersonId
from engine.store.people import Person
from notifications.recognising import recognised
from notifications.sealing import is_sealed, kind_of
from runtime.channel_book import ChannelBook
from runtime.settings import read_settings
from runtime.wiring import opened

PLAIN = {
    "work": "https://oapi.dingtalk.com/robot/send?access_token=t0kenCanary",
    "odd": "tgram://t0kenCanary/7",
    "flag": True,
}


def test_addresses_kept_plain_are_sealed_by_the_upgrade_and_leave_no_trace(tmp_path) -> None:
    settings = read_settings({"GUANKA_DATA_DIR": str(tmp_path)})
    with opened(settings, migrate=True) as parts:
        parts.store.people.put(Person(id=PersonId("hua"), name="华敏", channels=PLAIN))
    assert b"t0kenCanary" in b"".join(path.read_bytes() for path in tmp_path.glob("guanka.db*"))
    with opened(settings, migrate=True) as parts:
        channels = parts.store.people.get(PersonId("hua")).channels
        assert b"t0kenCanary" not in b"".join(path.read_bytes() for path in tmp_path.glob("guanka.db*"))
        texts = [str(kept) for kept in channels.values() if isinstance(kept, str)]
        assert [kind_of(text) for text in texts] == ["dingtalk", "tgram"]
        assert [parts.sealer.opened(text) for text in texts] == [PLAIN["work"], PLAIN["odd"]]
        assert (list(channels), channels["flag"]) == (list(PLAIN), True)
    with opened(settings, migrate=True) as parts:
        assert parts.store.people.get(PersonId("hua")).channels == channels


def test_a_fresh_key_seals_everything_anew(tmp_path) -> None:
    settings = read_settings({"GUANKA_DATA_DIR": str(tmp_path)})
    with opened(settings, migrate=True) as parts:
        parts.store.people.put(Person(id=PersonId("hua"), name="华敏"))
        book = ChannelBook(people=parts.store.people, sealer=parts.sealer)
        names = [book.add(PersonId("hua"), recognised(u)) for u in ("slack://a/b/c", "slack://a/b/d")]
        before = dict(parts.store.people.get(PersonId("hua")).channels)
        assert book.seal_anew(parts.store.groups) == 2
        after = parts.store.people.get(PersonId("hua")).channels
        assert names == list(after) == ["slack", "slack-2"]
        assert all(is_sealed(str(kept)) and before[name] != kept for name, kept in after.items())
        assert all(one.readable for one in book.listed())
