"""Words of files are found by those who may open the files, and by nobody else."""

import pytest
from django.test import Client

from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.documents import Upload, attach_document, withdraw_document
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.search import LEVEL_PUBLIC, Asked, live_index, search
from kezhuan.kernel.search.documents import read_documents
from tests.factories import city
from tests.kernel.test_documents import docx_of, pdf_of, xlsx_of, zip_of

pytestmark = pytest.mark.django_db

FILES = {
    "docx": docx_of("<w:p><w:t>gezeitenkraftwerk 潮汐机组</w:t></w:p>"),
    "xlsx": xlsx_of("gezeitenkraftwerk 潮汐机组"),
    "pptx": zip_of(
        **{"[Content_Types].xml": "<Types/>", "ppt__slides__slide1.xml": "<a:p>gezeitenkraftwerk 潮汐机组</a:p>"}
    ),
    "pdf": pdf_of("gezeitenkraftwerk 潮汐机组"),
    "txt": "gezeitenkraftwerk 潮汐机组".encode(),
}


def found(actor, words="gezeitenkraftwerk"):
    return search(actor, Asked(words=words)).records


def attach(actor, row, group, kind="txt", name="报告"):
    upload = Upload(f"{name}.{kind}", FILES[kind], True)
    return attach_document(actor=actor, record=row.record, upload=upload, group=group)


@pytest.mark.parametrize("kind", FILES)
def test_words_of_every_type_of_file_are_found_at_once(kind):
    unit = city.organisation()
    actor = city.member(unit)
    row = city.achievement(unit, stage="listed", by=actor)
    attach(actor, row, "public", kind)
    assert found(VISITOR) == found(VISITOR, "潮汐机组") == found(VISITOR, "报告") == [row.pk]


def test_words_of_a_file_are_found_by_its_readers_alone_and_gone_when_it_is_taken_back():
    unit = city.organisation()
    actor, rival, officer = city.member(unit), city.member(city.organisation()), city.officer()
    row = city.achievement(unit, stage="listed", by=actor)
    for group, readers in (("public", 4), ("full", 2), ("inner", 1)):
        document = attach(actor, row, group)
        seen = [found(one) == [row.pk] for one in (actor, officer, rival, VISITOR)]
        inner = access_to_inner(officer, row)
        assert (
            seen
            == {
                "public": [True] * 4,
                "full": [True, True, False, False],
                "inner": [True, inner, False, False],
            }[group]
        ), (group, readers)
        assert search(rival, Asked(words="gezeitenkraftwerk")).total == (1 if group == "public" else 0)
        withdraw_document(actor=actor, row=row, document=document)
        assert [found(one) for one in (actor, officer, rival, VISITOR)] == [[]] * 4


def access_to_inner(actor, row):
    from kezhuan.kernel.access import can_view

    row.record.refresh_from_db()
    return can_view(actor, row.record, "inner")


def test_words_of_files_leave_the_public_search_when_the_record_is_withdrawn():
    unit = city.organisation()
    actor = city.member(unit)
    row = city.achievement(unit, stage="listed", by=actor)
    attach(actor, row, "public")
    assert found(VISITOR) == [row.pk]
    advance(ACHIEVEMENT, row, "withdraw", actor=actor, note="理由")
    assert found(VISITOR) == []
    assert found(actor) == [row.pk]


def public_part(row):
    return [one.item for one in read_documents({row.pk: "achievement"}) if one.level == LEVEL_PUBLIC]


def test_a_record_with_files_is_counted_once_and_matched_by_its_public_part_alone():
    unit = city.organisation()
    actor = city.member(unit)
    row = city.achievement(unit, stage="listed", by=actor)
    before = public_part(row)
    for group, kind in (("public", "docx"), ("full", "txt"), ("inner", "pdf")):
        attach(actor, row, group, kind)
    for one in (actor, VISITOR):
        asked = search(one, Asked(kinds=("achievement",), facets=("field",)))
        assert (asked.total, [facet.count for facet in asked.facets["field"]]) == (1, [1])
    assert public_part(row) == before
    from kezhuan.config.verification import index_differences

    differences = index_differences(live_index())
    assert not differences.missing | differences.extra | differences.other_audience


def test_the_list_names_the_file_and_marks_the_words_for_those_who_may_open_it(django_assert_max_num_queries):
    unit = city.organisation()
    actor = city.member(unit)
    rows = [city.achievement(unit, stage="listed", by=actor, title=f"成果{n}") for n in range(3)]
    for row in rows:
        attach(actor, row, "public", "docx", "检测报告")
        attach(actor, row, "inner", "txt", "内部报价gezeitenkraftwerk")
    html = Client().get("/search/", {"q": "gezeitenkraftwerk"}).content.decode()
    assert html.count("检测报告.docx: ") == 3
    assert "<mark>gezeitenkraftwerk</mark> 潮汐机组" in html
    assert "内部报价" not in html
    with django_assert_max_num_queries(9):
        Client().get("/search/", {"q": "gezeitenkraftwerk"})


def test_a_file_beyond_the_setting_is_refused_by_its_size_and_never_held_whole(settings):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    from tests.web.test_paper_pages import signed_in

    settings.FILE_MEGABYTES = 1
    unit = city.organisation()
    client = signed_in(city.member(unit))
    address = reverse("record-upload", args=[unit.record.code])
    for size, status in ((3_000_000, 422), (1024 * 1024 + 1, 422), (1024 * 1024, 302)):
        file = SimpleUploadedFile("a.txt", b"x" * size)
        answer = client.post(address, {"file": file, "group": "full", "declared_open": "on"})
        assert answer.status_code == status
        if status == 422:
            assert "1 MB" in answer.content.decode()
