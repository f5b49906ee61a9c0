"""What a call's form asks: choices, days, files, tables and conditions, on pages, in the API and on paper."""

import io
import re
import zipfile
from dataclasses import replace

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from pypdf import PdfReader

from kezhuan.areas.calls import application_actions
from kezhuan.areas.calls.adding_actions import GROWN, add_questions
from kezhuan.areas.calls.application_actions import edit_application
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.attaching_actions import answer_by_file, keep_answer_files
from kezhuan.areas.calls.checks import check_complete
from kezhuan.areas.calls.facts import check_facts
from kezhuan.areas.calls.forms_questions import QuestionForm, typed_question
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.queries import application_documents
from kezhuan.areas.calls.questions import Question, question_of, rows_of_questions
from kezhuan.areas.calls.reviewing import told_to_experts
from kezhuan.areas.calls.tables import ROWS
from kezhuan.exchange.papers.archiving import rows_of_case, write_folder
from kezhuan.exchange.papers.printing import content_of
from kezhuan.kernel.documents import Upload, attach_document, withdraw_document
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Document, Message
from kezhuan.kernel.models.parties import Role
from kezhuan.web.uploads import BoundedUploads
from tests.areas.crawling import client_of
from tests.factories import calls, city
from tests.factories.imports import take_in
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db
WAITS = {"question": 1, "answer": "联合申报"}
MEMBERS = [
    {"words": "单位", "kind": "line"},
    {"words": "人数", "kind": "number"},
    {"words": "加入日期", "kind": "date"},
]
FORM = (
    Question("申报方式", "one", options=("独立申报", "联合申报")),
    Question("成员", "table", most=3, columns=MEMBERS, only_if=WAITS),
    Question("技术方向", "several", False, options=("衬底", "外延", "器件")),
    Question("可行性报告", "file"),
    Question("完成日期", "date", False),
)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (Question("甲", "one", options=("是",)), "two to"),
        (Question("甲", "table"), "one to"),
        (Question("甲", "table", columns=[{"words": "人", "kind": "file"}]), "a number, a day or an organisation"),
        (Question("甲", only_if={"question": 5, "answer": "是"}), "earlier question"),
        (Question("甲", only_if={"question": 4, "answer": "是"}), "earlier question"),
        (Question("甲", only_if={"question": 1, "answer": "其他"}), "no option"),
    ],
)
def test_what_is_wrong_with_a_question_is_said(question, said):
    with translation.override("en"):
        (problem,) = check_facts(calls.call_facts(questions=(*FORM[:1], *FORM[2:], question)[-5:]))
    assert said in problem.message


