"""The match command beyond results: teams and experts by the best of their works, and lists of every kind of supply."""

import json
from pathlib import Path

import pytest

from kezhuan.config.commands import match
from tests.config.test_match_command import NEEDS, SUPPLY


def test_teams_stand_once_by_the_best_of_their_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    needs, supply = str(tmp_path / "needs.csv"), str(tmp_path / "supply.csv")
    Path(needs).write_text(NEEDS, "utf-8-sig")
    rows = SUPPLY + "S4,碳化硅衬底抛光液,碳化硅衬底抛光,,,,甲团队\nS5,碳化硅衬底,衬底,,,,\n"
    Path(supply).write_text(rows, "gb18030")
    out = tmp_path / "teams.jsonl"
    assert match.run([needs, supply, "--out", str(out), "--owner", "团队", "--quiet"]) == 0
    pairs = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    first = [(one["rank"], one["owner"]) for one in pairs if one["need"] == "N1"]
    assert [rank for rank, _owner in first] == [1, 2, 3]
    assert {owner for _rank, owner in first} == {"甲团队", "乙团队", "S5"}
    assert match.run([needs, supply, "--owner", "团队", "--lang", "en"]) == 0
    assert capsys.readouterr().out.count("甲团队") == 1
    assert match.run([needs, supply, "--owner", "专家"]) == 2
    assert "专家" in capsys.readouterr().err


OTHER_SUPPLY = {
    "instruments": "仪器编号,仪器名称,主要功能,技术指标\nA,抛光机,碳化硅衬底化学抛光,Ra 0.1\nB,电镜,形貌观察,1 nm\n",
    "agencies": "机构编号,机构名称,业务范围\nA,某技术转移中心,碳化硅衬底抛光等成果的转化\nB,某事务所,水稻品种权\n",
    "policies": "文号,政策名称,支持对象,支持内容\nA,首台套办法,企业,碳化硅衬底抛光设备补助\nB,种业办法,种业,水稻\n",
    "experts": "专家编号,姓名,研究方向,工作单位\nA,张三,碳化硅衬底抛光,甲所\nB,李四,水稻育种,乙大学\n",
    "experts in English": "id,expert,expertise\nA,Zhang San,silicon carbide 碳化硅 polishing\nB,Li Si,rice\n",
    "results of agencies": "成果编号,成果名称,机构名称\nA,碳化硅衬底抛光,甲所\nB,水稻,碳化硅衬底抛光中心\n",
}


@pytest.mark.parametrize("kind", OTHER_SUPPLY)
def test_every_kind_of_supply_is_read_by_the_words_of_its_lists(kind: str, tmp_path: Path) -> None:
    (tmp_path / "supply.csv").write_text(OTHER_SUPPLY[kind], "utf-8")
    out = tmp_path / "out.jsonl"
    assert match.run(["--need", "碳化硅衬底抛光", str(tmp_path / "supply.csv"), "--out", str(out), "--quiet"]) == 0
    assert [json.loads(line)["supply"] for line in out.read_text("utf-8").splitlines()] == ["A"]
