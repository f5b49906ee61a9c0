"""Records in the other language: a table that is trained here, and the one that comes with the program."""

import json
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kezhuan.engines.matching import Facts, Item, Matcher
from kezhuan.engines.matching.across import Across
from kezhuan.engines.matching.index import Index
from kezhuan.engines.matching.meaning import Table, UnusableTable, carries, shipped
from kezhuan.engines.matching.meeting import ByTable, met
from kezhuan.engines.matching.training import LEAST_PAIRS, Pair, Recipe, TooFew, found_first, train

from .cases import CITY, few, needs, supplies

DICTIONARY = {
    "抛光": "polishing", "衬底": "wafer", "电池": "battery", "水稻": "rice", "育种": "breeding", "涂层": "coating",
    "齿轮": "gear", "焊接": "welding", "催化": "catalyst", "发酵": "fermentation", "遥感": "satellite", "土壤": "soil",
    "激光": "laser", "疫苗": "vaccine", "桥梁": "bridge", "隧道": "tunnel", "光纤": "fibre", "雷达": "radar",
}  # fmt: skip
QUICK = Recipe(dimensions=16, rounds=6, batch=64)


def invented(count: int, words: list[str] | None = None, seed: int = 1) -> list[Pair]:
    draw, words = Random(seed), words or list(DICTIONARY)
    chosen = [draw.sample(words, 3) for _ in range(count)]
    return [Pair("，".join(ours), " ".join(DICTIONARY[one] for one in draw.sample(ours, 3))) for ours in chosen]


@cache
def small() -> Table:
    return train(invented(LEAST_PAIRS), {"files": "invented"}, QUICK)


def bilingual(*, table: Table | None = None) -> Matcher:
    return Matcher(table=lambda: table or small())


CHINESE = [
    Item(f"z{n}", title="，".join(pair)) for n, pair in enumerate(zip(DICTIONARY, list(DICTIONARY)[1:], strict=False))
]


def test_words_of_one_meaning_lie_close_and_the_rest_apart() -> None:
    table = small()
    for chinese, english in DICTIONARY.items():
        stem = next(unit for unit in table.units if table.shown[table.units.index(unit)] == english)
        alike = {
            other: float(table.text([chinese]) @ table.text([unit]))
            for unit, other in zip(table.units, table.shown, strict=True)
            if other in DICTIONARY.values()
        }
        assert max(alike, key=alike.__getitem__) == english, (chinese, stem)


def test_the_same_texts_give_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        train(invented(LEAST_PAIRS), {"files": "invented"}, QUICK).save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    read = Table.load(tmp_path / "one")
    assert (read.mark, read.made_of["pairs"], read.made_of["files"]) == (small().mark, LEAST_PAIRS, "invented")


def test_too_few_texts_and_texts_in_one_language_teach_nothing() -> None:
    with pytest.raises(TooFew) as refused:
        train([*invented(LEAST_PAIRS - 1), Pair("抛光", ""), Pair("2026", "polishing")], {}, QUICK)
    assert refused.value.found == LEAST_PAIRS - 1


def test_a_table_is_taught_on_with_words_it_does_not_know() -> None:
    known = list(DICTIONARY)[:9]
    base = train(invented(LEAST_PAIRS, known), {}, QUICK)
    more = invented(LEAST_PAIRS, seed=5)
    taught = train(more, {}, QUICK, base=base)
    held = invented(60, seed=9)
    before, after = np.mean(found_first(base, held)), np.mean(found_first(taught, held))
    assert after > max(before + 0.05, 0.8)
    assert taught.made_of["base"] == base.mark
    assert list(taught.units[: len(base.units)]) == list(base.units)


