"""报送: what a unit keeps inside is its own, whole, everywhere; the bureau reads what is filed, as it was filed."""

import hashlib
import json
from datetime import date, timedelta

import pytest
from django.utils import translation

from kezhuan.areas.dossiers.actions import DossierFacts, edit_dossier
from kezhuan.areas.dossiers.lifecycle import DOSSIER
from kezhuan.areas.filings.actions import file_record
from kezhuan.areas.filings.lifecycle import FILING
from kezhuan.areas.filings.queries import totals_for
from kezhuan.areas.inspections.actions import prepare_inspection
from kezhuan.kernel import followers, journal, registry
from kezhuan.kernel.access import GROUPS, OFFICER, Audiences, actor_for, can_view, groups_seen, visible_to
from kezhuan.kernel.documents import Upload, attach_document, documents_of, may_attach, withdraw_document
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.filings import Content, Figure, Telling, frozen
from kezhuan.kernel.garbage import remove_unneeded
from kezhuan.kernel.lifecycle import Lifecycle, advance
from kezhuan.kernel.models import Document, Entry, Filing, Record, User
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.search import Asked, search
from kezhuan.kernel.text import today
from kezhuan.web.templatetags.kezhuan import wan
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db
WORD = "底价三百八十万qzxv"


def fresh(row):
    return Record.objects.select_related(*(f"{group}_to" for group in GROUPS)).get(pk=row.pk)


def kept(unit, by, *, words=WORD, **facts):
    """A dossier of the unit with a file."""
    row = city.dossier(unit, by=by, summary=words, **facts)
    file = attach_document(actor=by, record=row.record, upload=Upload("定价.txt", words.encode(), True), group="inner")
    return row, file


def changed(by, row, **facts):
    row = registry.row_of(row.record)
    told = {"title": row.record.title, "sort": row.sort, "on": row.on, "summary": row.record.summary,
            "amount_fen": row.amount_fen, "number": row.number}  # fmt: skip
    return edit_dossier(
        actor=by, dossier=row, facts=DossierFacts(**(told | facts)), expected_version=row.record.version
    )


@pytest.fixture
def unit():
    return city.organisation("南粤大学", kind="university", region="440106")


@pytest.fixture
def boss(unit):
    return city.member(unit, Role.ADMINISTRATOR)


# -- inside ------------------------------------------------------------------------------------------------------------


def everywhere(actor, row, file):
    """Whether the actor meets the record or its file, place by place."""
    followers.run_pending()
    client, code = client_of(actor), row.record.code
    kind = row.record.kind
    address = f"/{kind}s/{code}/"

    def words(path, method="get", data=None):
        answer = getattr(client, method)(path, data) if data is not None else getattr(client, method)(path)
        content = answer.getvalue() if answer.streaming else answer.content
        return content.decode("utf-8-sig", errors="ignore")

    return {
        "page": client.get(address).status_code == 200,
        "list": code in words(f"/{kind}s/"),
        "search": code in words(f"/search/?q={WORD}"),
        "index": search(actor, Asked(words=WORD)).records == [row.pk],
        "count": search(actor, Asked(kinds=(kind,), facets=("stage",))).total > 0,
        "export": code in words(f"/{kind}s/", "post", {"export": "csv"}),
        "document": client.get(f"/documents/{file.pk}/").status_code == 200,
        "api": client.get(f"/api/v1/{kind}s/{code}").status_code == 200,
        "api list": code in words(f"/api/v1/{kind}s"),
        "api search": code in words(f"/api/v1/search?q={WORD}"),
        "api history": client.get(f"/api/v1/{kind}s/{code}/history").status_code == 200,
        "api document": client.get(f"/api/v1/{kind}s/{code}/documents/{file.sha256}").status_code == 200,
        "paper": client.get(f"/records/{code}/papers/").status_code == 200,
        "signatures": client.get(f"/records/{code}/signatures/").status_code == 200,
        "queryset": visible_to(actor, Record.objects.filter(pk=row.pk)).exists(),
        "predicate": bool(groups_seen(actor, fresh(row))),
    }


