"""The book of a robot: one for all processes, on both databases."""

import threading
from datetime import UTC, datetime, timedelta

from engine.store.send_slots import Book
from engine.store.store import open_store
from notifications.limits import Limits, budgets

NOW = datetime(2026, 11, 26, 1, 7, tzinfo=UTC)


def test_a_book_is_kept_as_it_was_judged(store) -> None:
    slots = store.send_slots
    wanted = Book(sent=((NOW, "a"),), waiting={"b": NOW + timedelta(seconds=3)}, shut_until=NOW)
    assert slots.change("robot", lambda _: (wanted, "told")) == "told"
    assert slots.book("robot") == wanted
    assert slots.change("robot", lambda book: (Book(), book)) == wanted
    assert (slots.book("robot"), slots.book("another")) == (Book(), Book())


def test_of_many_that_ask_at_once_as_many_go_as_the_limit_allows(store, tmp_path) -> None:
    """Two connections of their own, as two processes have; each asks for messages of its own."""
    url = store.database.url.render_as_string(hide_password=False)
    other = open_store(url, tmp_path, wait_seconds=30)
    gone: list[str] = []

    def ask(asker, name: str) -> None:
        limits = Limits(books=asker.send_slots, budgets=budgets())
        for number in range(15):
            key = f"{name}{number}"
            if limits.wait("wecom", "robot", key, now=NOW + timedelta(milliseconds=number)) == 0:
                gone.append(key)

    askers = [threading.Thread(target=ask, args=(each, name)) for each, name in ((store, "a"), (other, "b"))]
    for each in askers:
        each.start()
    for each in askers:
        each.join()
    other.close()
    book = store.send_slots.book("robot")
    assert len(gone) == len(book.sent) == 18
    assert len(book.waiting) == 12


def test_a_robot_that_is_shut_out_is_shut_for_every_process(store) -> None:
    limits = Limits(books=store.send_slots, budgets=budgets())
    limits.shut("robot", 600, now=NOW)
    limits.shut("robot", 30, now=NOW)
    assert 600 <= limits.wait("dingtalk", "robot", "k", now=NOW) < 604
    assert limits.wait("ntfy", "robot", "k", now=NOW) == 600
    assert limits.wait("dingtalk", "another", "k", now=NOW) == 0
    assert limits.wait("dingtalk", "robot", "k", now=NOW + timedelta(seconds=610)) == 0
