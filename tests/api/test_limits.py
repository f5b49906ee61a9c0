"""Rate limits: a bucket per token, person and address, told in headers, the same for all processes."""

import sqlite3
import threading
import time

import pytest
from django.db import OperationalError
from django.test import Client

from kezhuan.api.identity import address_of
from kezhuan.areas.people.token_actions import make_token
from kezhuan.kernel import jobs, limits, tokens
from kezhuan.kernel.models import RateBucket
from kezhuan.kernel.text import today
from tests.api.actors import ROOT

STATUS = f"{ROOT}/status"


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is moved."""

    class Clock:
        at = 1_800_000_000.0

        def time(self):
            return self.at

    standing = Clock()
    monkeypatch.setattr(limits, "time", standing)
    return standing


def limit(settings, own=5, visitors=3):
    settings.API_RATE, settings.API_RATE_VISITORS = own, visitors


def told(answer):
    return tuple(int(answer.headers[f"RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset"))


def test_full_bucket_is_handed_out_then_refused_and_fills_steadily(city, settings, clock, monkeypatch):
    monkeypatch.setattr(limits, "HANDFULS", 20)
    limit(settings, visitors=6)  # one every ten seconds
    found = [city.visitor_api.get(STATUS) for _ in range(6)]
    assert [told(answer) for answer in found] == [(6, 5 - n, 10 * (n + 1)) for n in range(6)]
    refused = city.visitor_api.get(STATUS)
    assert (refused.status_code, refused.json()["problems"][0]["code"]) == (429, "too-fast")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert (refused.headers["Retry-After"], told(refused)) == ("10", (6, 0, 60))
    clock.at += 9
    assert city.visitor_api.get(STATUS).headers["Retry-After"] == "1"
    clock.at += 1
    assert city.visitor_api.get(STATUS).status_code == 200
    assert city.visitor_api.get(STATUS).status_code == 429
    clock.at += 3600
    assert [city.visitor_api.get(STATUS).status_code for _ in range(7)] == [200] * 6 + [429]


def test_each_token_person_and_address_has_a_bucket_of_its_own(city, settings, clock):
    limit(settings, own=2, visitors=1)
    secrets = [
        make_token(actor=city.owner, name="x", reads={"*"}, writes=(), expires_on=today(), seed=tokens.new_seed())[1]
        for _ in range(2)
    ]
    askers = [
        *(Client(headers={"authorization": f"Bearer {secret}"}) for secret in secrets),
        city.owner_api,
        city.rival_api,
    ]
    for asker in askers:
        assert [asker.get(STATUS).status_code for _ in range(3)] == [200, 200, 429]
    for address in ("10.0.0.1", "10.0.0.2"):
        codes = [Client(REMOTE_ADDR=address).get(STATUS).status_code for _ in range(2)]
        assert codes == [200, 429]


def test_guessing_tokens_is_slow(settings, clock, db):
    limit(settings, visitors=2)
    client = Client(headers={"authorization": "Bearer kz_guess"})
    assert [client.get(STATUS).status_code for _ in range(4)] == [401, 401, 429, 429]
    assert Client().get(STATUS).status_code == 429


def test_writes_and_refusals_count_and_tell_as_well(city, settings, clock):
    limit(settings, own=3)
    for status in (422, 422, 422, 429):
        answer = city.owner_api.post(f"{ROOT}/needs", "{}", content_type="application/json")
        assert answer.status_code == status
        assert told(answer)[0] == 3


def test_processes_together_give_no_more_than_the_bucket_holds(db, clock, monkeypatch):
    monkeypatch.setattr(limits, "HANDFULS", 20)
    processes = [limits.Limiter() for _ in range(4)]
    given = [one.take("somebody", 100).allowed for _ in range(40) for one in processes]
    assert sum(given) <= 100
    assert sum(given) >= 100 - 4 * 5
    clock.at += 30
    given = [one.take("somebody", 100).allowed for _ in range(40) for one in processes]
    assert 50 - 4 * 5 <= sum(given) <= 50


def test_what_is_in_hand_is_not_had_twice(db, clock, monkeypatch):
    """Held back until the bucket is full again, a handful is worth nothing: it is in the bucket."""
    monkeypatch.setattr(limits, "HANDFULS", 10)
    one = limits.Limiter()
    one.take("somebody", 100)
    clock.at += 61
    assert sum(one.take("somebody", 100).allowed for _ in range(150)) == 100


def test_what_remains_is_never_told_as_more_than_the_bucket_holds(db, clock, monkeypatch):
    monkeypatch.setattr(limits, "HANDFULS", 10)
    one = limits.Limiter()
    told_left = []
    for _ in range(30):
        told_left.append(one.take("somebody", 100).remaining)
        clock.at += 2
    assert max(told_left) == 99


def test_most_requests_ask_the_database_nothing(db, clock, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(limits, "HANDFULS", 20)
    one = limits.Limiter()
    with django_assert_num_queries(3 * 2):  # be patient, take, be as patient as usual
        assert all(one.take("somebody", 100).allowed for _ in range(10))


def test_who_was_refused_asks_the_database_nothing_until_there_is_one_again(db, clock, django_assert_num_queries):
    one = limits.Limiter()
    assert [one.take("somebody", 1).allowed for _ in range(2)] == [True, False]
    with django_assert_num_queries(0):
        assert not any(one.take("somebody", 1).allowed for _ in range(50))
    clock.at += 60
    assert one.take("somebody", 1).allowed


def test_busy_database_stops_nobody_and_the_process_counts_by_itself(db, clock, monkeypatch):
    class Busy(sqlite3.OperationalError):
        sqlite_errorcode = sqlite3.SQLITE_BUSY

    def busy():
        raise OperationalError from Busy()

    one = limits.Limiter()
    with monkeypatch.context() as locked:
        locked.setattr(limits.connection, "cursor", busy)
        assert [one.take("somebody", 3).allowed for _ in range(5)] == [True, True, True, False, False]


def test_only_so_many_askers_are_remembered(db, clock, monkeypatch):
    monkeypatch.setattr(limits, "MOST_HELD", 3)
    one = limits.Limiter()
    for number in range(10):
        one.take(f"{number}", 100)
    assert len(one._hands) == 3


def test_full_buckets_are_forgotten(db):
    RateBucket.objects.create(asker="old", full_at=time.time() - 1)
    RateBucket.objects.create(asker="young", full_at=time.time() + 50)
    jobs.enqueue("limits.forget")
    assert jobs.run_pending() == 1
    assert list(RateBucket.objects.values_list("asker", flat=True)) == ["young"]


def test_no_address_can_be_read_from_what_is_kept(settings, db):
    Client(REMOTE_ADDR="203.0.113.77").get(STATUS)
    assert all(len(asker) == 64 for asker in RateBucket.objects.values_list("asker", flat=True))


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "found"),
    [
        (0, "10.0.0.1", "1.2.3.4", "10.0.0.1"),
        (1, "10.0.0.1", "1.2.3.4", "1.2.3.4"),
        (1, "10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        (2, "10.0.0.1", "", "10.0.0.1"),
        (1, "10.0.0.1", "nonsense", ""),
        (0, "2001:db8::1", "", "2001:db8::/64"),
        (0, "", "", ""),
    ],
)
def test_address_is_what_the_outermost_of_our_proxies_saw(settings, rf, proxies, remote, forwarded, found):
    settings.PROXIES = proxies
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert address_of(rf.get("/", headers=headers, REMOTE_ADDR=remote)) == found


def test_threads_of_one_process_share_a_handful(db, clock, monkeypatch):
    monkeypatch.setattr(limits, "HANDFULS", 1)
    one = limits.Limiter()
    one.take("somebody", 1000)
    given = []

    def ask():
        given.extend(one.take("somebody", 1000).allowed for _ in range(100))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(given) == 800
    assert one._hands["somebody"].left == 199
