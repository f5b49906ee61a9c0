"""Merges of a large index go on beside the searches, and the columns follow; machines share no folder."""

import json
import threading

import numpy as np
import pytest

from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.people.actions import SYSTEM, register_organisation
from kezhuan.engines.matching import Matcher
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.search import Asked, LiveIndex, live, search
from kezhuan.kernel.search.snapshots import Snapshots
from tests.factories import city

pytestmark = pytest.mark.django_db


def listed(count: int, name: str) -> list[int]:
    facts = {"kind": "enterprise", "region": "440106", "stage": "listed"}
    return [register_organisation(actor=SYSTEM, name=f"{name}{n}", **facts).pk for n in range(count)]


def found(words: str, index: LiveIndex) -> list[int]:
    return list(search(VISITOR, Asked(words=words), index=index).records)


def total(index: LiveIndex, words: str = "") -> int:
    return search(VISITOR, Asked(words=words), index=index).total


@pytest.mark.django_db(transaction=True)
def test_searches_answer_while_a_large_index_is_merged(monkeypatch):
    monkeypatch.setattr(live, "FEW", 0)
    monkeypatch.setattr("kezhuan.engines.matching.index.Index.merge_due", property(lambda self: len(self.live) > 2))
    listed(3, "先有企业")
    index = LiveIndex(None)
    index.catch_up(wait=True)
    began, go_on, merged = threading.Event(), threading.Event(), Matcher.merged

    def slow(self):
        began.set()
        assert go_on.wait(60)
        return merged(self)

    monkeypatch.setattr(Matcher, "merged", slow)
    listed(4, "后来企业")
    assert total(index, "后来") == 4  # taken in by this search, which does not wait for the merge it starts
    assert began.wait(60)
    before = index.matcher
    assert (total(index, "先有"), total(index, "后来")) == (3, 4)
    go_on.set()
    index._catching_up.join()
    assert index.matcher is not before
    assert not index.matcher.merge_due
    assert (total(index, "先有"), total(index, "后来")) == (3, 4)


@pytest.mark.django_db(transaction=True)
def test_what_is_new_is_found_while_the_snapshot_of_another_process_is_read(monkeypatch, tmp_path):
    monkeypatch.setattr(live, "FEW", 3)
    listed(5, "先有企业")
    writer, reader = LiveIndex(tmp_path), LiveIndex(tmp_path)
    assert total(reader) == 5
    writer.rebuild()
    began, go_on, read = threading.Event(), threading.Event(), Snapshots.read

    def slow(self, name):
        began.set()
        assert go_on.wait(60)
        return read(self, name)

    monkeypatch.setattr(Snapshots, "read", slow)
    listed(1, "后来企业")
    assert total(reader, "后来") == 1  # this search starts the reading
    assert began.wait(60)
    listed(1, "末尾企业")
    assert (total(reader, "末尾"), reader.status().behind) == (1, 0)
    assert reader._base != writer._base
    go_on.set()
    reader._catching_up.join()
    assert reader._base == writer._base
    assert (total(reader), total(reader, "末尾")) == (7, 1)


@pytest.mark.parametrize("replaced", [True, False])
def test_a_snapshot_that_is_replaced_while_it_is_read_is_no_damage(replaced, monkeypatch, tmp_path, caplog):
    listed(2, "先有企业")
    writer, reader = LiveIndex(tmp_path), Snapshots(tmp_path)
    writer.rebuild()
    load = Matcher.load

    def interrupted(*words, **more):
        monkeypatch.setattr(Matcher, "load", load)
        if replaced:
            writer.rebuild()
        raise OSError("gone")

    monkeypatch.setattr(Matcher, "load", interrupted)
    read = reader.read(reader.current())
    assert ((read.base == writer._base) if read else None, len(caplog.records)) == (
        (True, 0) if replaced else (None, 1)
    )


