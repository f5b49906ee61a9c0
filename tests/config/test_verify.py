"""`./kezhuan verify` names what is wrong with the journal, the index and the stored files."""

import pytest
from django.db import connection

from kezhuan.config import verification
from kezhuan.config.commands import verify
from kezhuan.kernel import guards, journal
from kezhuan.kernel.documents import Upload, attach_document, stored_path
from kezhuan.kernel.models import Record
from kezhuan.kernel.search import LEVEL_PUBLIC, live_index
from kezhuan.kernel.search.documents import LEVELS
from tests.factories import city
from tests.factories.databases import drop_guards

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ready(monkeypatch):
    """The command meets the test's database."""
    monkeypatch.setattr(verify, "start_django", lambda: True)


def test_sound_folder_is_called_sound_in_both_languages(monkeypatch, capsys):
    city.need(city.organisation())
    assert verify.run([]) == 0
    said = capsys.readouterr().out
    assert [part for part in ("日志链完整", "索引与数据库一致", "已存文件完好") if part not in said] == []
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert verify.run([]) == 0
    assert "The index agrees with the database" in capsys.readouterr().out


def test_head_is_printed_and_taken_back_and_nonsense_is_told_how_to_write_it(capsys):
    city.organisation()
    assert verify.run([]) == 0
    head = capsys.readouterr().out.partition("链头：")[2].split()[0]
    number, _, digest = head.partition(":")
    assert verify.run(["--head", head.upper()]) == 0
    assert f"日志经过所记的第 {number} 条" in capsys.readouterr().out
    assert verify.run(["--head", f"{int(number) + 1}:{digest}"]) == 1
    assert f"第 {int(number) + 1} 条" in capsys.readouterr().out
    for nonsense in (digest, f"{number}:{digest[1:]}", ""):
        with pytest.raises(SystemExit):
            verify.run(["--head", nonsense])
        assert "序号:摘要" in capsys.readouterr().err


def test_index_that_lost_holds_or_shows_too_much_is_named(capsys):
    lost, grown, shown = (city.organisation().record for _ in range(3))
    index = live_index()
    index.catch_up(wait=True)
    index.matcher.delete([lost.pk * LEVELS + LEVEL_PUBLIC])
    slot = index.matcher.slot_of(shown.pk * LEVELS + LEVEL_PUBLIC)
    index.columns.numbers["audience"][slot] += 1000
    # The record left the index, and the index was not told.
    Record.objects.filter(pk=grown.pk).update(kind="gone")
    found = verification.index_differences(index)
    assert found.missing == {lost.pk * LEVELS + LEVEL_PUBLIC}
    assert {number // LEVELS for number in found.extra} == {grown.pk}
    assert found.other_audience == {shown.pk * LEVELS + LEVEL_PUBLIC}
    assert verify.run([]) == 1
    said = capsys.readouterr().out
    assert "缺 1 份、多 1 份、可见范围不同 1 份" in said
    assert lost.code in said
    assert "rebuild-index" in said


def test_stored_files_that_are_gone_or_changed_are_named(capsys):
    unit = city.organisation()
    member, need = city.member(unit), city.need(unit)
    documents = [
        attach_document(actor=member, record=need.record, upload=Upload(f"{word}.txt", word.encode(), True))
        for word in ("whole", "gone", "changed")
    ]
    places = [stored_path(document.sha256) for document in documents]
    places[1].unlink()
    places[2].write_bytes(b"other")
    try:
        assert verify.run([]) == 1
    finally:
        places[2].unlink()
    said = capsys.readouterr().out
    code = need.record.code
    assert f"{code} 的文件缺失：{places[1]}" in said
    assert f"{code} 的文件已损坏：{places[2]}" in said
    assert str(places[0]) not in said
    assert "2 份文件缺失或已损坏" in said


def test_journal_that_breaks_is_named_and_the_rest_is_still_checked(capsys):
    city.organisation()
    connection.check_constraints()
    drop_guards()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_entry SET kind = 'test.forged' WHERE seq = 1")
    connection.check_constraints()
    guards.make()
    assert verify.run([]) == 1
    said = capsys.readouterr().out
    assert "日志链断裂于第 1 条" in said
    assert "索引与数据库一致" in said


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL keeps the entry's record there")
def test_journal_whose_record_is_gone_is_named_without_a_traceback():
    unit = city.organisation()
    with connection.cursor() as cursor:
        cursor.execute("SELECT MIN(seq) FROM kernel_entry WHERE record_id = %s", [unit.pk])
        first = cursor.fetchone()[0]
    drop_guards()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_entry SET record_id = 987654 WHERE seq = %s", [first])
    guards.make()
    assert journal.verify().broken_seq == first
    with connection.cursor() as cursor:  # as the test's end checks that all references hold
        drop_guards()
        cursor.execute("UPDATE kernel_entry SET record_id = %s WHERE seq = %s", [unit.pk, first])
    guards.make()
