"""A unit's finance office brings its ledger as a sheet: it stays with those who keep it, and no officer sees of it."""

import json
from datetime import date

import pytest

from kezhuan.areas.dossiers.models import Dossier
from kezhuan.areas.dossiers.tables import ROWS
from kezhuan.exchange.models import Import, State
from kezhuan.exchange.permissions import imports_visible_to, may_change_import, may_import, may_see_import
from kezhuan.exchange.undo import take_back
from kezhuan.kernel.access import visible_to
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.models.records import Phase
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.imports import take_in
from tests.factories.uploads import checked, committed, counts, send, uploaded

pytestmark = [pytest.mark.django_db]
SHEET = """编号,名称,材料类别,文号,材料日期,金额(万元),相关成果编号,内容,经办科室
L1,第一笔许可费,收入,穗财〔2026〕3号,2026-03-18,120.5,{about},首付款到账,财务处
L2,抛光技术许可合同,合同,合2026-7,2026-03-01,300,,五年许可,法务处
L3,第二笔许可费,收入,,,80,,尾款,财务处
L4,第三笔许可费,收入,,2026-04-01,80,{other},尾款,财务处
"""


@pytest.fixture
def unit(settings, tmp_path):
    settings.DATA = tmp_path
    return city.organisation("南粤大学", kind="university")


@pytest.fixture
def sheet(unit):
    rival = city.organisation("粤材公司")
    about, other = (city.achievement(one, stage="listed").record.code for one in (unit, rival))
    return SHEET.format(about=about, other=other)


def bring(unit, sheet, role=Role.FINANCE):
    actor = city.member(unit, role)
    client = client_of(actor)
    kept = uploaded(client, sheet, name="到账.csv", kind="dossier")
    return actor, committed(client, checked(client, kept))


def test_finance_brings_what_it_keeps_and_hears_row_by_row_what_it_may_not(unit, sheet):
    actor, kept = bring(unit, sheet)
    assert (kept.state, counts(kept)) == (State.DONE, (4, 1, 0, 0, 3))
    row = Dossier.objects.select_related("record", "about").get()
    assert (row.record.title, row.sort, row.number) == ("第一笔许可费", "income", "穗财〔2026〕3号")
    assert (row.on, row.amount_fen) == (date(2026, 3, 18), 1_205_000_00)
    assert (row.record.stage, row.record.owner, row.about.owner) == ("kept", unit, unit)
    assert row.extra == {"经办科室": "财务处"}
    page = client_of(actor).get(f"/dossiers/{row.record.code}/").content.decode()
    assert "经办科室" in page
    reasons = [one.reason for one in kept.rejects.order_by("row")]
    assert len(reasons) == 3
    assert "Your role does not keep" in reasons[0]
    assert "A-2026-00002" in reasons[2]
    assert "材料日期" in "".join(kept.rejects.get(row=4).columns)
    assert kept.rejects.get(row=5).columns == ["相关成果编号"]


def test_what_it_brought_is_read_by_those_who_keep_it_and_by_no_officer(unit, sheet):
    actor, kept = bring(unit, sheet)
    readers = {
        "finance": actor,
        "other finance": city.member(unit, Role.FINANCE),
        "legal": city.member(unit, Role.LEGAL),
        "administrator": city.member(unit, Role.ADMINISTRATOR),
        "member": city.member(unit),
        "rival": city.member(city.organisation(), Role.FINANCE),
        "officer": city.officer(),
    }
    sees = {name for name, one in readers.items() if imports_visible_to(one).filter(pk=kept.pk).exists()}
    assert sees == {"finance", "administrator"}
    assert sees == {name for name, one in readers.items() if may_see_import.test(one, kept)}
    assert sees == {name for name, one in readers.items() if may_change_import.test(one, kept)}
    for name, one in readers.items():
        assert (client_of(one).get(f"/imports/{kept.pk}/").status_code == 200) == (name in sees), name
    dossiers = Record.objects.filter(kind="dossier")
    reads = {name for name, one in readers.items() if visible_to(one, dossiers).exists()}
    assert reads == {"finance", "other finance", "administrator"}
    assert {name for name, one in readers.items() if may_import(one, ROWS)} == {
        "finance", "other finance", "legal", "administrator", "rival",
    }  # fmt: skip
    # The program itself may have brought it, for the unit that keeps it: it stays with the unit all the same.
    Import.objects.filter(pk=kept.pk).update(is_inner=False, by=None)
    assert not imports_visible_to(readers["officer"]).filter(pk=kept.pk).exists()
    assert not may_see_import.test(readers["officer"], Import.objects.get(pk=kept.pk))


def test_who_keeps_nothing_sends_no_file(unit, sheet):
    for actor in (city.member(unit), city.member(unit, Role.READER), city.officer()):
        answer = send(client_of(actor), sheet, name="到账.csv", kind="dossier")
        assert answer.status_code in {403, 422}  # nothing to bring, or this is not among it
    assert not Import.objects.exists()


def test_administrator_brings_every_sort_the_same_file_changes_nothing_and_it_is_taken_back(unit, sheet):
    actor, kept = bring(unit, sheet, Role.ADMINISTRATOR)
    assert counts(kept) == (4, 2, 0, 0, 2)
    client = client_of(actor)
    again = committed(client, checked(client, uploaded(client, sheet, name="再来.csv", kind="dossier")))
    assert counts(again) == (4, 0, 0, 2, 2)
    changed = sheet.replace("首付款到账", "首付款已到账")
    third = committed(client, checked(client, uploaded(client, changed, name="改.csv", kind="dossier")))
    assert counts(third) == (4, 0, 1, 1, 2)
    assert Record.objects.get(kind="dossier", title="第一笔许可费").summary == "首付款已到账"
    take_back(third.pk, actor=actor)
    assert Record.objects.get(kind="dossier", title="第一笔许可费").summary == "首付款到账"
    take_back(kept.pk, actor=actor)
    assert not visible_to(actor, Record.objects.filter(kind="dossier").exclude(phase=Phase.VOID)).exists()


def test_a_dossier_that_nobody_owns_is_none(unit, sheet, tmp_path):
    path = tmp_path / "到账.csv"
    path.write_text(sheet, encoding="utf-8")
    done = take_in(ROWS, path)
    assert (done.counts.created, done.counts.rejected) == (0, 4)
    done = take_in(ROWS, path, owner=unit)
    assert done.counts.created == 2
    assert {row.owner for row in Record.objects.filter(kind="dossier")} == {unit}


def test_finance_keeps_a_dossier_of_its_sort_through_the_api_and_nobody_else_does(unit):
    body = {"title": "底价", "sort": "price", "on": "2026-01-01"}

    def kept(actor, **changed):
        sent = json.dumps({**body, **changed})
        return client_of(actor).post("/api/v1/dossiers", sent, content_type="application/json").status_code

    finance = city.member(unit, Role.FINANCE)
    assert [kept(finance), kept(finance, sort="minutes")] == [201, 403]
    assert [kept(city.member(unit, Role.READER)), kept(city.officer())] == [403, 403]
