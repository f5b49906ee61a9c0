"""补录: who enters a record beyond an approval or a notice says why, and the entry says it for good."""

import pytest

from kezhuan.areas.achievements.actions import register_achievement
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.exchange.importing import Importer
from kezhuan.exchange.kinds import importable
from kezhuan.exchange.models import Import
from kezhuan.exchange.settings import Settings
from kezhuan.kernel import journal
from kezhuan.kernel.backfill import Backfill, moves_to
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.models import Entry, Record
from kezhuan.kernel.models.parties import Role
from tests.areas.crawling import client_of
from tests.factories import city

pytestmark = pytest.mark.django_db
WHY = Backfill("2024 年已登记，纸质台账录入", "登记簿第 3 册")


def entered(actor, *, stage="registered", why=None, owner=None):
    return register_achievement(
        actor=actor, owner=owner or city.organisation(), facts=city.achievement_facts(), stage=stage, why=why
    )


def refused(act):
    with pytest.raises(Refused) as found:
        act()
    return [one.code for one in found.value.problems]


def test_way_to_a_stage_is_the_shortest():
    assert [move.name for move in moves_to(ACHIEVEMENT, "registered")] == ["submit", "list", "register"]
    assert [move.name for move in moves_to(NEED, "published")] == ["submit", "publish"]
    assert moves_to(ACHIEVEMENT, "draft") == []


@pytest.mark.parametrize("asked", ["route", "notice"])
def test_officer_who_enters_beyond_it_gives_a_reason_that_the_entry_keeps(asked):
    bureau = city.officer()
    plain = entered(bureau)
    if asked == "route":
        city.route(city.post(bureau.organisation, "处长", city.member(bureau.organisation, Role.OFFICER)))
    else:
        city.notice_rule(days=5)
    assert refused(lambda: entered(bureau)) == ["stage-reason"]
    assert refused(lambda: entered(bureau, why=Backfill("  "))) == ["stage-reason"]
    assert refused(lambda: entered(bureau, why=Backfill("秘密★10年"))) == ["state-secret"]
    listed, row = entered(bureau, stage="listed"), entered(bureau, why=WHY)
    entries = {one.record_id: one for one in Entry.objects.filter(kind="achievement.open").select_related("text")}
    assert [entries[one.pk].backfilled for one in (plain, listed, row)] == [False, False, True]
    assert entries[row.pk].data["passed_over"] == ["register"]
    assert entries[row.pk].text.content["note"] == f"{WHY.reason}；{WHY.source}"
    assert journal.verify().broken_seq is None
    page = client_of(bureau).get(f"/achievements/{row.record.code}/").content.decode()
    assert "entered afterwards" in page
    assert WHY.reason in page


def test_route_of_another_district_asks_for_nothing():
    bureau = city.officer()
    post = city.post(bureau.organisation, "处长", city.member(bureau.organisation, Role.OFFICER))
    city.route(post, jurisdiction="440117")
    assert entered(bureau, owner=city.organisation(region="440106")).record.stage == "registered"
    assert refused(lambda: entered(bureau, owner=city.organisation(region="440117"))) == ["stage-reason"]


def test_import_beyond_an_approval_asks_for_the_reason_and_keeps_it(tmp_path):
    bureau = city.officer()
    post = city.post(bureau.organisation, "处长", city.member(bureau.organisation, Role.OFFICER))
    city.route(post, move="list")
    path = tmp_path / "登记簿.csv"
    path.write_text("编号,名称,摘要\n1,甲成果,一种抛光方法\n2,乙成果,一种切割方法\n", encoding="utf-8")

    def importing(**given):
        return Importer(importable("achievement"), path, Settings(actor=bureau, **given)).run()

    assert refused(importing) == refused(lambda: importing(dry_run=True)) == ["stage-reason"]
    assert not Record.objects.filter(kind="achievement").exists()
    assert not Import.objects.exists()
    assert importing(reason="整理既有登记簿").created == 2
    (entry,) = Entry.objects.filter(kind="achievement.open").select_related("text")
    assert entry.backfilled
    assert entry.data["passed_over"] == ["list"]
    assert entry.text.content["note"].startswith("整理既有登记簿；登记簿.csv")


def test_import_in_the_browser_tells_at_its_field_what_is_missing(settings, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.DATA = tmp_path
    bureau = city.officer()
    post = city.post(bureau.organisation, "处长", city.member(bureau.organisation, Role.OFFICER))
    city.route(post, move="list")
    client = client_of(bureau)
    file = SimpleUploadedFile("登记簿.csv", "编号,名称,摘要\n1,甲成果,一种抛光方法\n".encode())
    address = client.post("/imports/new/", {"kind": "achievement", "file": file, "declared_open": "on"})["Location"]
    form = {"step": "check", "on_match": "update", "match_key": "id", "map-0": "id", "map-1": "title",
            "map-2": "text"}  # fmt: skip
    answer = client.post(address, form)
    assert answer.status_code == 422
    assert "id_reason_error" in answer.content.decode()
    assert Import.objects.get().state == "uploaded"
    answer = client.post(address, form | {"reason": "整理既有登记簿"})
    assert answer.status_code == 302, answer.content.decode()
    assert Import.objects.get().options["reason"] == "整理既有登记簿"
    # Members bring drafts: nobody asks them.
    assert 'name="reason"' not in _reading(client_of(city.member(city.organisation())))


def _reading(client):
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("成果.csv", "编号,名称,摘要\n1,甲成果,一种抛光方法\n".encode())
    address = client.post("/imports/new/", {"kind": "achievement", "file": file, "declared_open": "on"})["Location"]
    return client.get(address).content.decode()
