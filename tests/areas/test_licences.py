"""A firm takes a standard licence as it stands, and tries it first where that is offered."""

from datetime import timedelta

import pytest

from kezhuan.areas.agreements.licence_actions import LicenceFacts, draft_licence, take_licence
from kezhuan.areas.agreements.licence_lifecycle import LICENCE
from kezhuan.areas.agreements.lifecycle import AGREEMENT
from kezhuan.areas.agreements.models import Agreement, Licence
from kezhuan.areas.evidence.actions import told_in
from kezhuan.areas.evidence.reconstruction import reconstruct
from kezhuan.kernel.access import VISITOR, visible_to
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, Document, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import agreements, city
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(unit):
    return city.member(unit, Role.ADMINISTRATOR)


@pytest.fixture
def firm():
    return city.organisation("南粤材料公司")


@pytest.fixture
def taker(firm):
    return city.member(firm, Role.ADMINISTRATOR)


def refused(act):
    with pytest.raises(Refused) as stopped:
        act()
    return [one.code for one in stopped.value.problems]


def take(row, actor):
    record = Record.objects.get(pk=row.pk)
    return take_licence(actor=actor, licence=row, expected_version=record.version)


def test_a_firm_goes_from_a_results_page_to_a_licence_that_it_has(unit, keeper, firm, taker):
    tried = {"trial_months": 6, "trigger": "use", "due_days": 15, "royalty_bp": 300}
    row = agreements.licence(unit, by=keeper, **tried)
    about = row.achievement
    client = client_of(taker)
    page = client.get(f"/achievements/{about.code}/").content.decode()
    address = f"/licences/{row.record.code}/"
    assert address in page
    assert address in client_of(None).get(f"/achievements/{about.code}/").content.decode()
    assert f"{address}take/" in client.get(address).content.decode()
    assert f"{address}take/" not in client_of(None).get(address).content.decode()
    form = client.get(f"{address}take/").content.decode()
    assert "50,000" in form
    answer = client.post(f"{address}take/", {"version": row.record.version})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    made = Agreement.objects.select_related("record").get()
    assert answer["Location"] == f"/agreements/{made.record.code}/"
    version = made.in_force
    assert (made.record.stage, made.record.owner_id, made.party_id) == ("trial", unit.pk, firm.pk)
    assert [(one.planned_fen, one.due_on) for one in version.payments.all()] == [(5_000_000, None), (None, None)]
    assert (version.signed_by_id, version.offered_by_id) == (taker.person.pk, None)
    assert "普通许可" in version.words
    # Pressed twice it is one licence; the unit reads the agreement too.
    again = client.post(f"{address}take/", {"version": row.record.version})
    assert (again.status_code, Agreement.objects.count()) == (422, 1)
    assert client_of(keeper).get(answer["Location"]).status_code == 200
    # The trigger, then the invoice within so many days.
    made = advance(AGREEMENT, made, "trigger", actor=taker, note="首次销售")
    clock = Clock.objects.get(record=made.pk, name="payment", ended_on=None)
    assert (clock.name, clock.due_on, clock.party_id) == ("payment", today() + timedelta(days=15), firm.pk)
    # Owed from the first use, and not tried before: taken it is in force, and nothing is owed until one says so.
    made = take(agreements.licence(unit, by=keeper, **(tried | {"trial_months": 0})), taker)
    assert (made.record.stage, made.triggered_on) == ("active", None)
    made = advance(AGREEMENT, made, "trigger", actor=keeper, note="首次销售")
    assert Clock.objects.get(record=made.pk, name="payment", ended_on=None).due_on == today() + timedelta(days=15)


def test_a_licence_is_taken_as_it_was_read_by_those_who_may(unit, keeper, firm, taker):
    row = agreements.licence(unit, by=keeper)
    for stranger in (keeper, city.member(unit), city.member(firm), city.member(firm, Role.FINANCE), city.officer()):
        with pytest.raises(NotAllowed):
            take(row, stranger)
    with pytest.raises(Conflict):
        take_licence(actor=taker, licence=row, expected_version=row.record.version - 1)
    advance(LICENCE, row, "close", actor=keeper)
    with pytest.raises(Conflict):
        take(row, taker)
    assert not visible_to(VISITOR, Licence.objects.all()).exists()
    advance(LICENCE, row, "offer", actor=keeper)
    assert visible_to(VISITOR, Licence.objects.all()).count() == 1
    Record.objects.filter(pk=row.achievement_id).update(stage="withdrawn")
    assert refused(lambda: take(row, taker)) == ["licence-achievement"]
    assert not Agreement.objects.exists()


def test_what_is_wrong_with_a_licence_is_said(unit, keeper):
    inner = city.achievement(unit, stage="listed", by=keeper, secrecy="trade_secret").record
    for given, code in (
        ({"title": ""}, "title-missing"), ({"achievement": None}, "licence-achievement"),
        ({"achievement": city.achievement(city.organisation(), stage="listed").record}, "licence-achievement"),
        ({"months": 0}, "licence-months"), ({"fee_fen": -1}, "licence-price"),
        ({"royalty_bp": 10_001}, "licence-price"),
        ({"trigger": "x"}, "agreement-choice"), ({"trial_months": 61}, "agreement-trial"),
        ({"due_days": 366}, "agreement-due"),
    ):  # fmt: skip
        told = {"title": "许可", "achievement": inner, "months": 12} | given
        found = refused(lambda told=told: draft_licence(actor=keeper, owner=unit, facts=LicenceFacts(**told)))
        assert found == [code]
    row = agreements.licence(unit, by=keeper, stage="draft", achievement=inner, trigger="trial")
    assert refused(lambda: advance(LICENCE, row, "offer", actor=keeper)) == ["licence-achievement", "agreement-trial"]


