"""Rates hold whoever counts: threads and processes share one count, and what was used comes back in time."""

import pytest

from kezhuan.kernel import limits
from kezhuan.kernel.limits import Rate, give_back, spend
from kezhuan.kernel.models import RateBucket
from tests.factories.databases import at_once

FIVE = Rate(5, 100.0)


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1_000_000.0

    monkeypatch.setattr(limits.time, "time", lambda: Clock.now)
    return Clock


@pytest.mark.django_db
def test_rate_allows_its_number_and_then_says_how_long_to_wait(clock):
    assert [spend("a", FIVE) for _ in range(6)] == [0, 0, 0, 0, 0, 20]
    assert spend("b", FIVE) == 0


@pytest.mark.django_db
def test_used_rate_comes_back_evenly(clock):
    for _ in range(5):
        spend("a", FIVE)
    clock.now += 20
    assert [spend("a", FIVE), spend("a", FIVE)] == [0, 20]
    clock.now += 1000
    assert [spend("a", FIVE) for _ in range(6)][4:] == [0, 20]


@pytest.mark.django_db
def test_refused_use_is_not_counted_and_one_given_back_is_free_again(clock):
    for _ in range(9):
        spend("a", FIVE)
    give_back("a", FIVE)
    assert [spend("a", FIVE), spend("a", FIVE)] == [0, 20]


@pytest.mark.django_db
def test_what_is_kept_names_nobody(clock):
    spend("password:li@example.com", FIVE)
    assert "li@" not in RateBucket.objects.get().asker


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_counted_one_by_one():
    slow = Rate(5, 10_000.0)
    waits = at_once([lambda: spend("a", slow) for _ in range(16)])
    assert sum(wait == 0 for wait in waits) == 5
    assert all(isinstance(wait, float) for wait in waits)


def test_whoever_looked_at_the_clock_earlier_and_came_later_has_their_use(db, monkeypatch):
    moments = iter([1000.02, 1000.0, 1000.0])
    monkeypatch.setattr(limits.time, "time", lambda: next(moments))
    assert [_draws() for _ in range(3)] == [True, True, False]


def _draws():
    rate = Rate(2, 100.0)
    return bool(limits._draw(limits._asker("b"), rate.span, rate.within, limits.time.time()))


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ("", 0, "192.0.2.1"),
        ("198.51.100.7", 0, "192.0.2.1"),
        ("6.6.6.6, 198.51.100.7", 1, "198.51.100.7"),
        ("6.6.6.6, 198.51.100.7, 10.0.0.1", 2, "198.51.100.7"),
        ("198.51.100.7", 2, "192.0.2.1"),
        ("nonsense", 1, ""),
    ],
)
def test_address_is_what_our_outermost_proxy_saw(forwarded, proxies, address):
    assert limits.came_from(forwarded, "192.0.2.1", proxies) == address


def test_one_asker_of_ipv6_has_a_network():
    assert limits.network_of("2001:db8:1:2:3::9") == limits.network_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert limits.network_of("192.0.2.1") == "192.0.2.1"
