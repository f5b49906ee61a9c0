"""The archive folder of a closed case: every file in order with its pages, the entries, the period, and all hashes."""

import csv
import hashlib
import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from docx import Document as WordFile
from pypdf import PdfReader

from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.approvals.step_actions import close_on_paper
from kezhuan.areas.inspections.lifecycle import INSPECTION
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.notices.actions import record_end, record_start
from kezhuan.areas.notices.lifecycle import NOTICE
from kezhuan.areas.people.deputy_actions import end_deputy, name_deputy
from kezhuan.exchange.exported import fetch
from kezhuan.exchange.papers.archive_actions import ask_archive
from kezhuan.exchange.papers.archiving import may_archive, retention_of, rows_of_case, write_folder
from kezhuan.kernel import jobs, registry, rulebook
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.deputies import standing_in
from kezhuan.kernel.documents import Upload, attach_document, stored_path
from kezhuan.kernel.errors import Missing, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import RuleUse, RuleValue
from kezhuan.kernel.notices import save_days
from kezhuan.kernel.text import today
from tests.exchange.test_signing import blank
from tests.exchange.test_word_templates import word
from tests.factories import city
from tests.kernel.test_documents import pdf_of

pytestmark = pytest.mark.django_db
CODE = "archive.need.retention"


@pytest.fixture(autouse=True)
def own_data(settings, tmp_path):
    settings.DATA = tmp_path


def closed_case(**files):
    firm = city.organisation("甲公司")
    actor = city.member(firm)
    row = city.need(firm, stage="published", by=actor)
    for name, (content, group) in files.items():
        ending = name.replace("_", ".")
        attach_document(actor=actor, record=row.record, upload=Upload(ending, content, True), group=group)
    return actor, advance(NEED, row, "close", actor=actor, note="=已解决")


def folder_of(actor, row):
    held = io.BytesIO()
    case = rows_of_case(actor, registry.row_of(row.record))
    count = write_folder(actor, case, held, lambda done, total: None)
    return count, zipfile.ZipFile(held)


def test_folder_holds_every_file_in_order_with_its_pages_and_proves_itself():
    actor, row = closed_case(
        检测报告_pdf=(pdf_of("检测"), "full"), 照片_png=(blank(), "public"), 说明_docx=(word("说明"), "full")
    )
    count, folder = folder_of(actor, row)
    names = folder.namelist()
    assert names == [
        "001-记录.pdf",
        "002-检测报告.pdf",
        "003-照片.png",
        "004-说明.docx",
        "卷内目录.docx",
        "日志.csv",
        "manifest.json",
    ]
    said = json.loads(folder.read("manifest.json"))
    assert count == len(said["files"]) == 4
    for one in said["files"]:
        content = folder.read(one["name"])
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (one["sha256"], one["size"])
    for name, digest in said["lists"].items():
        assert hashlib.sha256(folder.read(name)).hexdigest() == digest
    sheet = said["files"][0]["pages"]
    assert [(one["first_page"], one["pages"]) for one in said["files"]] == [
        (1, sheet), (sheet + 1, 1), (sheet + 2, 1), (None, None)
    ]  # fmt: skip
    assert (said["record"], said["closed_on"]) == (row.record.code, row.record.closed_on.isoformat())
    contents = WordFile(io.BytesIO(folder.read("卷内目录.docx")))
    cells = [[cell.text for cell in line.cells] for line in contents.tables[0].rows]
    assert cells[0] == ["顺序号", "责任者", "题名", "日期", "页号", "备注"]
    assert [line[0] for line in cells[1:]] == ["1", "2", "3", "4"]
    assert (cells[2][1], cells[2][4], cells[4][5]) == (actor.name, str(sheet + 1), "电子文件，无页号")
    words = "\n".join(one.text for one in contents.paragraphs)
    assert row.record.title in words
    assert f"共 4 件，{sheet + 2} 页" in words


def test_entries_stand_in_order_and_no_text_is_a_formula():
    actor, row = closed_case()
    _count, folder = folder_of(actor, row)
    lines = list(csv.reader(io.StringIO(folder.read("日志.csv").decode("utf-8-sig"))))
    numbers = [int(line[0]) for line in lines[1:]]
    assert numbers == sorted(numbers)
    assert len(numbers) >= 3
    assert "'=已解决" in [line[6] for line in lines]