def test_a_licence_is_offered_in_the_browser_and_taken_by_the_api(unit, keeper, taker):
    about = city.achievement(unit, stage="listed", by=keeper)
    client = client_of(keeper)
    assert (
        f"/licences/new/?achievement={about.record.code}"
        in client.get(f"/achievements/{about.record.code}/").content.decode()
    )
    typed = {
        "achievement": about.record.code, "title": "标准许可", "months": "36", "fee": "5", "trigger": "signed",
        "trial_months": "0", "due_days": "30",
    }  # fmt: skip
    assert client.post("/licences/new/", typed | {"months": "0"}).status_code == 422
    address = client.post("/licences/new/", typed)["Location"]
    row = Licence.objects.select_related("record").get()
    assert (row.fee_fen, row.record.stage) == (5_000_000, "draft")
    assert client_of(taker).get(address).status_code == 404
    row = advance(LICENCE, row, "offer", actor=keeper)
    version = client_of(taker).get(f"/api/v1{address[:-1]}").json()["version"]
    sent = {"version": version}
    made = client_of(taker).post(f"/api/v1{address}agreement", sent, content_type="application/json")
    assert made.status_code == 200, made.content
    assert Agreement.objects.get().record.stage == "active"


@pytest.mark.django_db(transaction=True)
def test_a_firm_that_presses_twice_takes_it_once(unit):
    row = agreements.licence(unit)
    taker = city.member(city.organisation(), Role.ADMINISTRATOR)
    results = at_once([lambda: take(row, taker) for _ in range(4)])
    assert sorted(type(one).__name__ for one in results) == ["Agreement", "Refused", "Refused", "Refused"]
    assert Agreement.objects.count() == 1
    # From then on its page leads to what the firm has in place of the offer.
    address = f"/licences/{row.record.code}/"
    had, other = client_of(taker), client_of(city.member(city.organisation(), Role.ADMINISTRATOR))
    told = f'href="/agreements/{Agreement.objects.get().record.code}/"'
    assert [told in one.get(address).content.decode() for one in (had, other)] == [True, False]
    assert [f"{address}take/" in one.get(address).content.decode() for one in (had, other)] == [False, True]


def test_what_is_offered_to_everybody_and_what_is_signed_is_kept_as_evidence():
    """At which price the unit bound itself, and which wording both sides signed; frozen before anything changes it."""
    unit, firm = city.organisation("南粤大学", kind="university"), city.organisation("南粤材料公司")
    keeper, buyer = city.member(unit, Role.LEGAL), city.member(firm, Role.ADMINISTRATOR)
    row = agreements.licence(unit, by=keeper, fee_fen=7_000_000, months=24)
    (file,) = Document.objects.filter(record=row.record, kind="evidence")
    told = told_in(file)
    assert (told["move"], told["by"], told["achievement"][0]) == ("offer", keeper.name, row.achievement.code)
    assert (told["matter"]["fee_fen"], told["matter"]["months"]) == (7_000_000, 24)
    assert {one.likeness for one in reconstruct(file).fields} == {"equal"}
    page = client_of(keeper).get(f"/licences/{row.record.code}/").content.decode()
    assert f"/evidence/{file.pk}/" in page
    assert f"/evidence/{file.pk}/" not in client_of(buyer).get(f"/licences/{row.record.code}/").content.decode()
    assert "70,000.00" in client_of(keeper).get(f"/evidence/{file.pk}/").content.decode()
    fresh = Licence.objects.select_related("record__owner", "achievement").get(pk=row.pk)
    taken = take_licence(actor=buyer, licence=fresh, expected_version=fresh.record.version)
    again = client_of(buyer).get(f"/licences/{row.record.code}/take/")
    told = f"Your organisation has this licence already: {taken.record.code}."
    assert (again.status_code, again.context["sentence"]) == (403, told)
    assert again.context["ways"][0].url == f"/agreements/{taken.record.code}/"
    (file,) = Document.objects.filter(record=taken.record, kind="evidence")
    told = told_in(file)
    (version,) = told["matter"]["versions"]
    assert (told["move"], version["wording"], version["scope"]) == ("sign", taken.in_force.wording, "ordinary")
    assert {one.likeness for one in reconstruct(file).fields} == {"equal"}
    # A change of price is another offer, with evidence of its own.
    row = advance(LICENCE, fresh, "close", actor=keeper)
    Licence.objects.filter(pk=row.pk).update(fee_fen=1)
    advance(
        LICENCE, Licence.objects.select_related("record__owner", "achievement").get(pk=row.pk), "offer", actor=keeper
    )
    offers = Document.objects.filter(record=row.record, kind="evidence").order_by("pk")
    assert [told_in(one)["matter"]["fee_fen"] for one in offers] == [7_000_000, 1]
