"""Lists of research teams: published at once for units that are known."""

import pytest

from kezhuan.areas.teams.lifecycle import TEAM
from kezhuan.areas.teams.models import Team
from kezhuan.areas.teams.tables import ROWS
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from tests.factories import city
from tests.factories.imports import take_in

pytestmark = pytest.mark.django_db


def test_only_a_known_unit_publishes_and_a_list_of_teams_comes_from_a_file(write):
    unit, claimed = city.organisation("南粤大学", kind="university"), city.organisation("自称所", stage="unverified")
    with pytest.raises(Refused) as refused:
        advance(TEAM, city.team(claimed, stage="draft", by=city.member(claimed)), "publish", actor=city.clerk(claimed))
    assert [one.code for one in refused.value.problems] == ["unit-unverified"]
    row = {
        "团队名称": "水稻育种团队", "研究方向": "耐盐水稻选育", "依托单位": "南粤大学", "负责人": "韩育种",
        "团队人数": "9人",
        "最高成熟度": "TRL 6", "最低成熟度": "4", "合作方式": "技术咨询；转让", "可同时承接需求数": "3项",
        "技术领域": "农业",
        "网页": "https://rice.example.com", "所属学院": "农学院", "编号": "T1",
    }  # fmt: skip
    bad = {**row, "编号": "T2", "团队名称": "无主团队", "依托单位": "没登记的所", "最低成熟度": "7"}
    done = take_in(ROWS, write([row, bad]))
    assert (done.counts.created, done.counts.rejected) == (1, 1)
    assert "(没登记的所), so nothing was entered as theirs" in done.notes()[0]
    team = Team.objects.select_related("record").get(record__title="水稻育种团队")
    assert (team.record.stage, team.record.owner_id, team.leader, team.size) == ("published", unit.pk, "韩育种", 9)
    assert (team.trl_from, team.trl_to, team.modes, team.capacity) == (4, 6, ["consulting"], 3)
    assert set(team.extra) == {"所属学院", "合作方式"}
    again = take_in(ROWS, write([row | {"可同时承接需求数": "5"}]))
    assert again.counts.updated == 1
    team.refresh_from_db()
    assert team.capacity == 5
