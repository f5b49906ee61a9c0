"""Importing in the browser: looked at, mapped, checked, committed by a job, handed back, taken back, by whom it may."""

import io
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from django.utils.translation import override
from openpyxl import load_workbook

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.needs.models import Need
from kezhuan.exchange.kinds import importable
from kezhuan.exchange.models import Import, State
from kezhuan.exchange.permissions import imports_visible_to, may_change_import, may_see_import
from kezhuan.exchange.uploads import open_upload
from kezhuan.kernel import jobs, journal
from kezhuan.kernel.access import VISITOR, actor_for
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.models import Entry, Job, Organisation, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.models.records import Phase
from kezhuan.web.import_forms import KEPT
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.uploads import CSV, checked, committed, counts, send, uploaded

pytestmark = [pytest.mark.usefixtures("own_folder")]


# -- the story ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_member_brings_drafts_of_the_own_organisation_and_takes_them_back(firm, member):
    client = client_of(member)
    kept = uploaded(client)
    page = client.get(f"/imports/{kept.pk}/")
    columns = page.context["form"].columns
    assert [field.label for field in columns] == ["编号", "名称", "摘要", "成熟度", "我们的领域"]
    assert [field.value() for field in columns] == ["id", "title", "text", "trl", KEPT]
    assert columns[1].help_text == "抛光方法 · 育种方法 · 第三项"
    kept = checked(client, kept, **{"map-4": "field"})
    assert (kept.state, counts(kept)) == (State.CHECKED, (3, 2, 0, 0, 1))
    assert Record.objects.filter(kind="achievement").count() == 0
    page = client.get(f"/imports/{kept.pk}/").content.decode()
    assert "成熟度 → 7" in page
    kept = committed(client, kept)
    assert (kept.state, counts(kept)) == (State.DONE, (3, 2, 0, 0, 1))
    rows = Achievement.objects.select_related("record").order_by("pk")
    assert {(row.record.stage, row.record.owner_id, row.field) for row in rows} == {
        ("draft", firm.pk, "materials"), ("draft", firm.pk, ""),
    }  # fmt: skip
    assert {row.source for row in rows} == {""}
    entry = Entry.objects.get(kind="achievement.open")
    assert (entry.actor, entry.acting_for) == (member.person, firm)
    content = b"".join(client.get(f"/imports/{kept.pk}/rejects/").streaming_content)
    back = list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    assert (back[0][:5], back[1][:5]) == (
        tuple(CSV.split("\n", maxsplit=1)[0].split(",")),
        ("S2", "育种方法", "耐盐", "约七级", "农业"),
    )
    assert client.get(f"/imports/{kept.pk}/undo/").status_code == 200
    assert Record.objects.filter(phase=Phase.VOID).count() == 0
    client.post(f"/imports/{kept.pk}/undo/")
    kept.refresh_from_db()
    assert (kept.state, kept.undone_by) == (State.UNDONE, member.person)
    assert Record.objects.filter(kind="achievement", phase=Phase.VOID).count() == 2
    noted = Entry.objects.filter(actor=member.person).order_by("seq").values_list("kind", flat=True)
    assert list(noted) == ["import.commit", "achievement.open", "export.import-rejects", "achievement.void"]
    assert Entry.objects.get(kind="export.import-rejects").data["count"] == 1
    assert journal.verify().broken_seq is None


@pytest.mark.django_db
def test_second_file_is_read_as_the_organisation_chose_for_the_first(firm, member):
    client = client_of(member)
    committed(client, checked(client, uploaded(client), **{"map-4": "field", "map-2": KEPT}))
    colleague = client_of(city.member(firm))
    kept = uploaded(colleague, CSV.replace("编号,名称", "名称,编号"), name="另一份.csv")
    assert colleague.get(f"/imports/{kept.pk}/").context["remembered"]
    chosen = {one.label: one.value() for one in colleague.get(f"/imports/{kept.pk}/").context["form"].columns}
    assert (chosen["我们的领域"], chosen["摘要"], chosen["名称"]) == ("field", KEPT, "title")
    rival = client_of(city.member(city.organisation()))
    kept = uploaded(rival)
    assert not rival.get(f"/imports/{kept.pk}/").context["remembered"]
    assert rival.get(f"/imports/{kept.pk}/").context["form"].columns[4].value() == KEPT


