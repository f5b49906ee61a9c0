"""The live index: follows the journal at once, survives restarts and damage, and never speaks of another database."""

import json
import threading
from pathlib import Path

import pytest
from django.db import connection

from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.people.actions import SYSTEM, register_organisation
from kezhuan.kernel import followers, guards, journal
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Follower, JournalHead, Record
from kezhuan.kernel.search import Asked, LiveIndex, live, live_index, search, status
from kezhuan.kernel.search import documents as search_documents
from tests.factories import city
from tests.factories.databases import at_once, drop_guards

pytestmark = pytest.mark.django_db


def listed(name, **facts):
    """A public organisation: the quickest record to make."""
    return register_organisation(actor=SYSTEM, name=name, kind="enterprise", region="440106", stage="listed", **facts)


def found(words="", index=None, **asked):
    return search(VISITOR, Asked(words=words, **asked), index=index).records


def test_a_record_is_found_right_after_it_is_published_and_gone_right_after_it_is_withdrawn():
    firm, officer = city.organisation(), city.officer()
    actor = city.member(firm)
    need = city.need(firm, stage="submitted", by=actor, title="gezeiten 潮汐发电")
    assert found("gezeiten") == []
    advance(NEED, need, "publish", actor=officer)
    assert found("gezeiten") == found("潮汐发电") == [need.pk]
    advance(NEED, need, "withdraw", actor=actor, note="理由")
    assert found("gezeiten") == []


def test_edited_words_replace_the_former_ones_at_once():
    from kezhuan.areas.achievements.actions import edit_achievement

    unit = city.organisation()
    actor = city.member(unit)
    row = city.achievement(unit, stage="listed", by=actor, title="altwort")
    assert found("altwort") == [row.pk]
    facts = city.achievement_facts(title="neuwort")
    edit_achievement(actor=actor, achievement=row, facts=facts, expected_version=row.record.version)
    assert (found("altwort"), found("neuwort")) == ([], [row.pk])
    secret = city.achievement_facts(title="neuwort", secrecy="internal")
    edit_achievement(actor=actor, achievement=row, facts=secret, expected_version=row.record.version)
    assert found("neuwort") == []


def test_a_title_only_need_has_a_poor_and_a_rich_document():
    firm = city.organisation()
    need = city.need(firm, stage="published", confidentiality="title_only", title="titelwort", problem="textwort")
    documents = {document.level: document for document in search_documents.read_documents({need.pk: "need"})}
    assert set(documents) == {0, 1}
    assert "textwort" not in str(documents[0])
    assert documents[0].keywords == ()
    assert dict(documents[0].facets) == {"stage": "published"}
    assert documents[0].facts == type(documents[0].facts)()
    assert "textwort" in documents[1].text


def test_a_void_record_and_an_unknown_kind_have_no_documents():
    row = city.achievement(city.organisation(), stage="void")
    assert list(search_documents.read_documents({row.pk: "achievement", 99: "spaceship"})) == []


def test_one_batch_entry_brings_all_its_records():
    rows = [listed(f"批量企业{n}") for n in range(5)]
    index = LiveIndex(None)
    index.catch_up(wait=True)
    Record.objects.filter(pk__in=[row.pk for row in rows]).update(title="改名gleich")
    with journal.writing():
        journal.note("organisation.edit", data={"uids": [str(row.record.uid) for row in rows]})
    assert sorted(found("gleich", index)) == sorted(row.pk for row in rows)


def test_facets_count_under_all_other_filters():
    for kind, region in (("enterprise", "440106"), ("enterprise", "440112"), ("university", "440106")):
        register_organisation(actor=SYSTEM, name=f"单位{kind}{region}", kind=kind, region=region, stage="listed")
    results = search(
        VISITOR, Asked(chosen={"region": ("440106",)}, facets=("region", "organisation_kind"), kinds=("organisation",))
    )
    assert results.total == 2
    counts = {name: {one.value: one.count for one in rows} for name, rows in results.facets.items()}
    assert counts == {
        "region": {"440106": 2, "440112": 1},
        "organisation_kind": {"enterprise": 1, "university": 1},
    }
    assert found(chosen={"region": ("no-such",)}) == found(chosen={"no-such": ("x",)}) == []