def test_an_application_answers_by_choices_days_files_and_tables_what_it_is_asked():
    officer, unit = city.bureau(), city.organisation("甲大学", kind="university")
    writer = city.member(unit)
    call = calls.call(stage="published", by=officer, questions=FORM)
    assert tuple(map(question_of, call.questions))[1].only_if == WAITS
    desk, place = client_of(writer), f"/calls/{call.record.code}/items/1/apply/"
    shown = desk.get(place).content.decode()
    assert 'data-only-if="answer_0=联合申报"' in shown
    assert "Only where “申报方式” is “联合申报”." in shown
    rows = {"answer_1-TOTAL_FORMS": "1", "answer_1-INITIAL_FORMS": "0"}
    typed = {"title": "低缺陷攻关", "summary": "方案", "leader": "李攻关", "months": "12", "asked": "10",
             "commitment_0": "0.08", "evidence_0": "有", "promised": "on", **rows}  # fmt: skip
    again = desk.post(place, {**typed, "answer_0": "联合申报", "add_row": "answer_1"}).content.decode()
    assert 'name="answer_1-1-cell_2"' in again
    wrong = desk.post(place, {**typed, "answer_1-0-cell_1": "三", "answer_0": "别的", "answer_4": "明天"})
    assert wrong.status_code == 422
    assert "“成员”, row 1, “人数”: enter a number." in wrong.content.decode()
    typed |= {"answer_0": "联合申报", "answer_2": ["衬底", "器件"], "answer_4": "2027-06-30"}
    assert desk.post(place, typed).status_code == 302
    row = Application.objects.select_related("record").get()
    assert row.answers == ["联合申报", [], "衬底\n器件", "", "2027-06-30"]
    with pytest.raises(Refused) as refused:
        advance(APPLICATION, row, "submit", actor=writer)
    assert {one.field for one in refused.value.problems} == {"answer_1", "answer_3"}  # the table is asked for
    file = attach_document(actor=writer, record=row.record, upload=Upload("可行性报告.txt", "可行".encode(), True))
    edit = f"/applications/{row.record.code}/edit/"
    assert f'value="{file.pk} 可行性报告.txt"' in desk.get(edit).content.decode()
    member = {"answer_1-0-cell_0": "乙公司", "answer_1-0-cell_1": "12", "answer_1-0-cell_2": "2026-11-01"}
    version = Application.objects.get().record.version
    typed |= {"answer_3": f"{file.pk} 可行性报告.txt", **member, "version": version}
    assert desk.post(edit, typed).status_code == 302
    row = Application.objects.select_related("record").get()
    assert (row.answers[1], row.answers[3]) == ([["乙公司", "12", "2026-11-01"]], f"{file.pk} 可行性报告.txt")
    page = desk.get(f"/applications/{row.record.code}/").content.decode()
    assert '<td>乙公司</td><td class="number">12</td>' in page
    assert f'<a href="/documents/{file.pk}/">可行性报告.txt</a></p>' in page
    # The API takes what it gives, names a file by its number alone, and no file of another.
    api = f"/api/v1/applications/{row.record.code}"
    told = desk.get(api).json()
    assert told["answers"] == row.answers
    body = {name: told[name] for name in ("title", "summary", "leader", "asked_fen", "months", "commitments",
            "evidence", "promised")}  # fmt: skip
    body |= {"version": told["version"], "answers": ["独立申报", told["answers"][1], "", str(file.pk)]}
    sent = {"content_type": "application/json"}
    strange = desk.put(api, {**body, "answers": ["", [], "", str(file.pk + 1)]}, **sent)
    assert (strange.status_code, strange.json()["problems"][0]["code"]) == (422, "answer-file")
    assert desk.put(api, body, **sent).status_code == 200
    row = Application.objects.select_related("record").get()
    assert row.answers[3] == f"{file.pk} 可行性报告.txt"
    # Whoever applies alone is not asked for members: neither page, paper, experts, search nor readers of the API are
    # told of any; whoever writes it reads what is kept, to send it back.
    said = "\n".join(one.text for one in application_documents([row.pk]))
    assert ("独立申报" in said, "乙公司" in said) == (True, False)
    assert (
        desk.get(api).json()["answers"][1],
        client_of(city.member(unit, Role.READER)).get(api).json()["answers"][1],
    ) == (row.answers[1], "")
    assert "乙公司" not in desk.get(f"/applications/{row.record.code}/").content.decode()
    assert "成员" not in dict(content_of(writer, row).facts)
    assert "成员" not in dict(told_to_experts([row.pk])[row.pk].sections)
    assert dict(content_of(writer, row).facts)["可行性报告"] == "可行性报告.txt"
    # A file that was taken back answers nothing.
    assert list(check_complete(row)) == []
    withdraw_document(actor=writer, row=row, document=file)
    with pytest.raises(Refused) as refused:
        advance(APPLICATION, row, "submit", actor=writer)
    assert {one.field for one in refused.value.problems} == {"answer_3"}


def test_what_is_declared_of_files_stands_in_the_form_as_long_as_one_of_them_is_asked_for():
    asked = {"only_if": {"question": 1, "answer": "联合申报"}}
    writer = city.member(city.organisation("甲大学", kind="university"))

    def declared(*questions):
        call = calls.call(stage="published", questions=(FORM[0], *questions))
        shown = client_of(writer).get(f"/calls/{call.record.code}/items/1/apply/").content.decode()
        return next(one for one in re.findall("<input[^>]*>", shown) if 'name="declared_open"' in one)

    assert 'data-only-if="answer_0=联合申报"' in declared(Question("协议", "file", **asked))
    assert "data-only-if" not in declared(Question("协议", "file", **asked), Question("报告", "file"))


def test_an_officer_types_options_columns_and_conditions_in_the_form_of_a_call():
    officer = city.bureau()
    call = calls.call(by=officer, questions=FORM)
    shown = client_of(officer).get(f"/calls/{call.record.code}/edit/").context["rows"]
    (form,) = [one.formset for one in shown if one.formset.prefix == "questions"]
    typed = [type(one)(one.initial) for one in form.forms]
    assert all(one.is_valid() for one in typed)
    assert rows_of_questions([typed_question(one.cleaned_data) for one in typed]) == call.questions
    assert "人数 (number)" in form.forms[1].initial["lines"]


