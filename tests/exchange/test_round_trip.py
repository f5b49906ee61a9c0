"""An export that was edited is imported as it is: what was changed is changed, and nothing else."""

import csv
import io
from datetime import date

import pytest
from django.utils.translation import override
from openpyxl import load_workbook

from kezhuan.areas.achievements.tables import ROWS as ACHIEVEMENTS
from kezhuan.areas.needs.actions import Figure
from kezhuan.areas.needs.cells import figures
from kezhuan.areas.needs.tables import ROWS as NEEDS
from kezhuan.areas.people.tables import ROWS as ORGANISATIONS
from kezhuan.engines.tables.columns import Dictionary
from kezhuan.exchange.former import former_of
from kezhuan.exchange.kinds import importables
from kezhuan.exchange.sheets import words_of
from kezhuan.exchange.undo import take_back
from kezhuan.kernel.models import Entry, Organisation, Record
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.imports import take_in

pytestmark = pytest.mark.django_db
UNCHANGED = {"created": 0, "updated": 0, "rejected": 0}


@pytest.fixture
def export(tmp_path):
    def take(actor, address, ending="xlsx", language="zh-hans"):
        with override(language):
            answer = client_of(actor).post(address, {"export": ending}, headers={"accept-language": language})
        path = tmp_path / f"export.{ending}"
        path.write_bytes(b"".join(answer.streaming_content))
        return path

    return take


def edited(path, **cells):
    """The workbook with cells changed, given as header → (row, value)."""
    book = load_workbook(path)
    page = book.active
    headers = {cell.value: cell.column for cell in page[1]}
    for header, (row, value) in cells.items():
        page.cell(row + 1, headers[header.replace("__", "(万元)")], value)
    book.save(path)
    return path


def counts(kind, path, **settings):
    done = take_in(kind, path, **settings)
    return {name: value for name, value in vars(done.counts).items() if name != "read"}, done


FULL = {
    "title_en": "Polishing", "keywords": ("碳化硅", "1,3-丁二烯"), "modes": ("joint_rd", "test_pilot"),
    "chain": "半导体",
    "background": "背景\n两行", "expected_benefit": "年增产值", "benefit_fen": 12_345_678, "ip_note": "=按合同",
    "region": "440112", "rd_ratio_bp": 355, "self_solvable": False, "source": "chain_leader",
    "indicators": (Figure("粗糙度", "≤", "0.1", "nm", "GB/T 29505；A(b)"), Figure("温度", "range", "20~80", "℃")),
}  # fmt: skip


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_export_that_was_not_edited_changes_nothing(export, ending, language):
    firm = city.organisation("甲公司")
    actor = city.member(firm)
    for n in range(3):
        city.need(firm, by=actor, title=f"需求{n}", **FULL)
    city.need(firm, by=actor, title="空", budget_fen=None, deadline=None, min_trl=None, indicators=(), field="")
    path = export(actor, "/needs/", ending, language)
    entries = Entry.objects.count()
    with override(language):
        found, _done = counts(NEEDS, path, actor=actor)
    assert found == UNCHANGED | {"unchanged": 4}
    assert Entry.objects.count() == entries


def test_what_a_member_edits_in_drafts_is_changed_and_nothing_else(export):
    firm = city.organisation("甲公司")
    actor = city.member(firm)
    first, second = (city.need(firm, by=actor, title=f"需求{n}", **FULL) for n in range(2))
    before = former_of(NEEDS, [first, second])
    path = edited(
        export(actor, "/needs/"),
        需求名称=(1, "新名称"), 预算__=(1, 12.5), 期限=(1, date(2031, 5, 1)), 合作方式=(1, "转让"),
        技术领域=(1, "农业"),
    )  # fmt: skip
    found, done = counts(NEEDS, path, actor=actor)
    assert found == UNCHANGED | {"updated": 1, "unchanged": 1}
    second.refresh_from_db()
    after = former_of(NEEDS, [second, first])
    assert after[first.pk] == before[first.pk]
    own, words = after[second.pk]["own"], after[second.pk]["words"]
    assert (words["title"], own["budget_fen"], str(own["deadline"]), own["modes"], own["field"]) == (
        "新名称", 12_500_000, "2031-05-01", ["transfer"], "agriculture",
    )  # fmt: skip
    assert after[second.pk]["parts"] == before[second.pk]["parts"]
    changed = {"budget_fen", "deadline", "modes", "field"}
    assert {name for name in own if own[name] != before[second.pk]["own"][name]} == changed
    assert Entry.objects.latest("seq").kind == "need.edit"
    take_back(done.kept.pk, actor=actor)
    second.refresh_from_db()
    assert former_of(NEEDS, [second])[second.pk] == before[second.pk] | {"version": second.record.version}