@pytest.mark.parametrize("harm", [b"", b"no table", None])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, harm: bytes | None) -> None:
    path = tmp_path / "table.npz"
    small().save(path)
    if harm is None:
        table = small()
        Table(table.units, table.shown, table.vectors[::-1], table.scale, {}).save(tmp_path / "other")
        whole, other = path.read_bytes(), (tmp_path / "other").read_bytes()
        harm = whole[: len(whole) // 2] + other[len(whole) // 2 :]
    path.write_bytes(harm)
    with pytest.raises(UnusableTable):
        Table.load(path)
    with pytest.raises(UnusableTable):
        Table.load(tmp_path / "absent")


def test_numbers_codes_and_words_that_bind_carry_no_meaning() -> None:
    assert [unit for unit in ("抛光", "polish", "的抛", "2026", "n", "the", "光") if carries(unit)] == [
        "抛光",
        "polish",
    ]


def test_a_need_in_the_other_language_finds_what_shares_no_word() -> None:
    matcher = bilingual().fit([*CHINESE, Item("e", "radar for rice fields")])
    first = matcher.kneighbors([Item("n", text="polishing of wafers")], 3)[0][0]
    assert first.supply == "z0"
    [part] = first.parts
    assert (part.name, part.value) == ("meaning", pytest.approx(first.score, abs=1e-9))
    assert set(part.because.params["words"]) == {"polishing～抛光", "wafers～衬底"}
    assert "polishing～抛光" in part.because.say("en")
    back = matcher.kneighbors([Item("n", text="水稻的雷达")], 20)[0]
    english = next(match for match in back if match.supply == "e")
    assert set(english.parts[-1].because.params["words"]) <= {"水稻～rice", "雷达～radar"}


def test_a_need_of_whose_words_the_table_knows_few_is_near_to_nothing() -> None:
    matcher = bilingual().fit(CHINESE)
    known = "polishing wafer laser "

    def worth(unknown: int) -> float:
        strange = " ".join(f"strange{chr(97 + n)}word" for n in range(unknown))
        best = matcher.kneighbors([Item("n", text=known + strange)], 1)[0]
        return sum(part.value for one in best for part in one.parts if part.name == "meaning")

    whole, some, little = worth(1), worth(3), worth(6)  # three of four, of six and of nine words are known
    assert whole == worth(0) > some > little == 0


def test_words_of_another_field_lead_to_nothing_with_the_table_that_is_shipped() -> None:
    titles = ("大尺寸碳化硅衬底抛光工艺", "水稻育种", "高产优质水稻新品种选育", "锂离子电池正极材料")
    matcher = Matcher().fit(Item(title, title) for title in titles)
    assert matcher.kneighbors([Item("n", text="silicon carbide polishing")])[0] == []
    assert [one.supply for one in matcher.kneighbors([Item("n", text="rice breeding")])[0]] == list(titles[1:3])


def test_within_one_language_nothing_is_added_to_full_records_and_the_table_is_not_read() -> None:
    def never() -> Table:
        raise AssertionError("read")

    full = [Item(one.id, one.title, "其余是与此无关的一段叙述" * 5) for one in CHINESE]
    need = [Item("n", text="水稻育种与电池涂层")]
    assert Matcher(table=never).fit(full).kneighbors(need) == Matcher(table=lambda: None).fit(full).kneighbors(need)
    mixed = [*full, Item("e", "radar for rice fields")]
    by_meaning, by_words = bilingual().fit(mixed), Matcher(table=lambda: None).fit(mixed)
    for one in (item.id for item in full):
        assert by_meaning.explain(need[0], one) == by_words.explain(need[0], one)
    english = [Item(f"e{n}", word) for n, word in enumerate(DICTIONARY.values())]
    assert Matcher(table=never).fit(english).kneighbors([Item("n", text="rice and radar")])[0]


def test_a_thin_record_that_shares_a_word_is_lifted_by_what_the_rest_means() -> None:
    words = list(DICTIONARY)
    near = Pair(f"{words[0]}，{words[1]}", f"{DICTIONARY[words[0]]} {DICTIONARY[words[1]]}")
    table = train([*[near] * 60, *invented(LEAST_PAIRS)], {}, QUICK)
    items = [Item("near", f"{words[4]}，{words[1]}"), Item("far", f"{words[4]}，{words[9]}"), Item("none", words[1])]
    matcher = bilingual(table=table).fit(items)
    need = Item("n", text=f"{words[4]}，{words[0]}")
    found = {match.supply: match for match in matcher.kneighbors([need])[0]}
    assert list(found) == ["near", "far"]
    for match in found.values():
        assert sum(part.value for part in match.parts) == pytest.approx(match.score, abs=1e-12)
    part = found["near"].parts[-1]
    assert (part.name, part.because.code) == ("meaning", "akin-words")
    assert part.because.say("zh").startswith(("意思相近", "整体意思相近"))


def test_facts_weigh_what_is_near_in_meaning_too() -> None:
    body = {"title": "抛光，衬底"}
    matcher = bilingual().fit([Item("low", facts=Facts(trl=2), **body), Item("high", facts=Facts(trl=7), **body)])
    high, low = matcher.kneighbors([Item("n", text="polishing wafers", facts=Facts(trl=6))])[0]
    assert (high.supply, low.supply) == ("high", "low")
    for match in (high, low):
        assert sum(part.value for part in match.parts) == pytest.approx(match.score, abs=1e-12)
        assert [part.name for part in match.parts] == ["meaning", "trl"]
    [miss] = matcher.why_not(Item("n", text="polishing wafers", facts=Facts(trl=6)), 1)
    assert (miss.changes, miss.held[0].code, miss.gap and miss.gap.code) == ((), "trl-miss", "gap-level")
    assert 0 < miss.alike < high.score


@given(supplies(2), needs, st.booleans())
@few
def test_live_and_merged_records_score_alike_and_explain_agrees(items: list[Item], need: Item, live: bool) -> None:
    matcher = Matcher().fit(items[:1] if live else items)
    if live:
        matcher.partial_fit(items[1:], merge=False)
    found = matcher.kneighbors([need], 20)[0]
    for match in found:
        again = matcher.explain(need, match.supply)
        assert (again.score, again.parts) == (match.score, match.parts)
    assert {match.supply for match in found} <= {item.id for item in items}


def test_slots_numbered_anew_and_copies_keep_their_meaning() -> None:
    need = [Item("n", text="polishing of wafers")]
    matcher = bilingual().fit([*CHINESE, *(Item(f"e{n}", "radar") for n in range(100))])
    before = matcher.kneighbors(need, 3)[0]
    matcher.delete([f"e{n}" for n in range(99)])
    copied = matcher.merged()
    assert copied.generation > matcher.generation
    assert [(one.supply, one.parts[0].name) for one in copied.kneighbors(need, 3)[0]] == [
        (one.supply, one.parts[0].name) for one in before
    ]
    copied.partial_fit([Item("fresh", "抛光，衬底，激光")])
    assert "fresh" in [one.supply for one in copied.kneighbors(need, 3)[0]]


def test_saved_and_loaded_alike_and_no_need_makes_directions_of_what_was_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need = [Item("n", text="polishing of wafers")]
    matcher = bilingual().fit(CHINESE)
    found = bilingual().fit(CHINESE).kneighbors(need)
    assert not matcher.completed
    matcher.save(tmp_path / "index")
    made: list[int] = []

    def count(self: Across, index: Index, table: Table, slots: NDArray[np.int64]) -> NDArray[np.float32]:
        made.extend(slots.tolist())
        return summed(self, index, table, slots)

    summed = Across._summed
    monkeypatch.setattr(Across, "_summed", count)
    again = Matcher.load(tmp_path / "index", table=small)
    assert again.completed
    assert again.kneighbors(need) == matcher.kneighbors(need) == found
    assert made == []
    again.partial_fit([Item("fresh", "抛光，衬底，激光")], merge=False)
    assert made == [len(CHINESE)]  # what comes later, as it comes
    assert "fresh" in [one.supply for one in again.kneighbors(need)[0]]
    again.save(tmp_path / "index")
    grown = Matcher.load(tmp_path / "index", table=small)
    assert grown.kneighbors(need) == again.kneighbors(need)
    grown.delete(["fresh"])
    grown.merge()
    assert grown.kneighbors(need) == found
    assert made == [len(CHINESE)]
    # By another table, and in an index of older code, which has none, they are made anew.
    other = Table(small().units, small().shown, small().vectors[::-1], small().scale)
    assert not Matcher.load(tmp_path / "index", table=lambda: other).completed
    head = next((tmp_path / "index").rglob("head.json"))
    said = json.loads(head.read_text())
    del said["table"], said["files"]["encoded.npy"], said["files"]["direction-norms.npy"]
    head.write_text(json.dumps(said))
    older = Matcher.load(tmp_path / "index", table=small)
    assert not older.completed
    older.complete()
    assert made == [len(CHINESE), *range(len(CHINESE) + 1)]
    assert older.completed
    assert older.kneighbors(need) == again.kneighbors(need)


def words_met(asked: list[str], theirs: list[tuple[str, ...]], most: int) -> tuple[tuple[str, str], ...]:
    return met(ByTable(small()), asked, ByTable(small()).asked(asked), theirs, most)


def test_each_word_is_met_once_and_only_by_what_is_near() -> None:
    theirs = [("抛光",), ("衬底",), ("水稻",)]
    assert dict(words_met(["polishing", "wafers", "tunnel"], theirs, 8)) == {"polishing": "抛光", "wafers": "衬底"}
    assert words_met(["polishing", "wafers"], theirs, 1)[0][0] in {"polishing", "wafers"}
    assert words_met(["polishing"], [("未知",)], 8) == ()


def test_a_word_that_the_other_side_states_itself_and_one_of_every_project_is_paired_with_nothing() -> None:
    table = shipped()

    def pairs(asked: list[str], theirs: list[tuple[str, ...]], **whole: frozenset[str]) -> list[tuple[str, str]]:
        return list(met(ByTable(table), asked, ByTable(table).asked(asked), theirs, 8, **whole))

    assert pairs(["石墨烯"], [("纳米",)]) == [("石墨烯", "纳米")]
    assert pairs(["石墨烯"], [("纳米",)], record=frozenset({"石墨", "墨烯"})) == []
    assert pairs(["石墨烯"], [("纳米",)], need=frozenset({"石墨", "墨烯", "纳米"})) == []
    assert pairs(["制备", "关键技术", "preparation"], [("纳米",), ("制备",), ("石墨",)]) == []
    assert pairs(["石墨烯", "纳米"], [("制备",), ("研究",)]) == []


@pytest.mark.parametrize("need", ["石墨烯", "石墨烯，导电膜", "石墨烯导电膜", "需要石墨烯"])
def test_the_reason_of_a_thin_record_names_no_word_that_it_shares(need: str) -> None:
    items = [
        Item("thin", "石墨烯制备"),
        Item("other", "制备"),
        *(Item(f"f{n}", word) for n, word in enumerate(DICTIONARY)),
    ]
    [first, *_rest] = Matcher().fit(items).kneighbors([Item("n", text=need)])[0]
    part = first.parts[-1]
    assert (first.supply, part.name) == ("thin", "meaning")
    assert sum(one.value for one in first.parts) == pytest.approx(first.score, abs=1e-12)
    assert part.because.say("zh") == "整体意思相近"


def test_the_table_that_comes_with_the_program() -> None:
    table = shipped()
    size = Path(__file__).parents[3].joinpath("src/kezhuan/engines/matching/meaning.npz").stat().st_size
    assert size < 30_000_000
    assert table.made_of["left_out"] == "xling_qrels.tsv"
    [said] = table.attribution
    assert all(
        word in said for word in ("ChinaXiv", "CC BY 4.0", "https://github.com/DreamBlooms/ChinaXiv-201601-to-202209")
    )
    for need, supply in (
        ("disease-resistant rice breeding", "rice"),
        ("machine vision inspection of wafers", "vision"),
    ):
        found = (
            Matcher()
            .fit([item for item in CITY if not str(item.id).endswith("-en")])
            .kneighbors([Item("n", text=need)])[0]
        )
        assert found[0].supply == supply