def test_period_comes_from_a_rule_value_alone_and_stays_empty_without_one():
    actor, row = closed_case()
    _count, folder = folder_of(actor, row)
    assert json.loads(folder.read("manifest.json"))["retention"] is None
    assert "保管期限：" in "\n".join(one.text for one in WordFile(io.BytesIO(folder.read("卷内目录.docx"))).paragraphs)
    assert CODE in rulebook.known_rules()

    def period(months, since, until, source):
        return RuleValue.objects.create(
            code=CODE, jurisdiction="000000", value=months, unit="months", source=source,
            effective_from=date(since, 1, 1), effective_to=until,
        )  # fmt: skip

    value = period(120, 2024, date(2098, 12, 31), "测试办法第三条")
    period(360, 2099, None, "以后")
    assert retention_of(registry.row_of(row.record)) == value
    _count, folder = folder_of(actor, row)
    kept = json.loads(folder.read("manifest.json"))["retention"]
    assert (kept["months"], kept["source"]) == (120, "测试办法第三条")
    words = "\n".join(one.text for one in WordFile(io.BytesIO(folder.read("卷内目录.docx"))).paragraphs)
    assert "保管期限：10年" in words
    assert RuleUse.objects.filter(record=row.pk, rule_value=value).count() == 1


def test_open_cases_and_strangers_are_refused_and_inner_files_stay_with_the_unit():
    actor, row = closed_case(内部_txt=("内部报价".encode(), "inner"))
    rival, officer = city.member(city.organisation()), city.officer()
    _count, folder = folder_of(actor, row)
    assert "002-内部.txt" in folder.namelist()
    _count, folder = folder_of(officer, row)
    assert "002-内部.txt" not in folder.namelist()
    assert not may_archive(rival, registry.row_of(row.record))
    with pytest.raises(NotAllowed):
        folder_of(rival, row)
    opened = city.need(row.record.owner, by=actor, stage="published")
    with pytest.raises(Refused) as refused:
        folder_of(actor, opened)
    assert refused.value.problems[0].code == "archive-open"


def noticed(row, officer):
    """A notice that stood on the bureau's website for a month, with proof of both ends; the last one is cut off."""
    held = city.notice(row, officer, channels=["bureau"])
    (place,) = held.channels.all()
    address, first = "https://kjj.example.cn/gs/9", Upload("首日截图.png", blank(), True)
    record_start(actor=officer, channel=place, on=today(), address=address, proof=first)
    held = advance(NOTICE, held, "start", actor=officer)
    held.channels.update(started_on=today() - timedelta(days=30))
    save_days(held)
    last = Upload("末日截图.png", b"\x89PNG\r\n\x1a\n" + b"0" * 20, True)
    record_end(actor=officer, channel=held.channels.get(), on=today() - timedelta(days=1), proof=last)
    evidence = [Upload("论文首页.pdf", pdf_of("论文"), True)]
    objection = city.objection(held, officer, stage="dismissed", evidence=evidence)
    return advance(NOTICE, held, "complete", actor=officer), objection


def test_one_folder_holds_the_case_with_its_approval_sheet_its_notice_with_proofs_and_the_objection(read_here):
    unit, officer = city.organisation(kind="university"), city.officer()
    owner, signer = city.member(unit, "administrator"), city.member(city.organisation(kind="government"), "officer")
    row = city.achievement(unit, stage="listed", by=owner)
    notice, objection = noticed(row, officer)
    approval = city.approval(row, officer, signer)
    minutes = Upload("签批扫描件.pdf", pdf_of("签批"), True)
    close_on_paper(
        actor=officer, step=approval.steps.get(), signer=signer.person, signed_on=today(), sheet=minutes,
        opinion="同意登记，请按规定公告。",
    )  # fmt: skip
    case = advance(ACHIEVEMENT, registry.row_of(row.record), "withdraw", actor=owner, note="另案办理")
    _count, folder = folder_of(officer, case)
    said = json.loads(folder.read("manifest.json"))["files"]
    s, g, j = (one.record.code for one in (approval, notice, objection))
    names = [
        "记录.pdf", f"{g}-公示.pdf", f"{g}-首日截图.png", f"{g}-末日截图.png", f"{j}-异议.pdf", f"{j}-论文首页.pdf",
        f"{s}-呈批表.pdf", f"{s}-签批扫描件.pdf",
    ]  # fmt: skip
    assert [one["name"] for one in said] == [f"{number:03}-{name}" for number, name in enumerate(names, 1)]
    assert [one["record"] for one in said] == [row.record.code, g, g, g, j, j, s, s]
    # Pages run through all of it; the screenshot that is cut off has none.
    places = [(one["first_page"], one["pages"]) for one in said if one["pages"]]
    assert [first for first, _pages in places] == [1 + sum(pages for _at, pages in places[:at]) for at in range(7)]
    assert said[3]["pages"] is None
    cells = [cell.text for cell in WordFile(io.BytesIO(folder.read("卷内目录.docx"))).tables[0].rows[7].cells]
    assert (cells[1], cells[2]) == (officer.organisation.record.title, f"呈批表：{approval.record.title}（{s}）")
    told = ["".join(page.extract_text() for page in PdfReader(io.BytesIO(folder.read(said[at]["name"]))).pages)
            for at in (6, 1, 4)]  # fmt: skip
    for words, wanted in zip(told, (
        ("呈批表", "同意登记，请按规定公告。", signer.name, "处长"),
        ("https://kjj.example.cn/gs/9", "首日截图.png", "末日截图.png", "公示内容", "1件"),
        ("完成人排序与事实不符。", "13812345678", "赵举"),
    ), strict=True):  # fmt: skip
        assert all(one in words.replace("\n", "") for one in wanted), words
    lines = list(csv.reader(io.StringIO(folder.read("日志.csv").decode("utf-8-sig"))))[1:]
    assert [int(line[0]) for line in lines] == sorted({int(line[0]) for line in lines})
    assert {line[9] for line in lines} == {row.record.code, s, g, j}
    # The unit reads what it may: nothing that passed between offices, nobody's telephone number.
    _count, own = folder_of(owner, case)
    assert {one["record"] for one in json.loads(own.read("manifest.json"))["files"]} == {row.record.code, g}
    dossier = city.dossier(unit, by=owner)
    filing = city.filing(dossier, owner)
    assert [one.record.code for one in rows_of_case(owner, dossier)] == [dossier.record.code, filing.record.code]