def test_bureau_officer_and_an_inner_record_of_a_university_is_refused_everywhere(unit, boss):
    row, file = kept(unit, boss)
    inside = everywhere(boss, row, file)
    assert inside == dict.fromkeys(inside, True)
    for stranger in (
        city.officer(), city.officer("440106"), city.member(unit), city.member(unit, Role.READER),
        city.member(unit, Role.LEGAL), city.member(city.organisation(), Role.ADMINISTRATOR),
    ):  # fmt: skip
        assert everywhere(stranger, row, file) == dict.fromkeys(inside, False), stranger.roles
    finance = everywhere(city.member(unit, Role.FINANCE), row, file)
    assert finance == dict.fromkeys(inside, True)


def test_no_officer_opens_changes_or_admits_to_what_a_unit_keeps_inside(unit, boss):
    row, _file = kept(unit, boss)
    bureau = city.officer()
    for act in (
        lambda: city.dossier(unit, by=bureau),
        lambda: changed(bureau, row, title="改"),
        lambda: file_record(actor=bureau, row=row),
        lambda: advance(DOSSIER, row, "close", actor=bureau),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert not may_attach(bureau, registry.row_of(fresh(row)))
    with pytest.raises(Refused) as refused:
        prepare_inspection(
            actor=bureau, email="nobody@example.com", body="审计局", letter_no="1", since=today(), until=today(),
            codes=[row.record.code],
        )  # fmt: skip
    assert "matters-unknown" in {one.code for one in refused.value.problems}


def test_audience_of_an_inner_kind_names_nobody_outside_the_unit(unit, boss):
    row, _file = kept(unit, boss)
    for tokens in (
        {OFFICER},
        {"public"},
        {f"org:{unit.pk}1"},
        {f"person:{boss.person.pk}"},
        {f"org:{unit.pk}0:finance"},
    ):
        life = Lifecycle(
            "dossier", "D", list(DOSSIER.stages.values()), (), inner=True,
            audience=lambda _row, t=tokens: Audiences.nested(title=t),
        )  # fmt: skip
        with pytest.raises(ValueError, match="inner record"):
            life.refresh_audience(row)
    for kind in registry.kinds():
        # What is the unit's own until it is handed in is filed too.
        assert kind.lifecycle.inner is (kind.filing is not None) or kind.slug in {"agreement", "contract", "evaluation"}


# -- filed -------------------------------------------------------------------------------------------------------------


def test_filing_gives_the_officers_in_charge_that_version_and_nothing_of_what_comes_after(unit, boss):
    row, file = kept(unit, boss, amount_fen=380_000_000)
    filing = file_record(
        actor=boss, row=row, region="440106", programme="achievement", files=[file.pk], note="年度报送"
    )
    (copy,) = documents_of(filing.record, GROUPS)
    city_wide, district, elsewhere = city.officer(), city.officer("440106"), city.officer("440117")
    for actor, reads in ((city_wide, True), (district, True), (elsewhere, False), (city.member(unit), False)):
        seen = everywhere(actor, filing, copy)
        assert seen == dict.fromkeys(seen, reads), actor.charges
        # The record itself stays closed; its file is open as the filing's alone.
        inner = everywhere(actor, row, file)
        inner = {place: met for place, met in inner.items() if "search" not in place and place != "index"}
        assert inner == dict.fromkeys(inner, False)
    row = changed(boss, row, summary="底价改为四百万", amount_fen=400_000_000)
    withdrawn = Document.objects.select_related("record").get(pk=file.pk)
    withdraw_document(actor=boss, row=registry.row_of(row.record), document=withdrawn)
    remove_unneeded(timedelta(0))
    client = client_of(district)
    shown = client.get(f"/filings/{filing.record.code}/").content.decode()
    assert WORD in shown
    assert "四百万" not in shown
    assert client.get(f"/documents/{copy.pk}/").status_code == 200
    content = Filing.objects.get(pk=filing.pk).content
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert filing.content_hash == hashlib.sha256(canonical).hexdigest()
    assert "changed since" in client_of(boss).get(f"/filings/{filing.record.code}/").content.decode()
    assert "changed since" not in shown
    assert not may_attach(boss, registry.row_of(fresh(filing)))
    assert not may_attach(district, registry.row_of(fresh(filing)))


def test_newer_filing_corrects_the_earlier_which_stays_readable_and_totals_follow(unit, boss):
    bureau = city.officer()
    row, _file = kept(unit, boss, amount_fen=380_000_000, on=date(2026, 3, 1))
    first = file_record(actor=boss, row=row)
    with pytest.raises(Refused) as refused:
        file_record(actor=boss, row=row)
    assert [one.code for one in refused.value.problems] == ["filing-same"]
    assert first.record.code in refused.value.problems[0].message
    row = changed(boss, row, amount_fen=400_000_000)
    assert [(one.kind, one.year, one.filings, one.fen) for one in totals_for(bureau)] == [
        ("dossier", 2026, 1, 380_000_000)
    ]
    second = file_record(actor=boss, row=row)
    district = file_record(actor=boss, row=row, region="440106")
    rows = Filing.objects.order_by("pk").values_list("record__stage", "number", "corrects")
    assert list(rows) == [("superseded", 1, None), ("filed", 2, first.pk), ("filed", 1, None)]
    assert can_view(bureau, fresh(first), "full")
    page = client_of(bureau).get(f"/filings/{first.record.code}/").content.decode()
    assert second.record.code in page
    # Filed to the city and to its district it counts once.
    assert [(one.filings, one.units, one.fen) for one in totals_for(bureau)] == [(1, 1, 400_000_000)]
    assert [one.fen for one in totals_for(city.officer("440106"))] == [400_000_000]
    assert totals_for(city.officer("440117")) == totals_for(city.member(unit)) == []
    with translation.override("en"):
        assert str(wan(380_000_000)) in page
        assert str(wan(400_000_000)) in client_of(bureau).get("/filings/").content.decode()
    kinds = Entry.objects.filter(record=row.pk, kind="filing.made").count()
    assert (kinds, district.number, journal.verify().broken_seq) == (3, 1, None)


def test_totals_are_the_sum_over_units_by_figure_and_year(django_assert_num_queries):
    bureau = city.officer()
    for number, (sort, year, fen) in enumerate(
        [("price", 2025, 1), ("price", 2025, 20), ("price", 2026, 300), ("income", 2026, 4000)]
    ):
        unit = city.organisation(f"单位甲{number}")
        by = city.member(unit, Role.ADMINISTRATOR)
        file_record(actor=by, row=city.dossier(unit, by=by, sort=sort, on=date(year, 1, 2), amount_fen=fen))
    with django_assert_num_queries(1):
        found = {(f"{one.label}", one.year): (one.filings, one.units, one.fen) for one in totals_for(bureau)}
    assert found == {
        ("pricing", 2025): (2, 2, 21), ("pricing", 2026): (1, 1, 300), ("income", 2026): (1, 1, 4000),
    }  # fmt: skip


def test_what_is_wrong_with_a_filing_is_said(unit, boss):
    row, _file = kept(unit, boss)
    _other, foreign = kept(unit, boss, words="别的材料")
    for given, code in (
        ({"region": "440117"}, "filing-bureau"), ({"programme": "unknown"}, "filing-programme"),
        ({"files": [foreign.pk]}, "filing-files"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            file_record(actor=boss, row=row, **given)
        assert [one.code for one in refused.value.problems] == [code]
    assert not Filing.objects.exists()
    gone = advance(DOSSIER, city.dossier(unit, by=boss), "discard", actor=boss)
    with pytest.raises(NotAllowed):
        file_record(actor=boss, row=gone)
    file_record(actor=boss, row=row)
    with pytest.raises(Refused) as refused:
        advance(DOSSIER, row, "discard", actor=boss)
    assert [one.code for one in refused.value.problems] == ["dossier-filed"]
    with pytest.raises(NotAllowed):
        advance(FILING, Filing.objects.get(), "supersede", actor=boss)
    with pytest.raises(ValueError, match="without a name"):
        frozen(Telling(lambda _row: Content("x", (), figures=(Figure("y", 1, today()),))), row, ())


def test_filing_in_the_browser_and_by_the_api(unit, boss):
    row, file = kept(unit, boss, amount_fen=120_000_000)
    client, code = client_of(boss), row.record.code
    assert f"/records/{code}/file/" in client.get(f"/dossiers/{code}/").content.decode()
    form = client.get(f"/records/{code}/file/").content.decode()
    assert WORD in form
    answer = client.post(f"/records/{code}/file/", {"region": "440106", "programme": "all", "attached": [file.pk]})
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200
    assert answer["Location"] in client.get(f"/dossiers/{code}/").content.decode()
    again = client.post(f"/records/{code}/file/", {"region": "440106", "programme": "all", "attached": [file.pk]})
    assert again.status_code == 422
    asked = {"record": code, "files": [file.sha256], "note": "年报"}
    made = client.post("/api/v1/filings", asked, content_type="application/json")
    assert made.status_code == 201, made.content
    shown = client_of(city.officer()).get(made.headers["Location"]).json()
    assert shown["content"]["figures"] == [
        {"name": "price", "label": "pricing", "fen": 120_000_000, "on": today().isoformat()}
    ]
    assert (shown["about"], shown["about_kind"], shown["number"], shown["note"]) == (None, "dossier", 1, "年报")
    wrong = client.post("/api/v1/filings", asked | {"files": ["0" * 64]}, content_type="application/json")
    assert wrong.status_code == 422
    assert client_of(city.officer()).post(f"/records/{code}/file/").status_code == 404
    assert client.get(f"/records/{city.need(unit, by=boss).record.code}/file/").status_code == 404


def test_officers_look_at_a_filing_is_noted(unit, boss):
    row, _file = kept(unit, boss)
    filing = file_record(actor=boss, row=row)
    for actor in (city.officer(), boss):
        client_of(actor).get(f"/filings/{filing.record.code}/")
    (entry,) = Entry.objects.filter(kind="records.shown")
    assert entry.data["shown"] == [str(filing.record.uid)]


def test_deputy_of_one_programme_reads_and_files_nothing_inner(unit, boss):
    from kezhuan.areas.people.deputy_actions import name_deputy
    from kezhuan.kernel.deputies import standing_in

    row, _file = kept(unit, boss)
    colleague = city.member(unit)
    for programme, reads in (("achievement", False), ("", True)):
        named = name_deputy(actor=boss, person=colleague.person, programme=programme, since=today(), until=today())
        stands = standing_in(actor_for(colleague.person), named.pk)
        assert can_view(stands, fresh(row)) is reads
        assert registry.may_file(stands, registry.row_of(fresh(row))) is reads


@pytest.mark.django_db(transaction=True)
def test_two_who_file_at_once_make_one_filing(unit):
    actors = [city.member(unit, Role.ADMINISTRATOR) for _ in range(6)]
    row = city.dossier(unit, by=actors[0])
    results = at_once([lambda actor=actor: file_record(actor=actor, row=row) for actor in actors])
    assert Filing.objects.count() == 1
    assert sorted(type(one).__name__ for one in results) == ["Filing", *["Refused"] * 5]
    assert journal.verify().broken_seq is None


def test_demo_city_keeps_files_and_corrects(unit):
    from kezhuan.demo.procedures import DOSSIERS, keep_and_file

    for who, role in (("university", Role.ADMINISTRATOR), ("finance", Role.FINANCE)):
        actor = city.member(unit, role)
        User.objects.create_user(f"{who}@demo.kezhuan", "", person=actor.person)
    city.achievement(unit, stage="listed")
    told = []
    keep_and_file(lambda *said: told.append(said))
    assert told[-1] == ("dossiers", len(DOSSIERS), len(DOSSIERS))
    stages = list(Filing.objects.order_by("pk").values_list("record__stage", flat=True))
    assert stages == ["superseded", "filed", "filed"]
    assert sum(one.fen for one in totals_for(city.officer())) == 520_000_000


def test_what_a_filed_code_means_is_told_in_the_readers_language_while_it_stands():
    unit = city.organisation()
    keeper = city.member(unit, Role.ADMINISTRATOR)
    row = city.dossier(unit, by=keeper)
    filed = city.filing(row, keeper)

    def told(**more):
        return client_of(keeper).get(f"/filings/{filed.record.code}/", **more).context["told"][0][1]

    assert filed.content["facts"][0][1] == "定价"
    assert (told(), told(headers={"accept-language": "zh-CN"})) == ("pricing", "定价")
    later = DossierFacts(title="协议定价材料", sort="income", on=today())
    edit_dossier(actor=keeper, dossier=row, facts=later, expected_version=row.record.version)
    assert told() == "定价"  # as it was filed
