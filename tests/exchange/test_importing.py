"""Rows of files become records: what enters, what comes back, and what a second run changes."""

import json

import pytest

from kezhuan.areas.achievements import actions
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.achievements.tables import ROWS as ACHIEVEMENTS
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.tables import ROWS as NEEDS
from kezhuan.areas.people.actions import SYSTEM, create_officer, register_organisation
from kezhuan.areas.people.tables import ROWS as ORGANISATIONS
from kezhuan.exchange import importing
from kezhuan.exchange.rejects import write_rejects
from kezhuan.kernel import journal, lifecycle
from kezhuan.kernel.access import GROUPS, VISITOR, actor_for, visible_to
from kezhuan.kernel.models import Entry, Identifier, Organisation, Person, Record
from tests.factories.imports import take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def university():
    return register_organisation(actor=SYSTEM, name="Hill University", kind="university", stage="verified")


SILICON = {
    "编号": "S1",
    "名称": "碳化硅衬底抛光",
    "摘要": "大尺寸衬底的低缺陷抛光。",
    "关键词": "碳化硅;抛光",
    "技术领域": "新材料",
    "成熟度": "TRL 6",
    "报价(万元)": 12.5,
    "合作方式": "转让/许可",
    "所在区": "黄埔区",
    "authors_raw": "张三, 李四",
    "奖项": ["一等奖"],
}


def test_row_becomes_a_listed_public_record_with_its_columns(write):
    done = take_in(ACHIEVEMENTS, write([SILICON]))
    assert vars(done.counts) == {"read": 1, "created": 1, "updated": 0, "unchanged": 0, "rejected": 0}
    row = Achievement.objects.get()
    record = row.record
    assert (record.title, record.summary, record.stage, record.owner) == (
        "碳化硅衬底抛光",
        "大尺寸衬底的低缺陷抛光。",
        "listed",
        None,
    )
    assert (row.keywords, row.field, row.trl, row.price_fen) == (["碳化硅", "抛光"], "materials", 6, 12_500_000)
    assert (row.modes, row.region, row.source) == (["transfer", "licence"], "440112", "results")
    assert list(visible_to(VISITOR, Record.objects.all(), "public")) == [record]
    assert (Identifier.objects.get().scheme, Identifier.objects.get().value) == ("results", "S1")


def test_unknown_columns_and_bylines_are_kept_and_make_no_person(write):
    take_in(ACHIEVEMENTS, write([SILICON | {"技术领域": "炼金术"}]))
    row = Achievement.objects.get()
    assert row.extra == {"authors_raw": "张三, 李四", "奖项": ["一等奖"], "技术领域": "炼金术"}
    assert row.field == ""
    assert Person.objects.count() == 0
    assert row.completers.count() == 0


def test_batch_has_one_entry_that_names_all_uids(write):
    take_in(ACHIEVEMENTS, write([{"title": f"result {n}"} for n in range(5)]))
    entry = Entry.objects.get()
    assert (entry.kind, entry.record, entry.actor) == ("achievement.open", None, None)
    assert sorted(entry.data["uids"]) == sorted(str(uid) for uid in Record.objects.values_list("uid", flat=True))
    assert (entry.data["source"], len(entry.data["file"])) == ("results", 64)
    assert journal.verify().broken_seq is None


def test_officer_acts_when_there_is_one(write):
    user = create_officer(name="Chen", email="a@b.cn", password="a-good-pass-1", department="Bureau")
    take_in(ACHIEVEMENTS, write([SILICON]), actor=actor_for(user.person))
    assert Entry.objects.latest("seq").actor == user.person


def test_same_file_twice_changes_nothing(write):
    path = write([SILICON, {"title": "no id", "text": "words"}])
    take_in(ACHIEVEMENTS, path)
    entries = Entry.objects.count()
    again = take_in(ACHIEVEMENTS, path)
    assert (again.counts.created, again.counts.updated, again.counts.unchanged) == (0, 0, 2)
    assert (Record.objects.count(), Entry.objects.count()) == (2, entries)


