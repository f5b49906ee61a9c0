"""An agreement is counted in the call that it came from by the consent of its sides alone, and no longer once one takes
that back."""

from datetime import date

import pytest

from kezhuan.areas.agreements import counting
from kezhuan.areas.agreements.actions import Due
from kezhuan.areas.agreements.counting_actions import agree_to_count, take_back_count
from kezhuan.areas.agreements.models import Agreement, CountedIn
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Entry
from kezhuan.kernel.models.parties import Role
from kezhuan.web import inbox
from tests.areas.crawling import client_of
from tests.areas.test_projects import codes
from tests.factories import agreements, calls, city, projects
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db


def fresh(row):
    return Agreement.objects.select_related("record__owner", "party").get(pk=row.pk)


def of(fen):
    """So much money, in one payment."""
    return {"amount_fen": fen, "payments": (Due("全款", fen),)}


def lines(officer, call, name="agreements"):
    """The rows of a table about a call as its page shows them, in words."""
    page = client_of(officer).get(f"/calls/{call.record.code}/tables/{name}/")
    assert page.status_code == 200
    return [[str(getattr(cell, "text", cell)) for cell in row] for row in page.context["table"].rows]


def everything(officer, call, row):
    """All that an officer of a call can reach of an agreement: pages, files, the interface of programs."""
    desk, found = client_of(officer), []
    for name in ("agreements", "edition"):
        address = f"/calls/{call.record.code}/tables/{name}/"
        found += [desk.get(address).content.decode(), str(taken(desk, address, "csv"))]
    found += [desk.get(f"/api/v1/calls/{call.record.code}").content.decode()]
    for address in (f"/agreements/{row.record.code}/", f"/api/v1/agreements/{row.record.code}"):
        assert desk.get(address).status_code == 404
    return "".join(found)


def test_no_figure_and_no_name_stands_anywhere_until_both_sides_agree_and_none_once_one_takes_that_back():
    officer, school, firm = city.bureau(), city.organisation("承担大学"), city.organisation("南粤材料公司")
    keeper, other = (city.member(unit, Role.ADMINISTRATOR) for unit in (school, firm))
    applied = projects.awarded(school, city.organisation("未告知公司"), by=officer)
    call = applied[0].item.call
    row = agreements.agreement(school, firm, by=keeper, answered_by=other, stage="active", **of(12_340_000))
    code = call.record.code

    def silent():
        told = everything(officer, call, row)
        assert "南粤材料公司" not in told
        assert "1234" not in told
        assert len(lines(officer, call)) == 1
        return lines(officer, call)[0][1]

    assert silent() == "Of 2 units that applied, 2 told of no agreement or did not agree to be counted."
    stranger, plain = city.clerk(city.organisation("旁观公司")), city.clerk(school)
    for actor in (stranger, plain, officer):
        with pytest.raises(NotAllowed):
            agree_to_count(actor=actor, agreement=row, call=code)
    assert client_of(stranger).get(f"/calls/{code}/tables/agreements/").status_code == 403
    assert codes(lambda: agree_to_count(actor=keeper, agreement=row, call="B-1999-00001")) == {"counted-call"}
    draft = calls.call(by=officer)
    assert codes(lambda: agree_to_count(actor=keeper, agreement=row, call=draft.record.code)) == {"counted-call"}

    desk, address = client_of(keeper), f"/agreements/{row.record.code}/"
    assert f"{address}counted/" in desk.get(address).content.decode()
    assert desk.post(f"{address}counted/", {"call": code, "on_site": "on"})["location"] == address
    said = CountedIn.objects.get(agreement=row)
    assert (said.owner_on is not None, said.party_on, said.on_site) == (True, None, True)
    silent()  # one side alone
    assert codes(lambda: agree_to_count(actor=other, agreement=row, call=code)) == {"counted-other"}  # on site or not
    CountedIn.objects.filter(agreement=row).update(owner_on=date(2026, 1, 2))
    assert agree_to_count(actor=keeper, agreement=row, call=code, on_site=True).owner_on == date(2026, 1, 2)
    theirs = client_of(other)
    body = {"call": code, "on_site": True}
    assert theirs.put(f"/api/v1{address}counted", body, content_type="application/json").status_code == 200
    assert theirs.get(f"/api/v1{address.rstrip('/')}").json()["counted_in"]["code"] == code

    first, last = lines(officer, call)
    assert first[1:9] == [
        "承担大学", "南粤材料公司", "licence (许可)", "contract (合同)", "", "12.34", first[7], "yes",
    ]  # fmt: skip
    assert last[1] == "Of 2 units that applied, 1 told of no agreement or did not agree to be counted."
    assert first[10] == "not yet"
    told = everything(officer, call, row)
    assert "南粤材料公司" in told
    assert row.record.title not in told  # nothing else of it
    assert dict(lines(officer, call, "edition"))["Solutions judged by a panel"] == "0"
    type(applied[0]).objects.filter(pk=applied[0].pk).update(judged_elsewhere={"score": "80"})
    edition = dict(lines(officer, call, "edition"))
    assert edition["Solutions judged by a panel"] == "1"  # as the hall tells
    assert (edition["Contracts signed"], edition["Amount of contracts (万元)"]) == ("1", "12.34")
    assert (edition["Intents signed"], edition["Amount of intents (万元)"]) == ("0", "0")
    assert (edition["Solutions handed in"], edition["Solutions chosen"], edition["Published on the list"]) == (
        "2",
        "2",
        "1",
    )
    assert edition["Units that applied of which no agreement is counted: none told, or no consent"] == "1 / 2"
    assert edition["Signed of those published"] == "100.0 %"

    before = Entry.objects.filter(record=row.record).count()
    assert f"{address}uncounted/" in theirs.get(address).content.decode()
    assert theirs.get(f"{address}uncounted/").status_code == 200
    assert theirs.post(f"{address}uncounted/")["location"] == address
    silent()
    assert Entry.objects.filter(record=row.record).count() == before + 1
    assert theirs.get(f"{address}uncounted/").status_code == 403
    assert codes(lambda: take_back_count(actor=other, agreement=row)) == {"counted-not"}
    assert desk.delete(f"/api/v1{address}counted").status_code == 200
    assert not CountedIn.objects.exists()


