"""An import is taken back as one action: out of everything, keys free, former values back; not once built upon."""

import pytest
from django.test import Client
from stdnum.cn.uscc import calc_check_digit

from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.achievements.tables import ROWS as ACHIEVEMENTS
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.matches.actions import introduce
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.tables import ROWS as NEEDS
from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.areas.people.tables import ROWS as ORGANISATIONS
from kezhuan.exchange import former, undo
from kezhuan.exchange.models import Import, ImportedRecord, State
from kezhuan.exchange.undo import take_back
from kezhuan.kernel import journal, search
from kezhuan.kernel.access import GROUPS, VISITOR, can_view
from kezhuan.kernel.bulk import void_records
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.errors import Missing, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.links import link_records
from kezhuan.kernel.models import Clock, Entry, Identifier, Organisation, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.search import Asked
from tests.factories import calls, city
from tests.factories.imports import take_in

pytestmark = pytest.mark.django_db
RESULTS = [{"编号": f"S{n}", "名称": f"碳化硅抛光{n}", "摘要": "低缺陷。", "所在区": "天河区"} for n in range(3)]
NEED_ROW = {"编号": "N1", "需求名称": "抛光需求", "需求内容": "缺陷多。", "预算(万元)": 300, "期限": "2031-06-30",
            "核心指标": "粗糙度 ≤ 0.2 nm；良率 ≥ 98 %", "备注": "甲"}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_index(settings, tmp_path):
    settings.DATA = tmp_path / "data"
    search.forget_live_index()
    yield
    search.forget_live_index()


def shown(kind, word=""):
    found = search.search(VISITOR, Asked(word, kinds=(kind,), facets=("region",)))
    page = Client().get(f"/{kind}s/").context["pager"].total
    return found.total, sum(one.count for one in found.facets["region"]), page


def refusal(number):
    with pytest.raises(Refused) as refused:
        take_back(number, actor=SYSTEM)
    (problem,) = refused.value.problems
    return problem.code, str(problem.message)


def test_what_was_created_leaves_lists_index_and_counts_and_frees_its_keys(write):
    path = write(RESULTS)
    done = take_in(ACHIEVEMENTS, path)
    assert shown("achievement", "抛光") == (3, 3, 3)
    noted = Entry.objects.count()
    kept = take_back(done.kept.pk, actor=SYSTEM)
    assert (kept.state, kept.created) == (State.UNDONE, 3)
    assert shown("achievement") == (0, 0, 0)
    assert set(Record.objects.values_list("phase", "stage", "version")) == {(Phase.VOID, "void", 2)}
    assert not Identifier.objects.filter(active=True).exists()
    entry = Entry.objects.get(seq=noted + 1)
    assert (entry.kind, entry.data["import"]) == ("achievement.void", kept.pk)
    assert sorted(entry.data["uids"]) == sorted(Entry.objects.get(kind="achievement.open").data["uids"])
    assert journal.verify().broken_seq is None
    again = take_in(ACHIEVEMENTS, path)
    assert vars(again.counts) == {"read": 3, "created": 3, "updated": 0, "unchanged": 0, "rejected": 0}
    assert shown("achievement", "抛光") == (3, 3, 3)


def test_an_undone_draft_is_discarded_and_an_undone_trade_secret_stays_its_units(write):
    owner = city.organisation("甲公司", region="440106")
    own, officer = city.member(owner), city.officer()
    draft = city.achievement(owner, by=own, secrecy="trade_secret")
    secret = city.achievement(owner, stage="listed", by=own, secrecy="trade_secret")
    with journal.writing():
        void_records(ACHIEVEMENT, [draft, secret], actor=own)
    seen = {one.pk: one for one in Record.objects.filter(kind="achievement").select_related()}
    assert (seen[draft.pk].stage, seen[draft.pk].phase) == ("discarded", Phase.VOID)
    assert not any(can_view(actor, seen[draft.pk]) for actor in (own, officer))
    assert seen[secret.pk].stage == "void"
    assert [can_view(officer, seen[secret.pk], group) for group in GROUPS] == [True, False, False, False]
    assert [can_view(own, seen[secret.pk], group) for group in GROUPS] == [True] * 4