def test_changed_row_updates_its_record_alone(write):
    take_in(ACHIEVEMENTS, write([SILICON, {"id": "S2", "title": "other"}]))
    again = take_in(ACHIEVEMENTS, write([SILICON | {"名称": "新名称", "所在区": ""}, {"id": "S2", "title": "other"}]))
    assert (again.counts.updated, again.counts.unchanged) == (1, 1)
    row = Achievement.objects.get(record__identifiers__value="S1")
    assert (row.record.title, row.record.version, row.region) == ("新名称", 2, "")
    assert Entry.objects.latest("seq").kind == "achievement.edit"
    third = take_in(ACHIEVEMENTS, write([SILICON | {"名称": "新名称", "所在区": ""}]))
    assert third.counts.unchanged == 1


def test_ids_of_one_list_are_needs_and_results_apart(write):
    """Two sheets of one workbook are numbered from 1 each, as are all lists of a firm."""
    need, result = {"id": "1", "名称": "碳化硅抛光需求"}, {"id": "1", "名称": "碳化硅抛光方法"}
    assert take_in(NEEDS, write([need])).counts.created == 1
    Identifier.objects.update(kind="")  # as it was brought before ids were told apart by kind
    assert take_in(ACHIEVEMENTS, write([result])).counts.created == 1
    assert take_in(NEEDS, write([need])).counts.unchanged == 1
    assert take_in(NEEDS, write([need | {"名称": "新的需求"}])).counts.updated == 1
    assert take_in(ACHIEVEMENTS, write([result | {"名称": "新的方法"}])).counts.updated == 1
    assert sorted(Record.objects.values_list("kind", "title")) == [("achievement", "新的方法"), ("need", "新的需求")]
    assert sorted(Identifier.objects.values_list("scheme", "value", "kind")) == [
        ("results", "1", ""),
        ("results", "1", "achievement"),
    ]


def test_edit_by_a_person_stays_when_the_same_file_comes_again(write):
    path = write([SILICON])
    take_in(ACHIEVEMENTS, path)
    Record.objects.update(title="better words")
    assert take_in(ACHIEVEMENTS, path).counts.unchanged == 1
    assert Record.objects.get().title == "better words"


def test_record_that_has_moved_on_is_not_changed(write):
    take_in(ACHIEVEMENTS, write([SILICON]))
    user = create_officer(name="Chen", email="a@b.cn", password="a-good-pass-1", department="Bureau")
    row = Achievement.objects.get()
    lifecycle.advance(actions.ACHIEVEMENT, row, "withdraw", actor=actor_for(user.person), note="an error")
    again = take_in(ACHIEVEMENTS, write([SILICON | {"名称": "新名称"}]))
    assert (again.counts.updated, again.counts.rejected) == (0, 1)
    assert "no longer as it was imported" in again.rejects.rows[0].say()


def test_row_of_another_owner_with_the_same_id_is_refused(write, university):
    take_in(ACHIEVEMENTS, write([SILICON]))
    again = take_in(ACHIEVEMENTS, write([SILICON | {"名称": "x"}]), owner=university)
    assert "another owner" in again.rejects.rows[0].say()
    assert take_in(ACHIEVEMENTS, write([SILICON]), owner=university, source="hill").counts.created == 1


@pytest.mark.parametrize("secrecy", ["public", "internal", "trade_secret"])
def test_imported_record_is_seen_by_the_same_people_as_an_entered_one(write, university, secrecy):
    rows = [{"id": str(n), "title": "t", "密级": secrecy, "district": "440112"} for n in range(30)]
    take_in(ACHIEVEMENTS, write(rows), owner=university)
    facts = actions.AchievementFacts(title="t", secrecy=secrecy, region="440112")
    user = create_officer(name="Chen", email="a@b.cn", password="a-good-pass-1", department="Bureau")
    entered = actions.register_achievement(
        actor=actor_for(user.person), owner=university, facts=facts, stage="listed"
    ).record
    for record in Record.objects.filter(kind="achievement"):
        assert [getattr(record, f"{group}_to_id") for group in GROUPS] == [
            getattr(entered, f"{group}_to_id") for group in GROUPS
        ]


