"""`./kezhuan check-contract`: one form or a register, in words and as JSON, without Django; exit codes 0, 1 and 2."""

import json
import subprocess
import sys

import pytest

from kezhuan.config import commandline
from kezhuan.engines.contracts import rule_sets
from kezhuan.engines.tables import write_table
from tests.factories.registers import credit_code

ROW = {
    "项目名称": "电池寿命提升", "合同类别": "技术开发", "合同子类": "委托开发", "合同形式": "书面",
    "签订日期": "2025-06-01", "申请日期": "2025-06-10",
    "合同开始日期": "2025-06-01", "合同截止日期": "2026-06-01", "卖方名称": "甲大学",
    "卖方统一社会信用代码": credit_code(1), "卖方性质": "高等院校", "卖方国别": "中国", "卖方地区": "440106",
    "买方名称": "乙公司", "买方统一社会信用代码": credit_code(2), "买方性质": "有限责任公司", "买方国别": "156",
    "买方地区": "440112", "技术领域": "新能源与高效节能", "知识产权": "发明专利；技术秘密", "计划来源": "计划外",
    "社会经济目标": "能源的生产和合理利用", "国民经济行业": "C38", "支付方式": "分期支付", "合同成交总额（万元）": 600,
    "技术交易额（万元）": 500, "设备费（万元）": 100, "各期金额": "300万元；300万元", "登记机构": "甲登记处",
    "合同正文": "目标：循环寿命。创新内容：新电解液。技术指标：3000次。验收：送检。争议：仲裁。" + "甲乙丙丁戊己庚" * 4,
}  # fmt: skip


@pytest.fixture
def checked(tmp_path, capsys):
    def check(*rows, ending="xlsx", more=()):
        path = tmp_path / f"登记表.{ending}"
        headers = list(dict.fromkeys(header for row in rows for header in row))
        write_table(path, headers, [[row.get(header) for header in headers] for row in rows])
        code = commandline.main(["check-contract", str(path), "--as-of", "2025-12-01", *more])
        return code, capsys.readouterr().out

    return check


@pytest.mark.parametrize("ending", ["xlsx", "csv", "jsonl"])
def test_a_complete_form_ends_with_0_and_tells_both_amounts_apart(checked, ending):
    code, out = checked(ROW, ending=ending)
    assert code == 0, out
    assert "技术开发：1 份，合同成交总额 6,000,000.00 元，技术交易额 5,000,000.00 元" in out


def test_each_finding_is_one_sentence_with_row_field_and_clause(checked):
    wrong = ROW | {"合同形式": "口头", "技术交易额（万元）": 700, "卖方地区": None, "合同正文": "甲乙" * 30}
    code, out = checked(ROW, wrong)
    lines = [line for line in out.splitlines() if " 第 3 行" in line]
    assert code == 1
    assert len(lines) == 8  # three above and the five clauses of a development
    assert [line for line in lines if "（依据：" not in line] == []
    assert any(
        line.startswith("登记表.xlsx 第 3 行“技术交易额（万元）”：技术交易额 7,000,000.00 元大于") for line in lines
    )
    assert any("“合同形式”：口头合同不予受理" in line for line in lines)
    assert any("“卖方地区”：须填写此项" in line for line in lines)


def test_findings_speak_english_in_an_english_terminal(checked, monkeypatch):
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    code, out = checked(ROW | {"合同形式": "oral"})
    assert code == 1
    assert "登记表.xlsx, row 2, “合同形式”: An oral contract is not accepted" in out


def test_a_draft_is_used_by_name_and_said_to_be_one(checked):
    assert "专家" not in checked(ROW)[1]
    code, out = checked(ROW, more=["--rules", "2024-draft"])
    assert code == 0
    assert "技术交易额达到 500 万元，须经专家评审" in out
    assert "征求意见稿，未生效" in out


def test_flags_inform_and_leave_the_exit_code(checked):
    twin = ROW | {"项目名称": "另一名称", "登记机构": "乙登记处"}
    code, out = checked(ROW, twin)
    assert code == 0
    assert "供核对，不作决定" in out
    assert "[在两个登记机构登记] 第 2, 3 行合同文本相同" in out


def test_columns_that_are_not_there_are_told_once(checked):
    few = {key: ROW[key] for key in ("项目名称", "合同类别", "合同成交总额（万元）", "技术交易额（万元）")}
    code, out = checked(few, few)
    assert code == 1
    (line,) = [line for line in out.splitlines() if "没有这些必填的列" in line]
    assert "签订日期" in line
    assert "买方名称" in line
    assert "未检查合同内容" in out


def test_a_number_that_stands_twice_and_a_cell_that_cannot_be_read(checked):
    code, out = checked(
        ROW | {"登记编号": "1" * 16}, ROW | {"登记编号": "1" * 16}, ROW | {"合同成交总额（万元）": "许多"}
    )
    assert code == 1
    assert "登记编号 1111111111111111 已在第 2 行出现" in out
    assert "第 4 行“合同成交总额（万元）”列：“许多”不是数字" in out


def test_json_holds_fen_and_stable_codes(checked):
    code, out = checked(ROW | {"合同形式": "口头"}, more=["--json", "--rules", "2000-063"])
    told = json.loads(out)
    assert (code, told["complete"], told["rules"], told["contracts"]) == (1, False, "2000-063", 1)
    assert told["sums"]["development"] == {"contracts": 1, "turnover_fen": 600_000_000, "technology_fen": 500_000_000}
    assert [(one["row"], one["code"], one["field"]) for one in told["findings"]] == [(2, "oral-contract", "form")]
    assert told["findings"][0]["clause"] == rule_sets()["2000-063"].form


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["没有.xlsx"], "找不到文件"),
        (["x.csv", "--rules", "3000"], "没有 '3000' 这个值"),
        (["x", "--as-of", "no"], "不是日期"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_2(capsys, words, sentence):
    try:
        code = commandline.main(["check-contract", *words])
    except SystemExit as stopped:
        code = stopped.code
    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert sentence in told.err
    assert len(told.err.strip().splitlines()) == 1


def test_it_needs_neither_django_nor_a_database(tmp_path):
    (tmp_path / "r.csv").write_text("项目名称\nx\n", encoding="utf-8")
    script = (
        "import sys; from kezhuan.config.commandline import main; code = main(['check-contract', sys.argv[1]]);"
        " assert 'django' not in sys.modules; sys.exit(code)"
    )
    run = subprocess.run([sys.executable, "-c", script, tmp_path / "r.csv"], capture_output=True, check=False)
    assert run.returncode == 1
