"""Lists of needs as districts and firms send them: whose they are, terms, money, indicators, whom to call, secrecy."""

import json
from datetime import date

import pytest

from kezhuan.areas.needs.cells import amount_fen, day_or_term, figures, share_bp
from kezhuan.areas.needs.models import CONTACT, Need
from kezhuan.areas.needs.queries import extra_shown
from kezhuan.areas.needs.tables import ROWS as NEEDS
from kezhuan.areas.people.actions import SYSTEM, register_organisation
from kezhuan.areas.people.tables import ROWS as ORGANISATIONS
from kezhuan.engines.days import months_after
from kezhuan.exchange.importing import Importer
from kezhuan.exchange.rejects import write_rejects
from kezhuan.exchange.settings import Settings
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.text import today


@pytest.fixture
def take_in(tmp_path):
    def run(rows, kind=NEEDS, **settings):
        path = tmp_path / "list.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        one = Importer(kind, path, Settings(actor=SYSTEM, language="en", **settings))
        one.run()
        return one

    return run


ON = date(2026, 1, 31)


@pytest.mark.django_db
def test_headers_of_the_need_table_reach_their_fields(take_in):
    take_in(
        [
            {
                "需求名称": "衬底", "拟解决的主要技术问题": "缺陷高", "需求背景": "外延片报废",
                "所属技术领域": "新材料", "技术成熟度要求": "六级", "时限要求": "18个月",
            }
        ]
    )  # fmt: skip
    row = Need.objects.select_related("record").get()
    assert (row.record.summary, row.background, row.field, row.min_trl) == ("缺陷高", "外延片报废", "materials", 6)
    assert row.deadline == months_after(today(), 18)


@pytest.mark.parametrize(
    ("words", "header", "day"),
    [
        ("18个月", "期限", date(2027, 7, 31)),
        ("1 个月内", "期限", date(2026, 2, 28)),
        ("１８ months", "deadline", date(2027, 7, 31)),
        ("2年", "期限", date(2028, 1, 31)),
        ("18", "期限（月）", date(2027, 7, 31)),
        ("2027年6月", "期限", date(2027, 6, 30)),
        ("2027-06-15", "期限", date(2027, 6, 15)),
        ("20270615", "期限", date(2027, 6, 15)),
        ("长期", "期限", None),
    ],
)
def test_day_or_term_is_read_from_the_day_of_the_import(words, header, day):
    assert day_or_term(words, header, ON) == day


@pytest.mark.parametrize("words", ["18", "合同签订后18个月", "2027年", "0个月", "9999年", "soon"])
def test_what_is_no_day_and_no_term_is_said_to_be_none(words):
    with pytest.raises(ValueError, match=words):
        day_or_term(words, "期限", ON)


@pytest.mark.parametrize(
    ("words", "header", "points"),
    [
        ("3.5%", "研发投入强度", 350),
        ("３．５％", "x", 350),
        ("0.5", "强度(%)", 50),
        ("4", "强度", 400),
        ("0.035", "强度", None),
        ("101%", "强度", None),
        ("3.555%", "强度", None),
        ("高", "强度", None),
    ],
)
def test_share_is_read_only_when_it_is_clearly_in_percent(words, header, points):
    assert share_bp(words, header) == points


@pytest.mark.parametrize(
    ("words", "header", "fen"),
    [
        ("500万元", "预期效益", 500_000_000),
        ("500", "预期效益（万元）", 500_000_000),
        ("1.2亿元", "x", 12_000_000_000),
        ("500", "预期效益", None),
        ("年增产值500万元以上", "预期效益", None),
        ("节能", "预期效益（万元）", None),
    ],
)
def test_benefit_is_money_when_text_or_header_says_so(words, header, fen):
    assert amount_fen(words, header) == fen


def test_indicator_lines_become_figures_where_they_can_be_told_apart():
    found, left = figures("1. 粗糙度 ≤ 0.2 nm；良率不低于98%\n(2) 温度: 20~80 ℃；国际领先水平；寿命≥1,000小时,可延长")
    assert [(one.name, one.operator, one.value, one.unit) for one in found] == [
        ("粗糙度", "≤", "0.2", "nm"),
        ("良率", "≥", "98", "%"),
        ("温度", "range", "20~80", "℃"),
    ]
    assert left == ("国际领先水平", "寿命≥1,000小时,可延长")