def test_voided_rows_are_as_if_each_had_been_moved(write):
    owner, bureau = city.organisation("甲公司"), city.officer()
    moved = city.need(owner, stage="void", title="moved", region="440106")
    done = take_in(NEEDS, write([NEED_ROW | {"需求单位": "甲公司", "所在区": "天河区"}]))
    record = done.kept.records.get().record
    Clock.objects.create(
        record=record, name="published", audience_id=record.title_to_id, started_on="2026-01-01",
        due_on="2026-02-01", day_kind="working",
    )  # fmt: skip
    take_back(done.kept.pk, actor=bureau)
    row = Need.objects.get(record__title="抛光需求")
    fields = ["stage", "phase", "closed_on", "owner_id", *(f"{group}_to_id" for group in GROUPS)]
    moved.record.refresh_from_db()
    assert [getattr(row.record, name) for name in fields] == [getattr(moved.record, name) for name in fields]
    assert not Clock.objects.filter(record=row.pk, ended_on=None).exists()


def test_what_was_updated_has_its_former_values_again(write):
    owner = city.organisation("甲公司")
    take_in(NEEDS, write([NEED_ROW]))
    before = Need.objects.get()
    kept = former.former_of(NEEDS, [before])[before.pk]
    changed = NEED_ROW | {"需求名称": "新名称", "预算(万元)": 1, "期限": "2032-01-01", "核心指标": "面积 ≥ 8 英寸",
                          "备注": "乙", "需求单位": "甲公司", "公开范围": "闭门"}  # fmt: skip
    done = take_in(NEEDS, write([changed, NEED_ROW | {"编号": "N2", "需求名称": "另一个"}]))
    assert (done.counts.updated, done.counts.created) == (1, 1)
    assert Need.objects.get(pk=before.pk).record.owner == owner
    take_back(done.kept.pk, actor=SYSTEM)
    after = Need.objects.get(pk=before.pk)
    assert former.former_of(NEEDS, [after])[after.pk] == kept | {"version": 3}
    assert [one.name for one in after.indicators.all()] == ["粗糙度", "良率"]
    assert [getattr(after.record, f"{group}_to_id") for group in GROUPS] == [
        getattr(before.record, f"{group}_to_id") for group in GROUPS
    ]
    assert shown("need", "抛光")[0] == 1
    assert take_in(NEEDS, write([NEED_ROW])).counts.unchanged == 1


def test_numbers_that_an_update_added_are_free_again(write):
    take_in(ORGANISATIONS, write([{"name": "中山大学"}], "hosts.jsonl"))
    done = take_in(ORGANISATIONS, write([{"code": "4144010558", "name": "中山大学"}], "universities.jsonl"))
    assert done.counts.updated == 1
    take_back(done.kept.pk, actor=SYSTEM)
    held = Identifier.objects.filter(active=True)
    assert [one.scheme for one in held] == ["hosts"]
    assert Organisation.objects.get().record.phase == Phase.PUBLIC


def test_later_import_is_taken_back_before_the_earlier_one(write):
    first = take_in(ACHIEVEMENTS, write(RESULTS))
    second = take_in(ACHIEVEMENTS, write([RESULTS[0] | {"名称": "新"}]))
    code, sentence = refusal(first.kept.pk)
    assert code == "import-built-on"
    assert f"import {second.kept.pk}" in sentence
    assert Achievement.objects.get(record__title="新").record.code in sentence
    take_back(second.kept.pk, actor=SYSTEM)
    take_back(first.kept.pk, actor=SYSTEM)
    assert shown("achievement") == (0, 0, 0)


def test_record_touched_twice_by_one_import_goes_back_to_before_it(write):
    old, new = ({"uscc": code} for code in (f"9135010{n}M000100Y4" for n in (0, 1)))
    old["uscc"] += calc_check_digit(old["uscc"])
    new["uscc"] += calc_check_digit(new["uscc"])
    take_in(ORGANISATIONS, write([{"id": "1", "name": "甲", "简介": "旧", **old}], "a.jsonl"))
    # Of two rows that mean one, one has its number and the other names it.
    names = [("8", "甲", "新", {}), ("9", "甲", "更新", old), ("7", "乙", "一", new), ("", "乙", "二", {})]
    rows = [{"id": number, "name": name, "简介": words, **code} for number, name, words, code in names]
    done = take_in(ORGANISATIONS, write(rows, "b.jsonl"))
    assert (done.counts.created, done.counts.updated) == (1, 3)
    assert dict(Record.objects.values_list("title", "summary")) == {"甲": "更新", "乙": "二"}
    take_back(done.kept.pk, actor=SYSTEM)
    assert dict(Record.objects.values_list("title", "summary")) == {"甲": "旧", "乙": "二"}
    assert dict(Record.objects.values_list("title", "phase")) == {"甲": Phase.PUBLIC, "乙": Phase.VOID}


