"""Every list as a file: what is filtered, in order, typed, harmless, and noted in the journal without words."""

import csv
import io
from datetime import date, datetime

import pytest
from django.test import Client
from openpyxl import load_workbook

from kezhuan.kernel import followers, jobs, journal
from kezhuan.kernel.models import Entry, Job
from kezhuan.web import exports
from tests.areas.crawling import client_of
from tests.factories import city

pytestmark = pytest.mark.django_db

DANGEROUS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1")


@pytest.fixture
def visitor():
    return Client(headers={"accept-language": "zh-hans"})


def taken(client, address, ending):
    answer = client.post(address, {"export": ending})
    assert answer.status_code == 200, answer.content[:500]
    content = b"".join(answer.streaming_content)
    assert answer["Cache-Control"].startswith("private, no-store")
    if ending == "csv":
        assert content.startswith("\ufeff".encode())
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    page = load_workbook(io.BytesIO(content)).active
    assert page.freeze_panes == "A2"
    header, *rows = page.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_types_units_and_order_are_those_of_the_list(visitor):
    firm = city.organisation("甲公司")
    city.need(firm, stage="published", title="第一个需求", budget_fen=12_345_678, deadline=date(2030, 12, 31))
    city.need(firm, stage="published", title="第二个需求", budget_fen=3_000_000, modes=("joint_rd", "licence"))
    second, first = taken(visitor, "/needs/?field=materials", "xlsx")
    assert (first["需求名称"], first["预算(万元)"], first["期限"]) == (
        "第一个需求",
        12.345678,
        datetime(2030, 12, 31),  # noqa: DTZ001
    )
    assert (second["预算(万元)"], second["合作方式"], second["技术领域"]) == (3, "合作开发；许可", "新材料及其应用")
    assert (second["需求单位"], second["阶段"], second["公开范围"]) == ("甲公司", "已发布", "公开")
    assert first["核心指标"] == "表面粗糙度 ≤ 0.1 nm（方法：GB/T 29505）"
    assert isinstance(first["登记日期"], datetime)


def test_only_what_is_filtered_is_taken_along(visitor):
    firm = city.organisation()
    city.need(firm, stage="published", title="抛光需求")
    city.need(firm, stage="published", title="育种需求", field="agriculture", problem="耐盐水稻")
    assert [row["需求名称"] for row in taken(visitor, "/needs/?field=agriculture", "csv")] == ["育种需求"]
    assert [row["需求名称"] for row in taken(visitor, "/needs/?q=抛光", "csv")] == ["抛光需求"]
    assert len(taken(visitor, "/needs/", "csv")) == 2
    assert len(taken(visitor, "/needs/?page=9", "csv")) == 2
    beyond = visitor.get("/needs/?page=9").context  # whoever kept the address sees the last page
    assert (len(beyond["lines"]), beyond["pager"].first, beyond["pager"].previous_url) == (2, 1, "")


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_no_text_is_taken_for_a_formula(visitor, ending):
    for words in DANGEROUS:
        city.achievement(city.organisation(f"{words}公司"), stage="listed", title=words, advantage=words)
    rows = taken(visitor, "/achievements/", ending)
    titles = {row["名称"] for row in rows}
    if ending == "csv":
        assert not [cell for row in rows for cell in row.values() if cell.startswith(DANGEROUS)]
        assert titles == {f"'{words.strip()}" for words in DANGEROUS}
        return
    assert titles == {words.strip() for words in DANGEROUS}
    answer = visitor.post("/achievements/", {"export": "xlsx"})
    page = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n", "d", "inlineStr"}


def test_entry_tells_who_took_what_but_no_words(visitor):
    actor = city.member(city.organisation())
    city.achievement(city.organisation(), stage="listed", chain="秘密产业链名")
    taken(client_of(actor), "/achievements/?q=抛光&field=materials&chain=秘密产业链名&field=张三", "csv")
    entry = Entry.objects.latest("seq")
    assert (entry.kind, entry.actor, entry.acting_for) == ("export.achievement", actor.person, actor.organisation)
    assert {name: entry.data[name] for name in ("format", "count", "filter", "fields", "words")} == {
        "format": "csv", "count": 1, "filter": {}, "fields": ["chain", "field"], "words": True,
    }  # fmt: skip
    assert not any(word in str(entry.data) for word in ("抛光", "秘密", "张三"))
    taken(visitor, "/search/?kind=achievement", "xlsx")
    entry = Entry.objects.latest("seq")
    assert (entry.kind, entry.actor, entry.data["filter"]) == ("export.search", None, {"kind": ["achievement"]})
    assert journal.verify().broken_seq is None


def test_headers_and_codes_are_in_the_readers_language():
    city.need(city.organisation(), stage="published", confidentiality="title_only")
    row = taken(client_of(city.officer()), "/needs/", "xlsx")[0]
    assert (row["title"], row["technical field"], row["who owns the results"], row["confidentiality"]) == (
        "大尺寸碳化硅衬底抛光需求", "materials", "joint", "title only",
    )  # fmt: skip
    assert (row["budget (万元)"], row["we could solve this ourselves"]) == (300, "no")


def test_hidden_parts_are_told_from_empty_ones(visitor):
    city.need(city.organisation("乙公司"), stage="published", confidentiality="title_only", expected_benefit="")
    (row,) = taken(visitor, "/needs/", "csv")
    assert (row["需求名称"], row["需求内容"], row["预期效益"], row["需求单位"]) == (
        "大尺寸碳化硅衬底抛光需求", "〔不显示〕", "〔不显示〕", "〔不显示〕",
    )  # fmt: skip
    assert "联系人" not in row
    assert "研发投入强度" not in row