def test_columns_follow_when_a_merge_renumbers(monkeypatch):
    gone = listed(90, "旧企业")
    kept = listed(5, "留下企业")
    index = LiveIndex(None)
    index.catch_up(wait=True)
    generation = index.matcher.generation
    index._replace(dict.fromkeys(gone, "organisation"), [])
    monkeypatch.setattr("kezhuan.engines.matching.index.Index.merge_due", property(lambda _: True))
    with index._writing:
        index._merge_if_due()
    assert index.matcher.generation != generation
    assert np.array_equal(index.matcher.ids, index.columns.document_ids)
    assert set(index.columns.number("record")) == set(kept)
    assert search(VISITOR, Asked(facets=("region",)), index=index).facets["region"][0].count == total(index) == 5


def test_one_process_counts_anew_and_the_others_take_its_snapshot_over(monkeypatch, tmp_path):
    monkeypatch.setattr(live, "FEW", 3)
    listed(5, "先有企业")
    writer, reader = LiveIndex(tmp_path), LiveIndex(tmp_path)
    writer.catch_up(wait=True)  # made anew in files, and saved
    monkeypatch.setattr(LiveIndex, "_rebuild", None)
    monkeypatch.setattr(LiveIndex, "_start", lambda *_: None)
    assert total(reader) == 5
    base = writer._base
    assert reader._base == base
    gone = listed(70, "后来企业")
    assert total(reader, "后来") == total(writer, "后来") == 70
    writer.save()  # the same count: the reader has no use for it
    assert total(reader) == 75
    assert reader._base == base
    with writer._snapshots.only_writer(), reader._writing:
        assert reader.matcher.recount_due
        reader._merge_if_due()  # somebody else counts: here the new ones are only put together
        assert (reader._base, len(reader.matcher._index.segments)) == (base, 2)
    with writer._writing:
        writer._merge_if_due()
    assert writer._base != base
    assert len(writer.matcher._index.segments) == 1
    register_organisation(actor=SYSTEM, name="末尾企业", kind="enterprise", region="440106", stage="listed")
    reader.catch_up(wait=True)
    assert reader._base == writer._base
    assert (total(reader), total(reader, "末尾"), total(reader, "后来")) == (76, 1, len(gone))
    assert [path.name[:8] for path in tmp_path.iterdir() if path.is_dir()] == ["snapshot"]
    assert reader.matcher.completed  # the directions by which needs in the other language are answered came with it
    head = next(tmp_path.rglob("head.json"))
    said = json.loads(head.read_text())
    del said["table"]  # as by older code, which kept none: a thread makes them
    head.write_text(json.dumps(said))
    started = []
    monkeypatch.setattr(LiveIndex, "_start", lambda _index, work, **_: started.append(work))
    older = LiveIndex(tmp_path)
    assert total(older) == 76
    assert (started, older.matcher.completed) == ([older.matcher.complete], False)
    started[0]()
    assert older.matcher.completed


def test_two_machines_with_a_folder_each_follow_one_journal_and_share_nothing_else(tmp_path):
    firm, officer = city.organisation(), city.officer()
    actor = city.member(firm)
    need = city.need(firm, stage="published", by=actor, title="gezeiten 潮汐发电")
    machines = [LiveIndex(tmp_path / name) for name in ("one", "two")]
    assert [found("gezeiten", index) for index in machines] == [[need.pk]] * 2
    machines[0].save()
    assert not (tmp_path / "two").exists() or not any((tmp_path / "two").rglob("CURRENT"))
    later = city.need(firm, stage="submitted", by=actor, title="潮汐二期")
    advance(NEED, later, "publish", actor=officer)
    advance(NEED, need, "withdraw", actor=actor, note="理由")
    restarted = LiveIndex(tmp_path / "one")
    for index in (*machines[::-1], restarted):  # at once, whichever is asked first
        assert (found("gezeiten", index), found("潮汐", index)) == ([], [later.pk])
