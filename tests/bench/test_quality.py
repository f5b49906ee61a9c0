"""The bench on a few records whose answers are plain."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from kezhuan.bench import engines, peers, quality, truths
from kezhuan.bench.engines import Engine
from kezhuan.config import postgres
from kezhuan.config.commandline import main
from kezhuan.engines.matching import Facts, Item
from kezhuan.engines.matching.encoder_files import UnusableEncoder
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


ENOUGH = quality.Means(60.0)


@pytest.mark.parametrize("cut", ["pairs", "words", "both"])
def test_every_peer_finds_what_is_plain(cut: engines.Cut, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(quality._BEST, "need", (cut, True))
    asked = [peer for peer in peers.PEERS if peer not in {peers.Postgres, peers.Encoded}]
    ours, *theirs = quality.lines(SMALL, asked, ENOUGH, pytest.fail)
    assert ours.figures
    assert ours.figures.ndcg == 1.0
    assert [one.who for one in theirs] == [one.label for one in asked]
    for one in theirs:
        assert one.figures, one
        assert one.figures.ndcg > 0.8, one
        assert one.figures.recall_20 == 1.0, one
        assert one.answered == len(NEEDS)


def test_a_peer_that_is_not_installed_is_told_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tantivy", None)
    told: list[str] = []
    found = list(quality.lines(SMALL, [peers.Tantivy, peers.Postgres], ENOUGH, told.append))
    assert [line.who for line in found] == [quality.OURS]
    assert told == ["tantivy", "PostgreSQL"]


def test_a_slow_peer_is_compared_on_the_needs_it_has_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(quality, "time", SimpleNamespace(monotonic=lambda: now[0]))

    class Slow(peers.Fts5):
        """Takes two minutes for each answer, and each is wrong."""

        def first(self, need: Item) -> list[str]:
            now[0] += 120
            return [need.id] if isinstance(need.id, str) else []

    class Slower(peers.Fts5):
        """Takes a minute for each record."""

        def tokens(self, item: Item) -> list[str]:
            now[0] += 60
            return super().tokens(item)

    asked: list[type[Engine]] = [Slow, Slower]
    once, again = (list(quality.lines(SMALL, asked, quality.Means(50.0), pytest.fail)) for _ in range(2))
    assert once == again
    ours, slow, slower = once
    assert (ours.answered, slow.answered, slow.difference) == (3, 2, 1.0)
    assert slow.figures
    assert slow.figures.ndcg == 0.0
    assert (slower.answered, slower.figures) == (0, None)
    for seconds, enough, answered in ((1000.0, 200, 3), (100.0, 200, 3), (100.0, 1, 1)):
        monkeypatch.setattr(quality, "_ENOUGH", enough)
        _ours, line = quality.lines(SMALL, [Slow], quality.Means(seconds), pytest.fail)
        assert line.answered == answered


def test_an_encoder_that_is_present_is_a_peer(tmp_path: Path) -> None:
    told: list[str] = []
    list(quality.lines(SMALL, [peers.Encoded], ENOUGH, told.append))
    assert told == ["MiniLM (--encoder)"]
    only = truths.Truth("need", NEEDS[:1], SUPPLY[:3], {"n1": {"sic": 3}}, {}, {})
    means = quality.Means(60.0, encoder=static_encoder(tmp_path / "small"))
    _ours, theirs = quality.lines(only, [peers.Encoded], means, pytest.fail)
    assert theirs.figures
    assert (theirs.who, theirs.how, theirs.figures.ndcg) == ("MiniLM", "small", 1.0)


def test_an_encoder_that_fails_at_work_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(encoder: peers.Encoder, items: list[Item]) -> None:
        raise UnusableEncoder(encoder.folder, "encoder-folder")

    folder = static_encoder(tmp_path / "small")
    monkeypatch.setattr(postgres, "find_binaries", lambda: None)
    monkeypatch.setattr(truths, "read", lambda name, data, half: SMALL)
    monkeypatch.setattr(peers.Encoder, "records", fail)
    words = ["--sets", "need", "--sizes", "none", "--peers", "MiniLM", "--encoder", str(folder)]
    assert main(["bench", "match", *words]) == 2
    shown = capsys.readouterr()
    assert shown.err.count("\n") == 1
    assert str(folder) in shown.err
    assert quality.OURS in shown.out


def test_the_record_a_need_was_made_from_is_no_answer() -> None:
    grades = {"n1": {"gear": 1}}
    made_from = truths.Truth("cite", NEEDS[:1], SUPPLY[:1], grades, {}, {"n1": "sic"})
    [ours] = quality.lines(made_from, [], ENOUGH, pytest.fail)
    assert ours.figures
    assert ours.figures.mrr == 0.0


def test_owners_are_found_by_their_best_record() -> None:
    supply = [
        Item("a-0", "水稻育种", facts=Facts(field="农业")),
        Item("a-1", "碳化硅衬底抛光"),
        Item("b-0", "碳化硅"),
    ]
    owners = {"a-0": "a", "a-1": "a", "b-0": "b"}
    truth = truths.Truth("experts", NEEDS[:1], supply, {"n1": {"a": 1}}, owners, {})
    [ours] = quality.lines(truth, [], ENOUGH, pytest.fail)
    assert ours.figures
    assert ours.figures.mrr == 1.0


def test_needs_are_sampled_evenly() -> None:
    assert [need.id for need in SMALL.sample(2).needs] == ["n1", "n3"]
    assert SMALL.sample(5).needs == NEEDS


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--sets", "nothing"], "nothing"),
        (["--sets", ""], "--sets"),
        (["--peers", "Lucene"], "Lucene"),
        (["--sizes", "12"], "--sizes"),
        (["--sizes", "many"], "--sizes"),
        (["--sizes", ""], "--sizes"),
        (["--sizes", "1" * 5000], "--sizes"),
        (["--gigabytes", "nan"], "--gigabytes"),
        (["--minutes", "-1"], "--minutes"),
        (["--minutes", "inf"], "--minutes"),
        (["--minutes", "1,-1"], "--minutes"),
        (["--minutes", "1,2,3"], "--minutes"),
        (["--minutes", "one"], "--minutes"),
        (["--room", "/no/such/folder"], "--room"),
        (["--encoder", "/no/such/folder"], "/no/such/folder"),
        (["--data", "/no/such/folder", "--sets", "cranfield"], "en_cranfield"),
        (["--half", "unseen", "--data", "/no/such/folder", "--sets", "cranfield"], "unseen"),
    ],
)
@pytest.mark.parametrize("locale", ["C.UTF-8", "en_GB.UTF-8"])
def test_what_does_not_fit_is_one_sentence(
    arguments: list[str], named: str, locale: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    monkeypatch.setattr(postgres, "find_binaries", lambda: None)
    assert main(["bench", "match", *arguments]) == 2
    said = capsys.readouterr().err.strip()
    assert named in said
    assert said.isascii() == locale.startswith("en")
    assert "\n" not in said
    assert "Traceback" not in said


def test_a_damaged_set_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "find_binaries", lambda: None)
    folder = tmp_path / "en_cranfield" / "dev"
    folder.mkdir(parents=True)
    for damaged in ("no JSON", '["no object"]', '{"text": "no qid"}'):
        (folder / "queries.jsonl").write_text(damaged, "utf-8")
        assert main(["bench", "match", "--data", str(tmp_path), "--sets", "cranfield"]) == 2
        assert "cranfield" in capsys.readouterr().err


@pytest.mark.parametrize("name", truths.NAMES)
def test_every_set_is_read_whole(name: str, shared_data) -> None:
    data = shared_data("en_cranfield").parent
    truth = truths.read(name, data)
    answers = set(truth.owners.values()) or {str(item.id) for item in truth.supply}
    assert len(truth.needs) > 100
    assert all(any(one in answers for one in truth.grades[str(need.id)]) for need in truth.needs)
