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


def test_all_is_done_anew_in_steps_that_a_restart_and_new_entries_do_not_set_back(calls):
    """A sweep goes on where it stood; what changes meanwhile is handed over between two steps, and only a journal that
    is not the one seen begins it once more from its first record."""
    known, steps = people(5), []

    def step(number):
        if fails:
            raise ZeroDivisionError
        found = [pk for pk in known if pk > number][:2]
        steps.append(found)
        return found[-1] if found else None

    def stood():
        return [(one.name, one.done, one.total) for one in followers.sweeps()]

    fails, left = False, lambda number: sum(pk > number for pk in known)
    sweep = followers.Sweep("do all anew", step, left, beyond=2)
    followers.register(NAME, frozenset({"person"}), lambda ids, anew: calls.append((ids, anew)), sweep=sweep)
    assert (followers.run_step(), steps, calls, stood()) == (True, [known[:2]], [], [(NAME, 2, 5)])
    rows = {row.pk: row for row in followers.Record.objects.filter(pk__in=known)}
    assert [followers.has_seen(NAME, rows[pk]) for pk in known] == [True] * 2 + [False] * 3
    fails = True  # the process ends in the middle of a step
    with pytest.raises(ZeroDivisionError):
        followers.run_step()
    fails, (new,) = False, people(1)
    assert followers.run_step()
    assert (steps, calls, stood()) == ([known[:2], known[2:4]], [([new], False)], [(NAME, 4, 5)])
    many = people(3)  # too many to be told of: once more, when this time is over
    assert (followers.run_step(), stood()) == (True, [(NAME, 5, 10)])
    assert followers.run_pending() == 0
    assert (steps[2:], stood(), len(calls)) == ([known[4:], [], known[:2], known[2:4], known[4:], []], [], 1)
    assert followers.has_seen(NAME, followers.Record.objects.get(pk=many[-1]))
    Follower.objects.update(hash="f" * 64, swept=known[3], sweeps_again=True)
    assert (followers.run_step(), steps[-1], stood()) == (True, known[:2], [(NAME, 2, 5)])
    Follower.objects.update(leased_until=now() + timedelta(seconds=30))
    assert (followers.run_step(), stood()) == (False, [(NAME, 2, 5)])  # another process has the turn


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