def test_edited_indicators_keep_their_test_methods(export):
    firm = city.organisation()
    actor = city.member(firm)
    row = city.need(firm, by=actor, **FULL)
    path = export(actor, "/needs/")
    lines = "粗糙度 ≤ 0.05 nm（方法：GB/T 29505）\n温度: 20~90 ℃"
    counts(NEEDS, edited(path, 核心指标=(1, lines)), actor=actor)
    assert [(one.name, one.operator, one.value, one.unit, one.test_method) for one in row.indicators.all()] == [
        ("粗糙度", "≤", "0.05", "nm", "GB/T 29505"), ("温度", "range", "20~90", "℃", ""),
    ]  # fmt: skip


def test_file_is_imported_twice_and_changes_once(export):
    firm = city.organisation()
    actor = city.member(firm)
    city.achievement(firm, by=actor, confidential="配方", price_fen=0)
    path = edited(export(actor, "/achievements/"), 不公开内容=(1, "新配方"), 成熟度=(1, 8))
    assert counts(ACHIEVEMENTS, path, actor=actor)[0] == UNCHANGED | {"updated": 1, "unchanged": 0}
    assert counts(ACHIEVEMENTS, path, actor=actor)[0] == UNCHANGED | {"unchanged": 1}


def test_dry_run_of_an_edited_export_counts_and_writes_nothing(export):
    firm = city.organisation()
    actor = city.member(firm)
    row = city.achievement(firm, by=actor)
    path = edited(export(actor, "/achievements/"), 成熟度=(1, 8))
    assert counts(ACHIEVEMENTS, path, actor=actor, dry_run=True)[0] == UNCHANGED | {"updated": 1, "unchanged": 0}
    row.refresh_from_db()
    assert row.trl == 7


def test_change_made_since_the_export_is_not_overwritten(export):
    firm = city.organisation()
    actor = city.member(firm)
    row = city.achievement(firm, by=actor)
    path = edited(export(actor, "/achievements/"), 成熟度=(1, 8))
    Record.objects.filter(pk=row.pk).update(version=9)
    _found, done = counts(ACHIEVEMENTS, path, actor=actor)
    assert "was changed after it was exported" in done.rejects.rows[0].say()
    row.refresh_from_db()
    assert row.trl == 7


def test_hidden_cells_of_somebody_elses_export_erase_nothing(export):
    firm = city.organisation()
    owner, bureau = city.member(firm), city.officer()
    row = city.achievement(firm, by=owner, secrecy="trade_secret", stage="submitted", title="抛光")
    path = export(bureau, "/achievements/")
    text = next(load_workbook(path).active.iter_rows(min_row=2, values_only=True))
    assert "〔不显示〕" in text
    assert counts(ACHIEVEMENTS, path, actor=owner)[0] == UNCHANGED | {"unchanged": 1}
    row.refresh_from_db()
    assert row.record.summary


def test_officer_changes_what_a_file_brought_and_nothing_that_a_unit_entered(export, write):
    bureau = city.officer()
    take_in(NEEDS, write([{"编号": "1", "需求名称": "导入的需求"}]), actor=bureau)
    city.need(city.organisation(), stage="published", title="企业的需求")
    path = export(bureau, "/needs/")
    brought, entered = (1, 2) if _titles(path)[0] == "导入的需求" else (2, 1)
    edited(path, 需求背景=(brought, "新背景"))
    edited(path, 产业链=(entered, "新链"))
    found, done = counts(NEEDS, path, actor=bureau)
    assert found == {"created": 0, "updated": 1, "unchanged": 0, "rejected": 1}
    assert "You may not change" in done.rejects.rows[0].say()
    assert dict(Record.objects.filter(kind="need").values_list("title", "need__background")) == {
        "导入的需求": "新背景", "企业的需求": "六英寸",
    }  # fmt: skip


def _titles(path):
    page = load_workbook(path).active
    header = [cell.value for cell in page[1]]
    return [row[header.index("需求名称")] for row in page.iter_rows(min_row=2, values_only=True)]


def test_rival_learns_nothing_and_changes_nothing(export):
    firm, rival = city.organisation(), city.member(city.organisation())
    owner = city.member(firm)
    city.achievement(firm, by=owner)
    path = edited(export(owner, "/achievements/"), 名称=(1, "x"))
    _found, done = counts(ACHIEVEMENTS, path, actor=rival)
    assert done.rejects.rows[0].say().endswith("leave the code empty for a new one.")
    assert Record.objects.filter(title="x").count() == 0