@pytest.mark.django_db
def test_own_numbers_mean_the_same_record_whatever_the_file_is_called(member):
    client = client_of(member)
    committed(client, checked(client, uploaded(client)))
    kept = committed(client, checked(client, uploaded(client, CSV.replace("低缺陷", "无缺陷"), name="八月.csv")))
    assert counts(kept) == (3, 0, 1, 1, 1)
    kept = checked(client, uploaded(client, CSV.replace("低缺陷", "无缺陷"), name="再来.csv"))
    page = client.get(f"/imports/{kept.pk}/").context
    assert (counts(kept), page["commits"]) == ((3, 0, 0, 2, 1), False)
    assert page["notes"] == ["Every good row is in already: there is nothing to import."]
    kept = checked(client, uploaded(client, "名称,成熟度\n甲,很高\n", name="坏.csv"))
    page = client.get(f"/imports/{kept.pk}/").context
    assert page["notes"] == ["Not one row could be used: correct the rows below and send the file again."]
    rival = client_of(city.member(city.organisation()))
    assert counts(committed(rival, checked(rival, uploaded(rival)))) == (3, 2, 0, 0, 1)


@pytest.mark.django_db
def test_officer_brings_what_enters_at_once_and_names_an_owner(firm, monkeypatch):
    client = client_of(city.officer())
    kept = checked(client, uploaded(client, "需求名称,需求单位\n一,\n二,甲公司\n", kind="need", name="需求.csv"))
    assert (counts(kept), committed(client, kept).state) == ((2, 2, 0, 0, 0), State.DONE)
    assert dict(Need.objects.values_list("record__title", "record__owner")) == {"一": None, "二": firm.pk}
    assert set(Need.objects.values_list("record__stage", flat=True)) == {"published"}
    kept = uploaded(client)
    form = client.get(f"/imports/{kept.pk}/").context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    answer = client.post(f"/imports/{kept.pk}/", {**values, "step": "check", "owner": "无此单位"})
    assert answer.status_code == 422
    committed(client, checked(client, kept, owner="甲公司"))
    assert set(Achievement.objects.values_list("record__owner", flat=True)) == {firm.pk}
    # Told in the language of whoever asked, not in the worker's.
    monkeypatch.setattr(jobs, "run_pending", override("zh-hans")(jobs.run_pending))
    kept = checked(client, uploaded(client, "需求名称,需求单位\n三,丙公司\n", kind="need", name="三.csv"))
    said = [kept.notes, committed(client, kept).notes]
    assert ["not in the list (丙公司)" in one[0] for one in said] == [True, True]