def test_intents_stand_apart_and_who_has_no_account_here_is_not_named_and_what_is_not_signed_is_not_said():
    officer, school = city.bureau(), city.organisation("承担大学")
    keeper = city.member(school, Role.ADMINISTRATOR)
    (applied,) = projects.awarded(school, by=officer)
    call, code = applied.item.call, applied.item.call.record.code
    draft = agreements.agreement(school, by=keeper)
    with pytest.raises(NotAllowed):
        agree_to_count(actor=keeper, agreement=draft, call=code)
    other = city.organisation("意向公司")
    theirs = city.member(other, Role.ADMINISTRATOR)
    intent = agreements.agreement(school, other, by=keeper, answered_by=theirs, stage="intent", amount_fen=50_000_000)
    agree_to_count(actor=keeper, agreement=intent, call=code, on_site=True)
    agree_to_count(actor=theirs, agreement=intent, call=code, on_site=True)
    outside = agreements.agreement(school, other, by=keeper, answered_by=theirs, stage="active", **of(30_000_000))
    Agreement.objects.filter(pk=outside.pk).update(party=None, party_name="外地保密公司")
    agree_to_count(actor=keeper, agreement=fresh(outside), call=code)
    rows = lines(officer, call)
    assert [row[2] for row in rows[:2]] == ["意向公司", "one without an account here"]
    assert [(row[5], row[6]) for row in rows[:2]] == [("50", ""), ("", "30")]
    assert "外地保密公司" not in everything(officer, call, outside)
    edition = lines(officer, call, "edition")
    figures = {at: figure for at, (_words, figure) in enumerate(edition)}
    assert [figures[at] for at in range(9, 17)] == ["1", "1", "50", "50", "1", "0", "30", "0"]
    counting.registered.append(lambda ids: {pk: "2026440100000001" for pk in ids if pk == outside.pk})
    try:
        assert [row[10] for row in lines(officer, call)[:2]] == ["not yet", "2026440100000001"]
        assert dict(lines(officer, call, "edition"))["Agreements registered later as technology contracts"] == "1"
    finally:
        counting.registered.pop()


