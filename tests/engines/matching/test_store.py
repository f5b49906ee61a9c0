"""Saving and loading: the same answers, and one clear error for anything unfit."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from kezhuan.engines.matching import FROZEN, DamagedIndex, Item, Match, Matcher, store

from .cases import CITY
from .test_matcher import NEED


def answers(matcher: Matcher) -> list[Match]:
    return matcher.kneighbors([NEED], 5)[0]


def test_load_gives_what_was_saved(tmp_path: Path) -> None:
    matcher = Matcher().fit(CITY)
    matcher.partial_fit([Item("live", "碳化硅外延"), Item(12, "碳化硅"), Item("rice", "玉米")])
    matcher.delete(["robot"])
    matcher.save(tmp_path / "index")
    again = Matcher.load(tmp_path / "index")
    assert answers(again) == answers(matcher)
    assert list(again.ids) == list(matcher.ids)
    assert (len(again), again.generation) == (len(matcher), matcher.generation)
    assert "robot" not in again
    assert again.facts_of("sic-polish") == CITY[0].facts
    for one in (matcher, again):
        one.partial_fit([Item("later", "碳化硅衬底缺陷")])
        one.delete(["live"])
        one.merge()
    assert answers(again) == answers(matcher)


def test_load_of_an_empty_matcher(tmp_path: Path) -> None:
    Matcher().save(tmp_path)
    again = Matcher.load(tmp_path)
    assert len(again) == 0
    assert again.partial_fit(CITY).kneighbors([NEED], 1)[0][0].supply == "sic-polish"


def test_which_records_are_chinese_is_saved_and_read_of_an_index_that_does_not_say(tmp_path: Path) -> None:
    matcher = Matcher().fit(CITY)
    matcher.partial_fit([Item("wafers", "Wafers polished", "Of silicon carbide")], merge=False)
    said = matcher._index.across.chinese(matcher._index).tolist()
    assert set(said) == {True, False}
    matcher.save(tmp_path)
    again = Matcher.load(tmp_path)
    again._index.entries_of = None  # type: ignore[assignment, method-assign]  # nobody reads all records for it
    assert again._index.across.chinese(again._index).tolist() == said
    assert again._index.edges.codes.tolist() == matcher._index.edges.codes.tolist() != []  # nor codes all units
    head = json.loads((tmp_path / "state-1" / "head.json").read_text())
    del head["files"]["chinese.npy"], head["files"]["thin.npy"]
    (tmp_path / "state-1" / "head.json").write_text(json.dumps(head))
    older = Matcher.load(tmp_path)
    older.partial_fit([Item("later", "碳化硅")], merge=False)
    assert older._index.across.chinese(older._index).tolist() == [*said, True]


def test_load_with_other_constants_weighs_anew(tmp_path: Path) -> None:
    other = replace(FROZEN, title_weight=1.0)
    Matcher().fit(CITY).save(tmp_path)
    assert answers(Matcher.load(tmp_path, other)) == answers(Matcher(other).fit(CITY))


def test_save_replaces_the_former_state(tmp_path: Path) -> None:
    for count in (3, 5):
        Matcher().fit(CITY[:count]).save(tmp_path)
        assert len(Matcher.load(tmp_path)) == count
    assert sorted(one.name for one in tmp_path.iterdir()) == ["current", "state-2"]


@pytest.mark.parametrize("step", [0, 1, 10, 20, *range(30, 49)])
def test_save_interrupted_leaves_the_former_state(tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    Matcher().fit(CITY[:3]).save(tmp_path)
    left = step

    def failing(handle: int) -> None:
        nonlocal left
        if left == 0:
            raise KeyboardInterrupt
        left -= 1

    monkeypatch.setattr(os, "fsync", failing)
    try:
        Matcher().fit(CITY).save(tmp_path)
        finished = True
    except KeyboardInterrupt:
        finished = False
    monkeypatch.undo()
    assert len(Matcher.load(tmp_path)) in ({len(CITY)} if finished else {3, len(CITY)})
    Matcher().fit(CITY[:4]).save(tmp_path)
    assert len(Matcher.load(tmp_path)) == 4


def test_load_of_a_missing_or_foreign_folder(tmp_path: Path) -> None:
    with pytest.raises(DamagedIndex, match="holds no saved index"):
        Matcher.load(tmp_path / "nowhere")
    (tmp_path / "current").write_text("../..", encoding="utf-8")
    with pytest.raises(DamagedIndex):
        Matcher.load(tmp_path)


def test_load_names_every_damaged_file(tmp_path: Path) -> None:
    Matcher().fit(CITY).save(tmp_path)
    for path in sorted((tmp_path / "state-1").iterdir()):
        whole = path.read_bytes()
        for broken in (whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1]), b""):
            path.write_bytes(broken)
            with pytest.raises(DamagedIndex, match="rebuild"):
                Matcher.load(tmp_path)
        path.write_bytes(whole)
    assert len(Matcher.load(tmp_path)) == len(CITY)


def test_load_of_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_FORMAT", "kezhuan matching index 0")
    Matcher().fit(CITY).save(tmp_path)
    monkeypatch.undo()
    with pytest.raises(DamagedIndex, match="another version"):
        Matcher.load(tmp_path)
    head = tmp_path / "state-1" / "head.json"
    head.write_text(json.dumps([1]), encoding="utf-8")
    with pytest.raises(DamagedIndex):
        Matcher.load(tmp_path)


def test_save_refuses_a_folder_with_other_files(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(DamagedIndex, match=r"letter\.txt"):
        Matcher().fit(CITY).save(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["letter.txt"]