@pytest.mark.parametrize(("kind", "most"), [("text", 2000), ("one", 2000), ("number", 20_000), ("table", 100)])
def test_a_question_without_a_limit_has_the_usual_one(kind, most):
    typed = QuestionForm({"words": "样机", "kind": kind, "lines": "有\n无"})
    assert typed.is_valid()
    assert typed_question(typed.cleaned_data).most == most
    typed = QuestionForm({"words": "样机", "kind": kind, "lines": "有\n无", "most": "7"})
    assert typed.is_valid()
    assert typed_question(typed.cleaned_data).most == 7


def test_what_is_added_to_an_open_form_is_asked_of_drafts_and_may_be_answered_by_whoever_has_handed_in():
    officer, unit = city.bureau(), city.organisation("甲大学", kind="university")
    writer = city.member(unit)
    call = calls.call(stage="published", by=officer, questions=(Question("技术路线"), FORM[0]))
    said = {"answers": ("抛光", "联合申报"), "revenue_fen": 6_000, "rnd_fen": 600}
    row, draft = calls.application(call, unit, **said), calls.application(call, stage="draft", **said)
    desk, place = client_of(officer), f"/calls/{call.record.code}/form/"
    assert "1 技术路线, 2 申报方式" in desk.get(place).content.decode()
    head = {"questions-TOTAL_FORMS": "1", "questions-INITIAL_FORMS": "0", "questions-0-words": "经费来源",
            "questions-0-kind": "one", "questions-0-required": "on", "questions-0-most": "10"}  # fmt: skip
    assert desk.post(place, head).status_code == 422  # no options
    assert desk.post(place, {**head, "questions-0-lines": "自筹\n财政"}).status_code == 302
    for actor in (writer, city.officer("440106")):
        with pytest.raises(NotAllowed):
            add_questions(actor=actor, call=Call.objects.get(pk=call.pk), questions=FORM[3:])
    told = Message.objects.filter(letter=GROWN)  # those of the unit that has handed in
    assert {one.acting_for for one in told} == {unit}
    row, draft = (Application.objects.get(pk=one.pk) for one in (row, draft))
    assert [one.code for one in check_complete(draft)] == ["answer-missing"]
    edit = f"/applications/{row.record.code}/edit/"
    shown = client_of(writer).get(edit).content.decode()
    assert ('name="answer_2"' in shown, 'name="answer_0"' in shown, 'name="title"' in shown) == (True, False, False)
    version = row.record.version
    assert client_of(writer).post(edit, {"answer_2": "自筹", "title": "别的", "version": version}).status_code == 302
    row = Application.objects.select_related("record").get(pk=row.pk)
    assert (row.answers[2], row.record.title, row.record.stage) == ("自筹", "低缺陷抛光攻关", "submitted")
    assert (row.revenue_fen, row.rnd_fen) == (6_000, 600)
    # Scripts hide what waits for an answer only where that stands on the page: what was handed in does not.
    waiting = [replace(FORM[1], words=f"成员{n}", only_if={"question": n, "answer": said})
               for n, said in ((2, "联合申报"), (3, "自筹"))]  # fmt: skip
    add_questions(actor=officer, call=Call.objects.get(pk=call.pk), questions=waiting)
    row = Application.objects.select_related("record").get(pk=row.pk)
    shown = client_of(writer).get(edit).content.decode()
    assert 'id="id_answer_3"' in shown
    assert re.findall('data-only-if="(.*?)"', shown) == ["answer_2=自筹"]
    facts = application_actions.facts_of(row)
    for change in ({"title": "别的"}, {"answers": ("另一条路线", *facts.answers[1:])}):
        with pytest.raises(Refused) as refused:
            edit_application(
                actor=writer, application=row, facts=replace(facts, **change), expected_version=row.record.version
            )
        assert [one.code for one in refused.value.problems] == ["application-stands"]
    calls.end_time_of(call)
    row = Application.objects.get(pk=row.pk)
    with pytest.raises(NotAllowed):
        edit_application(actor=writer, application=row, facts=facts, expected_version=row.record.version)
    with pytest.raises(NotAllowed):
        add_questions(actor=officer, call=Call.objects.get(pk=call.pk), questions=FORM[3:])


FILES = (FORM[0], FORM[3], Question("查新报告", "file", False), FORM[1])


def report(words="可行", name="可行性报告.txt"):
    return SimpleUploadedFile(name, words.encode())


