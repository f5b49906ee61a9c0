"""`./kezhuan income`: the worked example, in words and as JSON, without Django; misuse in one sentence each."""

import json
import subprocess
import sys

import pytest

from kezhuan.config import commandline

WORKED = [
    "income", "--received", "1000000", "--deduct", "tax=60000", "--deduct", "maintenance=12000",
    "--deduct", "appraisal=28000", "--jurisdiction", "440100", "--on", "2025-06-01",
]  # fmt: skip


def answer(capsys, *more):
    code = commandline.main([*WORKED, *more])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_worked_example_is_told_with_its_sources(capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    code, out, _ = answer(capsys)
    assert code == 0
    for said in ("900,000.00  Net income", "630,000.00  Reward pool", "315,000.00  Main contributors, at least"):
        assert said in out
    assert "[income.floor.pool 440000 2024-10-18]" in out
    assert "not verified" in out
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert "270,000.00  留归单位" in answer(capsys)[1]


def test_json_holds_fen_rules_and_lines(capsys):
    code, out, _ = answer(capsys, "--json", "--share", "张三=60", "--share", "other:李四=40", "--unit", "学院=1")
    told = json.loads(out)
    assert (code, told["net_fen"], told["pool_fen"], told["unit_fen"]) == (0, 90_000_000, 63_000_000, 27_000_000)
    assert told["lines"] == [
        {"name": "张三", "role": "main", "fen": 37_800_000},
        {"name": "李四", "role": "other", "fen": 25_200_000},
        {"name": "学院", "role": "unit", "fen": 27_000_000},
    ]
    rules = {one["code"]: one["rule"] for one in told["figures"] if one["rule"]}
    assert (rules["pool"]["jurisdiction"], rules["pool"]["from"]) == ("440000", "2024-10-18")
    assert rules["main"]["source"].startswith("国务院")


def test_owners_are_told_apart(capsys):
    shares = ["--owners", "70", "--share", "owner:王五=1"]
    told = json.loads(answer(capsys, "--json", *shares)[1])
    assert [(one["role"], one["fen"]) for one in told["lines"]] == [("owner", 63_000_000), ("unit", 27_000_000)]
    code, _, err = answer(capsys, *shares, "--share", "王五=1")
    assert (code, "王五" in err) == (2, True)
    assert answer(capsys, *shares, "--share", "王五=1", "--owners-rewarded", "协议第6条")[0] == 0


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (["--deduct", "research=1"], "研发成本不得扣除"),
        (["--deduct", "tax"], "应写成 KIND=元"),
        (["--received", "1.001"], "“1.001”不是以元为单位"),
        (["--received", "many"], "“many”不是以元为单位"),
        (["--jurisdiction", "Guangzhou"], "六位行政区划代码"),
        (["--on", "yesterday"], "不是日期"),
        (["--agreed", "120"], "0 到 100 的百分比"),
        (["--share", "张三"], "应写成 姓名=份额"),
        (["--share", "张三=-1"], "应写成 姓名=份额"),
        (["--on", "2015-09-30"], "没有440100在这一天的奖励最低比例"),
    ],
)
def test_what_cannot_be_is_one_sentence(capsys, wrong, sentence):
    try:
        code = commandline.main([*WORKED, *wrong])
    except SystemExit as stopped:
        code = stopped.code
    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert sentence in told.err
    assert len(told.err.strip().splitlines()) == 1


