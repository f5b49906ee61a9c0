"""The audit: what is confidential is noted when it is shown, sign-ins are, and a month goes out as CSV to auditors."""

import csv
import io
from datetime import UTC, datetime

import pytest

from kezhuan.areas.matches.actions import refresh_suggestions
from kezhuan.config.commands import audit as command
from kezhuan.engines.tables import csv_lines
from kezhuan.kernel import audit, disclosures, jobs, journal
from kezhuan.kernel.access import SYSTEM, VISITOR
from kezhuan.kernel.audit import HEADER, Month, may_audit
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.models import Disclosure, Entry
from kezhuan.kernel.models.parties import Role
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.pairs import Pair

pytestmark = pytest.mark.django_db


def auditor():
    return city.member(city.organisation(kind="government", region="440100"), Role.AUDITOR)


def shown(kind="records.shown"):
    """Who was shown what, entry by entry."""
    return [(one.actor_id, one.data["shown"]) for one in Entry.objects.filter(kind=kind).order_by("seq")]


def look(actor, row, **more):
    answer = client_of(actor).get(
        f"/{'needs' if row.record.kind == 'need' else 'achievements'}/{row.record.code}/", **more
    )
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize(
    ("make", "facts", "why"),
    [
        (city.achievement, {"secrecy": "internal", "stage": "listed"}, "internal"),
        (city.achievement, {"secrecy": "trade_secret", "stage": "listed"}, "trade_secret"),
        (city.achievement, {"confidential": "配方", "stage": "listed"}, "confidential"),
        (city.achievement, {"stage": "listed"}, ""),
        (city.need, {"confidentiality": "closed_door", "stage": "published"}, "closed_door"),
        (city.need, {"confidentiality": "title_only", "stage": "published"}, "title_only"),
        (city.need, {"confidentiality": "public", "stage": "published"}, ""),
    ],
)
def test_first_look_of_a_day_at_what_is_confidential_and_not_ones_own_is_an_entry(make, facts, why):
    unit = city.organisation()
    row, own, bureau = make(unit, **facts), city.member(unit), city.officer()
    for actor in (own, bureau, bureau):
        look(actor, row)
    expected = [(bureau.person.pk, [str(row.record.uid)])] if why else []
    assert shown() == expected
    assert [one.data["why"] for one in Entry.objects.filter(kind="records.shown")] == ([[why]] if why else [])
    assert journal.verify().broken_seq is None


def test_title_that_everybody_may_read_is_no_disclosure():
    row = city.need(city.organisation(), stage="published", confidentiality="title_only")
    look(None, row)
    look(city.member(city.organisation()), row)
    assert shown() == []


def test_another_day_is_another_entry_and_the_days_before_are_forgotten(monkeypatch):
    row, bureau = city.achievement(city.organisation(), stage="listed", secrecy="internal"), city.officer()
    for day in ("2026-11-24", "2026-11-25", "2026-11-28"):
        monkeypatch.setattr(disclosures, "today", lambda day=day: datetime.fromisoformat(day).date())
        look(bureau, row)
        look(bureau, row)
    assert len(shown()) == 3
    disclosures.forget(None)
    assert [f"{one.on}" for one in Disclosure.objects.all()] == ["2026-11-28"]


def test_list_of_the_api_is_one_entry_and_pages_of_lines_are_none(django_assert_num_queries):
    unit, bureau = city.organisation(), city.officer()
    rows = [city.achievement(unit, stage="listed", secrecy="internal") for _ in range(3)]
    client = client_of(bureau)
    for address in ("/achievements/", "/search/?q=%E6%8A%9B%E5%85%89", "/"):
        assert client.get(address).status_code == 200
    assert shown() == []
    assert len(client.get("/api/v1/achievements").json()["items"]) == 3
    assert [(who, set(what)) for who, what in shown()] == [(bureau.person.pk, {str(row.record.uid) for row in rows})]
    with django_assert_num_queries(1) as asked:
        disclosures.note_shown(bureau, rows)
    assert "kernel_disclosure" in asked[0]["sql"]
    with django_assert_num_queries(0):
        disclosures.note_shown(bureau, [city_row for city_row in rows if city_row.record.owner is None])
    client.get(f"/api/v1/achievements/{rows[0].record.code}")
    assert len(shown()) == 1


def test_words_that_a_match_shares_with_what_is_not_public_are_noted_once():
    unit, firm, bureau = city.organisation(), city.organisation(), city.officer()
    need = city.need(firm, stage="published")
    inner, public = (city.achievement(unit, stage="listed", secrecy=one) for one in ("internal", "public"))
    refresh_suggestions([need.record.pk])
    address = f"/needs/{need.record.code}/"
    for actor in (bureau, city.member(unit), city.member(firm), None):
        page = client_of(actor).get(address).content.decode()
        assert public.record.code in page
        assert (inner.record.code in page) is (actor is bureau or (actor is not None and actor.organisation == unit))
    entries = [(bureau.person.pk, [str(inner.record.uid)])]
    assert shown() == entries
    assert Entry.objects.get(kind="records.shown").data["why"] == ["words"]
    # The same look again, on other pages and in the API, is the same look.
    client = client_of(bureau)
    for again in (address, f"/api/v1/needs/{need.record.code}/matches", f"/achievements/{inner.record.code}/"):
        assert inner.record.code in client.get(again).content.decode()
    assert shown() == entries


