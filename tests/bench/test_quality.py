"""The bench on a few records whose answers are plain."""

import builtins
from pathlib import Path

import pytest

from kezhuan.bench import peers, quality, truths
from kezhuan.config.commandline import main
from kezhuan.engines.matching import Facts, Item
from tests.engines.matching.encoders import static_encoder

SUPPLY = [
    Item("sic", "碳化硅衬底抛光", "大尺寸碳化硅衬底的化学机械抛光工艺"),
    Item("rice", "水稻育种", "抗稻瘟病的高产水稻新品种"),
    Item("gear", "谐波减速器", "工业机器人精密减速器齿形设计"),
    *(Item(f"other-{number}", f"其他成果{number}", "与需求无关的一段文字") for number in range(220)),
]
NEEDS = [Item("n1", text="需要碳化硅衬底的抛光"), Item("n2", text="寻找抗病水稻品种"), Item("n3", text="机器人减速器")]
GRADES = {"n1": {"sic": 3}, "n2": {"rice": 3}, "n3": {"gear": 3}}
SMALL = truths.Truth("need", NEEDS, SUPPLY, GRADES, {}, {})


@pytest.mark.parametrize("cut", ["pairs", "words", "both"])
def test_every_peer_finds_what_is_plain(cut: peers.Cut) -> None:
    asked = [peer(cut, repeated=True) for peer in peers.PEERS if peer not in {peers.Postgres, peers.Encoded}]
    ours, *theirs = quality.lines(SMALL, asked, pytest.fail)
    assert ours.figures.ndcg == 1.0
    assert [one.who for one in theirs] == [one.label for one in asked]
    for one in theirs:
        assert one.figures.ndcg > 0.8, one
        assert one.figures.recall_20 == 1.0, one


def test_a_peer_that_is_not_installed_is_told_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name == "tantivy":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    told: list[str] = []
    found = list(quality.lines(SMALL, [peers.Tantivy("pairs", repeated=True)], told.append))
    assert [line.who for line in found] == [quality.OURS]
    assert told == ["tantivy"]


def test_an_encoder_that_is_present_is_a_peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    [asked] = [peer for peer in quality.peers_for("need") if isinstance(peer, peers.Encoded)]
    list(quality.lines(SMALL, [asked], told.append))
    assert told == ["MiniLM (--encoder)"]
    monkeypatch.setattr(peers.Encoded, "folder", static_encoder(tmp_path / "small"))
    only = truths.Truth("need", NEEDS[:1], SUPPLY[:3], {"n1": {"sic": 3}}, {}, {})
    _ours, theirs = quality.lines(only, [asked], pytest.fail)
    assert (theirs.who, theirs.how, theirs.figures.ndcg) == ("MiniLM", "small", 1.0)


def test_a_folder_without_an_encoder_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "match", "--encoder", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err


def test_the_record_a_need_was_made_from_is_no_answer() -> None:
    grades = {"n1": {"gear": 1}}
    made_from = truths.Truth("cite", NEEDS[:1], SUPPLY[:1], grades, {}, {"n1": "sic"})
    [ours] = quality.lines(made_from, [], pytest.fail)
    assert ours.figures.mrr == 0.0


def test_owners_are_found_by_their_best_record() -> None:
    supply = [
        Item("a-0", "水稻育种", facts=Facts(field="农业")),
        Item("a-1", "碳化硅衬底抛光"),
        Item("b-0", "碳化硅"),
    ]
    owners = {"a-0": "a", "a-1": "a", "b-0": "b"}
    [ours] = quality.lines(truths.Truth("experts", NEEDS[:1], supply, {"n1": {"a": 1}}, owners, {}), [], pytest.fail)
    assert ours.figures.mrr == 1.0


def test_needs_are_sampled_evenly() -> None:
    assert [need.id for need in SMALL.sample(2).needs] == ["n1", "n3"]
    assert SMALL.sample(5).needs == NEEDS


def test_a_set_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "match", "--data", str(tmp_path), "--sets", "cranfield"]) == 2
    assert "en_cranfield" in capsys.readouterr().out
    assert main(["bench", "match", "--sets", "nothing"]) == 2
    assert "nothing" in capsys.readouterr().err


@pytest.mark.parametrize("name", truths.NAMES)
def test_every_set_is_read_whole(name: str, shared_data) -> None:
    data = shared_data("en_cranfield").parent
    truth = truths.read(name, data)
    answers = set(truth.owners.values()) or {str(item.id) for item in truth.supply}
    assert len(truth.needs) > 100
    assert all(any(one in answers for one in truth.grades[str(need.id)]) for need in truth.needs)
