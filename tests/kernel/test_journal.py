"""The journal is one chain: whole, without gaps, provable after an erasure, and closed to rewriting."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, migrations, models, transaction
from django.db.migrations.state import ProjectState
from django.db.models import Q
from django.db.models.signals import post_migrate
from django.utils import translation

from kezhuan.kernel import guards, journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Entry, EntryText, JournalHead, Record
from tests.factories import city
from tests.factories.databases import drop_guards
from tests.factories.rewriting import POSTGRES, SQLITE

pytestmark = [pytest.mark.django_db, pytest.mark.each_database]


def note_some(count=3, **kwargs):
    with journal.writing():
        for number in range(count):
            journal.note("test.noted", data={"number": number}, **kwargs)


def chain():
    return list(Entry.objects.values_list("seq", "kind"))


def test_entries_are_chained_without_gaps_and_the_head_follows():
    note_some(3)
    note_some(2)
    assert [seq for seq, _ in chain()] == [1, 2, 3, 4, 5]
    head, last = JournalHead.objects.get(), Entry.objects.last()
    assert (head.seq, head.hash) == (5, last.hash)
    assert journal.verify() == journal.Verdict(5)


def test_an_empty_journal_holds():
    assert journal.verify() == journal.Verdict(0)


def test_note_outside_writing_is_an_error():
    with pytest.raises(RuntimeError, match="outside writing"):
        journal.note("test.noted")


def test_a_failed_block_leaves_nothing():
    note_some(1)
    with pytest.raises(ZeroDivisionError), journal.writing():
        journal.note("test.noted")
        city.organisation("不留下")
        raise ZeroDivisionError
    assert len(chain()) == 1
    assert not Record.objects.filter(title="不留下").exists()
    note_some(1)
    assert journal.verify() == journal.Verdict(2)


def test_nested_blocks_write_in_order_when_the_outermost_ends():
    with journal.writing():
        journal.note("test.first")
        with journal.writing():
            journal.note("test.second")
        assert chain() == []
        journal.note("test.third")
    assert [kind for _, kind in chain()] == ["test.first", "test.second", "test.third"]


def test_a_failed_inner_block_takes_back_its_changes_and_its_entries():
    with journal.writing():
        journal.note("test.outer")
        with pytest.raises(ZeroDivisionError), journal.writing():
            city.organisation("不留下")
            raise ZeroDivisionError
    assert [kind for _, kind in chain()] == ["test.outer"]
    assert not Record.objects.filter(title="不留下").exists()
    assert journal.verify() == journal.Verdict(1)


def test_a_transaction_rolled_back_around_a_block_leaves_no_gap():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        note_some(2)
        raise ZeroDivisionError
    note_some(1)
    assert chain() == [(1, "test.noted")]
    assert journal.verify() == journal.Verdict(1)


def test_content_of_any_spelling_still_proves_itself_when_read_back():
    note_some(1, at=datetime(2026, 3, 1, 8, 0, tzinfo=ZoneInfo("Asia/Shanghai")), backfilled=True)
    with journal.writing():
        journal.note("test.noted", data={10: 1, 2: (1, 2), 9: {"β": None, "a": 0.1}}, texts={10: "x", 9: "甲"})
    assert journal.verify() == journal.Verdict(2)


def test_an_entry_of_a_record_names_it_its_actor_and_whom_they_act_for():
    actor = city.officer()
    owner = city.organisation()
    with journal.writing():
        journal.note("test.noted", record=owner.record, actor=actor)
    entry = Entry.objects.last()
    assert (entry.record_id, entry.actor_id, entry.acting_for_id) == (owner.pk, actor.person.pk, actor.organisation.pk)
    assert journal.verify().broken_seq is None


def test_names_and_notes_never_stand_in_the_chain():
    from kezhuan.areas.needs.lifecycle import NEED
    from kezhuan.kernel.lifecycle import advance

    firm = city.organisation("保密的企业名")
    need = city.need(firm, stage="submitted", title="独特的需求名称")
    advance(NEED, need, "return", actor=city.officer(), note="独特的退回意见")
    held = json.dumps(list(Entry.objects.values_list("data", flat=True)), ensure_ascii=False)
    assert not any(word in held for word in ("保密的企业名", "独特的需求名称", "独特的退回意见"))
    assert EntryText.objects.get(entry=Entry.objects.last()).content == {"note": "独特的退回意见"}


def test_only_words_of_which_an_entry_tells_that_they_were_erased_may_be_missing():
    note_some(5, texts={"note": "要删除的话"})
    officer = city.officer()
    person = officer.person
    held = dict(EntryText.objects.values_list("pk", "salt"))
    count = Entry.objects.count()
    with journal.writing():
        journal.erase_texts(Q(seq__in=[1, 2, 4]), record=person.record, actor=officer)
    verdict = journal.verify()
    assert (verdict, verdict.erased, verdict.head) == (journal.Verdict(count + 1), 3, Entry.objects.last().hash)
    assert Entry.objects.last().data == {"texts": [[1, 2], [4, 4]]}
    assert not EntryText.objects.filter(pk__in=[1, 2, 4], content__note__isnull=False).exists()
    # Erased words have no need of their row; others have, and of what stands in it.
    EntryText.objects.filter(pk=1).delete()
    assert journal.verify().broken_seq is None
    for number, change in ((3, {"content": {}}), (5, None)):
        rows = EntryText.objects.filter(pk=number)
        rows.update(**change) if change else rows.delete()
        with translation.override("en"):
            verdict = journal.verify()
        assert (verdict.broken_seq, "no entry tells" in verdict.reason) == (number, True)
        put_back = {"salt": held[number], "content": {"note": "要删除的话"}}
        EntryText.objects.update_or_create(pk=number, defaults=put_back)
    assert journal.verify().broken_seq is None
    EntryText.objects.filter(pk=2).update(salt=held[2], content={"note": "要删除的话"})
    assert journal.verify().broken_seq == 2


def test_words_that_went_with_somebody_before_entries_told_of_it_may_be_missing():
    officer, unit = city.officer(), city.organisation()
    person = officer.person
    uid, note = str(person.record.uid), {"note": "旧"}
    with journal.writing():
        journal.note("person.edit", record=person.record, texts=note)
        journal.note("organisation.member", record=unit.record, data={"member": uid}, texts=note)
        journal.note("account.sign-in", actor=Actor(person), texts=note)
        journal.note("need.edit", actor=Actor(person), record=unit.record, texts=note)
        journal.note("person.anonymise", record=person.record, texts=note)
    *theirs, work, last = list(Entry.objects.values_list("seq", flat=True))[-5:]
    EntryText.objects.filter(pk__in=theirs).update(content={}, salt="")
    assert (journal.verify().broken_seq, journal.verify().erased) == (None, 3)
    for number in (last, work):
        EntryText.objects.filter(pk=number).update(content={}, salt="")
        assert journal.verify().broken_seq == number


def test_a_noted_head_proves_that_the_journal_goes_on_from_it():
    note_some(5)
    hashes = dict(Entry.objects.values_list("seq", "hash"))
    for number in (1, 3, 5):
        assert journal.verify(noted=(number, hashes[number])) == journal.Verdict(5)
    with translation.override("en"):
        assert "not the one that was noted" in journal.verify(noted=(3, hashes[2])).reason
    # Somebody takes the tail away and makes the head anew: the chain itself shows nothing.
    by_hand("DELETE FROM kernel_entry WHERE seq > 3")
    JournalHead.objects.update(seq=3, hash=hashes[3])
    assert journal.verify() == journal.Verdict(3)
    assert journal.verify(noted=(5, hashes[5])).broken_seq == 4
    # ... and writes on, as far as before and further.
    note_some(3)
    assert journal.verify() == journal.Verdict(6)
    assert journal.verify(noted=(5, hashes[5])).broken_seq == 5


def test_a_changed_text_is_named():
    note_some(3, texts={"note": "原话"})
    EntryText.objects.filter(entry_id=2).update(content={"note": "改过的话"})
    with translation.override("en"):
        verdict = journal.verify()
    assert (verdict.entries, verdict.broken_seq) == (1, 2)
    assert "text" in verdict.reason


def test_a_text_put_under_an_entry_afterwards_is_named():
    note_some(2)
    EntryText.objects.create(entry_id=1, salt="s", content={"note": "后加的话"})
    assert journal.verify().broken_seq == 1


def by_hand(sql, *values):
    connection.check_constraints()  # PostgreSQL alters no table on which deferred checks wait
    drop_guards()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
    connection.check_constraints()
    guards.make()


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("UPDATE kernel_entry SET kind = 'test.forged' WHERE seq = 3", 3),
        ("UPDATE kernel_entry SET data = '{\"number\": 7}' WHERE seq = 4", 4),
        ("UPDATE kernel_entry SET backfilled = NOT backfilled WHERE seq = 2", 2),
        ("UPDATE kernel_entry SET at = '2020-01-01 00:00:00+00:00' WHERE seq = 5", 5),
        ("DELETE FROM kernel_entry WHERE seq = 3", 3),
        ("DELETE FROM kernel_entry WHERE seq = 5", 5),
        ("DELETE FROM kernel_entry", 1),
        ("UPDATE kernel_journalhead SET seq = 4", 6),
        ("DELETE FROM kernel_journalhead", 6),
    ],
)
def test_verify_names_the_first_broken_entry(sql, broken):
    note_some(5)
    by_hand(sql)
    assert journal.verify().broken_seq == broken


def test_verify_names_an_entry_moved_to_another_record():
    first, second = city.organisation(), city.organisation()
    by_hand("UPDATE kernel_entry SET record_id = %s WHERE seq = 1", second.pk)
    assert journal.verify().broken_seq == 1
    assert first.pk != second.pk


def test_verify_names_a_missing_guard():
    note_some(1)
    drop_guards()
    assert guards.faulty() == guards.names()
    with translation.override("en"):
        verdict = journal.verify()
    assert "guards are missing" in verdict.reason
    assert all(name in verdict.reason for name in guards.names())


ON = "ON kernel_entry"
WEAKENED = {
    "sqlite": [
        ("journal_no_update", f"BEFORE UPDATE {ON} BEGIN SELECT 1; END"),
        ("journal_no_delete", f"BEFORE DELETE {ON} WHEN OLD.seq > 7 BEGIN SELECT RAISE(ABORT, 'no'); END"),
        ("journal_no_replace", "BEFORE INSERT ON kernel_record BEGIN SELECT 1; END"),
    ],
    "postgresql": [
        ("journal_no_update", f"BEFORE UPDATE {ON} FOR EACH ROW"),
        ("journal_no_update", f"AFTER UPDATE OR DELETE {ON} FOR EACH ROW"),
        ("journal_no_update", f"BEFORE DELETE OR UPDATE OF kind {ON} FOR EACH ROW"),
        ("journal_no_update", f"BEFORE UPDATE OR DELETE {ON} FOR EACH ROW WHEN (OLD.seq > 7)"),
        ("journal_no_truncate", f"BEFORE UPDATE {ON} FOR EACH STATEMENT"),
    ],
}


def test_guards_that_do_something_else_under_the_same_name_are_named():
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        for name, body in WEAKENED[connection.vendor]:
            cursor.execute(f"DROP TRIGGER {name}{'' if sqlite else ' ' + ON}")
            cursor.execute(f"CREATE TRIGGER {name} {body}{'' if sqlite else ' EXECUTE FUNCTION journal_refuse()'}")
            if not sqlite:
                cursor.execute(f"ALTER TABLE kernel_entry ENABLE ALWAYS TRIGGER {name}")
            assert guards.faulty() == [name], body
            assert journal.verify().broken_seq == 1
            guards.make()
            assert guards.faulty() == []
        if not sqlite:
            cursor.execute("ALTER TABLE kernel_entry ENABLE TRIGGER journal_no_update")
            assert guards.faulty() == ["journal_no_update"]
            cursor.execute(
                "CREATE OR REPLACE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RETURN COALESCE(NEW, OLD); END $$"
            )
            assert guards.faulty() == guards.names()
    guards.make()
    assert journal.verify().broken_seq is None


# -- nobody rewrites it ------------------------------------------------------------


def assert_closed():
    before = list(Entry.objects.values())
    connection.check_constraints()
    for way, sql in (SQLITE if connection.vendor == "sqlite" else POSTGRES).items():
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
            pytest.fail(f"{way} went through")
    assert list(Entry.objects.values()) == before
    assert guards.faulty() == []
    assert journal.verify() == journal.Verdict(len(before))


def test_rows_are_not_rewritten_by_any_statement():
    note_some(3)
    assert_closed()


def test_rows_are_not_rewritten_through_the_models():
    note_some(2)
    entry = Entry.objects.first()
    entry.kind = "test.forged"
    for attempt in (entry.save, entry.delete, lambda: Entry.objects.update(kind="x")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()
    assert journal.verify() == journal.Verdict(2)


@pytest.mark.django_db(transaction=True)
def test_rows_are_not_rewritten_after_a_later_migration_that_rebuilds_the_table():
    from django.apps import apps

    note_some(3)
    # SQLite rebuilds the whole table for this, and loses every trigger on it.
    change = migrations.AlterField("entry", "kind", models.CharField(max_length=90))
    back = migrations.AlterField("entry", "kind", models.CharField(max_length=80))
    state = ProjectState.from_apps(apps)
    for operation in (change, back):
        after = state.clone()
        operation.state_forwards("kernel", after)
        with connection.schema_editor() as editor:
            operation.database_forwards("kernel", editor, state, after)
        state = after
        if connection.vendor == "sqlite":
            assert guards.faulty() == guards.names()
        # What `migrate` does at its end.
        kernel = apps.get_app_config("kernel")
        post_migrate.send(
            kernel, app_config=kernel, verbosity=0, interactive=False, using="default", plan=[], apps=apps
        )
        assert_closed()