def test_closed_class_without_an_owner_is_refused(write):
    done = take_in(ACHIEVEMENTS, write([{"title": "t", "密级": "商业秘密"}]))
    assert done.rejects.rows[0].say() == (
        "results.jsonl, row 1, column “密级”: An internal or trade-secret achievement belongs to a unit;"
        " name it with --owner."
    )
    assert Record.objects.count() == 0


@pytest.mark.parametrize(
    "row",
    [
        {"title": "burning words", "密级": "秘密"},
        {"title": "burning words", "class": "Top Secret"},
        {"title": "burning words", "备注": "机密★10年"},
        {"title": "burning words", "备注": "机密*10年"},
        {"title": "burning words", "备注": "机密 保密期限10年"},
        {"title": "burning words", "成熟度": "burning words", "密级": "绝密"},
        {"title": "burning words", "附件": {"标识": ["绝密"]}},
    ],
)
def test_state_secret_leaves_nothing_behind(write, row, tmp_path, capsys):
    done = take_in(ACHIEVEMENTS, write([{"title": "open", "成熟度": "soon"}, row | {"id": "X1"}]))
    assert [reject.is_secret for reject in done.rejects.rows] == [False, True]
    said = done.rejects.rows[1].say()
    assert "State secrets must not enter" in said
    assert "row 2" in said
    out = tmp_path / "bad.jsonl"
    write_rejects(out, [done.rejects])
    lines = out.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[1])["原行号 row"] == 2
    assert "open" in lines[0]
    assert not any("burning" in text or "X1" in text for text in (said, lines[1], *capsys.readouterr()))
    assert Record.objects.count() == 0


def test_bad_rows_are_written_back_and_enter_once_mended(write, tmp_path):
    path = tmp_path / "results.csv"
    path.write_text("编号,名称,成熟度,报价(万元),备注\n1,good,5,1,a\n2,bad,99,2,b\n3,worse,4,-1,c\n", encoding="utf-8")
    done = take_in(ACHIEVEMENTS, path)
    assert (done.counts.created, done.counts.rejected) == (1, 2)
    back = tmp_path / "back.csv"
    assert write_rejects(back, [done.rejects]) == 2
    text = back.read_text(encoding="utf-8-sig").replace("99", "9").replace("-1", "1")
    mended = tmp_path / "mended.csv"
    mended.write_text(text.replace("'", ""), encoding="utf-8")
    assert take_in(ACHIEVEMENTS, mended, source="results").counts.created == 2
    row = Achievement.objects.get(record__title="worse")
    assert (row.price_fen, row.extra) == (1_000_000, {"备注": "c"})


def test_title_is_cut_from_the_text_when_there_is_none(write):
    text = (
        "ABSTRACT: We polish wafers in one step so that large substrates keep few defects, at low cost. More follows."
    )
    take_in(ACHIEVEMENTS, write([{"abstract": text}]))
    row = Achievement.objects.get()
    assert row.record.title == "We polish wafers in one step so that large substrates keep…"
    assert row.extra == {"title_from_text": True}


def test_long_title_is_cut_and_kept_whole(write):
    take_in(ACHIEVEMENTS, write([{"title": "长" * 250}]))
    row = Achievement.objects.get()
    assert (len(row.record.title), row.extra) == (200, {"title_whole": "长" * 250})


