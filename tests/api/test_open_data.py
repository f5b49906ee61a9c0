"""Open-data extracts: what a visitor's API tells, whole, described, replaced in one step, and nothing more."""

import csv
import hashlib
import io
import json

import pytest

from kezhuan.api import extracts
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.exchange import open_data
from kezhuan.kernel import jobs, journal
from kezhuan.kernel.bulk import void_records
from kezhuan.kernel.leases import LeaseLost
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Job, Record
from kezhuan.kernel.registry import row_of
from kezhuan.kernel.text import now
from tests.api.actors import ROOT, make_achievement, make_need
from tests.factories.databases import rows_for_all

HIDDEN = "锆英砂髓"


@pytest.fixture(scope="module")
def _records(_made_city, django_db_blocker):
    """Open and hidden ones, made once for all tests of this module."""
    owner, university, officer = _made_city.owner, _made_city.university, _made_city.officer
    with rows_for_all(django_db_blocker):
        for title in ("甲", "=乙", "丙"):
            make_achievement(university, officer, title=title)
        make_achievement(owner, officer, title=HIDDEN, secrecy="internal")
        make_need(owner, officer)
        make_need(owner, officer, confidentiality="closed_door", title=HIDDEN)
        make_need(owner, officer, confidentiality="title_only", problem=HIDDEN)
        yield


@pytest.fixture
def written(_records, city, settings, tmp_path):
    settings.DATA = tmp_path
    settings.OPEN_DATA_LICENCE = "https://example.org/licence"
    settings.OPEN_DATA_PUBLISHER = "示例市科学技术局"
    jobs.enqueue("open-data.write")
    assert jobs.run_pending() >= 1
    assert not Job.objects.exclude(error="").exists()
    return city


def fetched(client, name):
    answer = client.get(f"/open-data/{name}")
    assert answer.status_code == 200
    return answer, b"".join(answer.streaming_content)


@pytest.mark.parametrize("plural", ["achievements", "needs", "organisations", "notices"])
def test_extract_is_what_the_api_tells_a_visitor(written, plural):
    told = written.visitor_api.get(f"{ROOT}/{plural}?limit=100&order=newest", headers={"accept-language": "zh-hans"})
    _answer, lines = fetched(written.visitor_api, f"{plural}.jsonl")
    assert [json.loads(line) for line in lines.splitlines()] == told.json()["items"]
    count = next(one.count for one in open_data.edition().extracts if one.name == plural)
    assert count == told.json()["total"]
    _answer, table = fetched(written.visitor_api, f"{plural}.csv")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert [row["code"] for row in rows] == [one["code"] for one in told.json()["items"]]
    assert not any((row.get("title") or "").startswith("=") for row in rows)


def test_nothing_that_visitors_may_not_see_is_in_any_file(written):
    edition = open_data.edition()
    names = [open_data.CATALOGUE, *(file.name for extract in edition.extracts for file in extract.files)]
    assert len(names) == 9
    for name in names:
        _answer, content = fetched(written.visitor_api, name)
        assert HIDDEN not in content.decode()
        assert "someone@example.com" not in content.decode()
    assert {one.name: one.count for one in edition.extracts}["needs"] == 2  # the open one, and the title of another


@pytest.mark.parametrize(("lifecycle", "name"), [(ACHIEVEMENT, "achievements"), (NEED, "needs")])
def test_what_is_hidden_is_in_no_file_from_that_moment_on(written, lifecycle, name, django_capture_on_commit_callbacks):
    record = (
        Record.objects.get(title="甲") if name == "achievements" else Need.objects.get(confidentiality="title_only")
    )
    row = row_of(record) if name == "achievements" else record
    owner = written.university if name == "achievements" else written.owner
    code = row.record.code
    assert code in fetched(written.visitor_api, f"{name}.jsonl")[1].decode()
    with django_capture_on_commit_callbacks(execute=True):
        advance(lifecycle, row, "withdraw", actor=owner, note="误报")
    assert written.visitor_api.get(f"/open-data/{name}.jsonl").status_code == 404
    assert written.visitor_api.get("/open-data/").status_code == 200
    jobs.run_pending()
    assert code not in fetched(written.visitor_api, f"{name}.jsonl")[1].decode()


def test_what_an_undone_import_takes_back_is_in_no_file_either(written, django_capture_on_commit_callbacks):
    row = row_of(Record.objects.get(title="甲"))
    with django_capture_on_commit_callbacks(execute=True), journal.writing():
        void_records(ACHIEVEMENT, [row], actor=written.university)
    assert written.visitor_api.get("/open-data/achievements.jsonl").status_code == 404
    jobs.run_pending()
    assert row.record.code not in fetched(written.visitor_api, "achievements.jsonl")[1].decode()


def test_a_run_during_which_a_record_is_hidden_publishes_nothing_and_the_next_does(written, monkeypatch):
    write, before = open_data.write_edition, open_data.edition()

    def hidden_meanwhile(**given):
        edition = write(**given)
        monkeypatch.setattr(open_data, "write_edition", write)
        jobs.enqueue("open-data.write", key=extracts.HIDDEN)
        return edition

    monkeypatch.setattr(open_data, "write_edition", hidden_meanwhile)
    jobs.enqueue("open-data.write")
    assert jobs.run_next()
    assert open_data.edition() == before
    jobs.run_pending()
    assert open_data.edition() != before


