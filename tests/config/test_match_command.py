"""The headless match command: files in, explained pairs out, one sentence for whatever is wrong."""

import gzip
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import xlsxwriter

from kezhuan.config import matching_files
from kezhuan.config.commands import match
from kezhuan.engines.tables import terminal
from tests.engines.tables.broken_files import BROKEN, Broken, lower_limits

NEEDS = """编号,需求名称,需求描述,成熟度,预算(万元),地区,截止日期,联系人
N1,大尺寸碳化硅衬底,需要低缺陷的碳化硅衬底抛光工艺,6,200,黄埔区,2027-06-30,张三
N2,细胞培养基,无血清细胞培养基国产化,7,50,越秀区,,李四
"""
SUPPLY = """编号,成果名称,摘要,成熟度,报价(万元),地区,团队
S1,碳化硅衬底抛光方法,8 英寸碳化硅衬底化学机械抛光,7,120,广州市黄埔区,甲团队
S2,碳化硅衬底缺陷检测,碳化硅衬底缺陷光学检测,4,300,天河区,乙团队
S3,无血清细胞培养基,用于悬浮细胞培养的培养基,8,面议,越秀区,=1+1
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "needs.csv").write_text(NEEDS, "utf-8-sig")
    (tmp_path / "supply.csv").write_text(SUPPLY, "gb18030")
    return str(tmp_path / "needs.csv"), str(tmp_path / "supply.csv")


def pairs(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_background_and_terms_of_a_need_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    needs = "编号,需求名称,拟解决的主要技术问题,需求背景,时限要求\nN1,衬底,缺陷高,碳化硅外延片报废,18个月\n"
    supply = "编号,成果名称,交付期限\nS1,碳化硅外延,2年\nS2,衬底缺陷,12个月\n"
    (tmp_path / "needs.csv").write_text(needs, "utf-8")
    (tmp_path / "supply.csv").write_text(supply, "utf-8")
    out = tmp_path / "run.jsonl"
    assert match.run([str(tmp_path / "needs.csv"), str(tmp_path / "supply.csv"), "--out", str(out)]) == 0
    parts = {pair["supply"]: {part["name"]: part["value"] for part in pair["parts"]} for pair in pairs(out)}
    assert parts["S1"]["deadline"] < 0 < parts["S2"]["deadline"]


def test_rights_count_where_a_mode_asks_for_them(tmp_path: Path) -> None:
    (tmp_path / "needs.csv").write_text(
        "编号,名称,合作方式,权属\nN1,衬底抛光,许可,归企业\nN2,衬底抛光,许可；技术咨询,\nN3,衬底抛光,,\n", "utf-8"
    )
    (tmp_path / "supply.csv").write_text(
        "编号,名称,合作方式,权属状况\nS1,衬底抛光,,权属清晰\nS2,衬底抛光,许可,已授权；共有人未同意、已质押\n"
        "S3,衬底抛光,许可,申请中\nS4,衬底抛光,许可,\n",
        "utf-8",
    )
    out = tmp_path / "run.jsonl"
    assert match.run([str(tmp_path / "needs.csv"), str(tmp_path / "supply.csv"), "--out", str(out)]) == 0
    found = [(pair["need"], pair["supply"], part) for pair in pairs(out) for part in pair["parts"]]
    said = {(need, supply): part["because"] for need, supply, part in found if part["name"] == "rights"}
    assert said == {
        ("N1", "S1"): "权属可用：权属清晰",
        ("N1", "S2"): "权属尚待解决：共有人未同意、已质押",
        ("N1", "S3"): "权属尚待解决：尚未授权",
        ("N2", "S2"): "权属尚待解决：共有人未同意、已质押",
        ("N2", "S3"): "权属尚待解决：尚未授权",
    }
    worth = {supply: part["value"] for need, supply, part in found if (need, part["name"]) == ("N1", "rights")}
    assert worth["S2"] < worth["S3"] < 0 < worth["S1"]


def test_match_writes_json_lines_whose_parts_add_up(files: tuple[str, str], tmp_path: Path) -> None:
    assert match.run([*files, "--out", str(tmp_path / "run.jsonl")]) == 0
    found = pairs(tmp_path / "run.jsonl")
    assert [(pair["need"], pair["rank"], pair["supply"]) for pair in found] == [
        ("N1", 1, "S1"),
        ("N1", 2, "S2"),
        ("N2", 1, "S3"),
    ]
    for pair in found:
        assert list(pair) == ["need", "rank", "supply", "score", "parts"]
        assert all(list(part) == ["name", "value", "because"] for part in pair["parts"])
        assert sum(part["value"] for part in pair["parts"]) == pytest.approx(pair["score"], abs=1e-9)
    said = {part["because"]: part["value"] for part in found[1]["parts"]}
    assert said["成熟度 4 < 6"] < 0
    assert said["报价 300 万元 > 预算 200 万元"] < 0
    assert not any(part["name"] == "price" for part in found[2]["parts"])  # 面议 is neutral


def test_match_speaks_english(files: tuple[str, str], tmp_path: Path) -> None:
    assert match.run([*files, "--lang", "en", "--out", str(tmp_path / "run.jsonl")]) == 0
    said = [part["because"] for part in pairs(tmp_path / "run.jsonl")[1]["parts"]]
    assert "TRL 4 < 6" in said
    assert "region differs: need Huangpu, supply Tianhe" in said


@pytest.mark.parametrize(
    ("column", "need", "supply", "sign"),
    [
        ("地区", "全国", "广州市天河区", 0),
        ("地区", "广东省", "广州市天河区", 1),
        ("地区", "贵阳市 白云区", "天河区", -1),
        ("地区", "佛山市", "广州", -1),
        ("地区", "深圳", "广州", -1),
        ("地区", "深圳", "深圳市", 1),
        ("地区", "广州天河", "北京", -1),
        ("地区", "深圳市", "南山区", 0),
        ("地区", "南山区", "朝阳区", -1),
        ("地区", "Silicon Valley", "硅谷", 0),
        ("地区", "佛山", "广东省佛山市南海区", 1),
        ("地区", "天河区", "天河区五山路", 1),
        ("地区", "黄埔区", "广州市天河区五山路", -1),
        ("地区", "Tianhe", "guangzhou tianhe", 1),
        ("地区", "广州", "Tianhe District, Guangzhou", 1),
        ("合作方式", "技术转让或合作开发均可", "转让", 1),
        ("合作方式", "转让或许可", "作价入股", -1),
        ("合作方式", "均可", "转让", 0),
        ("合作方式", "不接受转让", "许可", 0),
        ("技术领域", "新材料产业", "新材料及其应用", 1),
        ("技术领域", "新材料产业", "半导体", -1),
        ("技术领域", "人工智能", "人工智能", 1),
        ("技术领域", "ＡＩ", "ai", 1),
        ("技术领域", "人工智能", "人工智能技术", 1),
        ("技术领域", "人工智能", "photonics", 0),
        ("技术领域", "量子科技", "人工智能", -1),
        ("技术领域", "量子科技", "其他", 0),
        ("技术领域", "量子科技", "海洋科技、文化创意", 0),
        ("技术领域", "医药", "生物医药与健康", 1),
        ("技术领域", "先进材料", "新材料", 1),
        ("技术领域", "半导体、先进材料", "医疗", 0),
        ("合作方式", "产学研合作", "共同开发", 1),
        ("合作方式", "买断", "许可", -1),
        ("地区", "广州以外", "广州", 0),
        ("地区", "广州或佛山", "深圳", 0),
        ("完成时限", "2026年", "2027-08-30", 0),
        ("合作方式", "技术服务", "技术服务", 1),
        ("合作方式", "技术服务", "转让", -1),
        ("合作方式", "技术服务、许可", "转让；技术服务", 1),
        ("合作方式", "技术服务", "面议", 0),
        ("合作方式", "技术服务", "spin-off", 0),
        ("技术领域", "新材料产业", "航空航天领域", -1),
        ("完成时限", "2027-06-30", "2027-08-30", -1),
    ],
)
def test_words_that_differ_take_points_and_those_that_leave_it_open_do_not(
    tmp_path: Path, column: str, need: str, supply: str, sign: int
) -> None:
    (tmp_path / "needs.csv").write_text(f'编号,需求名称,{column}\nN1,碳化硅衬底,"{need}"\n', "utf-8")
    (tmp_path / "supply.csv").write_text(f'编号,成果名称,{column}\nS1,碳化硅衬底,"{supply}"\n', "utf-8")
    out = tmp_path / "run.jsonl"
    assert match.run([str(tmp_path / "needs.csv"), str(tmp_path / "supply.csv"), "--out", str(out)]) == 0
    (pair,) = pairs(out)
    structured = {"region", "mode", "field", "deadline"}
    assert [np.sign(part["value"]) for part in pair["parts"] if part["name"] in structured] == ([sign] if sign else [])


def test_places_outside_the_city_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "needs.csv").write_text("编号,需求名称,地区\nN1,碳化硅衬底,佛山市\n", "utf-8")
    (tmp_path / "supply.csv").write_text("编号,成果名称,地区\nS1,碳化硅衬底,广州\nS2,碳化硅,南海区\n", "utf-8")
    assert match.run([str(tmp_path / "needs.csv"), str(tmp_path / "supply.csv"), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert "地区不同：需求 佛山市，供给" in said
    assert "地区相同：佛山市南海区" in said


def test_values_that_are_not_used_on_a_side_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "needs.csv").write_text("编号,需求名称,预算,报价\nN1,碳化硅衬底,100,待询价\n", "utf-8")
    (tmp_path / "supply.csv").write_text("编号,成果名称,预算,合作方式\nS1,碳化硅衬底,90,视情况均可\n", "utf-8")
    both = [str(tmp_path / "needs.csv"), str(tmp_path / "supply.csv")]
    assert match.run(both) == 0
    said = capsys.readouterr().out
    assert all(words in said for words in ("报价: 待询价", "预算: 90", "合作方式: 视情况均可"))
    assert match.run([*both, "--out", str(tmp_path / "run.xlsx")]) == 0
    header, row = openpyxl.load_workbook(tmp_path / "run.xlsx").active.iter_rows(values_only=True)
    shown = dict(zip(header, row, strict=True))
    assert [shown[name] for name in ("需求：报价", "成果：预算", "成果：合作方式")] == ["待询价", "90", "视情况均可"]


def test_match_writes_workbook_with_names_reasons_and_unknown_columns(files: tuple[str, str], tmp_path: Path) -> None:
    assert match.run([*files, "--out", str(tmp_path / "run.xlsx")]) == 0
    sheet = openpyxl.load_workbook(tmp_path / "run.xlsx")["匹配结果"]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert sheet.freeze_panes == "A2"
    header = rows[0]
    first = dict(zip(header, rows[1], strict=True))
    assert (first["需求名称"], first["成果名称"], first["名次"]) == ("大尺寸碳化硅衬底", "碳化硅衬底抛光方法", 1)
    assert "成熟度 7 ≥ 6" in str(first["理由"]).split("\n")
    assert (first["需求：联系人"], first["成果：团队"]) == ("张三", "甲团队")
    parts = sum(value or 0 for name, value in first.items() if str(name).startswith("分项："))
    assert parts == pytest.approx(first["得分"], abs=1e-9)
    assert dict(zip(header, rows[3], strict=True))["成果：报价(万元)"] == "面议"


def test_match_writes_csv_no_spreadsheet_runs(files: tuple[str, str], tmp_path: Path) -> None:
    assert match.run([*files, "--out", str(tmp_path / "run.csv.gz")]) == 0
    content = gzip.decompress((tmp_path / "run.csv.gz").read_bytes())
    assert content.startswith(b"\xef\xbb\xbf")
    assert ",'=1+1" in content.decode()


def test_match_takes_a_typed_need(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert match.run(["--need", "大尺寸碳化硅衬底 低缺陷 抛光", files[1], "--top", "1"]) == 0
    shown = capsys.readouterr()
    assert "碳化硅衬底抛光方法" in shown.out
    assert "无血清" not in shown.out
    assert "甲团队" in shown.out
    assert shown.err.splitlines()[-1].startswith("完成：1 条需求 × 3 条成果，共 1 对；略去需求 0 行、成果 0 行")


def test_match_table_shows_unknown_columns_of_both_sides(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert match.run([*files, "--quiet"]) == 0
    said = capsys.readouterr().out
    assert "  联系人: 张三\n" in said
    assert "团队: 甲团队" in said


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_match_table_fits_the_terminal(
    files: tuple[str, str], columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    with Path(files[1]).open("a", encoding="gb18030") as supply:
        supply.write(f"S9,{'碳化硅衬底抛光' * 500},,5,,,\n")
    assert match.run([*files]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(terminal.display_width, lines)) == columns  # the rule under the header
    assert len(lines) < 60  # a long title is cut


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_every_step_of_match_shows_how_far_it_is(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert match.run([*files, "--quiet"]) == 0
    plain = capsys.readouterr().out
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    assert match.run([*files]) == 0
    said = screen.getvalue()
    for step in ("读取 needs.csv: ", "读取 supply.csv: ", "建立索引:   0%", "0/2"):
        assert step in said
    assert capsys.readouterr().out == plain
    screen.truncate(0)
    assert match.run([*files, "--quiet"]) == 0
    assert screen.getvalue().strip("\0") == ""


def test_match_says_when_nothing_is_shared(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert match.run(["--need", "zzz", files[1]]) == 0
    said = capsys.readouterr()
    assert "（没有共有词语的成果）" in said.out
    assert "；1 条需求没有匹配（1）；" in said.err


def test_match_quiet_says_nothing_but_problems(files: tuple[str, str], tmp_path: Path, capsys: Any) -> None:
    assert match.run([*files, "--quiet", "--out", str(tmp_path / "run.jsonl")]) == 0
    assert tuple(capsys.readouterr()) == ("", "")


def test_match_completes_a_name_without_ending(files: tuple[str, str], tmp_path: Path) -> None:
    assert (
        match.run([files[0].removesuffix(".csv"), files[1].removesuffix(".csv"), "--out", str(tmp_path / "r.csv")]) == 0
    )


def test_match_reads_the_named_sheets(files: tuple[str, str], tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        for name, title in (("需求", "碳化硅抛光需求"), ("成果", "碳化硅抛光成果")):
            book.add_worksheet(name).write_column(0, 0, ["名称", title])
    book_path, out = str(tmp_path / "book.xlsx"), str(tmp_path / "run.csv")
    assert match.run([book_path, book_path, "--sheet-needs", "需求", "--sheet-supply", "成果", "--out", out]) == 0
    assert "碳化硅抛光需求,1,2,碳化硅抛光成果," in Path(out).read_text("utf-8-sig")
    assert match.run([book_path, files[1], "--sheet-needs", "无", "--out", out]) == 2


def test_match_without_ids_uses_row_numbers(files: tuple[str, str], tmp_path: Path) -> None:
    plain = tmp_path / "plain.csv"
    plain.write_text("名称\n碳化硅衬底\n\n碳化硅抛光\n", "utf-8")
    assert match.run([files[0], str(plain), "--out", str(tmp_path / "run.jsonl")]) == 0
    assert {pair["supply"] for pair in pairs(tmp_path / "run.jsonl")} == {"2", "4"}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["needs"],
        ["a", "b", "c"],
        ["--need", "x", "a", "b"],
        ["--need", " ", "supply"],
        ["needs", "supply", "--top", "0"],
        ["needs", "supply", "--top", "many"],
        ["needs", "supply", "--lang", "fr"],
        ["needs", "supply", "--nonsense"],
        ["needs", "supply", "--encoder", ""],
        ["needs", "supply", "--owner", " "],
    ],
)
def test_match_refuses_wrong_usage_in_one_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert match.run(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert shown.err.startswith("用法不对（")


def test_match_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert match.run(["--help"]) == 0
    assert "./kezhuan match NEEDS SUPPLY" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["supply.csv", "nowhere/run.jsonl", "run.txt", "run.xlsx.gz", "folder.csv"])
def test_match_refuses_an_output_it_cannot_write(
    files: tuple[str, str], tmp_path: Path, name: str, capsys: Any
) -> None:
    (tmp_path / "folder.csv").mkdir()
    before = Path(files[1]).read_bytes()
    assert match.run([*files, "--out", str(tmp_path / name)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert Path(files[1]).read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.csv", "needs.csv", "supply.csv"]


def test_match_interrupted_leaves_no_file(
    files: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def interrupt(*_: Any) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(matching_files, "because", interrupt)
    assert match.run([*files, "--out", str(tmp_path / "run.jsonl")]) == 130
    assert capsys.readouterr().err.splitlines()[-1] == "已中断，没有写出任何文件。"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["needs.csv", "supply.csv"]


def test_match_starts_without_django() -> None:
    script = """import sys