def test_pages_divide_the_whole_without_overlap():
    rows = {listed(f"分页企业{n}").pk for n in range(7)}
    pages = [found("分页", page=page, size=3) for page in range(4)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert {pk for page in pages for pk in page} == rows
    assert sorted(found(order="newest"), reverse=True) == found(order="newest")


def test_a_search_takes_the_same_few_queries_however_much_there_is(django_assert_num_queries):
    for n in range(2):
        listed(f"企业{n}")
        found()
    with django_assert_num_queries(1):
        found("企业", facets=("region",))
    for n in range(6):
        listed(f"企业甲{n}")
    found()
    with django_assert_num_queries(1):
        assert len(found("企业", facets=("region",))) == 8


# -- snapshots ------------------------------------------------------------


@pytest.fixture
def saved(tmp_path):
    """A folder with a snapshot of three organisations."""
    for n in range(3):
        listed(f"快照企业{n}")
    index = LiveIndex(tmp_path)
    index.catch_up(wait=True)
    index.save()
    return tmp_path


def rebuilds(monkeypatch):
    """Counts how often any index is made anew."""
    counted, original = [], LiveIndex._rebuild
    monkeypatch.setattr(LiveIndex, "_rebuild", lambda self, *rest: (counted.append(1), original(self, *rest))[1])
    return counted


def test_a_snapshot_is_read_and_only_what_is_new_is_added(saved, monkeypatch):
    rebuilt = rebuilds(monkeypatch)
    listed("快照之后")
    index = LiveIndex(saved)
    assert len(found("快照", index)) == 4
    results = search(VISITOR, Asked(facets=("region", "kind")), index=index)
    assert {one.value: one.count for one in results.facets["region"]} == {"440106": 4}
    assert rebuilt == []


def spoil(name):
    def act(folder):
        path = next(path for path in folder.rglob("*") if path.name == name)
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(bytes(content[: -len(content) // 3]))

    return act


def other_format(folder):
    path = next(folder.rglob("meta.json"))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 0}))


DAMAGE = {
    "columns cut": spoil("columns.npz"),
    "meta cut": spoil("meta.json"),
    "matcher cut": spoil("head.json"),
    "pointer to nothing": lambda folder: (folder / "CURRENT").write_text("snapshot-9-9"),
    "pointer not text": lambda folder: (folder / "CURRENT").write_bytes(b"\xff\xfe"),
    "pointer gone": lambda folder: (folder / "CURRENT").unlink(),
    "another format": other_format,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_snapshot_is_made_anew_from_the_database(saved, damage, monkeypatch):
    rebuilt = rebuilds(monkeypatch)
    damage(saved)
    index = LiveIndex(saved)
    assert len(found("快照", index)) == 3
    assert rebuilt == [1]
    index.save()
    assert len(found("快照", LiveIndex(saved))) == 3
    assert rebuilt == [1]


def test_only_the_newest_snapshot_is_kept_and_one_writer_writes(saved):
    index = LiveIndex(saved)
    index.catch_up(wait=True)
    listed("新企业")
    index.catch_up(wait=True)
    with LiveIndex(saved)._snapshots.only_writer() as alone:
        assert alone
        index.save()  # somebody else is writing: it is left to them
        assert (saved / "CURRENT").read_text().startswith("snapshot-3-")
    index._changed_since_save = 1
    index.save()
    assert [path.name for path in saved.glob("snapshot-*")] == [(saved / "CURRENT").read_text()]


def another_journal():
    """What a failover to an older copy leaves: the same numbers, other hashes."""
    connection.check_constraints()
    drop_guards()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_entry SET hash = 'other' || seq")
    connection.check_constraints()
    guards.make()
    last = Entry.objects.last()
    JournalHead.objects.update(seq=last.seq, hash=last.hash)


def test_an_index_of_another_journal_is_made_anew(saved, monkeypatch):
    rebuilt = rebuilds(monkeypatch)
    Record.objects.update(title="另一座城")  # no entry tells of it
    another_journal()
    index = LiveIndex(saved)
    assert index.catch_up(wait=True).behind == 0
    assert len(found("另一座城", index)) == 3
    assert found("快照", index) == []
    assert rebuilt == [1]


def test_an_index_of_another_journal_answers_nothing_until_it_is_made_anew(saved, monkeypatch):
    index = LiveIndex(saved)
    assert len(found("快照", index)) == 3
    another_journal()
    monkeypatch.setattr(LiveIndex, "_catch_up_now", lambda self: None)
    results = search(VISITOR, Asked(words="快照"), index=index)
    assert (results.records, results.total) == ([], 0)
    assert results.status.behind > 0


def test_what_is_withdrawn_while_the_index_is_behind_is_not_shown(monkeypatch):
    rows = [listed(f"落后企业{n}") for n in range(3)]
    index = LiveIndex(None)
    assert len(found("落后", index)) == 3
    monkeypatch.setattr(status, "AT_ONCE", 0)
    monkeypatch.setattr(LiveIndex, "_catch_up_now", lambda self: None)
    from kezhuan.areas.people.lifecycle import ORGANISATION

    advance(ORGANISATION, rows[0], "void", actor=city.officer(), note="理由")
    results = search(VISITOR, Asked(words="落后"), index=index)
    assert results.status.behind > 0
    assert sorted(results.records) == sorted(row.pk for row in rows[1:])


def test_rebuild_on_demand_equals_what_following_gave(saved):
    index = LiveIndex(saved)
    city.achievement(city.organisation(), stage="listed", confidential="nur innen")
    index.catch_up(wait=True)
    fresh = LiveIndex(None)
    status = fresh.rebuild()
    assert status.behind == 0
    alive = {int(one) for one, on in zip(index.matcher.ids, index.matcher.alive, strict=True) if on}
    assert alive == {int(one) for one in fresh.matcher.ids}
    for words in ("快照", "碳化硅", "innen", ""):
        # Equal scores may stand in another order: the corpus was counted at another moment.
        assert sorted(found(words, index)) == sorted(found(words, fresh))


@pytest.mark.django_db(transaction=True)
def test_searches_go_on_while_others_write(monkeypatch):
    rebuilt = rebuilds(monkeypatch)
    listed("并发企业0")
    assert len(found("并发")) == 1
    rebuilt.clear()
    done, problems, seen = threading.Event(), [], []

    def write():
        try:
            for n in range(1, 13):
                name = f"并发企业{n}"
                pk = listed(name).pk
                if found(name)[:1] != [pk]:  # its own words at once
                    problems.append(name)
        finally:
            done.set()

    def read():
        while not done.is_set():
            results = search(VISITOR, Asked(words="并发", facets=("region",)))
            seen.append(results.total)
            if sum(one.count for one in results.facets["region"]) != results.total:
                problems.append("counts")
        return sorted(seen) == seen or None

    results = at_once([write, read, read])
    assert not any(isinstance(result, Exception) for result in results), results
    assert problems == []
    assert rebuilt == []  # nobody takes a neighbour's progress for another journal
    assert len(found("并发")) == 13


@pytest.mark.django_db(transaction=True)
def test_much_at_once_is_taken_in_apart_and_saved(monkeypatch, settings):
    listed("先有企业")
    live_index().catch_up(wait=True)
    monkeypatch.setattr(status, "AT_ONCE", 2)
    for n in range(6):
        listed(f"很多企业{n}")
    index = live_index()
    index.catch_up()
    index._catching_up.join()
    assert index.status().behind == 0
    assert len(found("很多")) == 6
    assert (Path(settings.DATA) / "index" / "CURRENT").exists()


def test_concurrent_catching_up_never_goes_back(monkeypatch):
    """A thread that read the head before its neighbour took in more does not take the index for a foreign one."""
    listed("企业甲")
    index = LiveIndex(None)
    early = followers.head()
    listed("企业乙")
    index.catch_up(wait=True)
    rebuilt = rebuilds(monkeypatch)
    late = followers.head()
    heads = iter([early, late])
    monkeypatch.setattr(followers, "head", lambda: next(heads, late))
    index.catch_up()
    assert (index.reached, rebuilt) == (late, [])


# -- followers ------------------------------------------------------------


@pytest.fixture
def follower(monkeypatch):
    calls = []
    monkeypatch.setattr(followers, "_registered", {})
    followers.register("test", frozenset({"organisation"}), lambda ids, anew: calls.append((sorted(ids), anew)))
    return calls


def test_a_follower_hears_of_each_change_once_and_of_its_kinds_alone(follower):
    first, second = listed("甲"), listed("乙")
    city.member(first)
    assert followers.run_pending() > 0
    assert follower == [([first.pk, second.pk], False)]
    assert followers.run_pending() == 0
    assert followers.backlog() == {"test": 0}
    third = listed("丙")
    assert followers.backlog() == {"test": 1}
    assert followers.run_pending() == 1
    assert follower[1:] == [([third.pk], False)]


def test_a_follower_that_fails_hears_of_it_again(follower, monkeypatch):
    row = listed("甲")

    def fail(ids, anew):
        raise ZeroDivisionError

    kept = followers._registered["test"]
    followers.register("test", frozenset({"organisation"}), fail)
    with pytest.raises(ZeroDivisionError):
        followers.run_pending()
    monkeypatch.setitem(followers._registered, "test", kept)
    followers.run_pending()
    assert follower == [([row.pk], False)]


def test_a_follower_of_another_journal_begins_anew(follower):
    row = listed("甲")
    followers.run_pending()
    another_journal()
    followers.run_pending()
    assert follower == [([row.pk], False), ([], True)]
    assert followers.run_pending() == 0


def test_a_follower_takes_its_backlog_at_once_and_leaves_its_turn_to_whoever_has_it(follower, monkeypatch):
    monkeypatch.setattr(followers, "BATCH", 2)
    rows = [listed(f"企业{n}") for n in range(5)]
    followers.run_pending()
    assert [ids for ids, _ in follower] == [[row.pk for row in rows]]
    listed("后来")
    Follower.objects.update(leased_until="2999-01-01T00:00:00Z")
    assert followers.run_pending() == 0
    Follower.objects.update(leased_until="2000-01-01T00:00:00Z")
    assert followers.run_pending() == 1


def test_withdrawn_results_are_offered_to_no_need():
    import numpy as np

    row = city.achievement(city.organisation(), stage="listed")
    wanted = live.Supply("achievement", ("listed",), np.ones(1_000_000, np.bool_))
    index = live_index()
    index.catch_up(wait=True)
    assert int(index.supply(wanted).sum()) == 1
    advance(ACHIEVEMENT, row, "withdraw", actor=city.officer(), note="理由")
    index.catch_up(wait=True)
    assert int((index.supply(wanted) & index.matcher.alive).sum()) == 0