@pytest.mark.parametrize("path", ["/api/v1/needs/{}/matches", "/match/", "/api/v1/match"])
def test_words_of_matches_are_noted_wherever_they_are_told(path):
    unit, bureau = city.organisation(), city.officer()
    need, inner = (
        city.need(city.organisation(), stage="published"),
        city.achievement(unit, stage="listed", secrecy="internal"),
    )
    refresh_suggestions([need.record.pk])
    client = client_of(bureau)
    typed = {"text": f"{inner.record.title} {inner.record.summary}"}
    if path == "/match/":
        answer = client.post(path, typed)
    elif path == "/api/v1/match":
        answer = client.post(path, typed, content_type="application/json")
    else:
        answer = client.get(path.format(need.record.code))
    assert inner.record.code in answer.content.decode()
    assert shown() == [(bureau.person.pk, [str(inner.record.uid)])]


def test_words_of_an_introduction_are_noted_too():
    pair = Pair(result={"secrecy": "internal"})
    row, bureau = pair.introduced(pair.officer), city.officer()
    client_of(bureau).get(f"/introductions/{row.record.code}/")
    assert [what for who, what in shown() if who == bureau.person.pk and str(pair.supply.uid) in what] == [
        [str(pair.supply.uid)]
    ]


def test_export_tells_which_confidential_records_it_held():
    unit, bureau = city.organisation(), city.officer()
    secret = city.achievement(unit, stage="listed", secrecy="internal")
    city.achievement(unit, stage="listed")
    for actor in (bureau, city.member(unit)):
        answer = client_of(actor).post("/achievements/", {"export": "csv"})
        assert b"".join(answer.streaming_content)
    told = [one.data.get("shown") for one in Entry.objects.filter(kind="export.achievement").order_by("seq")]
    assert told == [[str(secret.record.uid)], None]


def test_archive_folder_tells_which_confidential_record_it_held(settings, tmp_path):
    settings.DATA = tmp_path
    unit, bureau = city.organisation(), city.officer()
    row = city.need(unit, stage="closed", confidentiality="title_only")
    for actor in (bureau, city.member(unit)):
        assert client_of(actor).post(f"/records/{row.record.code}/archive/").status_code == 302
        jobs.run_pending()
    told = [one.data.get("shown") for one in Entry.objects.filter(kind="export.archive").order_by("seq")]
    assert told == [[str(row.record.uid)], None]


def test_file_that_is_not_everybodys_is_noted_when_it_is_opened():
    unit, bureau = city.organisation(), city.officer()
    row = city.achievement(unit, stage="listed")
    files = {
        group: attach_document(
            actor=city.member(unit), record=row.record, group=group, upload=Upload("a.txt", group.encode(), True)
        )
        for group in ("public", "full")
    }
    client = client_of(bureau)
    for document in files.values():
        for _twice in range(2):
            assert client.get(f"/documents/{document.pk}/").status_code == 200
    href = f"/api/v1/achievements/{row.record.code}/documents/{files['full'].sha256}"
    assert client.get(href).status_code == client_of(city.member(unit)).get(href).status_code == 200
    opened = Entry.objects.filter(kind="document.opened").order_by("seq")
    assert [one.data["document"] for one in opened] == [files["full"].pk] * 2
    assert opened[0].actor == bureau.person


def test_contact_of_a_person_is_noted_for_others_than_colleagues():
    unit, bureau = city.organisation(), city.officer()
    one, colleague = city.member(unit), city.member(unit, Role.READER)
    for actor in (one, colleague, bureau):
        assert client_of(actor).get(f"/people/{one.person.record.code}/").status_code == 200
    assert shown() == [(bureau.person.pk, [str(one.person.record.uid)])]


def test_contacts_of_an_introduction_are_noted_for_its_two_sides():
    from kezhuan.areas.matches.lifecycle import INTRODUCTION
    from kezhuan.kernel.lifecycle import advance

    firm, unit = city.organisation(), city.organisation(kind="university")
    buyer, seller, bureau = city.member(firm), city.member(unit), city.officer()
    row = city.introduction(bureau, firm, unit)
    client_of(buyer).get(f"/introductions/{row.record.code}/")
    assert shown() == []
    row = advance(INTRODUCTION, row, "agree", actor=buyer)
    advance(INTRODUCTION, row, "agree", actor=seller)
    for actor in (buyer, seller, bureau):
        client_of(actor).get(f"/introductions/{row.record.code}/")
    assert shown() == [(actor.person.pk, [str(row.record.uid)]) for actor in (buyer, seller)]