ASKED = "agreement · to be counted in a call: answer it"


def asked_in(shown):
    """The codes of the agreements that these lines of an inbox ask about."""
    return [line.code for line in shown if line.label == ASKED]


def waits(actor, row):
    """Whether an agreement waits in somebody's inbox to be counted."""
    shown = inbox.lines(actor)
    assert inbox.count(actor) == len(shown)
    return asked_in(shown) == [row.record.code]


@pytest.mark.parametrize("first", ["owner", "party"])
def test_the_side_that_has_not_answered_finds_it_in_its_inbox_until_it_agrees_or_says_no(first):
    officer, school, firm = city.bureau(), city.organisation("承担大学"), city.organisation("南粤材料公司")
    keeper, other = (city.member(unit, Role.ADMINISTRATOR) for unit in (school, firm))
    (applied,) = projects.awarded(school, by=officer)
    code = applied.item.call.record.code
    row = agreements.agreement(school, firm, by=keeper, answered_by=other, stage="active", **of(12_340_000))
    asks, asked = (keeper, other) if first == "owner" else (other, keeper)
    address = f"/agreements/{row.record.code}/"
    theirs = client_of(asked)
    assert waits(asks, row) is waits(asked, row) is False
    assert theirs.get(f"{address}uncounted/").status_code == 403
    agree_to_count(actor=asks, agreement=row, call=code)
    assert (waits(asks, row), waits(asked, row)) == (False, True)
    assert not any(waits(city.clerk(unit), row) for unit in (asked.organisation, city.organisation()))
    page = theirs.get(address).content.decode()
    assert all(f"{address}{way}/" in page for way in ("counted", "uncounted"))
    assert "Our side does not agree" not in client_of(asks).get(address).content.decode()
    assert theirs.post(f"{address}uncounted/")["location"] == address
    assert not waits(asked, row)
    assert CountedIn.objects.get(agreement=row).refused_on is not None
    for actor in (asks, asked):
        assert "not agreed" in client_of(actor).get(address).content.decode()
    assert client_of(asks).get(f"/api/v1{address.rstrip('/')}").json()["refused_on"] is not None
    assert codes(lambda: take_back_count(actor=asked, agreement=fresh(row))) == {"counted-not"}
    # Asked anew, it waits anew; and who agrees and takes that back is not asked again.
    agree_to_count(actor=asks, agreement=row, call=code)
    assert waits(asked, row)
    agree_to_count(actor=asked, agreement=row, call=code)
    assert not waits(asked, row)
    take_back_count(actor=asked, agreement=row)
    assert not waits(asked, row)
    assert not CountedIn.objects.filter(refused_on=None).exists()


def test_nobody_is_asked_for_a_side_without_an_account_or_a_call_that_it_does_not_see():
    officer, school, firm = city.bureau(), city.organisation("承担大学"), city.organisation("南粤材料公司")
    keeper, other = (city.member(unit, Role.ADMINISTRATOR) for unit in (school, firm))
    (applied,) = projects.awarded(school, by=officer)
    code = applied.item.call.record.code
    row = agreements.agreement(school, firm, by=keeper, answered_by=other, stage="active", **of(12_340_000))
    agree_to_count(actor=keeper, agreement=row, call=code)
    call = applied.item.call.record
    for changed in ({"stage": "withdrawn"}, {"title_to": call.inner_to}):
        before = {name: getattr(call, name) for name in changed}
        type(call).objects.filter(pk=call.pk).update(**changed)
        assert asked_in(inbox.lines(other)) == []
        type(call).objects.filter(pk=call.pk).update(**before)
    assert asked_in(inbox.lines(other)) == [row.record.code]
    Agreement.objects.filter(pk=row.pk).update(party=None)
    assert not counting.waiting_for("party_on").exists()