def test_a_file_is_chosen_where_the_rest_is_written_and_what_was_good_is_kept_where_something_else_is_refused():
    officer, unit = city.bureau(), city.organisation("甲大学", kind="university")
    writer = city.member(unit)
    call = calls.call(stage="published", by=officer, questions=FILES)
    desk, place = client_of(writer), f"/calls/{call.record.code}/items/1/apply/"
    shown = desk.get(place).content.decode()
    assert 'enctype="multipart/form-data"' in shown
    assert '<label for="id_answer_1_file">可行性报告' in shown
    typed = {"title": "", "summary": "打到一半的方案", "answer_0": "独立申报", "asked": "许多",
             "answer_3-TOTAL_FORMS": "0", "answer_3-INITIAL_FORMS": "0"}  # fmt: skip
    # Without the declaration nothing is kept, and no draft is begun for nothing.
    told = desk.post(place, {**typed, "answer_1_file": report(), "answer_2_file": report("查新", "查新.txt")})
    assert [one.field_id for one in told.context["problems"]].count("id_declared_open") == 1
    assert not Application.objects.exists()
    # A file that is not taken is told of at its question; the other is kept, whatever else was refused.
    typed |= {"declared_open": "on"}
    files = {"answer_1_file": report(), "answer_2_file": report("MZ\0", "查新.exe")}
    told = desk.post(place, {**typed, **files})
    page = told.content.decode()
    assert told.status_code == 422
    assert {"id_title", "id_asked", "id_answer_2"} <= {one.field_id for one in told.context["problems"]}
    row = Application.objects.select_related("record").get()
    file = Document.objects.get()
    assert (row.record.stage, row.answers, file.record_id, file.group) == ("draft", [], row.pk, "full")
    edit = f"/applications/{row.record.code}/edit/"
    assert f'action="{edit}"' in page
    assert "打到一半的方案" in page
    assert "A draft was begun, which keeps the files that you chose." in page
    assert f'<option value="{file.pk} 可行性报告.txt" selected>' in page
    # So it goes on at that draft, where a row is added and another file comes with the button that adds it.
    typed |= {"title": "低缺陷攻关", "asked": "10", "answer_1": f"{file.pk} 可行性报告.txt",
              "version": str(row.record.version)}  # fmt: skip
    grown = desk.post(edit, {**typed, "answer_2_file": report("查新", "查新.txt"), "add_row": "answer_3"})
    other = Document.objects.exclude(pk=file.pk).get()
    assert f'<option value="{other.pk} 查新.txt" selected>' in grown.content.decode()
    gone = desk.post(edit, {**typed, "answer_2_file": report("", "空.txt"), "add_row": "answer_3"})
    assert "“空.txt” is empty." in gone.content.decode()
    kept = desk.post(edit, typed, follow=True)
    assert (kept.status_code, "Saved as a draft. Submit it when it is complete." in kept.content.decode()) == (
        200,
        True,
    )
    # The same file once more is the one that is there; the script's own saving sends none.
    row = Application.objects.select_related("record").get()
    assert row.answers[1] == f"{file.pk} 可行性报告.txt"
    typed |= {"answer_1": "", "version": str(row.record.version)}
    saved = desk.post(edit, {**typed, "answer_1_file": report("别的"), "autosave": "yes"})
    assert (saved.status_code, Document.objects.count()) == (200, 2)
    typed |= {"version": str(saved.json()["version"])}
    assert desk.post(edit, {**typed, "answer_1_file": report()}).status_code == 302
    row = Application.objects.select_related("record").get()
    assert (row.answers[1], Document.objects.count()) == (f"{file.pk} 可行性报告.txt", 2)
    # All at once it is one draft with its file; where none can be begun, that is told and nothing kept.
    fresh = client_of(city.member(city.organisation("乙大学", kind="university")))
    at_once = fresh.post(place, {**typed, "version": "", "answer_1_file": report()}, follow=True)
    assert "Saved as a draft. Submit it when it is complete." in at_once.content.decode()
    assert Application.objects.latest("pk").answers[1].endswith(" 可行性报告.txt")
    assert Document.objects.count() == 3
    twice = fresh.post(place, {**typed, "version": "", "answer_1_file": report("第二份")})
    assert (twice.status_code, Document.objects.count()) == (422, 3)
    assert "has an application for this item already" in twice.content.decode()


