"""Buckets: so many at once, one more after each while, and never more memory than was meant."""

import pytest
from starlette.requests import Request

from web.limits import Buckets, sender_of
from web.ports import Allowance

THREE = Allowance(burst=3, seconds=10)


def test_so_many_at_once_and_then_one_after_each_while():
    buckets = Buckets(THREE)
    assert [buckets.take("a", 0) for _ in range(4)] == [0, 0, 0, 10]
    assert buckets.take("a", 4) == 6
    assert [buckets.take("a", 10), buckets.take("a", 10)] == [0, 10]
    assert buckets.take("b", 10) == 0


def test_who_waits_long_gets_no_more_than_the_bucket_holds():
    buckets = Buckets(THREE)
    buckets.take("a", 0)
    assert [buckets.take("a", 10_000) for _ in range(4)] == [0, 0, 0, 10]


def test_looking_takes_nothing():
    buckets = Buckets(Allowance(burst=1, seconds=5))
    assert [buckets.look("a", 0), buckets.look("a", 0), buckets.take("a", 0), buckets.look("a", 0)] == [
        0,
        0,
        0,
        5,
    ]


def test_a_clock_set_back_locks_nobody_out():
    buckets = Buckets(Allowance(burst=1, seconds=5))
    buckets.take("a", 3600)
    assert [buckets.take("a", 0), buckets.take("a", 5)] == [5, 0]


def test_the_name_not_asked_for_longest_is_forgotten_first():
    buckets = Buckets(Allowance(burst=1, seconds=1000), most=2)
    for name in ("a", "b", "a", "c"):
        buckets.take(name, 0)
    assert len(buckets._held) == 2
    assert [buckets.look("b", 0), buckets.look("a", 0) > 0, buckets.look("c", 0) > 0] == [0, True, True]


@pytest.mark.parametrize(
    ("peer", "forwarded", "sender"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # a stranger's word counts for nothing
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "6.6.6.6, 198.51.100.1", "198.51.100.1"),  # what the proxy itself saw comes last
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "", "203.0.113.7"),
        ("testclient", "198.51.100.1", "testclient"),
    ],
)
def test_a_sender_is_the_address_that_asks_or_the_one_a_proxy_of_ours_names(peer, forwarded, sender):
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    assert sender_of(Request({"type": "http", "client": (peer, 1), "headers": headers})) == sender
