"""A backup is put back with the same counts and hashes, on either engine; a bad one is refused before it is opened."""

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from kezhuan.areas.accounts.models import Session
from kezhuan.areas.achievements.models import Achievement
from kezhuan.config.commands import backup as backup_command
from kezhuan.config.commands import restore as restore_command
from kezhuan.config.copies import archive, filling, restoring, sessions, tables, taking
from kezhuan.kernel import guards, journal, outbox, search
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.documents import read_document, stored_path
from kezhuan.kernel.models import Document, Entry, Message, MessageState, Record
from kezhuan.kernel.tables import make_at_once
from tests.config.test_archive import rewritten
from tests.factories import city
from tests.factories.awkward import AWKWARD, small_city

__all__ = ["small_city"]

pytestmark = pytest.mark.each_database

OF_THE_FILE = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="of the file, whatever it was taken from")


@pytest.fixture(autouse=True)
def _ready(monkeypatch):
    """The commands meet the test's database and language."""
    for module in (backup_command, restore_command):
        monkeypatch.setattr(module, "start_django", lambda: True)


@pytest.fixture
def taken(small_city, tmp_path):
    path = tmp_path / "city.tar.zst"
    return path, taking.take(path)


def contents():
    """Rows and hash of each table as they are now."""
    with sessions.one_moment() as rows:
        found = {one.name: rows.tally(one) for one in tables.tables_at(rows.migrations())}
    return {name: (tally.rows, tally.sha256, tally.counter) for name, tally in found.items()}


def said(manifest):
    return {name: (one["rows"], one["sha256"], one["counter"]) for name, one in manifest.tables.items()}


def test_restored_city_has_the_same_rows_hashes_files_and_guards(small_city, taken):
    path, before = taken
    extra = Achievement.objects.get().extra
    document = Document.objects.order_by("pk").first()
    key = Path(settings.DATA) / "secret.key"
    kept_key = key.read_text()
    city.need(city.organisation("蓬莱阁"), stage="published")
    later = search.live_index().catch_up(wait=True)
    stored_path(document.sha256).unlink()
    key.write_text("x" * 40)

    assert restore_command.run([str(path), "--replace", "--quiet"]) == 0

    assert contents() == said(before.manifest)
    assert before.manifest.rows > 50
    assert len(read_document(document)) == document.size
    assert key.read_text() == kept_key
    assert key.stat().st_mode & 0o077 == 0
    assert guards.faulty() == []
    assert journal.verify().entries == before.manifest.journal["seq"] == Entry.objects.count()
    status = search.live_index().catch_up(wait=True)
    assert (status.behind, status.documents < later.documents) == (0, True)
    assert search.search(VISITOR, search.Asked(words="蓬莱阁")).total == 0
    # Numbers go on where they stood: nothing is given twice.
    assert city.organisation().pk > Record.objects.exclude(title__startswith="单位").latest("pk").pk
    # Awkward values come back as they were.
    after = Achievement.objects.select_related("record").get()
    assert (after.extra, after.record.summary) == (extra, AWKWARD.strip())
    assert list(after.extra) == list(extra)


def test_backup_is_as_of_one_moment_whoever_writes_meanwhile(small_city, tmp_path, monkeypatch):
    before = contents()
    first = iter([True])

    def write_meanwhile(_rows):
        if next(first, False):
            city.achievement(city.organisation("写入中"), stage="listed")
            connection.close()

    taken = taking.take(tmp_path / "busy.tar.zst", write_meanwhile)
    # PostgreSQL's key counters run ahead, as they do for everybody; rows do not.
    assert {name: one[:2] for name, one in said(taken.manifest).items()} == {n: one[:2] for n, one in before.items()}
    assert contents() != before


@OF_THE_FILE
def test_message_that_waited_in_the_backup_is_not_simply_sent_again(transactional_db, tmp_path):
    """It may have gone out since: only a way that tells repeats apart sends it once more."""
    outbox.send(channel="mail", to="li@example.com", subject="a", text="b", key="once")
    taking.take(tmp_path / "a")
    restore_command.run([str(tmp_path / "a"), "--replace", "--quiet"])
    assert Message.objects.get().state == MessageState.SENDING


def test_database_with_records_is_left_alone(taken, capsys):
    path, _ = taken
    before = contents()
    assert restore_command.run([str(path), "--quiet"]) == 2
    assert f"{Record.objects.count()} 条记录" in capsys.readouterr().err
    assert contents() == before


