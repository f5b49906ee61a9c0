"""What stands just under the first of a need in `./kezhuan match`, with what would lift it."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kezhuan.config.commands import match

NEEDS = """编号,名称,需求描述,成熟度,预算(万元),地区
N1,碳化硅衬底抛光,低缺陷碳化硅衬底抛光,6,200,黄埔区
N2,无血清培养基,,,,
"""
SUPPLY = """编号,名称,摘要,成熟度,报价(万元),地区,团队
S1,碳化硅衬底抛光方法,低缺陷碳化硅衬底抛光,7,120,黄埔区,甲
S2,碳化硅衬底抛光方法,低缺陷碳化硅衬底抛光,4,120,黄埔区,乙
S3,碳化硅衬底抛光方法,低缺陷碳化硅衬底抛光,4,300,黄埔区,丙
S4,碳化硅粉体,碳化硅粉体合成,7,120,天河区,丁
S5,无血清培养基,,,,,戊
"""
WEAKER = SUPPLY.replace("S1,碳化硅衬底抛光方法,低缺陷", "S1,碳化硅衬底抛光方法,")


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "needs.csv").write_text(NEEDS, "utf-8")
    (tmp_path / "supply.csv").write_text(SUPPLY, "utf-8")
    return [str(tmp_path / "needs.csv"), str(tmp_path / "supply.csv"), "--top", "1", "--below", "3"]


def written(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_file_tells_of_each_what_would_lift_it_and_where_to(files: list[str], tmp_path: Path) -> None:
    out = tmp_path / "run.jsonl"
    assert match.run([*files, "--out", str(out)]) == 0
    first, second, third, fourth, other = written(out)
    assert (first["supply"], first["rank"], first["below"]) == ("S1", 1, None)
    assert (other["need"], other["supply"], other["below"]) == ("N2", "S5", None)
    assert [(one["supply"], one["rank"], one["parts"]) for one in (second, third, fourth)] == [
        ("S2", 2, []),
        ("S3", 3, []),
        ("S4", 4, []),
    ]
    assert second["below"]["gap"] == "条件全都满足也只与入选的最后一项持平"
    assert second["below"]["line"] == first["score"]
    assert second["below"]["held_back_by"] == ["成熟度 4 < 6"]
    assert second["score"] > third["score"] > fourth["score"]
    assert fourth["below"]["changes"] == []
    assert "差在词语" in fourth["below"]["gap"]


def test_the_change_that_is_told_lifts_the_record(files: list[str], tmp_path: Path) -> None:
    (tmp_path / "supply.csv").write_text(WEAKER, "utf-8")
    out = tmp_path / "run.jsonl"
    assert match.run([*files, "--out", str(out)]) == 0
    told = {one["supply"]: one["below"] for one in written(out) if one["need"] == "N1"}
    assert told["S2"]["changes"] == ["成熟度 4 < 6"]
    assert told["S2"]["new_rank"] == 1
    assert set(told["S3"]["changes"]) == {"报价 300 万元 > 预算 200 万元", "成熟度 4 < 6"}
    (tmp_path / "supply.csv").write_text(WEAKER.replace("抛光,4,120", "抛光,6,120"), "utf-8")
    assert match.run([*files, "--out", str(out)]) == 0
    lifted = next(one for one in written(out) if one["supply"] == "S2")
    assert (lifted["rank"], lifted["below"]) == (1, None)
    assert lifted["score"] == pytest.approx(told["S2"]["new_score"], abs=1e-9)


def test_a_workbook_has_them_behind_the_pairs_with_the_columns_of_both_sides(files: list[str], tmp_path: Path) -> None:
    out = tmp_path / "run.xlsx"
    (tmp_path / "supply.csv").write_text(WEAKER, "utf-8")
    assert match.run([*files, "--out", str(out)]) == 0
    header, *rows = openpyxl.load_workbook(out).active.iter_rows(values_only=True)
    told = {row[3]: dict(zip(header, row, strict=True)) for row in rows}
    assert [row[2] for row in rows] == [1, 2, 3, 4, 1]
    assert told["S2"]["理由"] == "未列入：成熟度 4 < 6\n改后列第 1"
    assert told["S3"]["理由"].endswith("这 2 处一起改，列第 1")
    assert (told["S2"]["成果：团队"], told["S2"]["分项：词语"]) == ("乙", None)


def test_a_terminal_shows_them_under_the_first(files: list[str], tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "supply.csv").write_text(WEAKER, "utf-8")
    assert match.run([*files, "--lang", "en"]) == 0
    said = capsys.readouterr()
    assert said.out.count("Just below the first 1, and what they lack:") == 1
    assert said.out.count("rank   score") == 2
    assert "TRL 4 < 6" in said.out.split("Just below")[1]
    assert "it would then be No. 1" in said.out
    assert "2 pairs" in said.err
    assert match.run([*files[:-2], "--lang", "en"]) == 0
    assert "Just below" not in capsys.readouterr().out


def test_words_are_named_as_missing_only_in_what_is_like_the_need(files: list[str], tmp_path: Path) -> None:
    (tmp_path / "needs.csv").write_text("编号,名称\nN1,碳化硅衬底低缺陷抛光\n", "utf-8")
    (tmp_path / "supply.csv").write_text(
        "编号,名称\nS1,碳化硅衬底低缺陷抛光\nS2,碳化硅衬底低缺陷\nS3,碳化硅窑具\n", "utf-8"
    )
    out = tmp_path / "run.jsonl"
    assert match.run([*files, "--out", str(out)]) == 0
    told = {one["supply"]: one["below"] for one in written(out)}
    assert not any("缺少" in said for said in told["S3"]["changes"])
    assert "补上" not in told["S3"]["gap"]


@pytest.mark.parametrize("given", [["--below", "-1"], ["--below", "101"], ["--owner", "团队"]])
def test_what_cannot_be_asked_is_said_in_a_sentence(files: list[str], given: list[str], capsys: Any) -> None:
    assert match.run([*files, *given]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("用法不对（")
    assert "--below" in shown.err
    assert len(shown.err.splitlines()) == 1