def built_by_move(row, owner):
    advance(NEED, row, "withdraw", actor=owner, note="n")


def built_by_link(row, owner):
    link_records(city.need(city.organisation()).record, row.record, "follows")


def built_by_document(row, owner):
    attach_document(actor=owner, record=row.record, upload=Upload("a.txt", b"a", True))


def built_by_introduction(row, owner):
    introduce(actor=owner, need=row, supply=city.achievement(city.organisation(), stage="listed").record)


def built_by_list(row, owner):
    row.indicators.update(test_method="按合同约定的方法检测")
    calls.call(needs=[row])


def built_by_contract(row, owner):
    Contract.objects.filter(pk=city.contract(row.record.owner).pk).update(need=row.record)


@pytest.mark.parametrize(
    ("build", "what"),
    [
        (built_by_list, "(call)"),
        (built_by_contract, "(technology contract)"),
        (built_by_move, "withdrew, 20"),
        (built_by_link, "a link"),
        (built_by_document, "a document"),
        (built_by_introduction, "introduction"),
    ],
)
def test_import_stays_once_something_was_built_on_it(write, build, what):
    firm = city.organisation("甲公司")
    done = take_in(NEEDS, write([NEED_ROW | {"需求单位": "甲公司"}, NEED_ROW | {"编号": "N2", "需求名称": "别的"}]))
    row = Need.objects.get(record__title="抛光需求")
    build(row, city.member(firm))
    code, sentence = refusal(done.kept.pk)
    assert code == "import-built-on"
    assert f"{row.record.code} “抛光需求”" in sentence
    assert what in sentence
    assert Record.objects.filter(kind="need", phase=Phase.VOID).count() == 0
    assert Import.objects.get().state == State.DONE


def test_organisations_stay_once_records_or_members_belong_to_them(write):
    done = take_in(ORGANISATIONS, write([{"name": "甲公司"}, {"name": "乙公司"}], "firms.jsonl"))
    needs = take_in(NEEDS, write([NEED_ROW | {"需求单位": "甲公司"}], "needs.jsonl"))
    assert "records that belong to it" in refusal(done.kept.pk)[1]
    # What was taken back still belongs to its unit: the journal tells so for ever.
    take_back(needs.kept.pk, actor=SYSTEM)
    assert "甲公司" in refusal(done.kept.pk)[1]
    other = take_in(ORGANISATIONS, write([{"name": "丙公司"}], "more.jsonl"))
    person = city.member(city.organisation()).person
    third = Organisation.objects.get(record__title="丙公司")
    add_member(actor=SYSTEM, organisation=third, person=person, role="member")
    assert "a member" in refusal(other.kept.pk)[1]


def test_nothing_is_undone_twice_or_while_it_runs_or_after_an_erasure(write):
    done = take_in(ACHIEVEMENTS, write(RESULTS))
    Import.objects.update(state=State.RUNNING)
    assert refusal(done.kept.pk)[0] == "import-running"
    Import.objects.update(changed_at=done.kept.changed_at - 2 * undo.QUIET)
    take_back(done.kept.pk, actor=SYSTEM)
    assert refusal(done.kept.pk)[0] == "import-undone"
    with pytest.raises(Missing):
        take_back(done.kept.pk + 1, actor=SYSTEM)
    take_in(ACHIEVEMENTS, write(RESULTS))
    changed = take_in(ACHIEVEMENTS, write([RESULTS[0] | {"名称": "新"}]))
    ImportedRecord.objects.filter(of=changed.kept).update(former={})
    assert refusal(changed.kept.pk)[0] == "import-erased"


def test_undo_is_one_transaction_in_batches(write, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(undo, "BATCH", 20)
    done = take_in(ACHIEVEMENTS, write([{"id": str(n), "title": f"result {n}"} for n in range(60)]))
    with django_assert_max_num_queries(100):
        take_back(done.kept.pk, actor=SYSTEM)
    assert [len(one.data["uids"]) for one in Entry.objects.filter(kind="achievement.void")] == [20, 20, 20]