def forged(path, before, table, old, new):
    """An alteration by somebody who also renews the hashes of the parts."""

    def change(name, content):
        nonlocal digest
        if name.startswith(f"tables/{table}/"):
            assert old in content
            content = content.replace(old, new)
            digest = hashlib.sha256(content).hexdigest()
        if name == "manifest.json":
            manifest = json.loads(content)
            manifest["parts"][f"tables/{table}/000000.jsonl"] = digest
            content = json.dumps(manifest).encode()
        return content

    digest = ""
    rewritten(path, change)


@OF_THE_FILE
def test_forgery_that_renews_hashes_is_caught_by_the_files_own_hash_by_the_contents_or_by_the_chain(
    taken, tmp_path, monkeypatch, capsys
):
    path, before = taken
    now = contents()
    other = tmp_path / "other.tar.zst"
    other.write_bytes(path.read_bytes())
    forged(path, before, "kernel_record", "碳化硅".encode(), "氮化镓".encode())
    assert restore_command.run([str(path), "--replace", "--quiet", "--sha256", before.sha256]) == 1
    assert "SHA-256" in capsys.readouterr().err
    assert restore_command.run([str(path), "--replace", "--quiet"]) == 1
    assert "kernel_record" in capsys.readouterr().err
    forged(other, before, "kernel_entry", b"organisation.open", b"organisation.edit")
    monkeypatch.setattr(filling, "_refuse_difference", lambda *arguments: None)
    assert restore_command.run([str(other), "--replace", "--quiet"]) == 1
    assert "日志链断裂于第 1 条" in capsys.readouterr().err
    monkeypatch.undo()
    assert contents() == now
    assert guards.faulty() == []


def test_migration_that_is_not_known_is_named_and_so_is_a_table_that_its_version_has_otherwise(taken):
    path, before = taken
    now = contents()
    table = before.manifest.tables["kernel_record"]
    columns = table["columns"]
    table["columns"] = columns[1:]
    with pytest.raises(archive.Damaged, match="kernel_record"):
        restoring.restore(path, before.manifest)
    table["columns"] = columns
    before.manifest.migrations.append(("kernel", "9999_later"))
    with pytest.raises(tables.Unknown, match=r"kernel\.9999_later"):
        restoring.restore(path, before.manifest)
    assert contents() == now


