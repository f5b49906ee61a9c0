"""The store: bytes kept once, removed when nothing needs them and never before, whoever attaches them meanwhile."""

import os
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from kezhuan.kernel import documents, garbage
from kezhuan.kernel.documents import Upload, attach_document, read_document, stored_path, withdraw_document
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.garbage import remove_unneeded
from kezhuan.kernel.models import Document, Entry, StoredFile
from tests.factories import city
from tests.factories.databases import at_once
from tests.kernel.test_documents import pdf_of, stored

NO_GRACE = timedelta(0)


def attach(unit, actor, content=b"open", name="a.txt", group="full"):
    upload = Upload(name, content, True)
    return attach_document(actor=actor, record=unit.record, upload=upload, group=group)


@pytest.fixture(autouse=True)
def own_data(settings, tmp_path):
    settings.DATA = tmp_path
    return settings


def take_back(unit, actor, document):
    withdraw_document(actor=actor, row=unit, document=document)


@pytest.mark.django_db
def test_bytes_stay_as_long_as_anything_needs_them_and_go_after_a_day(own_data):
    unit, other = city.organisation(), city.organisation()
    actor, rival = city.member(unit), city.member(other)
    first, second = attach(unit, actor), attach(other, rival, name="b.txt")
    assert len(stored(own_data)) == StoredFile.objects.count() == 1
    take_back(unit, actor, first)
    assert remove_unneeded(NO_GRACE) == garbage.Removed(0, 0)
    assert read_document(second) == b"open"
    take_back(other, rival, second)
    assert remove_unneeded() == garbage.Removed(0, 0)  # a backup that began before may want it
    assert remove_unneeded(NO_GRACE) == garbage.Removed(1, 0)
    assert (stored(own_data), StoredFile.objects.count()) == ([], 0)
    assert [one.name for one in Document.objects.order_by("pk")] == ["a.txt", "b.txt"]
    again = attach(unit, actor)
    assert read_document(again) == b"open"


@pytest.mark.django_db
def test_what_stopped_programs_left_behind_goes_and_what_is_new_stays(own_data):
    unit = city.organisation()
    kept = attach(unit, city.member(unit))
    folder = stored_path(kept.sha256).parent
    orphan, half, fresh = stored_path("0" * 64), folder / f"{kept.sha256}.ab12cd34", stored_path("1" * 64)
    for path in (orphan, half, fresh):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    for path in (orphan, half, stored_path(kept.sha256)):
        os.utime(path, (0, 0))
    assert remove_unneeded() == garbage.Removed(1, 1)
    assert stored(own_data) == sorted([stored_path(kept.sha256), fresh])
    assert not StoredFile.objects.exclude(pk=kept.sha256).exists()


@pytest.mark.django_db
def test_a_refused_file_leaves_nothing_in_the_store(own_data, monkeypatch):
    unit = city.organisation()
    monkeypatch.setattr(documents.journal, "note", lambda *given, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        attach(unit, city.member(unit))
    assert not StoredFile.objects.exists()
    for path in stored(own_data):
        os.utime(path, (0, 0))
    remove_unneeded()
    assert stored(own_data) == []


@pytest.mark.django_db(transaction=True)
def test_bytes_attached_while_they_are_removed_are_there_afterwards(own_data):
    unit = city.organisation()
    actor, rivals = city.member(unit), [city.organisation() for _ in range(3)]
    members = [city.member(one) for one in rivals]
    for turn in range(6):
        content = f"turn {turn}".encode()
        first = attach(unit, actor, content)
        take_back(unit, actor, first)
        results = at_once(
            [
                lambda: remove_unneeded(NO_GRACE),
                *(
                    lambda one=one, who=who, content=content: attach(one, who, content)
                    for one, who in zip(rivals, members, strict=True)
                ),
                lambda: remove_unneeded(NO_GRACE),
            ]
        )
        assert not [one for one in results if isinstance(one, Exception)]
        assert all(read_document(one) == content for one in results if isinstance(one, Document))
    assert len(stored(own_data)) == StoredFile.objects.count() == 6
    assert remove_unneeded(NO_GRACE) == garbage.Removed(0, 0)


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_keeps_the_row_of_a_file_in_use(own_data):
    unit = city.organisation()
    attach(unit, city.member(unit))
    with pytest.raises(ProtectedError):
        StoredFile.objects.get().delete()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_storedfile")
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
def test_only_the_owners_members_take_a_file_back_and_only_once_and_no_proof(own_data):
    unit = city.organisation()
    actor, colleague, rival = city.member(unit), city.member(unit), city.member(city.organisation())
    document = attach(unit, actor)
    with pytest.raises(NotAllowed):
        take_back(unit, rival, document)
    stale = Document.objects.get(pk=document.pk)
    take_back(unit, colleague, document)
    with pytest.raises(Conflict):
        take_back(unit, actor, stale)
    entry = Entry.objects.get(kind="document.withdraw")
    assert entry.data == {"document": document.pk, "sha256": document.sha256}
    proof = documents.keep_document(
        actor=actor, record=unit.record, upload=Upload("b.txt", b"proof", True), kind="evidence"
    )
    with pytest.raises(NotAllowed):
        take_back(unit, actor, proof)


@pytest.mark.django_db
def test_words_of_files_of_older_versions_are_read_later(own_data):
    from kezhuan.kernel import jobs
    from kezhuan.kernel.search import Asked, search

    unit = city.organisation()
    actor = city.member(unit)
    attach(unit, actor, pdf_of("gezeitenkraftwerk"), "a.pdf")
    StoredFile.objects.update(text="", read_at=None)
    from kezhuan.kernel.search import forget_live_index, live_index

    forget_live_index()
    live_index().rebuild()
    asked = Asked(words="gezeitenkraftwerk")
    assert search(actor, asked).records == []
    jobs.enqueue("documents.read")
    jobs.run_pending()
    assert search(actor, asked).records == [unit.pk]
    assert Entry.objects.filter(kind="document.read").count() == 1
    jobs.enqueue("documents.read")
    jobs.run_pending()
    assert Entry.objects.filter(kind="document.read").count() == 1


@pytest.mark.django_db
def test_an_attachment_that_comes_to_prove_something_is_taken_back_no_more():
    unit = city.organisation()
    actor = city.member(unit)
    document = attach(unit, actor, b"sheet")
    upload = Upload("b.txt", b"sheet", True)
    assert documents.keep_proof(actor=actor, record=unit.record, upload=upload, kind="signed-sheet") == document
    document.refresh_from_db()
    with pytest.raises(NotAllowed):
        take_back(unit, actor, document)
    fresh = documents.keep_proof(
        actor=actor, record=unit.record, upload=Upload("c.txt", b"other", True), kind="minutes"
    )
    assert (fresh.kind, Document.objects.count()) == ("minutes", 2)


def test_a_backup_holds_the_files_of_every_table_that_points_to_them():
    pointing = {(one.related_model._meta.db_table, one.field.column) for one in StoredFile._meta.related_objects}
    assert pointing <= set(documents.NAMING)
