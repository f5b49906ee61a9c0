"""Followers of the journal: each change is handed over once, a backlog as one piece, to one process at a time."""

from datetime import timedelta

import pytest

from kezhuan.areas.people.actions import SYSTEM, register_person
from kezhuan.kernel import followers, journal
from kezhuan.kernel.models import Follower, JournalHead
from kezhuan.kernel.text import now

pytestmark = pytest.mark.django_db
NAME = "test"


@pytest.fixture
def calls(monkeypatch):
    """What the one follower of people was called with."""
    seen = []
    monkeypatch.setattr(followers, "_registered", {})
    followers.register(NAME, frozenset({"person"}), lambda ids, anew: seen.append((list(ids), anew)))
    return seen


def people(count):
    return [register_person(actor=SYSTEM, name=f"人{number}").pk for number in range(count)]


def test_a_backlog_is_one_piece_of_work_however_long(calls, monkeypatch):
    monkeypatch.setattr(followers, "BATCH", 2)
    known = people(7)
    assert followers.run_pending() == 7
    assert calls == [(known, False)]
    assert followers.run_pending() == 0
    more = people(1)
    followers.run_pending()
    assert calls[1:] == [(more, False)]
    assert followers.backlog() == {NAME: 0}


def test_an_entry_that_names_many_records_is_followed_like_many_entries(calls, monkeypatch):
    monkeypatch.setattr(followers, "BATCH", 2)
    known = people(5)
    followers.run_pending()
    rows = followers.Record.objects.filter(pk__in=known)
    with journal.writing():
        journal.note("person.open", data={"uids": [str(row.uid) for row in rows]})
    followers.run_pending()
    assert [(sorted(ids), anew) for ids, anew in calls[1:]] == [(known, False)]


def test_in_another_journal_a_follower_begins_anew_and_is_told_no_ids(calls):
    people(3)
    followers.run_pending()
    Follower.objects.update(hash="f" * 64)
    followers.run_pending()
    assert calls[1:] == [([], True)]
    assert Follower.objects.get().hash == JournalHead.objects.get().hash


def test_who_first_follows_a_long_journal_begins_anew_and_reads_none_of_it(calls, monkeypatch):
    monkeypatch.setattr(followers, "FAR", 2)
    people(3)
    with monkeypatch.context() as patch:
        patch.setattr(followers, "changed_records", None)
        followers.run_pending()
    more = people(3)
    followers.run_pending()
    assert calls == [([], True), (more, False)]


def test_while_one_process_has_the_turn_another_leaves_it(calls):
    people(1)
    Follower.objects.create(name=NAME, leased_until=now() + timedelta(seconds=30))
    assert followers.run_pending() == 0
    Follower.objects.update(leased_until=now() - timedelta(seconds=1))
    assert followers.run_pending() == 1
    assert len(calls) == 1


def test_a_follower_that_fails_is_called_again_with_the_same(calls, monkeypatch):
    def fail(ids, anew):
        calls.append((list(ids), anew))
        raise ZeroDivisionError

    known = people(2)
    followers.register(NAME, frozenset({"person"}), fail)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            followers.run_pending()
    assert calls == [(known, False)] * 2


def test_a_turn_that_was_slept_through_writes_nothing_into_the_next_one(calls):
    """Whoever lost the turn takes back what it had not committed, and neither ends nor moves on the next one's."""
    people(2)
    until = now() + timedelta(seconds=30)

    def sleep(ids, anew):
        Follower.objects.update(turn=99, leased_until=until)  # another process takes over meanwhile
        with journal.writing():
            journal.note("person.open")

    followers.register(NAME, frozenset({"person"}), sleep)
    before = JournalHead.objects.get().seq
    assert followers.run_pending() == 0
    assert JournalHead.objects.get().seq == before
    held = Follower.objects.get()
    assert (held.turn, held.leased_until, held.seq) == (99, until, 0)


def test_each_taking_of_the_turn_has_the_next_number(calls):
    for number in (1, 2):
        people(1)
        followers.run_pending()
        held = Follower.objects.get()
        assert (held.turn, held.leased_until) == (number, None)