def test_catalogue_describes_every_file(written):
    _answer, text = fetched(written.visitor_api, open_data.CATALOGUE)
    catalogue = json.loads(text)
    names = set()
    for dataset in catalogue["dcat:dataset"]:
        assert dataset["dct:license"] == {"@id": "https://example.org/licence"}
        assert dataset["dct:publisher"] == {"@type": "foaf:Agent", "foaf:name": "示例市科学技术局"}
        for file in dataset["dcat:distribution"]:
            answer, content = fetched(written.visitor_api, file["dct:title"])
            assert file["spdx:checksum"]["spdx:checksumValue"] == hashlib.sha256(content).hexdigest()
            assert int(file["dcat:byteSize"]["@value"]) == len(content)
            assert answer.headers["Last-Modified"]
            names.add(file["dct:title"])
            if file["dct:title"].endswith(".jsonl"):
                assert int(dataset["void:entities"]["@value"]) == len(content.splitlines())
    assert len(names) == 8
    assert Entry.objects.get(kind="export.open-data").data["counts"]["achievements"] == 3


def test_files_of_one_run_are_replaced_together_and_fetched_once(written):
    api, first = written.visitor_api, open_data.edition()
    answer, content = fetched(api, "needs.csv")
    tag = answer.headers["ETag"]
    again = api.get("/open-data/needs.csv", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    make_need(written.owner, written.officer, title="后来的需求")
    jobs.enqueue("open-data.write")
    jobs.run_pending()
    assert first.path_of("needs.csv").read_bytes() == content  # for whoever is fetching it
    fresh = api.get("/open-data/needs.csv", headers={"if-none-match": tag})
    assert "后来的需求" in b"".join(fresh.streaming_content).decode()
    jobs.enqueue("open-data.write")
    jobs.run_pending()
    assert not first.path_of("needs.csv").exists()
    for name in ("current.json", "..", "needs.xlsx", "%2e%2e%2fcurrent.json"):
        assert api.get(f"/open-data/{name}").status_code == 404


def test_a_run_that_lost_its_job_publishes_nothing(written, monkeypatch):
    first, runs = open_data.edition(), Entry.objects.filter(kind="export.open-data").count()
    jobs.enqueue("open-data.write")
    job = jobs.take(worker="slow")
    write_edition = open_data.write_edition

    def overtaken(**given):
        edition = write_edition(**given)
        Job.objects.filter(pk=job.pk).update(token=job.token + 1)
        return edition

    monkeypatch.setattr(open_data, "write_edition", overtaken)
    with pytest.raises(LeaseLost):
        extracts.write(jobs.Running(job))
    assert open_data.edition() == first
    assert Entry.objects.filter(kind="export.open-data").count() == runs


def test_what_a_later_run_is_writing_stays_and_what_a_broken_one_left_goes(written):
    left, published, later = (open_data.write_edition() for _run in range(3))
    open_data.publish(published)
    open_data.forget_older(published)
    assert not left.path_of("needs.csv").exists()
    assert later.path_of("needs.csv").exists()
    folders = len(list(published.path_of(open_data.CATALOGUE).parent.parent.iterdir()))

    def stopped(_done):
        raise jobs.Stopped

    with pytest.raises(jobs.Stopped):
        open_data.write_edition(progress=stopped)
    assert len(list(published.path_of(open_data.CATALOGUE).parent.parent.iterdir())) == folders


def test_they_are_written_every_night():
    assert jobs.periodic()["open-data.write"].hour == 2


def test_page_tells_counts_day_and_licence(written):
    page = written.visitor_api.get("/open-data/").content.decode()
    assert "https://example.org/licence" in page
    assert "示例市科学技术局" in page
    assert "/open-data/achievements.csv" in page
    assert written.visitor_api.read("/")["open_data"] == "/open-data/"


@pytest.mark.usefixtures("_records")
def test_first_extracts_are_written_as_soon_as_a_worker_runs_and_not_at_night(city, settings, tmp_path):
    settings.DATA = tmp_path
    assert "being written" in city.visitor_api.get("/open-data/").content.decode()
    assert city.visitor_api.get("/open-data/needs.csv").status_code == 404
    jobs.schedule_periodic()
    assert jobs.run_pending() >= 1
    assert fetched(city.visitor_api, "needs.csv")
    assert "Written" in city.visitor_api.get("/open-data/").content.decode()
    waiting = Job.objects.filter(name="open-data.write", state="waiting")
    jobs.schedule_periodic()
    assert waiting.get().due_at > now()
    # Gone again, the hour after its last start is waited for, and whoever was asked for them is not asked twice.
    open_data.withhold()
    jobs.schedule_periodic()
    assert waiting.get().due_at > now()
    Job.objects.filter(name="open-data.write", state="done").update(started_at=now() - 2 * jobs.LATE)
    asked = jobs.enqueue("open-data.write", key=extracts.HIDDEN)
    jobs.schedule_periodic()
    assert waiting.exclude(pk=asked.pk).get().due_at > now()
    asked.delete()
    jobs.schedule_periodic()
    assert waiting.get().due_at <= now()