def test_search_takes_all_kinds_by_what_every_record_has(visitor):
    firm, unit = city.organisation("甲公司"), city.organisation("乙大学", kind="university")
    city.need(firm, stage="published", title="抛光需求")
    city.achievement(unit, stage="listed", title="抛光成果")
    rows = taken(visitor, "/search/?q=抛光", "csv")
    assert {(row["类别"], row["名称"], row["所属单位"]) for row in rows} == {
        ("需求", "抛光需求", "甲公司"), ("成果", "抛光成果", "乙大学"),
    }  # fmt: skip


def test_introduction_names_each_side_as_far_as_its_reader_may_know():
    firm, unit = city.organisation("甲公司"), city.organisation("乙大学")
    actor = city.member(firm)
    city.introduction(actor, firm, unit)
    followers.run_pending()
    (row,) = taken(client_of(actor), "/introductions/", "xlsx")
    assert (row["Need"], row["Posed by"], row["Result side agreed on"]) == ("大尺寸碳化硅衬底抛光需求", "甲公司", None)
    assert isinstance(row["Need side agreed on"], datetime)
    assert row["Offered by"] == "乙大学"


def test_inbox_is_taken_along_with_its_days():
    bureau = city.officer()
    city.need(city.organisation("甲公司"), stage="submitted", title="抛光需求")
    row = next(row for row in taken(client_of(bureau), "/inbox/", "xlsx") if row["Title"] == "抛光需求")
    assert (row["Who"], row["Kind of day"]) == ("甲公司", "working days")
    assert isinstance(row["Due"], datetime)
    assert Entry.objects.latest("seq").kind == "export.inbox"


def test_inbox_of_a_visitor_and_a_format_that_is_none_are_refused(visitor):
    assert visitor.post("/inbox/", {"export": "csv"}).status_code == 302
    for ending in ("", "pdf", "../x"):
        assert visitor.post("/needs/", {"export": ending}).status_code == 422
    assert Entry.objects.filter(kind__startswith="export").count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow_with_the_rows(visitor, django_assert_num_queries, count):
    for _n in range(count):
        city.need(city.organisation(), stage="published")
    taken(visitor, "/needs/", "csv")
    with django_assert_num_queries(17):
        taken(visitor, "/needs/", "csv")


# -- long lists --------------------------------------------------------------------------------------------------------


@pytest.fixture
def long_list(monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    for n in range(3):
        city.need(city.organisation(), stage="published", title=f"需求{n}")


def test_long_list_is_written_by_a_job_for_whoever_asked(long_list, visitor):
    actor, rival = city.member(city.organisation()), city.member(city.organisation())
    client = client_of(actor)
    answer = client.post("/needs/?field=materials", {"export": "xlsx"})
    job = Job.objects.get()
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert client.get("/exports/1/").status_code == 404
    assert jobs.run_pending() == 1
    page = client.get(f"/jobs/{job.pk}/")
    address = page.context["result_url"]
    assert address.startswith("/exports/")
    content = b"".join(client.get(address).streaming_content)
    assert len(list(load_workbook(io.BytesIO(content)).active.iter_rows())) == 4
    written, fetched = list(Entry.objects.order_by("seq"))[-2:]
    assert (written.kind, written.actor, written.data["count"]) == ("export.need", actor.person, 3)
    assert (fetched.kind, fetched.actor) == ("export.fetched", actor.person)
    for other in (visitor, client_of(rival), client_of(city.officer())):
        assert other.get(address).status_code == 404


def test_visitor_is_told_to_narrow_down_or_sign_in(long_list, visitor):
    answer = visitor.post("/needs/", {"export": "csv"})
    assert answer.status_code == 422
    assert "2" in answer.content.decode()
    assert Job.objects.count() == 0


def test_job_writes_with_the_rights_of_its_own_moment(long_list):
    bureau = city.officer()
    city.need(city.organisation(), stage="submitted", title="未发布需求")
    client = client_of(bureau)
    client.post("/needs/", {"export": "csv"})
    bureau.person.memberships.update(role="reader")
    jobs.run_pending()
    address = client.get(f"/jobs/{Job.objects.get().pk}/").context["result_url"]
    text = b"".join(client.get(address).streaming_content).decode("utf-8-sig")
    assert "需求0" in text
    assert "未发布需求" not in text


def test_file_is_gone_after_its_days_and_strays_with_it(long_list, settings):
    import os
    from pathlib import Path

    from kezhuan.exchange.models import Export

    client = client_of(city.member(city.organisation()))
    client.post("/needs/", {"export": "csv"})
    jobs.run_pending()
    folder = Path(settings.DATA) / "exports"
    fresh, stray = folder / "fresh.csv", folder / "stray.csv"
    for path in (fresh, stray):
        path.write_text("x", encoding="utf-8")
    os.utime(stray, (0, 0))
    (kept,) = Export.objects.all()
    jobs.enqueue("exports.forget")
    jobs.run_pending()
    assert (folder / kept.file).is_file()
    assert (fresh.is_file(), stray.exists()) == (True, False)
    Export.objects.update(made_at=kept.made_at - 2 * exports.KEPT)
    os.utime(folder / kept.file, (0, 0))
    jobs.enqueue("exports.forget")
    jobs.run_pending()
    assert Export.objects.count() == 0
    assert not (folder / kept.file).exists()
    fresh.unlink()