def test_it_needs_neither_django_nor_a_database():
    script = (
        f"import sys; from kezhuan.config.commandline import main; main({WORKED!r}); assert 'django' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0


PLACE = ["income", "--jurisdiction", "440100", "--on", "2025-06-01"]
EQUITY = ["--contribution", "3000000", "--post-money", "10000000", "--total-shares", "10000001"]
YEARS = ["--profit", "1000000.01", "--profit=-50000", "--profit", "200000", "--started", "2022-03-01"]


def of_way(capsys, *more):
    try:
        code = commandline.main([*PLACE, *more])
    except SystemExit as stopped:
        code = stopped.code
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_shares_for_a_result_are_told_with_the_law_and_what_is_not_known(capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    code, out, _ = of_way(capsys, *EQUITY, "--share", "Zhang=60", "--share", "other:Li=40", "--heads")
    assert code == 0
    for said in ("registered on 2025-06-01; in shares", "3,000,000  Shares for the result", "1,500,000  Reward pool",
                 "900,000  Zhang · main contributor", "[income.floor.equity 000000 2015-10-01]", "Art. 45",
                 "* No rule on equity for heads of units is known of 440100"):  # fmt: skip
        assert said in out
    told = json.loads(of_way(capsys, *EQUITY, "--json")[1])
    assert (told["way"], told["held_shares"], told["pool_shares"], told["unit_shares"]) == (
        "equity", 3_000_000, 1_500_000, 1_500_000,
    )  # fmt: skip
    assert "carried_fen" not in told
    assert told["figures"][0] | {"how": ""} == {
        "code": "held", "shares": 3_000_000, "label": "Shares for the result", "how": "", "rule": None, "clause": None,
    }  # fmt: skip
    assert of_way(capsys, *EQUITY[:4], "--total-shares", "0")[0] == 2


def test_each_year_of_profit_is_told_and_what_they_come_to(capsys):
    code, out, _ = of_way(capsys, *YEARS, "--share", "张三=1")
    assert code == 0
    for said in ("1,000,000.01  第 1 年营业利润：至 2023-03-01 的一年，共 3 年", "50,000.01  张三", "亏损年度不提取",
                 "[income.floor.profit 000000 2015-10-01]", "60,000.01  各年奖励合计",
                 "按 2025-06-01 的规定"):  # fmt: skip
        assert said in out
    assert out.count("* 须对实施该成果的产品单独核算利润。") == 1
    told = json.loads(of_way(capsys, *YEARS, "--years", "5", "--agreed", "10", "--json")[1])
    assert (told["way"], told["pool_fen"]) == ("profit", 12_000_001)
    assert [(one["profit_fen"], one["pool_fen"]) for one in told["years"]] == [
        (100_000_001, 10_000_001), (0, 0), (20_000_000, 2_000_000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "--received --contribution --profit --transfer 中须给出一个"),
        ([*EQUITY, "--received", "1"], "不能与"),
        (EQUITY[:4], "缺少 --total-shares"),
        ([*EQUITY, "--deduct", "tax=1"], "--deduct 只与 --received 同用"),
        ([*EQUITY[:4], "--total-shares", "-3"], "不是正整数"),
        (["--profit", "1"], "缺少 --started"),
        (["--received", "1", "--heads"], "--heads 只与 --contribution 同用"),
        ([*YEARS, "--profit", "1"], "共 3 年"),
        ([*EQUITY, "--on", "2014-01-01"], "没有440100在这一天的奖励最低比例"),
        ([*EQUITY, "--heads", "--jurisdiction", "110000"], "正职领导原则上不获股权奖励"),
    ],
)
def test_what_cannot_be_of_another_way_is_one_sentence(capsys, given, sentence):
    code, out, err = of_way(capsys, *given)
    assert (code, out) == (2, "")
    assert sentence in err


def test_what_of_a_year_s_income_from_transfer_is_taxed_is_told_with_both_rules(capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    code, out, _ = of_way(capsys, "--transfer", "6000000")
    assert code == 0
    for said in ("by the rules of 2025-06-01: CNY 6,000,000.00 from transfer", "5,000,000.00  Exempt",
                 "500,000.00  Taxable", "[contract.tax.exempt 000000 2015-10-01]",
                 "[contract.tax.taxed 000000 2015-10-01]", "not verified"):  # fmt: skip
        assert said in out
    told = json.loads(of_way(capsys, "--transfer", "6000000.01", "--json")[1])
    rules = told.pop("rules")
    assert told == {
        "way": "transfer", "jurisdiction": "440100", "on": "2025-06-01", "income_fen": 600_000_001,
        "exempt_fen": 500_000_000, "taxable_fen": 50_000_000,
    }  # fmt: skip
    assert (rules["exempt"]["value"], rules["taxable"]["value"]) == (500_000_000, 5000)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert "500,000.00  计入应纳税所得额" in of_way(capsys, "--transfer", "6000000")[1]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["--on", "2015-09-30"], "没有这一天有效的技术转让所得减免规则值"),
        (["--deduct", "tax=1"], "--deduct 只与 --received 同用"),
        (["--share", "张三=1"], "--share 不与 --transfer 同用"),
        (["--owners-rewarded", "第6条"], "--owners-rewarded 不与 --transfer 同用"),
        (["--profit", "1"], "--profit"),
    ],
)
def test_the_relief_is_reckoned_of_known_rules_and_its_own_figures_alone(capsys, given, sentence):
    code, out, err = of_way(capsys, "--transfer", "6000000", *given)
    assert (code, out) == (2, "")
    assert sentence in err
