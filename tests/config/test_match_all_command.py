"""`./kezhuan match --all` of two files: what `match` writes, from stored shards where there are some."""

import errno
import json
from collections import Counter
from pathlib import Path

import pytest

from kezhuan.config import matching_trouble
from kezhuan.config.commands import match
from kezhuan.engines.matching import carrying, runs
from kezhuan.engines.matching.apart import LostProcess
from kezhuan.engines.matching.carrying import ClusterTrouble
from kezhuan.engines.matching.runs import Run, alone_in
from tests.config.test_match_command import NEEDS, SUPPLY

OWN = {"busy", "disk", "no-store", "two-rooms", "no-kind"}
"""What no cluster says."""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(runs, "SHARD", 1)
    (tmp_path / "needs.csv").write_text(NEEDS, "utf-8-sig")
    (tmp_path / "supply.csv").write_text(SUPPLY, "gb18030")
    return [str(tmp_path / "needs.csv"), str(tmp_path / "supply.csv")]


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_it_writes_what_match_writes(files: list[str], tmp_path: Path, kind: str) -> None:
    assert match.run([*files, "--out", str(tmp_path / f"one.{kind}")]) == 0
    assert match.run(["--all", *files, "--out", str(tmp_path / f"all.{kind}"), "--workers", "2"]) == 0
    assert (tmp_path / f"all.{kind}").read_bytes() == (tmp_path / f"one.{kind}").read_bytes()
    assert sorted(path.name for path in tmp_path.glob("*.shards")) == []


