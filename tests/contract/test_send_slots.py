"""The book of a robot: one for all processes, on both databases."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from engine.store.send_slots import Book
from engine.store.store import open_store
from notifications.limits import LONGEST_SHUT, Limits, budgets

NOW = datetime(2026, 11, 26, 1, 7, tzinfo=UTC)


LONG_AGO = NOW - timedelta(days=1)


def test_a_book_is_kept_as_it_was_judged_and_each_message_sees_its_own_turn(store) -> None:
    slots = store.send_slots
    later = NOW + timedelta(seconds=3)
    mine = Book(sent=((NOW, "a"), (later, "a")), mine=later, shut_until=NOW)
    assert slots.change("robot", "b", lambda _: (mine, "told"), stale=LONG_AGO) == "told"
    assert slots.book("robot", "b") == mine
    assert slots.book("robot", "c") == replace(mine, mine=None, last=later, others=1)
    assert slots.change("robot", "b", lambda book: (Book(), book), stale=LONG_AGO) == mine
    assert (slots.book("robot", "b"), slots.book("another")) == (Book(), Book())


def test_what_never_came_back_holds_up_nobody(store) -> None:
    slots = store.send_slots
    slots.change("robot", "gone", lambda book: (replace(book, mine=NOW), None), stale=LONG_AGO)
    seen = slots.change("robot", "b", lambda book: (book, book), stale=NOW + timedelta(seconds=1))
    assert (seen, slots.book("robot", "gone")) == (Book(), Book())


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
    assert book.others == 12


def test_a_robot_that_is_shut_out_is_shut_for_every_process(store) -> None:
    limits = Limits(books=store.send_slots, budgets=budgets())
    limits.shut("robot", 600, now=NOW)
    limits.shut("robot", 30, now=NOW)
    assert 600 <= limits.wait("dingtalk", "robot", "k", now=NOW) < 604
    assert limits.wait("ntfy", "robot", "k", now=NOW) == 600
    assert limits.wait("dingtalk", "another", "k", now=NOW) == 0
    assert limits.wait("dingtalk", "robot", "k", now=NOW + timedelta(seconds=610)) == 0


def test_however_long_a_provider_asks_to_wait_a_robot_is_shut_for_hours_only(store) -> None:
    limits = Limits(books=store.send_slots, budgets=budgets())
    for robot, kind in (("a", "dingtalk"), ("b", "ntfy")):
        limits.shut(robot, 99_999_999, now=NOW)
        assert 0 < limits.wait(kind, robot, "k", now=NOW) <= LONGEST_SHUT.total_seconds() + 4
    assert limits.wait("ntfy", "b", "k", now=NOW + LONGEST_SHUT) == 0


def test_a_robot_that_was_shut_for_years_writes_again(store) -> None:
    limits, years = Limits(books=store.send_slots, budgets=budgets()), NOW + timedelta(days=1500)
    for robot, kind in (("a", "dingtalk"), ("b", "ntfy")):
        store.send_slots.change(
            robot, "", lambda book: (replace(book, shut_until=years), None), stale=LONG_AGO
        )
        assert limits.wait(kind, robot, "k", now=NOW) == 0
        limits.shut(robot, 60, now=NOW)
        assert store.send_slots.book(robot).shut_until == NOW + timedelta(seconds=60)


def test_a_robot_that_is_reopened_lets_those_go_that_waited(store) -> None:
    limits = Limits(books=store.send_slots, budgets=budgets())
    limits.shut("robot", 3600, now=NOW)
    assert limits.wait("dingtalk", "robot", "k", now=NOW) >= 3600
    assert store.send_slots.shut(after=NOW, before=NOW + LONGEST_SHUT) == {"robot": NOW + timedelta(hours=1)}
    limits.reopen("robot", now=NOW)
    assert limits.wait("dingtalk", "robot", "k", now=NOW) == 0
    assert store.send_slots.shut(after=NOW, before=NOW + LONGEST_SHUT) == {}


def test_mails_have_a_limit_where_the_operator_sets_one(store) -> None:
    limited = Limits(books=store.send_slots, budgets=budgets(2))
    waits = [limited.wait("email", "server", key, now=NOW) for key in "abc"]
    assert (waits[:2], waits[2]) == ([0, 0], 60)
    free = Limits(books=store.send_slots, budgets=budgets())
    assert [free.wait("email", "another", key, now=NOW) for key in "abc"] == [0, 0, 0]
