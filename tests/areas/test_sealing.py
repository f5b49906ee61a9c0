"""Sealed applications: read by their unit alone, from no place whatever, until the office opens all of them in time."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
import zstandard
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from kezhuan.areas.calls import checks
from kezhuan.areas.calls.adding_actions import add_questions
from kezhuan.areas.calls.application_actions import edit_application, facts_of
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.opening_actions import make_opening_code, open_applications
from kezhuan.areas.calls.permissions import opens_applications, prepares_code
from kezhuan.areas.calls.questions import Question
from kezhuan.areas.calls.recommending_actions import recommend
from kezhuan.areas.calls.sealing import revealed
from kezhuan.areas.inspections.lifecycle import INSPECTION
from kezhuan.config.copies import taking
from kezhuan.kernel import journal, search
from kezhuan.kernel.access import GROUPS, actor_for, can_view
from kezhuan.kernel.documents import Upload, attach_document, read_document, stored_path
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Document, Entry, Record, Sealed, StoredFile
from kezhuan.kernel.search import Asked
from kezhuan.kernel.text import now, today
from tests.areas.crawling import client_of
from tests.factories import calls, city
from tests.factories.databases import at_once

WORDS = {
    "title": "QZTITEL",
    "offer": "QZANGEBOT",
    "leader": "QZLEITER",
    "commitments": ("QZZUSAGE",),
    "evidence": ("QZNACHWEIS",),
    "answers": ("QZANTWORT", "5"),
}
FILE, INSIDE = "QZDATEI.txt", "QZINHALT"
SECRETS = [b"QZTITEL", b"QZANGEBOT", b"QZLEITER", b"QZZUSAGE", b"QZNACHWEIS", b"QZANTWORT", b"QZDATEI", b"QZINHALT"]
ADDED = ["QZFORMDATEI", "QZFORMINHALT", "QZNACHTRAG", "QZZUSATZDATEI", "QZZUSATZINHALT"]
"""Files that the form asks for, and what was added to it while the call was open: words in the order in which given."""
ALL = [*SECRETS, *(one.encode() for one in ADDED)]


@pytest.fixture(autouse=True)
def _key(settings):
    settings.SEALING_KEY = "eine-lange-nicht-im-datenordner-liegende-zeile"


def sealed_call(officer, **facts):
    """A published call that seals, and its opening code."""
    call = calls.call(by=officer, seals=True, **facts)
    code = make_opening_code(actor=officer, call=call)
    return advance(CALL, call, "publish", actor=officer), code


def upload(name, content):
    return SimpleUploadedFile(f"{name}.txt", content.encode())


def answer_file(actor, row, number, name, content):
    """A file as the answer to a question, by the API."""
    given = {"file": upload(name, content), "declared_open": True}
    answer = client_of(actor).post(f"/api/v1/applications/{row.record.code}/answers/{number}", given)
    assert answer.status_code == 200


def groups_of(row, actor):
    record = Record.objects.select_related(*(f"{group}_to" for group in GROUPS)).get(pk=row.pk)
    return [group for group in GROUPS if can_view(actor, record, group)]


def closed(call, officer):
    calls.end_time_of(call)
    return advance(CALL, call, "close", actor=officer)


def found_in(*contents):
    return {word for word in ALL for content in contents if word in content}


def everything_kept(folder, name):
    """The bytes of the database with its log, of every file of the data folder, and of a backup, unpacked."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    search.live_index().catch_up(wait=True)
    taking.take(folder / name)
    with (folder / name).open("rb") as raw:
        backup = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True).read()
    kept = [path.read_bytes() for path in Path(site.DATA).rglob("*") if path.is_file()]
    database = Path(connection.settings_dict["NAME"])
    assert database.is_file(), "a database in memory shows nothing"
    return [*kept, database.read_bytes(), backup]


def whys():
    return [one.data["why"] for one in Entry.objects.filter(kind="call.opening-refused").order_by("seq")]