from kezhuan.config import matching_files
from kezhuan.config.commands import match
match.run(["a", "b"])
sys.exit("django" in sys.modules)"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "a：找不到文件；请检查路径。\n")


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: one.name)
def test_match_says_one_sentence_about_a_broken_file(
    broken: Broken, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lower_limits(monkeypatch)
    folder = tmp_path / "broken"
    folder.mkdir()
    out = tmp_path / "run.jsonl"
    code = match.run(["--need", "碳化硅 氮化镓 result a d", str(broken.make(folder)), "--quiet", "--out", str(out)])
    said = capsys.readouterr().err.splitlines()
    assert (code, len(said)) == ((2, 1) if broken.file_code else (0, len(broken.row_codes)))
    assert all(line.endswith("。") and "Traceback" not in line for line in said)
    assert out.exists() == (broken.file_code is None)


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_match_in_several_processes_writes_the_same(
    ending: str, files: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, several = tmp_path / f"one.{ending}", tmp_path / f"several.{ending}"
    assert match.run([*files, "--out", str(one)]) == 0
    monkeypatch.setattr("kezhuan.engines.matching.apart.processes_for", lambda steps, least: 2)
    assert match.run([*files, "--out", str(several)]) == 0
    assert one.read_bytes() == several.read_bytes()


def test_match_says_when_a_process_was_ended(
    files: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("kezhuan.engines.matching.apart.processes_for", lambda steps, least: 2)
    monkeypatch.setattr(
        matching_files, "_json_rows", lambda need, matches, language: os.kill(os.getpid(), signal.SIGKILL)
    )
    assert match.run([*files, "--quiet", "--out", str(tmp_path / "run.jsonl")]) == 2
    assert "内存" in capsys.readouterr().err
    assert not (tmp_path / "run.jsonl").exists()