@pytest.mark.django_db
def test_sheet_is_chosen_and_unknown_headers_are_mapped_by_hand(member, tmp_path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("封面").write_row(0, 0, ["某单位", "2026"])
        page = book.add_worksheet("数据")
        page.write_row(0, 0, ["甲", "乙"])
        page.write_row(1, 0, ["一种方法", "很好"])
    client = client_of(member)
    kept = uploaded(client, path.read_bytes(), name="book.xlsx")
    page = client.get(f"/imports/{kept.pk}/?sheet=数据")
    assert page.context["sheets"] == ("封面", "数据")
    assert [field.label for field in page.context["form"].columns] == ["甲", "乙"]
    values = {"step": "check", "sheet": "数据", "on_match": "update", "match_key": "id"}
    answer = client.post(f"/imports/{kept.pk}/", {**values, "map-0": KEPT, "map-1": KEPT})
    assert answer.status_code == 422
    assert "Choose at least one of these columns: title、abstract、Platform code" in answer.content.decode()
    answer = client.post(f"/imports/{kept.pk}/", {**values, "map-0": "title", "map-1": "title"})
    assert answer.status_code == 422
    client.post(f"/imports/{kept.pk}/", {**values, "map-0": "title", "map-1": "text"})
    jobs.run_pending()
    committed(client, Import.objects.get())
    row = Achievement.objects.get()
    assert (row.record.title, row.record.summary) == ("一种方法", "很好")


# -- what is refused ---------------------------------------------------------------------------------------------------


NOT_KEPT = [
    (b"", "a.csv"),
    (CSV, "a.pdf"),
    (CSV, "a.xls"),
    (CSV, "a.xlsx"),
    (b"PK\x03\x04broken", "a.xlsx"),
    (b"\x1f\x8b\x08", "a.csv.gz"),
    ("编号,名称\n", "a.csv"),
    ("名称,密级\nqzxvone,公开\nqzxvtwo,秘密\n", "a.csv"),
    ("名称,密级\nqzxvone,待定级\n", "a.csv"),
    ("说明：机密★10年\n名称,摘要\nqzxvone,x\n", "a.csv"),
    ('{"名称": "qzxvone", "备注": "\\u673a\\u5bc6\\u260510\\u5e74"}\n', "a.jsonl"),
    ("名称,摘要,备注\nqzxvone,x,机密*10年\n", "a.csv"),
    ("名称,摘要,备注\nqzxvone,x,机密 保密期限10年\n", "a.csv"),
    (CSV, "机密★长期.csv"),
    (CSV, "成果（机密）x.csv"),
    (CSV, "成果 机密.csv"),
]


@pytest.mark.django_db
def test_file_that_cannot_be_kept_leaves_nothing(member, settings):
    client = client_of(member)
    for content, name in NOT_KEPT:
        answer = send(client, content, name=name)
        assert answer.status_code == 422, (content, name)
        (problem,) = answer.context["problems"]
        assert problem.field_id == "id_file", (content, name)
        assert answer.context["form"].errors["file"], (content, name)
        assert Import.objects.count() == 0, (content, name)
        held = [path for path in Path(settings.DATA).rglob("*") if path.is_file() and "imports" in path.parts]
        assert held == [], (content, name)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("名称,备注\n一,中文\n".encode() + "二,机密★10年\n".encode("gb18030"), "a.csv"),
        ("名称,密级\n一,公开\n".encode() + "二,机密\n".encode("gb18030"), "a.csv"),
        ("名称,备注\n一,中文\n二,三\n".encode("gb18030") + "二,机密★10年\n".encode(), "a.csv"),
        ('{"名称": "一"}\n{"名称": "二", "备注": "\\u673a\\u5BC6\\u260510\\u5e74"\n'.encode(), "a.jsonl"),
        ('{"名称": "一"}\n{"名称": "二", "备注": "机密"\n'.encode(), "a.jsonl"),
    ],
)
def test_mark_in_a_row_that_cannot_be_taken_apart_stops_the_file(content, name):
    with pytest.raises(Refused) as refused:
        open_upload(importable("achievement"), name, content)
    assert [problem.code for problem in refused.value.problems] == ["state-secret"]


@pytest.mark.django_db
def test_secret_on_another_sheet_or_in_a_comment_stops_the_file(member, tmp_path):
    for place in ("sheet", "comment"):
        path = tmp_path / f"{place}.xlsx"
        with xlsxwriter.Workbook(path) as book:
            page = book.add_worksheet("数据")
            page.write_row(0, 0, ["名称", "摘要"])
            page.write_row(1, 0, ["一", "二"])
            other = book.add_worksheet("附")
            other.hide()
            if place == "sheet":
                other.write_column(0, 0, ["密级", "绝密"])
                other.write_column(0, 1, ["项", "x"])
            else:
                page.write_comment(1, 0, "绝密★长期")
        answer = send(client_of(member), path.read_bytes(), name="a.xlsx")
        assert answer.status_code == 422
        said = str(answer.context["problems"][0].message)
        assert ("row 2 of “附”" in said) == (place == "sheet")
        assert "项" not in said
    assert Import.objects.count() == 0


@pytest.mark.django_db
def test_declaration_and_rights_are_asked_for(firm, member):
    assert send(client_of(member), CSV, declared_open="").status_code == 422
    reader = client_of(city.member(firm, Role.READER))
    assert send(reader, CSV).status_code == 403
    assert client_of(None).get("/imports/new/").status_code == 302
    assert client_of(None).get("/imports/").status_code == 302
    # Members enter no organisations.
    assert send(client_of(member), CSV, kind="organisation").status_code == 422
    assert Import.objects.count() == 0


