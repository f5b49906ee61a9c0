"""What tells the rows of a file apart: the column in which a kind has numbers of its own, and nothing beside it."""

import pytest

from kezhuan.areas.achievements.tables import ROWS as ACHIEVEMENTS
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.contracts.tables import ROWS as CONTRACTS
from kezhuan.areas.dossiers.models import Dossier
from kezhuan.areas.dossiers.tables import ROWS as DOSSIERS
from kezhuan.areas.people.tables import ROWS as ORGANISATIONS
from kezhuan.config.commands import import_
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.parties import Role
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.imports import take_in
from tests.factories.uploads import uploaded

pytestmark = pytest.mark.django_db

CODE = "91440101MA5AKX0016"


def counts(done):
    return tuple(vars(done.counts).values())


def reasons(done):
    return [one.reason for one in done.rejects.rows]


@pytest.fixture
def unit():
    return city.organisation("南粤大学", kind="university")


def paper(title, **more):
    return {"名称": title, "材料类别": "收入", "材料日期": "2026-03-18", **more}


def test_organisations_are_told_apart_by_their_code_and_not_by_a_name_that_is_spelt_the_same(write):
    made = city.organisation("甲公司", stage="listed")
    row = {"单位名称": "甲公司", "统一社会信用代码": CODE, "所在区": "天河区"}
    assert counts(take_in(ORGANISATIONS, write([row]), match_key="uscc")) == (1, 1, 0, 0, 0)
    renamed = row | {"单位名称": "甲公司（更名）"}
    assert counts(take_in(ORGANISATIONS, write([renamed]), match_key="uscc")) == (1, 0, 1, 0, 0)
    assert counts(take_in(ORGANISATIONS, write([renamed]), match_key="uscc")) == (1, 0, 0, 1, 0)
    titles = sorted(Organisation.objects.values_list("record__title", flat=True))
    assert (titles, Organisation.objects.count()) == (["甲公司", "甲公司（更名）"], 2)
    assert made.record.title == "甲公司"
    without = take_in(ORGANISATIONS, write([row, {"单位名称": "乙公司"}]), match_key="uscc")
    assert without.counts.rejected == 1
    assert "credit code" in reasons(without)[0]


def test_dossiers_are_told_apart_by_their_own_number_inside_their_unit(write, unit):
    first = paper("第一笔", 文号="穗财3号")
    assert counts(take_in(DOSSIERS, write([first]), match_key="number", owner=unit)) == (1, 1, 0, 0, 0)
    again = take_in(DOSSIERS, write([paper("更正", 文号="穗财3号", 编号="X9")]), match_key="number", owner=unit)
    assert counts(again) == (1, 0, 1, 0, 0)
    elsewhere = take_in(DOSSIERS, write([first]), match_key="number", owner=city.organisation())
    assert counts(elsewhere) == (1, 1, 0, 0, 0)
    assert list(Dossier.objects.order_by("pk").values_list("record__title", flat=True)) == ["更正", "第一笔"]


def test_a_number_that_two_records_answer_to_is_handed_back_with_the_way_out(write, unit):
    keeper = city.member(unit, Role.ADMINISTRATOR)
    for _ in range(2):
        city.dossier(unit, by=keeper, number="穗财3号")
    path = write([paper("第一笔", 文号="穗财3号")])
    for dry_run in (True, False):
        done = take_in(DOSSIERS, path, match_key="number", owner=unit, dry_run=dry_run)
        assert counts(done) == (1, 0, 0, 0, 1)
        assert "2" in reasons(done)[0]
        assert "穗财3号" in reasons(done)[0]
        assert "platform code" in reasons(done)[0]


def test_a_title_that_two_records_bear_is_handed_back_and_neither_is_changed(write, unit):
    rows = [city.achievement(unit, title="低缺陷抛光", summary="alt") for _ in range(2)]
    path = write([{"名称": "低缺陷抛光", "摘要": "neu"}])
    for dry_run in (True, False):
        done = take_in(ACHIEVEMENTS, path, match_key="title", owner=unit, dry_run=dry_run)
        assert counts(done) == (1, 0, 0, 0, 1)
        assert "2 records answer to “低缺陷抛光”" in reasons(done)[0]
    assert {type(one).objects.get(pk=one.pk).record.summary for one in rows} == {"alt"}


def test_a_file_without_the_column_is_refused_as_a_whole(write):
    with pytest.raises(Refused) as refused:
        take_in(ORGANISATIONS, write([{"单位名称": "甲公司"}]), match_key="uscc")
    assert [one.code for one in refused.value.problems] == ["match-key-missing"]


def test_contracts_name_their_registration_and_kinds_without_numbers_nothing_new(unit):
    assert CONTRACTS.match_key_named("reg_no") == "reg_no"
    assert ORGANISATIONS.match_key_named("统一社会信用代码") == "uscc"
    assert ACHIEVEMENTS.match_key_named("title") == "title"
    assert ACHIEVEMENTS.match_key_named("uscc") is None
    assert list(CONTRACTS.match_keys["reg_no"].held({"1"})) == []
    made = city.contract(unit)
    Contract.objects.filter(pk=made.pk).update(reg_no="1")
    assert list(CONTRACTS.match_keys["reg_no"].held({"1"})) == [("1", unit.pk, made.pk)]


def test_the_command_names_what_a_kind_is_told_apart_by(tmp_path, monkeypatch, capsys, settings):
    settings.DATA = tmp_path
    monkeypatch.setattr(import_, "bring_up_to_date", lambda: True)
    path = tmp_path / "units.csv"
    path.write_text("单位名称\n甲公司\n", encoding="utf-8")
    city.officer()
    assert import_.run(["organisations", str(path), "--match-key", "colour", "--lang", "en", "--no-match"]) == 2
    said = capsys.readouterr().err
    assert "--match-key is one of: id, title, uscc" in said


def test_the_page_offers_the_kinds_own_numbers(unit, settings, tmp_path):
    settings.DATA = tmp_path
    client = client_of(city.member(unit, Role.FINANCE))
    kept = uploaded(client, "名称,材料类别,文号,材料日期\n甲,收入,1号,2026-03-18\n", name="a.csv", kind="dossier")
    shown = client.get(f"/imports/{kept.pk}/").content.decode()
    assert 'value="number"' in shown