@pytest.mark.django_db(transaction=True)
def test_nobody_reads_a_sealed_application_before_it_is_opened_nor_from_the_files_and_a_backup(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    officer, unit, rival = city.bureau(), city.organisation(kind="university"), city.member(city.organisation())
    own = city.clerk(unit)
    asked = (Question("技术路线"), Question("成熟度", "number", False, 9), Question("可行性报告", "file"))
    call, code = sealed_call(officer, questions=asked)
    row = calls.application(call, unit, stage="draft", by=own, **WORDS)
    answer_file(own, row, 3, ADDED[0], ADDED[1])
    row = Application.objects.select_related("record").get(pk=row.pk)
    facts = facts_of(revealed(row))
    edit_application(actor=own, application=row, facts=facts, expected_version=row.record.version)
    row = advance(APPLICATION, row, "submit", actor=own)
    more = (Question("追加问题"), Question("追加文件", "file"))
    add_questions(actor=officer, call=Call.objects.get(pk=call.pk), questions=more)
    typed = {"answer_3": ADDED[2], "answer_4_file": upload(ADDED[3], ADDED[4]), "declared_open": "on"}
    edit = f"/applications/{row.record.code}/edit/"
    version = Application.objects.get(pk=row.pk).record.version
    assert client_of(own).post(edit, {**typed, "version": version}).status_code == 302
    others = [f"/documents/{one.pk}/" for one in Document.objects.order_by("pk")]
    assert len(others) == 2
    file = attach_document(actor=own, record=row.record, upload=Upload(FILE, INSIDE.encode(), True), group="public")
    place, held = f"/applications/{row.record.code}/", f"/documents/{file.pk}/"
    address = f"/api/v1/applications/{row.record.code}"

    # From the files: nothing of it, neither of its words nor of its file.
    assert found_in(*everything_kept(tmp_path, "before.tar.zst"), caplog.text.encode()) == set()
    # From the pages and the API: its unit reads all of it, nobody else any of it, and each who tries is noted.
    mine = client_of(own)
    pages = [mine.get(one).content for one in (place, held, f"{place}edit/", address, f"{address}/documents")]
    assert found_in(pages[0], pages[1], *(mine.get(one).content for one in others)) == set(ALL)
    inside = {b"QZINHALT", b"QZFORMINHALT", b"QZZUSATZINHALT"}
    assert found_in(pages[3], pages[4]) == set(ALL) - inside
    assert found_in(pages[2]) >= {b"QZFORMDATEI", b"QZNACHTRAG", b"QZZUSATZDATEI"}
    for actor in (officer, rival):
        other = client_of(actor)
        answers = [
            other.get(one) for one in (place, held, address, f"{address}/documents", f"/calls/{call.record.code}/")
        ]
        answers += [
            other.get("/search/?q=QZANGEBOT"),
            other.get("/applications/?q=QZTITEL"),
            other.get("/api/v1/applications"),
            *(other.post("/applications/", {"export": ending}) for ending in ("csv", "json", "xlsx")),
            *(
                other.post(f"/calls/{call.record.code}/{one}/", {"export": "csv"})
                for one in ("criteria", "decisions", "tables/solutions")
            ),
            other.get(f"{place}edit/"),
            other.get(f"{address}/history"),
            *map(other.get, others),
        ]
        assert [one.status_code for one in answers[-len(others) :]] == [404, 404]
        assert [search.search(actor, Asked(words=one)).total for one in ADDED] == [0] * len(ADDED)
        assert found_in(*(one.getvalue().replace(b"q=QZ", b"").replace(b'value="QZ', b"") for one in answers)) == set()
        assert answers[1].status_code == 404
        assert search.search(actor, Asked(words="QZANGEBOT")).total == 0
    looks = Entry.objects.filter(kind="sealed.look", record=row.record).order_by("seq")
    assert [(one.actor_id, one.data["by"]) for one in looks] == [
        *((officer.person.pk, by) for by in ("page", "document", "api", "document", "document")),
        *((rival.person.pk, by) for by in ("page", "document", "api", "api", "api", "document", "document")),
    ]
    # The officers see that it stands there, of whom and since when, and nothing else is anybody's but the unit's.
    record = Record.objects.select_related(*(f"{group}_to" for group in GROUPS)).get(pk=row.pk)
    assert record.title == call.items.get().title
    assert unit.record.title in client_of(officer).get(place).content.decode()
    assert len({getattr(record, f"{group}_to").key for group in GROUPS[1:]}) == 1
    assert "officer" not in record.full_to.key

    open_applications(actor=officer, call=closed(call, officer), code=code)

    assert found_in(*everything_kept(tmp_path, "after.tar.zst")) == set(ALL)
    desk = client_of(officer)
    assert found_in(*(desk.get(one).content for one in (place, held, *others))) == set(ALL)
    assert Application.objects.get(pk=row.pk).answers[2].endswith(" QZFORMDATEI.txt")
    assert search.search(officer, Asked(words="QZINHALT")).total == 1
    assert not Sealed.objects.exists()
    file.refresh_from_db()
    assert (read_document(file), file.name, file.stored.text) == (INSIDE.encode(), FILE, INSIDE)
    assert journal.verify().broken_seq is None
    opened = calls.checked(Application.objects.get(pk=row.pk), officer)
    assert advance(APPLICATION, opened, "accept", actor=officer).record.stage == "qualified"


@pytest.mark.django_db
def test_applications_are_opened_in_time_with_both_halves_by_officers_of_no_applicant_and_each_attempt_is_noted(
    monkeypatch,
):
    officer, unit = city.officer(), city.organisation(kind="university")
    call, code = sealed_call(officer)
    row = calls.application(call, unit, by=city.clerk(unit))
    for step in ("accept", "return", "refuse", "open-own"):
        with pytest.raises(NotAllowed):
            actor = city.clerk(unit) if step == "open-own" else officer
            advance(APPLICATION, row, step, actor=actor, note="补正", reason="other")
    refusing = APPLICATION.moves["refuse"].allowed
    assert not refusing.among(officer, Application.objects.all()).exists()

    def tried(actor, halves):
        try:
            open_applications(actor=actor, call=Call.objects.get(pk=call.pk), code=halves)
        except (NotAllowed, Refused, Conflict):
            return whys()[-1]
        return "opened"

    assert tried(officer, code) == "not-allowed"
    # An inspector whom the bureau admits sees nothing of it until it is open.
    looking = advance(INSPECTION, city.inspection(row, officer), "admit", actor=officer)
    inspector = actor_for(looking.inspector)
    assert groups_of(row, inspector) == []
    call = closed(call, officer)
    assert refusing.among(officer, Application.objects.all()).get().pk == row.pk  # for the case that nobody opens it
    assert opens_applications.among(officer, Call.objects.all()).get().pk == call.pk
    # Whatever stage it has: before the deadline by the server's clock nothing is opened.
    with monkeypatch.context() as earlier:
        earlier.setattr(checks, "now", lambda: call.opens_at)
        assert tried(officer, code) == "call-still-open"
    draft = calls.call(by=officer, seals=True)
    assert prepares_code.among(officer, Call.objects.all()).get().pk == draft.pk
    draft.record.refresh_from_db()
    address, posted = f"/calls/{draft.record.code}/opening-code/", {"version": draft.record.version}
    asked = client_of(officer)
    assert "button danger" not in asked.get(address).content.decode()
    # The page that shows a code, loaded again, makes no other in place of what was written down.
    assert [client_of(officer).post(address, posted).status_code for _time in range(2)] == [200, 409]
    assert "button danger" in asked.get(address).content.decode()  # it ends the code of before
    other = make_opening_code(actor=officer, call=draft)
    assert tried(officer, (code[0], other[1])) == tried(officer, ("", code[1])) == "opening-code-wrong"
    assert tried(city.clerk(unit), code) == "not-allowed"
    assert tried(city.officer("440106"), code) == "not-allowed"
    with pytest.raises(NotAllowed):
        make_opening_code(actor=officer, call=call)
    assert Sealed.objects.filter(pk=row.pk).exists()
    assert tried(officer, code) == "opened"
    assert tried(officer, code) == "opened-already"
    assert len(whys()) == 7
    (opened,) = Entry.objects.filter(kind="call.opened")
    assert opened.data == {"applications": 1}
    row = Application.objects.select_related("record").get(pk=row.pk)
    assert (row.sealed, row.leader, row.record.title) == (False, "李攻关", "低缺陷抛光攻关")
    assert groups_of(row, inspector) == list(GROUPS)


@pytest.mark.django_db
def test_a_call_seals_only_on_a_site_with_its_key_and_with_a_code_and_a_unit_opens_its_own_when_that_is_lost(settings):
    officer, unit = city.officer(), city.organisation(kind="university")
    own, key = city.clerk(unit), settings.SEALING_KEY
    settings.SEALING_KEY = ""
    with pytest.raises(Refused) as refused:
        calls.call(by=officer, seals=True, stage="published")
    assert [one.code for one in refused.value.problems] == ["sealing-unset", "opening-code-missing"]
    settings.SEALING_KEY = key
    with pytest.raises(NotAllowed):
        make_opening_code(actor=own, call=calls.call(by=officer, seals=True))
    call, _code = sealed_call(officer)
    row = calls.application(call, unit, by=own, stage="draft", answers=())
    with pytest.raises(Refused) as refused:  # what it lacks is found in what is sealed
        advance(APPLICATION, row, "submit", actor=own)
    assert [one.code for one in refused.value.problems] == ["answer-missing"]
    file = attach_document(actor=own, record=row.record, upload=Upload("方案.txt", "路线".encode(), True))
    with pytest.raises(Refused) as refused:
        attach_document(actor=own, record=row.record, upload=Upload("方案.txt", "路线".encode(), True))
    assert "方案.txt" in str(refused.value.problems[0].message)
    edit_application(actor=own, application=row, facts=calls.application_facts(), expected_version=row.record.version)
    row = advance(APPLICATION, row, "submit", actor=own)
    # Without the site's key not even its unit reads it, and is told so; nothing is lost.
    settings.SEALING_KEY = "a-key-that-is-another-than-the-one-before"
    page = client_of(own).get(f"/applications/{row.record.code}/")
    assert (page.status_code, "李攻关" in page.content.decode()) == (200, False)
    call = closed(call, officer)
    with pytest.raises(Refused) as refused:
        advance(APPLICATION, row, "open-own", actor=own)
    assert refused.value.problems[0].code == "sealing-key-missing"
    settings.SEALING_KEY = key
    row = advance(APPLICATION, row, "open-own", actor=own)
    assert (row.record.stage, row.sealed, row.leader) == ("submitted", False, "李攻关")
    file.refresh_from_db()
    assert (file.name, stored_path(file.sha256).read_text()) == ("方案.txt", "路线")
    assert "李攻关" in client_of(officer).get(f"/applications/{row.record.code}/").content.decode()
    assert StoredFile.objects.filter(documents=None).count() == 1  # what was encrypted waits to be tidied away


@pytest.mark.django_db(transaction=True)
def test_what_is_handed_in_at_the_moment_of_opening_is_opened_or_refused_and_never_left_sealed():
    officer = city.officer()
    call, code = sealed_call(officer)
    units = [city.organisation(kind="university") for _ in range(3)]
    rows = [calls.application(call, unit, by=city.clerk(unit), stage="draft") for unit in units]
    first = calls.application(call, city.organisation(kind="university"))
    clerk = city.clerk(first.record.owner)

    def close_and_open():
        return open_applications(actor=officer, call=closed(call, officer), code=code)

    results = at_once(
        [
            *(lambda row=row, unit=unit: advance(APPLICATION, row, "submit", actor=city.clerk(unit))
              for row, unit in zip(rows, units, strict=True)),
            lambda: attach_document(
                actor=clerk, record=Record.objects.get(pk=first.pk), upload=Upload("补充.txt", "补充".encode(), True)
            ),
            close_and_open,
        ]
    )  # fmt: skip
    assert {type(one).__name__ for one in results} <= {"Application", "Document", "Call", "Refused", "Conflict"}
    if isinstance(results[-1], Conflict):  # somebody handed in while it closed: it is closed and opened once more
        call = Call.objects.select_related("record").get(pk=call.pk)
        again = call if call.record.stage == "closed" else advance(CALL, call, "close", actor=officer)
        open_applications(actor=officer, call=again, code=code)
    stages = set(Application.objects.values_list("record__stage", "sealed"))
    assert stages <= {("submitted", False), ("missed", True)}
    assert not Document.objects.exclude(sealed=b"").exists()
    assert journal.verify().broken_seq is None


@pytest.mark.django_db
def test_the_unit_that_recommends_a_sealed_application_reads_it_as_its_own_unit_does():
    officer, unit, recommending = city.bureau(), city.organisation(kind="university"), city.organisation(kind="agency")
    own, reader = city.clerk(unit), city.clerk(recommending)
    named = {"recommenders": (recommending.record.code,), "recommend_until": now() + timedelta(days=25)}
    call, code = sealed_call(officer, **named, letter_optional=True)
    row = calls.application(call, unit, stage="draft", by=own, **WORDS, recommender=recommending.record.code)
    other = city.organisation()
    with pytest.raises(Refused):  # who recommends is kept outside the seal, and is still one that the call names
        facts = calls.application_facts(**WORDS, recommender=other.record.code)
        edit_application(actor=own, application=row, facts=facts, expected_version=row.record.version)
    place = f"/applications/{row.record.code}/"
    assert client_of(reader).get(place).status_code == 404  # a draft is its unit's alone
    row = advance(APPLICATION, row, "submit", actor=own)
    file = attach_document(
        actor=own, record=row.record, upload=Upload("函.txt", "推荐单位读到的".encode(), True), group="public"
    )
    held, desk = f"/documents/{file.pk}/", f"/calls/{call.record.code}/recommend/"

    everything, nothing = (set(SECRETS) - {b"QZDATEI", b"QZINHALT"}, True), (set(), False)

    def seen(actor):
        client = client_of(actor)
        answers = [client.get(one) for one in (place, held, desk)]
        told = [one.content for one in answers if one.status_code == 200]
        return found_in(*told), any("推荐单位读到的".encode() in one for one in told)

    assert (seen(reader), seen(officer)) == (everything, nothing)
    assert "but its unit and the one that recommends it" in client_of(reader).get(place).content.decode()
    recommend(actor=reader, call=call, applications=[row.record.code], letter_no="1", letter_on=today())
    assert (seen(reader), seen(officer)) == (everything, nothing)
    assert seen(city.member(other)) == nothing
    looks = Entry.objects.filter(kind="sealed.look", record=row.record, actor=reader.person)
    assert looks.count() == 1  # while it was a draft
    call = closed(call, officer)
    with pytest.raises(Refused) as refused:
        open_applications(actor=officer, call=call, code=code)
    assert [one.code for one in refused.value.problems] == ["recommending-open"]
    Call.objects.filter(pk=call.pk).update(recommend_until=now())
    open_applications(actor=officer, call=Call.objects.get(pk=call.pk), code=code)
    assert seen(officer) == everything


@pytest.mark.django_db
def test_whom_a_sealed_application_names_is_kept_nowhere_before_it_is_opened():
    officer, partner = city.officer(), city.organisation("粤材公司")
    asked = (Question("成员", "table", columns=[{"words": "单位", "kind": "unit"}]),)
    call, code = sealed_call(officer, questions=asked)
    row = calls.application(call, stage="submitted", answers=([["粤材公司"]],))
    assert list(row.partners.all()) == []
    calls.end_time_of(call)
    call = city.taken(CALL, call, [("close", officer)])
    open_applications(actor=officer, call=call, code=code)
    assert list(Application.objects.get(pk=row.pk).partners.all()) == [partner]