@OF_THE_FILE
def test_backup_refuses_a_taken_name_and_leaves_no_half_file(transactional_db, tmp_path, monkeypatch):
    place = tmp_path / "there"
    place.write_text("mine")
    assert backup_command.run([str(place), "--quiet"]) == 2
    assert place.read_text() == "mine"
    monkeypatch.setattr(taking, "_write_documents", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        backup_command.run([str(tmp_path / "new"), "--quiet"])
    assert [one.name for one in tmp_path.iterdir()] == ["there"]


@OF_THE_FILE
def test_stored_file_that_is_damaged_is_told_and_left_out(small_city, tmp_path, capsys):
    first, second, _third = Document.objects.order_by("pk")
    stored_path(first.sha256).unlink()
    stored_path(second.sha256).write_bytes(b"other")
    path = tmp_path / "a"
    try:
        assert backup_command.run([str(path), "--quiet"]) == 1
    finally:
        stored_path(second.sha256).unlink()
    told = capsys.readouterr().out
    assert first.sha256 in told
    assert second.sha256 in told
    manifest = archive.check(path)
    assert manifest.documents["count"] == 1
    assert sorted(manifest.documents["damaged"]) == sorted([first.sha256, second.sha256])


@OF_THE_FILE
def test_archive_is_its_owners_alone_and_holds_no_session_and_no_database_password(
    transactional_db, tmp_path, monkeypatch
):
    path = tmp_path / "city.tar.zst"
    before = taking.take(path)
    assert path.stat().st_mode & 0o077 == 0
    assert Session._meta.db_table not in before.manifest.tables
    monkeypatch.setenv("KEZHUAN_DATABASE_URL", "postgres://u:geheim@h/n")
    monkeypatch.setenv("KEZHUAN_SECRET_KEY", "geheim" * 8)
    monkeypatch.setenv("KEZHUAN_CITY", "440300")
    monkeypatch.delenv("KEZHUAN_SIGN_UP")
    assert taking.configuration()["settings.env"] == b"KEZHUAN_CITY=440300\n"


def test_the_citys_own_table_of_meanings_goes_along_and_another_is_taken_away(tmp_path, settings):
    settings.DATA = tmp_path
    assert "meaning.npz" not in taking.configuration()
    (tmp_path / "meaning.npz").write_bytes(b"learnt")
    kept = taking.configuration()
    (tmp_path / "meaning.npz").write_bytes(b"another")
    restoring._configure(kept)
    assert (tmp_path / "meaning.npz").read_bytes() == b"learnt"
    restoring._configure({name: content for name, content in kept.items() if name != "meaning.npz"})
    assert not (tmp_path / "meaning.npz").exists()


def test_files_that_settings_name_go_along_and_lie_in_the_data_folder_afterwards(tmp_path, settings, monkeypatch):
    old, new, elsewhere = tmp_path / "old", tmp_path / "new", tmp_path / "gateways"
    old.mkdir()
    new.mkdir()
    settings.DATA = old
    (old / "identity.toml").write_bytes(b"secret = 'of the identity provider'")
    elsewhere.write_bytes(b"token = 'of the gateway'")
    monkeypatch.setenv("KEZHUAN_GATEWAYS", f" {elsewhere} ")
    monkeypatch.delenv("KEZHUAN_SIGN_UP")
    kept = taking.configuration()
    assert kept["settings.env"] == b"KEZHUAN_GATEWAYS=gateways.toml\n"
    settings.DATA = new
    _differs, told = restoring._configure(kept)
    assert (new / "identity.toml").read_bytes() == b"secret = 'of the identity provider'"
    assert (new / "gateways.toml").read_bytes() == b"token = 'of the gateway'"
    assert {(new / name).stat().st_mode & 0o777 for name in ("identity.toml", "gateways.toml", told.name)} == {0o600}
    assert told.read_text() == f"KEZHUAN_GATEWAYS={new / 'gateways.toml'}\n"
    monkeypatch.setenv("KEZHUAN_IDENTITY", str(tmp_path / "elsewhere.toml"))
    (tmp_path / "elsewhere.toml").write_bytes(b"another")
    assert taking.configuration()["identity.toml"] == b"another"
    # A backup of an older version holds neither: what is there stays.
    restoring._configure({name: content for name, content in kept.items() if not name.endswith(".toml")})
    assert (new / "identity.toml").exists()


@OF_THE_FILE
def test_older_city_gets_its_own_tables_and_then_what_was_added_since(db, tmp_path, monkeypatch):
    """In which order it is led; what the migrations make of it is the proof `older-backup`."""
    added = set(MigrationLoader(None).graph.backwards_plan(("needs", "0002_need_benefit")))
    old = set(MigrationLoader(None).graph.nodes) - added
    led = []

    def lead(executor, targets):
        led.append([(one.app_label, one.name, back) for one, back in executor.migration_plan(targets)])
        make_at_once(executor.connection)
        for one in added if len(led) == 1 else ():
            executor.recorder.record_unapplied(*one)

    def load(known):
        assert "benefit_fen" not in known["needs_need"].columns
        rows.write(known["kernel_codecounter"], [["N-2026", 7]])
        return {name: vars(rows.tally(one)) | {"sha256": rows.tally(one).sha256} for name, one in known.items()}

    monkeypatch.setattr(filling.MigrationExecutor, "migrate", lead)
    with sessions.fresh({"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "a.sqlite3"}) as (wrapper, rows):
        filling.fill(wrapper, rows, old, load)
        assert rows.scalar("SELECT last FROM kernel_codecounter") == 7
        assert guards.faulty(using=wrapper.alias) == []
    assert [{one[:2] for one in plan} for plan in led] == [old, added]
    assert not any(back for plan in led for *_one, back in plan)


def test_every_column_of_every_model_can_be_copied():
    from django.apps import apps

    for model in apps.get_models(include_auto_created=True):
        tables._table(model)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the file is SQLite's own")
def test_restoring_to_sqlite_is_seen_by_a_site_that_runs_on_it(transactional_db, tmp_path):
    path = tmp_path / "city.tar.zst"
    city.organisation("先前")
    taking.take(path)
    city.organisation("后来")
    with sqlite3.connect(connection.settings_dict["NAME"]) as site:
        held = site.execute("SELECT count(*) FROM kernel_record").fetchone()[0]
        assert restore_command.run([str(path), "--replace", "--quiet"]) == 0
        assert site.execute("SELECT count(*) FROM kernel_record").fetchone()[0] == held - 1
    site.close()
