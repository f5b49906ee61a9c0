"""Imports in the browser over time: steps in order, several people at once, killed workers, files that go."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.needs.tables import ROWS as NEEDS
from kezhuan.exchange import actions, importing
from kezhuan.exchange.models import Import, ImportMapping, State
from kezhuan.exchange.permissions import imports_visible_to
from kezhuan.exchange.uploads import stored
from kezhuan.kernel import jobs
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.errors import Conflict
from kezhuan.kernel.models import Entry, Job, Record
from kezhuan.kernel.models.records import Phase
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.databases import at_once
from tests.factories.imports import take_in
from tests.factories.uploads import checked, committed, counts, uploaded

pytestmark = [pytest.mark.usefixtures("own_folder")]


@pytest.mark.django_db
def test_steps_are_taken_from_where_they_stand(member):
    client = client_of(member)
    kept = uploaded(client)
    assert client.post(f"/imports/{kept.pk}/", {"step": "commit"}).status_code == 409
    assert client.post(f"/imports/{kept.pk}/", {"step": "fly"}).status_code == 422
    assert client.post(f"/imports/{kept.pk}/undo/").status_code == 422
    kept = checked(client, kept)
    assert client.get(f"/imports/{kept.pk}/?change=1").context["form"]
    client.post(f"/imports/{kept.pk}/", {"step": "discard"})
    assert client.post(f"/imports/{kept.pk}/", {"step": "commit"}).status_code == 409
    kept.refresh_from_db()
    assert (kept.state, kept.rejects.count()) == (State.DISCARDED, 0)


@pytest.mark.django_db(transaction=True)
def test_import_that_two_commit_at_once_is_done_once(firm):
    member, colleague = city.member(firm), city.member(firm)
    client = client_of(member)
    kept = checked(client, uploaded(client))

    def commit(actor):
        return lambda: actions.commit_import(actor=actor, kept=Import.objects.get(pk=kept.pk))

    results = at_once([commit(member), commit(colleague)] * 2)
    assert sorted(type(one).__name__ for one in results) == ["Conflict", "Conflict", "Conflict", "Import"]
    assert all(isinstance(one, Conflict | Import) for one in results)
    assert Job.objects.filter(name="imports.run").count() == 1
    jobs.run_pending()
    assert Record.objects.filter(kind="achievement").count() == 2
    assert Entry.objects.filter(kind="import.commit").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("most", [1, 2000], ids=["by a job", "at once"])
def test_import_that_two_take_back_at_once_is_taken_back_once(firm, most, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", most)
    member, colleague = city.member(firm), city.member(firm)
    client = client_of(member)
    kept = committed(client, checked(client, uploaded(client)))

    def undo(actor):
        return lambda: actions.undo_import(actor=actor, kept=Import.objects.get(pk=kept.pk))

    results = at_once([undo(member), undo(colleague)] * 2)
    told = "Conflict" if most == 1 else "Refused"
    assert sorted(type(one).__name__ for one in results) == sorted(["Import", told, told, told])
    assert Job.objects.filter(name="imports.undo").count() == (1 if most == 1 else 0)
    jobs.run_pending()
    kept.refresh_from_db()
    assert kept.state == State.UNDONE
    assert Record.objects.filter(kind="achievement", phase=Phase.VOID).count() == 2
    assert Entry.objects.filter(kind="achievement.void").count() == 1
    page = client.get(f"/imports/{kept.pk}/").context
    assert (page["error"], page["undo_url"]) == ("", "")


class _KilledError(BaseException):
    pass


@pytest.mark.django_db(transaction=True)
def test_worker_killed_in_the_middle_is_followed_by_one_that_goes_on(member, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 3)
    client = client_of(member)
    rows = "编号,名称\n" + "".join(f"S{n},成果{n}\n" for n in range(10))
    kept = checked(client, uploaded(client, rows), on_match="create")
    client.post(f"/imports/{kept.pk}/", {"step": "commit"})
    whole, calls = importing.Importer._take_in, []

    def killed(self, batch):
        calls.append(len(batch))
        if len(calls) == 3:
            raise _KilledError
        whole(self, batch)

    monkeypatch.setattr(importing.Importer, "_take_in", killed)
    with pytest.raises(_KilledError):
        jobs.run_next()
    kept.refresh_from_db()
    assert (kept.state, kept.position, Record.objects.filter(kind="achievement").count()) == (State.RUNNING, 6, 6)
    progress = client.get(f"/imports/{kept.pk}/").context
    assert progress["live"]
    monkeypatch.setattr(importing.Importer, "_take_in", whole)
    Job.objects.filter(name="imports.run").update(due_at=kept.started_at - timedelta(hours=1))
    assert jobs.run_next()
    kept.refresh_from_db()
    assert (kept.state, counts(kept)) == (State.DONE, (10, 10, 0, 0, 0))
    titles = Record.objects.filter(kind="achievement").values_list("title", flat=True)
    assert sorted(titles) == sorted(f"成果{n}" for n in range(10))


@pytest.mark.django_db
def test_large_import_is_taken_back_by_a_job_and_refusals_come_at_once(firm, member, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 1)
    client = client_of(member)
    kept = committed(client, checked(client, uploaded(client)))
    row = Achievement.objects.first()
    Record.objects.filter(pk=row.pk).update(version=9)
    answer = client.post(f"/imports/{kept.pk}/undo/")
    assert answer.status_code == 422
    assert row.record.code in answer.content.decode()
    Record.objects.filter(pk=row.pk).update(version=1)
    client.post(f"/imports/{kept.pk}/undo/")
    kept.refresh_from_db()
    assert kept.state == State.DONE
    jobs.run_pending()
    kept.refresh_from_db()
    assert kept.state == State.UNDONE


@pytest.mark.django_db
def test_files_are_kept_once_and_removed_after_their_days(member):
    client = client_of(member)
    first = committed(client, checked(client, uploaded(client)))
    second = uploaded(client)
    assert first.sha256 == second.sha256
    path = stored(first.sha256)
    assert path.is_file()
    Import.objects.filter(pk=first.pk).update(changed_at=first.changed_at - 2 * actions.KEPT)
    assert forget(path)
    first.refresh_from_db()
    assert (first.has_file, first.rejects.count()) == (False, 0)
    assert client.get(f"/imports/{first.pk}/").status_code == 200
    Import.objects.filter(pk=second.pk).update(changed_at=first.changed_at - 2 * actions.KEPT)
    assert not forget(path)
    second.refresh_from_db()
    assert second.state == State.DISCARDED
    assert client.post(f"/imports/{first.pk}/undo/").status_code == 302


def forget(path):
    """Let the file look old and the tidying run; whether it is still there."""
    import os

    os.utime(path, (0, 0))
    jobs.enqueue("imports.forget")
    jobs.run_pending()
    return path.is_file()


@pytest.mark.django_db
def test_file_that_is_gone_is_said_in_one_sentence(member):
    client = client_of(member)
    kept = checked(client, uploaded(client))
    stored(kept.sha256).unlink()
    assert client.get(f"/imports/{kept.pk}/rejects/").status_code == 422
    committed(client, kept)
    page = client.get(f"/imports/{kept.pk}/")
    assert page.context["error"]
    assert page.context["resumes"]


@pytest.mark.django_db
def test_imports_of_the_command_line_are_listed_and_shown_too(write):
    bureau = city.officer()
    done = take_in(NEEDS, write([{"需求名称": "一"}, {"需求名称": "二", "预算(万元)": "很多"}]), actor=bureau)
    client = client_of(bureau)
    assert client.get("/imports/").context["table"].rows[0][0].url == f"/imports/{done.kept.pk}/"
    page = client.get(f"/imports/{done.kept.pk}/")
    assert page.context["undo_url"]
    assert page.context["rejects_url"] == ""
    assert ImportMapping.objects.count() == 0
    assert client.get("/imports/?before=x").status_code == 200
    assert client.get(f"/imports/?before={done.kept.pk}").context["table"].rows == ()
    assert list(imports_visible_to(actor_for(bureau.person))) == [done.kept]


@pytest.mark.django_db
def test_queries_of_the_list_do_not_grow(write):
    bureau = city.officer()
    client = client_of(bureau)
    asked = []
    for count in (1, 3):
        while Import.objects.count() < count:
            take_in(NEEDS, write([{"需求名称": "一"}]), actor=bureau)
        client.get("/imports/")
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get("/imports/").context["table"].rows) == count
        asked.append([query["sql"] for query in queries if "exchange_" in query["sql"]])
    assert [len(one) for one in asked] == [1, 1]