def test_it_goes_on_from_stored_shards(
    files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command, make = ["--all", *files, "--store", str(tmp_path / "store"), "--workers", "1"], Run.make

    def then_interrupt(self: Run, number: int) -> None:
        if number:
            raise KeyboardInterrupt
        make(self, number)

    monkeypatch.setattr(Run, "make", then_interrupt)
    assert match.run(command) == 130
    assert "已存盘" in capsys.readouterr().err
    monkeypatch.setattr(Run, "make", make)
    assert match.run(command) == 0
    first = capsys.readouterr()
    assert "取用已存 1 批，新做 1 批" in first.err
    assert match.run([*command, "--lang", "en"]) == 0
    second = capsys.readouterr()
    assert "2 shards found stored, 0 made" in second.err
    assert first.out.split()[1] == second.out.split()[1]
    assert len(second.out.split()[1]) == 64


def test_whatever_ends_a_run_is_one_sentence(
    files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = [LostProcess(), OSError(errno.ENOSPC, "No space left on device")]
    ends += [ClusterTrouble(code) for code in matching_trouble.TROUBLE if code not in OWN]
    for end in ends:
        for language in ("zh", "en"):

            def fail(*_given: object, end: BaseException = end, **_more: object) -> None:
                raise end

            monkeypatch.setattr(carrying, "carry_out", fail)
            assert match.run(["--all", *files, "--store", str(tmp_path / "s"), "--quiet", "--lang", language]) == 2
            said = capsys.readouterr().err
            assert said.count("\n") == 1
            assert "{" not in said
    monkeypatch.undo()
    with alone_in(tmp_path / "s"):
        assert match.run(["--all", *files, "--store", str(tmp_path / "s")]) == 2
    (tmp_path / "file").touch()
    assert match.run(["--all", *files, "--store", str(tmp_path / "file")]) == 2
    for nobody in ("tcp://127.0.0.1:1", f"tcp://{'a' * 70}:1"):
        assert match.run(["--all", *files, "--store", str(tmp_path / "s"), "--scheduler", nobody]) == 2
        assert nobody in capsys.readouterr().err
    capacities = ["--out", str(tmp_path / "o.csv"), "--per-need", "1", "--per-supply", "1"]
    for option, name in (("--owner", "x" * 3000), ("--conflicts", "nowhere.csv")):  # said before anything is matched
        assert match.run(["--all", *files, *capacities, option, name]) == 2
        said = capsys.readouterr().err
        assert name[:20] in said
        assert len(said) < 200
        assert said.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ["--all", "one.csv"],
        ["--all", "a.csv", "b.csv"],
        ["--all", "--out", "x.csv"],
        ["--all", "--workers", "0"],
        ["--all", "--workers", "2", "--scheduler", "tcp://a:1"],
        ["--all", "--scheduler", "here"],
        ["--all", "--scheduler", ""],
        ["--all", "a.csv", "b.csv", "--out", "c.csv", "--encoder", ""],
        ["--all", "a.csv", "b.csv", "--out", "c.csv", "--top", "0"],
        ["--all", "a.csv", "b.csv", "--out", "c.csv", "--per-need", "1"],
        ["--all", "a.csv", "b.csv", "--store", "c", "--per-need", "1", "--per-supply", "1"],
        ["--all", "a.csv", "b.csv", "--out", "c.csv", "--per-need", "0", "--per-supply", "1"],
        ["--all", "a.csv", "b.csv", "--out", "c.csv", "--owner", "团队"],
        ["--all", "--kind", "team"],
        ["--all", "a.csv", "b.csv", "--out", "c.csv", "--per-need", "1", "--per-supply", "1", "--kind", "team"],
    ],
)
def test_what_does_not_fit_is_one_sentence(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert match.run(words) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert match.run(["--all", "--help"]) == 0
    said = capsys.readouterr().out
    assert all(option in said for option in ("--workers", "--scheduler", "--store", "--out", "--top"))


def test_capacities_say_what_each_need_got_and_what_it_lost(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needs = "编号,需求名称\nN1,碳化硅衬底抛光\nN2,碳化硅衬底抛光方法\nN3,水稻\n"
    (tmp_path / "needs.csv").write_text(needs, "utf-8")
    out = tmp_path / "given.jsonl"
    capacities = ["--per-need", "1", "--per-supply", "1", "--out", str(out), "--workers", "1", "--lang", "en"]
    assert match.run(["--all", *files, *capacities]) == 0
    said = capsys.readouterr().err
    assert "proven to be the best" in said
    assert "1 first wishes were not granted" in said
    got = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [(one["need"], one["outcome"], one["supply"]) for one in got] == [
        ("N1", "got", "S2"),
        ("N1", "lost", "S1"),
        ("N2", "got", "S1"),
        ("N3", "none", None),
    ]
    assert "N2" in got[1]["why"]
    assert got[1]["wish"] == 1
    assert "in its title" in got[2]["why"]
    (tmp_path / "apart.csv").write_text("需求编号,成果编号\nN2,甲团队\nN1,S1\n", "utf-8")
    more = ["--owner", "团队", "--conflicts", str(tmp_path / "apart.csv")]
    assert match.run(["--all", *files, *capacities, *more]) == 0
    got = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert {one["supply"] for one in got if one["need"] in {"N1", "N2"}} == {"S2"}
    assert [one["outcome"] for one in got if one["need"] == "N2"] != [
        one["outcome"] for one in got if one["need"] == "N1"
    ]
    assert {one["team"] for one in got if one["supply"]} == {"乙团队"}
    # Who says how many needs they take meets no more, a team by whichever of its rows says it.
    said = (
        "成果编号,成果名称,团队,可同时承接需求数\nS1,碳化硅衬底抛光方法,甲,1项\nS2,碳化硅衬底抛光,甲,\nS3,水稻,乙,0\n"
    )
    (tmp_path / "supply.csv").write_text(said, "utf-8")
    plenty = ["--per-need", "1", "--per-supply", "9", *capacities[4:]]
    for owner, most in (([], {"S1": 1, "S2": 1}), (["--owner", "团队"], {"甲": 1})):
        capsys.readouterr()
        assert match.run(["--all", *files, *plenty, *owner]) == 0
        got = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
        assert Counter(one["team"] or one["supply"] for one in got if one["outcome"] == "got") == most
        assert "1 candidate left out" in capsys.readouterr().err
    (tmp_path / "supply.csv").write_text(said.replace("甲,\n", "甲,3\n"), "utf-8")
    assert match.run(["--all", *files, *plenty, *owner]) == 2
    assert "rows of 甲 say that it takes 1 needs, and 3" in capsys.readouterr().err
    (tmp_path / "apart.csv").write_text("需求编号\nN2\n", "utf-8")
    assert match.run(["--all", *files, *capacities, *more]) == 2
    assert match.run(["--all", *files, *capacities, "--owner", "队"]) == 2
    assert capsys.readouterr().err.count("队") >= 1