def test_record_is_not_shown_when_the_entry_cannot_be_written(monkeypatch):
    row, bureau = city.achievement(city.organisation(), stage="listed", secrecy="internal"), city.officer()

    def away(*_arguments, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr(disclosures.journal, "note", away)
    client = client_of(bureau)
    client.raise_request_exception = False
    assert client.get(f"/achievements/{row.record.code}/").status_code == 500
    assert not Disclosure.objects.exists()


# -- a month -----------------------------------------------------------------------------------------------------------


def read(content):
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_month_is_taken_by_page_api_and_command_alike_and_only_by_auditors(monkeypatch, tmp_path, capsys):
    one = auditor()
    city.need(city.organisation(), stage="published")
    month = audit.present_month()
    everybody = {"visitor": None, "member": city.member(city.organisation()), "officer": city.officer(), "auditor": one}
    for who, actor in everybody.items():
        client = client_of(actor)
        answers = [
            client.get("/audit/"),
            client.post("/audit/", {"month": month.name}),
            client.get(f"/api/v1/audit/{month.name}"),
        ]
        allowed = may_audit.test(actor or VISITOR, None)
        assert allowed == (who == "auditor")
        if allowed:
            assert [answer.status_code for answer in answers] == [200, 200, 200]
            page, api = (read(b"".join(answer.streaming_content)) for answer in answers[1:])
            assert (page[0], api[: len(page)]) == (list(HEADER), page)
            assert [row[2] for row in api[len(page) :]] == ["export.audit"]
        else:
            assert {answer.status_code for answer in answers} <= {401, 403}, who
    monkeypatch.setattr(command, "start_django", lambda: True)
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    out = tmp_path / "月.csv"
    assert command.run([month.name, "--out", str(out)]) == 0
    rows = read(out.read_bytes())
    assert rows[: len(api)] == api
    entries = Entry.objects.order_by("seq")
    assert [int(row[0]) for row in rows[1:]] == list(entries.values_list("seq", flat=True))
    assert [row[10] for row in rows[1:]] == list(entries.values_list("hash", flat=True))
    taken = Entry.objects.filter(kind="export.audit").order_by("seq")
    assert [(entry.actor, entry.data["month"]) for entry in taken] == [
        (one.person, month.name), (one.person, month.name), (None, month.name)
    ]  # fmt: skip


def test_month_holds_codes_and_no_names():
    unit = city.organisation("穗芯公司")
    member = city.member(unit)
    row = city.need(unit, by=member, title="=抛光需求")
    content = b"".join(csv_lines(HEADER, audit.take_month(SYSTEM, audit.present_month())))
    text = content.decode()
    assert row.record.code in text
    assert member.person.record.code in text
    for word in ("穗芯", "抛光", member.person.record.title, member.person.email):
        assert word not in text


def test_month_begins_and_ends_in_shanghai():
    month = Month.read("2026-12")
    assert (month.before, month.end) == ("2026-11", datetime.fromisoformat("2027-01-01T00:00+08:00"))
    with journal.writing():
        for moment in ("2026-11-30T15:59:59", "2026-11-30T16:00:00", "2026-12-31T15:59:59", "2026-12-31T16:00:00"):
            journal.note("test.noted", at=datetime.fromisoformat(moment).replace(tzinfo=UTC), data={"at": moment})
    assert [one.data["at"] for one in audit.entries_of(month)] == ["2026-11-30T16:00:00", "2026-12-31T15:59:59"]


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-1", "11-2026", "2026-11-01", "0000-01", "9999-12", "②⓪"])
def test_what_is_no_month_is_one_sentence(text, monkeypatch, capsys):
    with pytest.raises(Refused):
        Month.read(text)
    monkeypatch.setattr(command, "start_django", lambda: True)
    assert command.run([text or " ", "--out", "x.csv"]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert client_of(auditor()).get("/audit/", {"month": text or "x"}).status_code == 422


def test_cells_are_no_formulas():
    (line,) = list(csv_lines(["=1"], [["+1"], ["@x"], [5]]))
    assert line.decode("utf-8-sig").splitlines() == ["'=1", "'+1", "'@x", "5"]


def test_auditor_reads_the_audit_and_nothing_more():
    one = auditor()
    need = city.need(city.organisation(), stage="published", confidentiality="closed_door")
    client = client_of(one)
    assert client.get(f"/needs/{need.record.code}/").status_code == 404
    for address in ("/jobs/", "/messages/", "/rules/new/"):
        assert client.get(address).status_code == 403
    assert client.get("/needs/new/").status_code == 403
    assert '"/audit/"' in client.get("/").content.decode()
    assert '"/audit/"' not in client_of(city.officer()).get("/").content.decode()


def test_nobody_is_made_an_auditor_by_an_administrator():
    from kezhuan.areas.people.actions import add_member
    from kezhuan.areas.people.member_actions import ROLES

    unit = city.organisation(kind="government")
    administrator, person = city.member(unit, Role.ADMINISTRATOR), city.member(city.organisation()).person
    assert not {Role.AUDITOR, Role.OFFICER} & set(ROLES)
    for actor in (administrator, city.officer()):
        with pytest.raises(NotAllowed):
            add_member(actor=actor, organisation=unit, person=person, role=Role.AUDITOR)