@pytest.mark.django_db
def test_page_button_and_list_agree_with_the_predicates(firm, member):
    kept = uploaded(client_of(member))
    bureau = city.officer()
    actors = {
        "owner": member, "colleague": city.member(firm), "reader": city.member(firm, Role.READER),
        "rival": city.member(city.organisation()), "officer": bureau, "district": city.officer("440113"),
        "visitor": None,
    }  # fmt: skip
    # What a firm brings in is the firm's alone; no officer reads its rows.
    sees = changes = {"owner", "colleague"}
    for who, one in actors.items():
        actor, client = one or VISITOR, client_of(one)
        assert may_see_import.test(actor, kept) == (who in sees) == (kept in imports_visible_to(actor)), who
        assert may_change_import.test(actor, kept) == (who in changes), who
        assert client.get(f"/imports/{kept.pk}/").status_code == (200 if who in sees else 404), who
        for step in ("check", "commit", "discard"):
            if who not in changes:
                assert client.post(f"/imports/{kept.pk}/", {"step": step}).status_code == 404, who
        for address in ("rejects", "undo"):
            if who not in sees:
                assert client.get(f"/imports/{kept.pk}/{address}/").status_code == 404, who
        if one is not None:
            page = client.get("/achievements/").content.decode()
            for address in ("/imports/new/?kind=achievement", "/imports/templates/achievement/"):
                assert (address in page) == (who != "reader"), who


@pytest.mark.django_db
def test_city_officers_oversee_what_officers_brought_and_take_it_back(firm):
    district = client_of(city.officer("440106"))
    kept = committed(district, checked(district, uploaded(district), owner="甲公司"))
    bureau = city.officer()
    assert kept in imports_visible_to(bureau)
    assert may_see_import.test(bureau, kept)
    assert not may_change_import.test(bureau, kept)
    client = client_of(bureau)
    page = client.get(f"/imports/{kept.pk}/")
    assert page.context["undo_url"]
    assert client.post(f"/imports/{kept.pk}/undo/").status_code == 302
    kept.refresh_from_db()
    assert kept.undone_by == bureau.person


def in_charge_of(programme, office):
    one = city.member(office, Role.OFFICER).person
    one.memberships.update(programme=programme)
    return actor_for(one)


@pytest.mark.django_db
def test_officer_of_one_programme_brings_that_for_all_and_the_others_for_the_own_office(firm):
    office = city.organisation("甲局", kind="government", region="440100")
    one = in_charge_of("need", office)
    client = client_of(one)
    kept = committed(client, checked(client, uploaded(client, "需求名称,需求单位\n一,甲公司\n", kind="need")))
    assert (kept.is_inner, Need.objects.get().record.owner) == (False, firm)
    assert send(client, "名称\n丙公司\n", kind="organisation").status_code == 422
    kept = committed(client, checked(client, uploaded(client)))
    assert kept.is_inner
    assert set(Achievement.objects.values_list("record__owner", "record__stage")) == {(office.pk, "draft")}
    other = in_charge_of("achievement", office)  # a colleague: it is the office's file
    whole = city.officer()
    for actor, sees in ((one, {"need", "achievement"}), (other, {"need", "achievement"}), (whole, {"need"})):
        assert {row.kind for row in imports_visible_to(actor)} == sees
        assert {row.kind for row in Import.objects.all() if may_see_import.test(actor, row)} == sees


@pytest.mark.django_db
def test_who_left_finds_nothing_of_the_organisations_imports(firm, member):
    kept = uploaded(client_of(member))
    member.person.memberships.update(until=date(2026, 1, 1))
    assert client_of(actor_for(member.person)).get(f"/imports/{kept.pk}/").status_code == 404
    assert not imports_visible_to(actor_for(member.person)).exists()


@pytest.mark.django_db
def test_who_lost_their_role_finds_the_job_refused(member):
    client = client_of(member)
    kept = checked(client, uploaded(client))
    client.post(f"/imports/{kept.pk}/", {"step": "commit"})
    member.person.memberships.update(role=Role.READER)
    jobs.run_pending()
    assert Job.objects.latest("pk").state == "failed"
    assert Record.objects.filter(kind="achievement").count() == 0


@pytest.mark.django_db
def test_district_officer_brings_what_is_of_the_district(firm):
    other = city.organisation("乙公司", region="440113")
    client = client_of(city.officer("440106"))
    rows = "需求名称,需求单位\n一,甲公司\n二,乙公司\n三,\n"
    kept = committed(client, checked(client, uploaded(client, rows, kind="need", name="n.csv")))
    assert (kept.created, kept.rejected) == (1, 2)
    assert Need.objects.get().record.owner == firm
    rows = "名称,所在区\n丙,天河区\n丁,番禺区\n"
    kept = committed(client, checked(client, uploaded(client, rows, kind="organisation", name="o.csv")))
    assert (kept.created, kept.rejected) == (1, 1)
    assert Organisation.objects.filter(record__title="丁").count() == 0
    assert other.record.phase == Phase.ACTIVE