LISTED = {
    "需求编号": "XQ1",
    "需求名称": "大尺寸衬底抛光",
    "需求内容": "缺陷多。",
    "需求背景": "背景文字",
    "应用场景": "产线",
    "核心指标": "粗糙度 ≤ 0.2 nm；国际领先",
    "期限": "18个月",
    "揭榜条件": "有产线经验",
    "产权归属": "双方共有",
    "预期效益(万元)": "800",
    "研发投入强度": "3.5%",
    "企业能否自行解决": "否",
    "需求来源": "链主企业",
    "联系人": "张三",
    "联系电话": "020-1",
}


@pytest.mark.django_db
def test_columns_of_a_need_list_reach_their_fields(take_in):
    assert take_in([LISTED]).counts.created == 1
    row = Need.objects.get()
    assert (row.background, row.scenario, row.claimant_requirements) == ("背景文字", "产线", "有产线经验")
    assert (row.ip_terms, row.benefit_fen, row.rd_ratio_bp) == ("joint", 800_000_000, 350)
    assert (row.self_solvable, row.source, row.deadline) == (False, "chain_leader", months_after(today(), 18))
    assert list(row.indicators.values_list("name", "operator", "value", "unit")) == [("粗糙度", "≤", "0.2", "nm")]
    assert (row.extra["核心指标"], row.extra["期限"]) == ("国际领先", "18个月")
    assert row.extra[CONTACT] == {"contact": "张三", "phone": "020-1"}
    assert CONTACT not in extra_shown(row, inner=False)
    assert CONTACT in extra_shown(row, inner=True)


@pytest.mark.django_db
def test_changed_row_writes_its_indicators_anew(take_in):
    take_in([LISTED])
    assert take_in([LISTED]).counts.unchanged == 1
    assert take_in([LISTED | {"核心指标": "良率 ≥ 98 %；面积 ≥ 8 英寸"}]).counts.updated == 1
    assert list(Need.objects.get().indicators.values_list("name", flat=True)) == ["良率", "面积"]


@pytest.mark.django_db
def test_words_that_no_code_fits_are_kept(take_in):
    take_in([{"需求名称": "t", "产权归属": "成果归甲乙方另议", "研发投入强度": "较高", "来源": "走访"}])
    row = Need.objects.get()
    assert (row.ip_terms, row.ip_note, row.source) == ("", "成果归甲乙方另议", "imported")
    assert (row.extra["研发投入强度"], row.extra["来源"]) == ("较高", "走访")


@pytest.mark.django_db
def test_term_that_cannot_be_read_is_refused_with_its_column(take_in):
    done = take_in([{"需求名称": "t", "期限": "合同签订后18个月"}])
    assert "column “期限”: “合同签订后18个月” is no day" in done.rejects.rows[0].say()


# -- whose it is -------------------------------------------------------------------------------------------------------

CODE = "91350100M000100Y43"


@pytest.mark.django_db
@pytest.mark.parametrize("named", [{"需求单位": "甲公司"}, {"统一社会信用代码": CODE, "企业名称": "甲公司(筹)"}])
def test_need_belongs_to_the_unit_that_its_row_names(take_in, named):
    firm = register_organisation(actor=SYSTEM, name="甲公司", kind="enterprise", number=CODE, stage="verified")
    done = take_in([{"编号": "1", "需求名称": "t"} | named, {"编号": "2", "需求名称": "u"}])
    assert {row.record.title: row.record.owner for row in Need.objects.all()} == {"t": firm, "u": None}
    assert done.notes() == []


@pytest.mark.django_db
@pytest.mark.parametrize("stage", ["", "unverified"])
def test_unit_that_is_not_known_or_only_claimed_owns_nothing_and_is_told(take_in, stage):
    if stage:
        register_organisation(actor=SYSTEM, name="甲公司", kind="enterprise", stage=stage)
    done = take_in([{"编号": "1", "需求名称": "t", "需求单位": "甲公司"}])
    row = Need.objects.get()
    assert (row.record.owner, row.extra) == (None, {"需求单位": "甲公司"})
    assert "1 rows name a unit that is not in the list (甲公司)" in done.notes()[0]


@pytest.mark.django_db
def test_need_is_given_to_its_unit_once_that_is_known(take_in):
    rows = [{"编号": "1", "需求名称": "t", "需求单位": "甲公司", "公开范围": "闭门"}]
    take_in(rows)
    firm = register_organisation(actor=SYSTEM, name="甲公司", kind="enterprise", stage="verified")
    assert take_in(rows).counts.updated == 1
    row = Need.objects.get()
    assert (row.record.owner, row.extra) == (firm, {})
    assert f"org:{firm.pk}" in row.record.inner_to.key
    assert take_in(rows).counts.unchanged == 1