def test_what_a_deputy_or_an_inspector_asked_for_is_fetched_while_they_still_may():
    actor, row = closed_case()
    colleague = city.member(row.record.owner, "reader")
    deputyship = name_deputy(actor=actor, person=colleague.person, since=today(), until=today())
    instead = standing_in(colleague, deputyship.pk)
    given = advance(INSPECTION, city.inspection(row, city.officer()), "admit", actor=city.officer())
    inspector = actor_for(given.inspector)
    untold = advance(INSPECTION, city.inspection(row, city.officer(), owner_told=False), "admit", actor=city.officer())
    for one in (actor, city.officer(), actor_for(untold.inspector)):
        told = rows_of_case(one, registry.row_of(row.record))
        assert [one.pk for one in told] == [row.pk, *([given.pk] if one.person.pk != untold.inspector_id else [])]
    asked = {one: ask_archive(actor=one, row=registry.row_of(row.record))[0].pk for one in (instead, inspector)}
    jobs.run_pending()
    for one, number in asked.items():
        assert fetch(one, number)[1].is_file()
    end_deputy(actor=actor, deputy=deputyship)
    advance(INSPECTION, given, "end", actor=city.officer(), note="已办结")
    # Whoever stands in for somebody else by now does not do so for whom they asked.
    other = city.member(row.record.owner)
    elsewhere = name_deputy(actor=other, person=colleague.person, since=today(), until=today())
    late = (colleague, standing_in(colleague, elsewhere.pk))
    for one, number in (*((one, asked[instead]) for one in late), (actor_for(inspector.person), asked[inspector])):
        with pytest.raises(Missing):
            fetch(one, number)


def test_a_damaged_file_stops_the_folder():
    actor, row = closed_case(报告_txt=("报告".encode(), "full"))
    digest = row.record.documents.get().sha256
    stored_path(digest).write_bytes(b"other")
    with pytest.raises(Refused) as refused:
        folder_of(actor, row)
    assert refused.value.problems[0].code == "document-damaged"


def test_the_folder_is_asked_for_on_the_page_and_fetched_from_the_job():
    from django.urls import reverse

    from kezhuan.kernel import jobs
    from tests.web.test_paper_pages import signed_in

    actor, row = closed_case()
    client, address = signed_in(actor), reverse("archive", args=[row.record.code])
    assert address in client.get(reverse("need", args=[row.record.code])).content.decode()
    job = client.post(address)["Location"]
    jobs.run_pending()
    place = client.get(job).content.decode().split('href="/exports/')[1].split('"')[0]
    answer = client.get(f"/exports/{place}")
    assert zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).testzip() is None
    rival = signed_in(city.member(city.organisation()))
    assert rival.get(f"/exports/{place}").status_code == 404
    opened = city.need(row.record.owner, by=actor, stage="published")
    assert client.post(reverse("archive", args=[opened.record.code])).status_code == 403
    assert rival.post(address).status_code in {403, 404}