def test_the_api_answers_by_a_file_in_one_step_and_whoever_has_handed_in_gives_what_was_added_since():
    officer, unit = city.bureau(), city.organisation("甲大学", kind="university")
    writer = city.member(unit)
    call = calls.call(stage="published", by=officer, questions=FILES[:1])
    row = calls.application(call, unit, by=city.clerk(unit), answers=("独立申报",))
    add_questions(actor=officer, call=Call.objects.get(pk=call.pk), questions=FILES[1:3])
    desk, edit = client_of(writer), f"/applications/{row.record.code}/edit/"
    address = f"/api/v1/applications/{row.record.code}"
    assert 'name="answer_1_file"' in desk.get(edit).content.decode()
    version = Application.objects.select_related("record").get().record.version
    sent = {"declared_open": "on", "answer_1_file": report(), "answer_0_file": report("不问"), "version": version}
    assert desk.post(edit, sent).status_code == 302
    file = Document.objects.get()
    row = Application.objects.select_related("record").get()
    assert (row.answers[:2], row.record.stage) == (["独立申报", f"{file.pk} 可行性报告.txt"], "submitted")

    def given(number, client=desk, **more):
        return client.post(f"{address}/answers/{number}", {"file": report("查新", "查新.txt"), **more})

    assert [given(number, declared_open=True).status_code for number in (0, 4, 1)] == [404, 404, 422]
    undeclared = given(3)
    assert (undeclared.status_code, undeclared.json()["problems"][0]["code"]) == (422, "declaration-missing")
    stranger = client_of(city.member(city.organisation()))
    assert given(3, stranger, declared_open=True).status_code == 404
    assert given(3, client_of(officer), declared_open=True).status_code == 403
    assert Document.objects.count() == 1
    assert given(3, declared_open=True).status_code == 200
    other = Document.objects.exclude(pk=file.pk).get()
    assert desk.get(address).json()["answers"] == ["独立申报", f"{file.pk} 可行性报告.txt", f"{other.pk} 查新.txt"]


def test_together_the_files_of_a_request_have_the_room_of_ten(settings):
    settings.FILE_MEGABYTES = 1
    uploads = BoundedUploads()
    for number in range(11):
        uploads.new_file("file", f"{number}.txt", "text/plain", None)
        if number < 10:
            uploads.receive_data_chunk(b"x" * 1024 * 1024, 0)
    with pytest.raises(RequestDataTooBig):
        uploads.receive_data_chunk(b"x", 0)


def test_files_of_applications_tell_every_answer_that_counts_and_come_back_as_they_were(tmp_path):
    officer, unit = city.bureau(), city.organisation("甲大学", kind="university")
    writer = city.clerk(unit)
    alone = {"question": 1, "answer": "独立申报"}
    asked = (*FORM, Question("独立理由", required=False, only_if=alone))
    call = calls.call(stage="published", by=officer, questions=asked)
    rows = [["乙公司", "12", "2026-11-01"], ["丙公司", "3", ""]]
    said = ("联合申报", rows, "衬底\n器件", "", "2027-06-30", "不问的话")
    row = calls.application(call, unit, stage="draft", by=writer, answers=said)
    _answers, problems = keep_answer_files(actor=writer, application=row, uploads={3: upload("可行")})
    assert problems == []
    row = answer_by_file(
        actor=writer, application=row, number=4, upload=upload("可行"), expected_version=row.record.version
    )
    row = advance(APPLICATION, row, "submit", actor=writer)
    desk = client_of(officer)
    for ending in ("csv", "xlsx"):
        (line,) = taken(desk, "/applications/", ending)
        assert line["Answers to the call's form"].splitlines() == [
            "申报方式：联合申报", "成员：", "单位：乙公司 · 人数：12 · 加入日期：2026-11-01", "单位：丙公司 · 人数：3",
            "技术方向：", "衬底", "器件", "可行性报告：可行性报告.txt", "完成日期：2027-06-30",
        ]  # fmt: skip
        assert line["Answers to the indicators"].endswith("：0.08")
        assert line["How conditions are met"] == "具备研究基础：省重点实验室"
    # What was taken along comes back as it was, and changes nothing.
    answer = desk.post("/applications/", {"export": "csv"})
    (tmp_path / "申报书.csv").write_bytes(b"".join(answer.streaming_content))
    done = take_in(ROWS, tmp_path / "申报书.csv", actor=officer, is_trusted=False)
    assert (done.counts.unchanged, done.counts.rejected, done.counts.updated) == (1, 0, 0)
    # The folder of the case has them on paper, and the file that answers.
    row = advance(APPLICATION, calls.checked(row, officer), "refuse", actor=officer, note="材料不全", reason="other")
    folder = io.BytesIO()
    write_folder(officer, rows_of_case(officer, row), folder, lambda _done, _total: None)
    held = zipfile.ZipFile(folder)
    paper, file = (next(one for one in held.namelist() if one.endswith(end)) for end in ("记录.pdf", "可行性报告.txt"))
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(held.read(paper))).pages)
    words = "".join(words.split())
    assert [
        one for one in ("联合申报", "乙公司", "2026-11-01", "器件", "可行性报告.txt", "2027-06-30") if one not in words
    ] == []
    assert ("不问的话" in words, held.read(file).decode()) == (False, "可行")


def upload(words):
    return Upload("可行性报告.txt", words.encode(), True)