@pytest.mark.django_db
def test_needs_of_two_units_with_one_title_are_two(take_in):
    for name in ("甲公司", "乙公司"):
        register_organisation(actor=SYSTEM, name=name, kind="enterprise", stage="verified")
    rows = [{"需求名称": "t", "需求单位": name, "编号": name} for name in ("甲公司", "乙公司")]
    assert take_in(rows).counts.created == 2


# -- secrecy -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cells",
    [
        *(
            {"密级": word}
            for word in ("秘密级", "机密级", "国家秘密", "绝密★", "涉密", "核心秘密", "机密(长期)", "三级")
        ),
        {"密级": "公开", "保密级别": "机密级"},
        {"密级": "公开", "涉密情况": "机密级"},
        {"密级": "公开", "是否涉密": "是"},
        {"密级": "公开", "备注": "密级：【机密】"},
        {"公开范围": "机密级"},
        {"密级": "核心秘密", "预算": "many"},
    ],
)
@pytest.mark.parametrize("kind", [NEEDS, ORGANISATIONS])
def test_row_of_a_secret_class_is_refused_by_its_number_alone(take_in, tmp_path, kind, cells):
    if kind is ORGANISATIONS and "密级" not in cells:
        return
    done = take_in([{"名称": "burning words", **cells}], kind)
    assert [one.is_secret for one in done.rejects.rows] == [True]
    assert not Record.objects.exists()
    out = tmp_path / "bad.jsonl"
    write_rejects(out, [done.rejects])
    assert "burning" not in out.read_text(encoding="utf-8") + done.rejects.rows[0].say()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cells", "openness"),
    [
        ({"密级": "公开"}, "public"),
        ({"密级": "无"}, "public"),
        ({"密级": "商业秘密"}, "closed_door"),
        ({"密级": "普通商密"}, "closed_door"),
        ({"密级": "仅公开名称"}, "title_only"),
        ({"密级": "仅公开名称", "公开范围": "闭门"}, "closed_door"),
        ({"密级": "内部", "公开范围": "公开"}, "closed_door"),
    ],
)
def test_known_open_class_decides_who_sees_the_need(take_in, cells, openness):
    assert take_in([{"名称": "t", **cells}]).counts.created == 1
    assert Need.objects.get().confidentiality == openness


@pytest.mark.django_db
def test_row_that_says_no_to_the_question_and_speaks_of_density_enters(take_in):
    cells = {"名称": "t", "是否涉密": "否", "涉密情况": "不涉密", "密度(g/cm3)": "3.2", "加密方式": "SM4"}
    assert take_in([cells]).counts.created == 1


@pytest.mark.django_db
def test_bad_row_that_says_it_has_no_class_is_told_in_full(take_in):
    done = take_in([{"名称": "t", "密级": "无", "成熟度": "99"}])
    assert [one.is_secret for one in done.rejects.rows] == [False]


@pytest.mark.django_db
def test_class_of_an_organisation_may_be_any_word(take_in):
    assert take_in([{"name": "某大学", "class": "985"}], ORGANISATIONS).counts.created == 1
    assert Organisation.objects.get().extra["class"] == "985"


# -- bodies of Hong Kong, Macao and abroad -----------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cells", "kind", "country", "scheme"),
    [
        ({"类型": "港澳机构", "国别": "HK", "统一社会信用代码": "123-456"}, "hk_macao", "HK", "registry:HK"),
        ({"类型": "境外机构", "国别": "de", "统一社会信用代码": "HRB 1"}, "foreign", "DE", "registry:DE"),
        ({"类型": "企业", "国别": "香港", "统一社会信用代码": "7"}, "hk_macao", "HK", "registry:HK"),
        ({"类型": "境外机构", "国别": "台湾", "统一社会信用代码": "7"}, "hk_macao", "TW", "registry:TW"),
        ({"国别": "US"}, "foreign", "US", None),
        ({"国别": "中国"}, "enterprise", "CN", None),
    ],
)
def test_imported_body_has_the_kind_and_number_of_its_country(take_in, cells, kind, country, scheme):
    assert take_in([{"名称": "某公司", **cells}], ORGANISATIONS).counts.created == 1
    row = Organisation.objects.get()
    assert (row.kind, row.country) == (kind, country)
    schemes = set(row.record.identifiers.values_list("scheme", flat=True)) - {"list"}
    assert schemes == ({scheme} if scheme else set())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cells", [{"类型": "港澳机构"}, {"类型": "港澳机构", "国别": "DE"}, {"国别": "德国慕尼黑"}, {"国别": "XX"}]
)
def test_imported_body_whose_country_is_not_clear_is_refused(take_in, cells):
    done = take_in([{"名称": "某公司", **cells}], ORGANISATIONS)
    assert "two letters" in done.rejects.rows[0].say()