def test_columns_that_a_file_does_not_change_are_refused_by_name(export):
    firm = city.organisation("甲公司")
    actor = city.member(firm)
    city.need(firm, by=actor)
    path = edited(export(actor, "/needs/"), 需求单位=(1, "乙公司"))
    _found, done = counts(NEEDS, path, actor=actor)
    assert set(done.rejects.rows[0].columns) == {"需求单位"}
    assert "A file does not change this" in done.rejects.rows[0].reason


def test_bad_cells_of_an_edited_export_are_refused_with_their_reason(export):
    firm = city.organisation()
    actor = city.member(firm)
    city.need(firm, by=actor)
    city.need(firm, by=actor)
    path = export(actor, "/needs/")
    edited(path, 期限=(1, "尽快"))
    edited(path, 需求背景=(2, "机密★10年"))
    _found, done = counts(NEEDS, path, actor=actor)
    assert done.counts.rejected == 2
    assert [reject.is_secret for reject in done.rejects.rows] == [False, True]
    assert done.rejects.rows[0].columns == ("期限",)


def test_rows_without_a_code_are_new_and_columns_may_be_left_out(export, tmp_path):
    firm = city.organisation()
    actor = city.member(firm)
    row = city.achievement(firm, by=actor, title="旧", advantage="优势")
    path = tmp_path / "partial.csv"
    path.write_text(f"平台编号,名称,成熟度\n{row.record.code},新,\n,全新成果,5\n", encoding="utf-8")
    found, _done = counts(ACHIEVEMENTS, path, actor=actor)
    assert found == {"created": 1, "updated": 1, "unchanged": 0, "rejected": 0}
    row.refresh_from_db()
    assert (row.record.title, row.trl, row.advantage) == ("新", None, "优势")


def test_unknown_columns_added_to_an_export_are_kept(export):
    firm = city.organisation()
    actor = city.member(firm)
    row = city.achievement(firm, by=actor, extra={"奖项": "一等奖"})
    path = export(actor, "/achievements/", "csv")
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*rows[0], "备注"], [*rows[1], "好"]])
    assert counts(ACHIEVEMENTS, path, actor=actor)[0] == UNCHANGED | {"updated": 1, "unchanged": 0}
    row.refresh_from_db()
    assert row.extra == {"奖项": "一等奖", "备注": "好"}
    assert counts(ACHIEVEMENTS, path, actor=actor)[0] == UNCHANGED | {"unchanged": 1}


def test_organisations_words_are_corrected_by_a_file_but_not_their_numbers(export, write):
    bureau = city.officer()
    rows = [
        {"name": "甲公司", "uscc": "91350100M000100Y43", "企业规模": "中型企业"},
        {"name": "甲大学", "类型": "高校", "企业规模": "大型"},
    ]
    take_in(ORGANISATIONS, write(rows), actor=bureau)
    first, school = (Organisation.objects.get(record__title=name) for name in ("甲公司", "甲大学"))
    assert (first.size, school.size, school.extra) == ("medium", "", {"企业规模": "large"})
    path = edited(export(bureau, "/organisations/?q=甲公司"), 简介=(1, "新简介"), 企业规模=(1, "小型"))
    assert counts(ORGANISATIONS, path, actor=bureau)[0] == UNCHANGED | {"updated": 1, "unchanged": 0}
    first.refresh_from_db()
    assert (Record.objects.get(title="甲公司").summary, first.size) == ("新简介", "small")
    path = edited(export(bureau, "/organisations/?q=甲公司"), 统一社会信用代码=(1, "91440101MA59F4QX3A"))
    assert counts(ORGANISATIONS, path, actor=bureau)[1].rejects.rows[0].columns == ("统一社会信用代码",)


@pytest.mark.parametrize("kind", ["achievement", "need", "organisation"])
def test_headers_and_words_in_both_languages_are_read_again(kind):
    sheet = importables()[kind].sheet
    dictionary = Dictionary(sheet.read_columns)
    for one in sheet.columns:
        for header in (one.zh, one.en):
            place = dictionary.place(header)
            found = place.column if place else None
            assert found == one.column, (header, found and found.name)
        if one.column is not None:
            folded = {word.casefold(): code for word, code in one.column.choices.items()}
            for code, words in words_of(one.column).items():
                assert [folded[word.casefold()] for word in words] == [code, code]
                if code not in {"trl9", "grl13", "new_materials9"}:
                    assert not words[0].isascii(), (one.zh, code)


def test_indicator_with_its_method_is_taken_apart():
    found, left = figures(
        "粗糙度 ≤ 0.1 nm（方法：GB/T 29505）；良率 ≥ 98 % (test method: in line)；国际领先（方法：评审）"
    )
    assert [(one.name, one.unit, one.test_method) for one in found] == [
        ("粗糙度", "nm", "GB/T 29505"), ("良率", "%", "in line"),
    ]  # fmt: skip
    assert left == ("国际领先（方法：评审）",)
