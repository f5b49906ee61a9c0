"""Experts open the files of what they judge: those of an open panel, of their own items, once they have accepted."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kezhuan.areas.calls.models import Application
from kezhuan.areas.reviews.lifecycle import PANEL
from kezhuan.areas.reviews.models import Sheet
from kezhuan.areas.reviews.scoring_actions import give_back
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.documents import Upload, keep_document
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry
from tests.areas.crawling import client_of
from tests.factories import city, reviews

pytestmark = pytest.mark.django_db

PROPOSAL = "可行性研究报告：低缺陷抛光工艺。".encode()


def scene(**facts):
    officer = city.officer()
    units = [city.organisation(name, kind="university") for name in ("甲大学", "乙大学")]
    call = reviews.closed_call(officer, *units)
    for row in Application.objects.filter(item__call=call).select_related("record"):
        for group, name in (("full", "可行性研究报告.txt"), ("inner", "内部意见.txt")):
            upload = Upload(f"{row.record.code}{name}", PROPOSAL + name.encode(), True)
            keep_document(actor=officer, record=row.record, upload=upload, group=group)
    for name in ("甲专家", "乙专家"):
        reviews.expert(name, by=officer)
    panel = reviews.panel(officer, call, per_item=2, **facts)
    mine, other = reviews.asked(officer, panel)
    return officer, panel, mine, other


def test_an_expert_of_an_open_panel_opens_the_files_of_what_they_judge():
    officer, panel, mine, other = scene(scheme="open")
    me, desk = reviews.judge(mine), client_of(reviews.judge(mine))
    page, api = f"/reviews/{mine.record.code}/items/1/", f"/api/v1/reviews/{mine.record.code}/items"
    assert desk.get(page).status_code == 404  # not before the panel scores
    advance(PANEL, panel, "begin", actor=officer)
    shown = desk.get(page).content.decode()
    item = mine.sheets.get(item__number=1).item
    held = {one.group: one for one in item.record.documents.all()}
    file = f"/reviews/{mine.record.code}/items/1/files/{held['full'].pk}/"
    assert file in shown
    assert "可行性研究报告.txt" in shown
    assert "内部意见" not in shown
    opened = desk.get(file)
    assert (opened.status_code, opened.content.startswith(PROPOSAL)) == (200, True)
    assert "attachment" in opened["Content-Disposition"]
    entry = Entry.objects.filter(kind="document.opened").latest("seq")
    assert (entry.actor_id, entry.data["document"]) == (me.person.pk, held["full"].pk)
    (told,) = desk.get(api).json()["items"][0]["files"]
    assert told["name"].endswith("可行性研究报告.txt")
    assert desk.get(told["href"]).content == opened.content
    # Neither what stands inside, nor by another item's number, nor of others.
    for path in (file.replace("items/1", "items/2"), file.replace(str(held["full"].pk), str(held["inner"].pk))):
        assert desk.get(path).status_code == 404
    assert desk.get(f"/documents/{held['full'].pk}/").status_code == 404
    hers = file.replace(mine.record.code, other.record.code)
    for reader in (VISITOR, city.member(city.organisation("丙公司")), reviews.judge(mine)):
        assert client_of(reader).get(hers).status_code == 404
    assert client_of(VISITOR).get(told["href"]).status_code in {401, 404}
    give_back(actor=me, review=mine, number=1, reason="同一课题组")
    assert [desk.get(path).status_code for path in (file, told["href"])] == [404, 404]
    assert desk.get(api).json()["items"][0]["files"] == []


def test_of_a_blind_panel_nobody_reads_files_and_the_page_says_why():
    officer, panel, mine, _other = scene(scheme="double_blind")
    advance(PANEL, panel, "begin", actor=officer)
    desk = client_of(reviews.judge(mine))
    shown = desk.get(f"/reviews/{mine.record.code}/items/1/").content.decode()
    assert "Files are not shown" in shown
    assert "可行性研究报告" not in shown
    item = mine.sheets.get(item__number=1).item
    file = item.record.documents.get(group="full")
    assert desk.get(f"/reviews/{mine.record.code}/items/1/files/{file.pk}/").status_code == 404
    api = f"/api/v1/reviews/{mine.record.code}/items"
    assert desk.get(api).json()["items"][0]["files"] == []
    assert desk.get(f"{api}/1/files/{file.sha256}").status_code == 404


def test_files_of_many_items_are_asked_for_at_once():
    officer, panel, mine, _other = scene(scheme="open")
    advance(PANEL, panel, "begin", actor=officer)
    desk, api = client_of(reviews.judge(mine)), f"/api/v1/reviews/{mine.record.code}/items"

    def asked():
        with CaptureQueriesContext(connection) as noted:
            assert desk.get(api).status_code == 200
        return len(noted)

    asked()
    both = asked()
    Sheet.objects.filter(review=mine, item__number=2).delete()
    assert asked() == both
