"""The headless assign command: files in, explained panels out, one sentence for whatever is wrong or impossible."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kezhuan.config.commands import assign

AFFINITY = """申请编号,专家,匹配度,最多评审数
A1,王,0.9,
A1,李,0.8,
A1,陈,0.3,1
A2,王,0.7,
A2,李,0.6,
A2,陈,0.5,1
A3,王,0.4,
A3,李,0.9,
A3,陈,0.2,1
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    Path("a.csv").write_text(AFFINITY, "utf-8-sig")
    Path("conflicts.csv").write_text("项目,专家\nA1,王\nA9,王\n", "gb18030")
    Path("mix.csv").write_text("组别,专家,至少,至多\n企业,陈,20%,\n企业,李,,\n一校,王,,1\n一校,李,,\n", "utf-8")
    return tmp_path


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(name).read_text("utf-8").splitlines()]


def panels(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows(name):
        if row["role"] == "panel":
            found.setdefault(row["item"], set()).add(row["expert"])
    return found


def run(*words: str) -> int:
    return assign.run(["a.csv", *words])


@pytest.mark.usefixtures("folder")
def test_panels_are_the_best_under_conflicts_and_loads_and_each_pair_has_its_reason() -> None:
    given = (
        "--conflicts",
        "conflicts.csv",
        "--per-item",
        "1",
        "--max-load",
        "1",
        "--out",
        "o.jsonl",
        "--alternates",
        "1",
    )
    assert run(*given) == 0
    assert panels("o.jsonl") == {"A1": {"陈"}, "A2": {"王"}, "A3": {"李"}}
    by_item = {row["item"]: row for row in rows("o.jsonl")}
    assert by_item["A1"]["reasons"] == "在可选的 2 位中排第 2；李（0.8）已满，直接换出最少使 A3 少 0.7，此处只多 0.5"
    assert by_item["A3"]["reasons"] == "在可选的 3 位中排第 1；没有更合适而未选中的专家"


@pytest.mark.usefixtures("folder")
def test_summary_for_programs_tells_what_each_rule_costs(capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--per-item", "1", "--max-load", "3", "--mix", "mix.csv", "--fair", "--out", "o.csv", "--json")
    assert run("--conflicts", "conflicts.csv", *given) == 0
    summary = json.loads(capsys.readouterr().out)
    # 王 is not of a firm: A2 takes 李 instead, and loses a tenth; nothing more is lost by serving the worst first.
    assert [(one["rule"], round(one["total"], 6), round(one["change"], 6)) for one in summary["rules"]] == [
        ("plain", 2.4, 0.0), ("mix-least", 2.3, -0.1), ("fair", 2.3, 0.0),
    ]  # fmt: skip
    assert (summary["pairs"], summary["conflicts_of_nobody_here"]) == (3, 1)
    assert summary["gap"] < 1e-9
    assert (summary["worst"], summary["greatest_load"]) == (0.6, 3)


@pytest.mark.usefixtures("folder")
def test_impossible_ends_with_three_and_names_what_blocks(capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--conflicts", "conflicts.csv", "--per-item", "2", "--max-load", "2", "--out", "o.csv")
    assert run(*given, "--json") == 3
    told = json.loads(capsys.readouterr().out)["blocked"]
    assert (told["needed"], told["available"]) == (6, 5)
    assert [one["item"] for one in told["obligations"]] == ["A1", "A2", "A3"]
    assert run(*given) == 3
    assert "3 个项目（A1、A2、A3）共需专家 6 人次，而无冲突的 3 位按上限最多承担 5 人次" in capsys.readouterr().err
    assert not Path("o.csv").exists()


@pytest.mark.usefixtures("folder")
def test_reviews_may_differ_by_item_and_files_of_every_kind_are_written() -> None:
    lines = AFFINITY.splitlines()
    extra = ["评审数", *("2" if line.startswith("A1") else "" for line in lines[1:])]
    Path("a.csv").write_text("\n".join(f"{line},{one}" for line, one in zip(lines, extra, strict=True)), "utf-8")
    assert run("--per-item", "1", "--out", "o.xlsx") == 0
    sheet = openpyxl.load_workbook("o.xlsx").active
    assert [cell.value for cell in sheet[1]] == [
        "项目",
        "专家",
        "角色",
        "匹配度",
        "名次",
        "可选人数",
        "抽中概率",
        "理由",
    ]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["A1", "A1", "A2", "A3"]
    assert run("--per-item", "1", "--out", "o.csv") == 0
    with Path("o.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["专家"] for row in csv.DictReader(file)] == ["王", "李", "王", "李"]


@pytest.mark.usefixtures("folder")
def test_a_seed_draws_the_same_panels_again_with_their_probabilities() -> None:
    for name in ("1.jsonl", "2.jsonl"):
        assert run("--per-item", "1", "--seed", "2027-3", "--max-probability", "0.6", "--out", name) == 0
    assert Path("1.jsonl").read_bytes() == Path("2.jsonl").read_bytes()
    assert all(0 < row["probability"] <= 0.6 for row in rows("1.jsonl"))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "项目,专家,匹配度\nA1,王,高\n", "a.csv 第 2 行“匹配度”列：“高”不是数字"),
        ("a.csv", "项目,专家,匹配度\nA1,王,nan\n", "a.csv 第 2 行“匹配度”列：“nan”不是有限的数"),
        ("a.csv", "项目,专家,匹配度\nA1,王,1\nA1,,1\n", "a.csv 第 3 行“专家”列：必填项为空"),
        ("a.csv", "项目,专家,匹配度\nA1,王,1\nA1,王,2\n", "a.csv 第 3 行“专家”列：A1 与 王 已在前面的行中出现"),
        (
            "a.csv",
            "项目,专家,匹配度,评审数\nA1,王,1,2\nA1,李,1,3\n",
            "a.csv 第 3 行“评审数”列：A1 前面写的是 2，此处是 3",
        ),
        ("a.csv", "项目,匹配度\nA1,1\n", "a.csv：缺少 expert 列"),
        ("a.csv", "", "a.csv：文件是空的"),
        ("conflicts.csv", "项目,评语\nA1,好\n", "conflicts.csv：缺少 expert 列"),
        ("conflicts.csv", "项目,专家\nA1,\n", "conflicts.csv 第 2 行“专家”列：必填项为空"),
        ("mix.csv", "组别,专家\n企业,王\n", "mix.csv：缺少 至少、至多 列"),
        ("mix.csv", "组别,专家,至少\n企业,王,一半\n", "mix.csv 第 2 行“至少”列：“一半”不是席位数"),
        ("mix.csv", "组别,专家,至少\n企业,王,120%\n", "mix.csv 第 2 行“至少”列：“120%”不是席位数"),
        ("mix.csv", "组别,专家,至少\n企业,王,1\n企业,李,2\n", "mix.csv 第 3 行“至少”列：企业 前面写的是 1，此处是 2"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_file_row_and_field(
    name: str, text: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_text(text, "utf-8")
    given = ("--conflicts", "conflicts.csv", "--mix", "mix.csv", "--per-item", "1", "--out", "o.csv")
    assert run(*given) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.strip().splitlines()) == 1
    assert "跳过" not in error
    assert not (folder / "o.csv").exists()


@pytest.mark.usefixtures("folder")
def test_misuse_is_told_in_one_sentence(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for words, said in (
        (("--out", "a.csv"), "输出文件就是输入文件"),
        (("--out", "o.pdf"), "不认识的文件类型"),
        ((), "缺少 --out"),
        (("--out", "o.csv", "--max-probability", "0.5"), "须与 --seed 同用"),
        (("--out", "o.csv", "--seed", "1", "--max-probability", "2"), "不在 0 与 1 之间"),
        (("--out", "o.csv", "--per-item", "-1"), "不是 0 到"),
    ):
        assert run(*words) == 2
        error = capsys.readouterr().err
        assert said in error
        assert len(error.strip().splitlines()) == 1
    Path("mix.csv").write_text("组别,专家,至多\n甲,王,1\n甲,李,\n乙,李,1\n乙,陈,\n", "utf-8")
    assert run("--per-item", "1", "--seed", "1", "--mix", "mix.csv", "--out", "o.csv") == 2
    assert "mix.csv：各组成员交叉" in capsys.readouterr().err
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert run("--per-item", "3", "--max-load", "2", "--out", "o.csv") == 3
    assert "There is no assignment: 1 item(s) (A1)" not in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_help_is_in_the_language_of_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert assign.run(["--help"]) == 0
    assert "每个项目几位专家" in capsys.readouterr().out
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert assign.run(["--help"]) == 0
    assert "experts for each item" in capsys.readouterr().out