def test_on_match_forbid_refuses_and_create_makes_another(write):
    path = write([SILICON])
    take_in(ACHIEVEMENTS, path)
    changed = write([SILICON | {"名称": "x"}])
    assert take_in(ACHIEVEMENTS, changed, on_match="forbid").counts.rejected == 1
    assert take_in(ACHIEVEMENTS, changed, on_match="create").counts.created == 1
    assert Record.objects.count() == 2
    assert Achievement.objects.get(record__title="x").extra["编号"] == "S1"


def test_match_key_title_finds_the_record_of_the_same_title(write):
    take_in(ACHIEVEMENTS, write([SILICON]))
    again = take_in(ACHIEVEMENTS, write([SILICON | {"编号": "other", "成熟度": 9}]), match_key="title")
    assert again.counts.updated == 1
    assert Achievement.objects.get().trl == 9


def test_dry_run_counts_and_writes_nothing(write):
    path = write([SILICON, {"title": "a"}, {"title": "a"}, {"title": "b", "成熟度": 77}])
    done = take_in(ACHIEVEMENTS, path, dry_run=True)
    assert vars(done.counts) == {"read": 4, "created": 2, "updated": 0, "unchanged": 1, "rejected": 1}
    assert (Record.objects.count(), Entry.objects.count()) == (0, 0)


def test_rows_are_confirmed_batch_by_batch(write, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 4)
    rows = [{"id": str(n), "title": f"result {n}"} for n in range(10)]
    assert take_in(ACHIEVEMENTS, write(rows)).counts.created == 10
    assert [len(data["uids"]) for data in Entry.objects.values_list("data", flat=True)] == [4, 4, 2]
    assert Record.objects.values("code").distinct().count() == 10


def test_need_is_published_and_closed_door_stays_closed(write):
    rows = [
        {"qid": "N1", "text": "难以在高温下稳定工作。需要新材料。", "预算(万元)": 300, "期限": "2031-06-30"},
        {"qid": "N2", "topic_name": "quiet", "公开范围": "闭门"},
        {"qid": "N3", "topic_name": "quiet too", "密级": "内部"},
    ]
    done = take_in(NEEDS, write(rows, "needs.jsonl"))
    assert done.counts.created == 3
    first = Need.objects.get(record__identifiers__value="N1")
    assert (first.record.title, first.record.stage, first.source) == ("难以在高温下稳定工作", "published", "imported")
    assert (first.budget_fen, str(first.deadline)) == (300_000_000, "2031-06-30")
    assert list(visible_to(VISITOR, Record.objects.all())) == [first.record]


def test_organisations_take_the_numbers_their_registers_gave(write):
    universities = [{"code": "4144010558", "name": "中山大学", "department": "教育部", "city": "广州市"}]
    companies = [{"code": "600332", "short_name": "白云山", "industry": "医药"}]
    take_in(ORGANISATIONS, write(universities, "universities.jsonl"))
    take_in(ORGANISATIONS, write(companies, "companies.jsonl"))
    school = Organisation.objects.get(record__title="中山大学")
    assert (school.kind, school.region, school.record.owner, school.record.stage) == (
        "university",
        "440100",
        school,
        "listed",
    )
    assert set(school.record.identifiers.values_list("scheme", "value")) == {
        ("universities", "4144010558"),
        ("moe", "4144010558"),
    }
    assert Identifier.objects.filter(scheme="stock", value="600332").exists()


def test_organisation_known_by_name_is_added_to(write):
    take_in(ORGANISATIONS, write([{"code": "4144010558", "name": "中山大学"}], "universities.jsonl"))
    hosts = write([{"name": "中山大学", "n_projects": 900}, {"name": "某某研究所", "n_projects": 3}], "hosts.jsonl")
    done = take_in(ORGANISATIONS, hosts)
    assert (done.counts.created, done.counts.updated) == (1, 1)
    assert Organisation.objects.get(record__title="中山大学").extra == {"n_projects": 900}
    institute = Organisation.objects.get(record__title="某某研究所")
    assert (institute.kind, institute.extra["kind_from_name"]) == ("institute", True)
    assert take_in(ORGANISATIONS, hosts).counts.unchanged == 2


def test_organisation_with_a_wrong_credit_code_is_refused(write):
    done = take_in(ORGANISATIONS, write([{"name": "甲公司", "uscc": "91440101MA59FXXXX1"}]))
    assert done.counts.rejected == 1
    assert "91440101MA59FXXXX1" in done.rejects.rows[0].say()


def test_organisations_are_seen_as_entered_ones_are(write):
    take_in(ORGANISATIONS, write([{"name": f"公司{n}有限公司", "所在区": "南沙区"} for n in range(3)]))
    for row in Organisation.objects.all():
        held = [getattr(row.record, f"{group}_to_id") for group in GROUPS]
        lifecycle_of_kind = ORGANISATIONS.lifecycle
        lifecycle_of_kind.refresh_audience(row)
        assert held == [getattr(row.record, f"{group}_to_id") for group in GROUPS]
        assert f"org:{row.pk}" in row.record.inner_to.key


def test_rows_of_one_file_that_contradict_each_other_are_told_and_none_wins_unseen(write, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 2)
    code = "91350100M000100Y43"
    rows = [{"id": "1", "name": "甲", "uscc": code}, {"id": "2", "name": "丙"}, {"id": "3", "name": "丁"}]
    path = write([*rows, {"id": "4", "name": "乙", "uscc": code.lower()}])
    for dry_run, created, unchanged in ((True, 3, 0), (False, 3, 0), (False, 0, 3)):
        done = take_in(ORGANISATIONS, path, dry_run=dry_run)
        assert vars(done.counts) == {"read": 4, "created": created, "updated": 0, "unchanged": unchanged, "rejected": 1}
        (reject,) = done.rejects.rows
        assert (reject.row, reject.columns) == (4, ("uscc",))
        assert f"“{code}” stands in row 1 too" in reject.say()
    assert sorted(Organisation.objects.values_list("record__title", flat=True)) == ["丁", "丙", "甲"]
    # Known by their words; what is said twice contradicts nothing.
    need = {"需求名称": "抛光", "需求内容": "低缺陷", "预算(万元)": 100}
    done = take_in(NEEDS, write([need, need, need | {"预算(万元)": 200}], "needs.jsonl"))
    assert (done.counts.created, done.counts.unchanged, done.counts.rejected) == (1, 1, 1)
    assert done.rejects.rows[0].say().startswith("needs.jsonl, row 3, column “需求名称”: Row 1 is of the same one and")
    assert Need.objects.get().budget_fen == 100_000_000
    done = take_in(ORGANISATIONS, path, on_match="create")
    assert done.counts.rejected == 0


def test_two_organisations_of_one_name_and_different_numbers_are_two(write):
    rows = [{"code": "4144010558", "name": "南方学院"}, {"code": "4144010559", "name": "南方学院"}]
    assert take_in(ORGANISATIONS, write(rows, "universities.jsonl")).counts.created == 2


def test_words_of_a_verified_organisation_stand(write, university):
    done = take_in(ORGANISATIONS, write([{"name": "Hill University", "city": "南沙区", "level": "本科"}], "list.jsonl"))
    assert done.counts.updated == 1
    university.refresh_from_db()
    assert (university.region, university.kind, university.extra) == ("440115", "university", {"level": "本科"})
    university.region = "440106"
    university.save()
    take_in(ORGANISATIONS, write([{"name": "Hill University", "city": "番禺区"}], "list.jsonl"))
    university.refresh_from_db()
    assert university.region == "440106"


def test_file_cannot_pass_its_ids_off_as_a_register_s(write):
    take_in(ORGANISATIONS, write([{"id": "1", "name": "甲厂"}], "uscc.jsonl"))
    assert Identifier.objects.get().scheme == "uscc-file"
