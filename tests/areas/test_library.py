"""The project library: what is chosen stands there in an order until a budget document funds it, then its project
begins; each of the two steps may be left out."""

import pytest

from kezhuan.areas.calls.library_actions import BudgetFacts, issue_budget, order_library, withdraw_budget
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, BudgetDocument, Call, LibraryEntry
from kezhuan.areas.calls.place_actions import Place
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.areas.projects.actions import open_project
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import calls, city

pytestmark = pytest.mark.django_db
AWARD = 50_000_000


def chosen(officer, *units, **steps):
    """Applications of these units, all chosen with money in a call with these steps after its decision."""
    call = calls.call(stage="published", by=officer, places=[Place("概念验证", winners=9)], **steps)
    rows = [calls.application(call, unit, stage="qualified", commitments=()) for unit in units]
    calls.end_time_of(call)
    call = advance(CALL, Call.objects.get(pk=call.pk), "close", actor=officer)
    proposed = {one.record.code: Proposed(True, "可行", AWARD) for one in rows}
    advance(CALL, propose(actor=officer, call=call, proposed=proposed), "decide", actor=officer)
    found = Application.objects.select_related("record", "item__call__record", "item__poster", "applicant__record")
    return list(found.filter(item__call=call).order_by("pk"))


def codes(act):
    with pytest.raises(Refused) as refused:
        act()
    return {problem.code for problem in refused.value.problems}


def facts(lines, **more):
    return BudgetFacts(
        **{
            "number": "穗财〔2026〕12号",
            "year": 2026,
            "subject": "2060404",
            "issued_on": today(),
            "lines": lines,
            **more,
        }
    )


def test_what_is_chosen_waits_in_its_order_until_a_budget_document_funds_it_and_then_begins():
    officer = city.officer()
    units = [city.organisation(f"大学{n}", kind="university") for n in range(3)]
    rows = chosen(officer, *units, keeps_library=True, awaits_budget=True)
    first, second, third = (one.record.code for one in rows)
    heads = [city.clerk(unit) for unit in units]
    with pytest.raises(NotAllowed):  # nothing funds it yet, for nobody
        open_project(actor=heads[0], application=rows[0])
    with pytest.raises(NotAllowed):
        open_project(actor=officer, application=rows[0])
    # Its unit and the officers are told what it waits for, and on the page of the library what all that waits comes to.
    waits = "It waits in the project library"
    for reader, told in ((heads[0], True), (officer, True), (heads[1], False)):
        page = client_of(reader).get(f"/applications/{first}/project/")
        assert (page.status_code, waits in page.content.decode()) == (403, told)
    assert (
        f"Projects: 3; together CNY {3 * AWARD / 1e8:.2f} million"
        in client_of(officer).get("/library/").content.decode()
    )
    order_library(actor=officer, codes=[third, first])
    places = LibraryEntry.objects.order_by("place").values_list("application__record__code", "amount_fen", "left_on")
    assert list(places) == [(third, AWARD, None), (first, AWARD, None), (second, AWARD, None)]
    assert codes(lambda: order_library(actor=officer, codes=["K-1999-00001"])) == {"library-unknown"}

    def issue(lines, actor=officer, **more):
        return issue_budget(actor=actor, facts=facts(lines, **more))

    assert codes(lambda: issue({})) == {"budget-empty"}
    assert codes(lambda: issue({third: AWARD + 1})) == {"budget-amount"}
    assert codes(lambda: issue({first: AWARD})) == {"budget-order"}
    assert codes(lambda: issue({third: AWARD}, number=" ", year=1)) == {"budget-number", "budget-year"}
    # Who acts for an applicant funds nothing of it; officers of another district and units nothing at all.
    both = city.officer()
    add_member(actor=SYSTEM, organisation=units[2], person=both.person, role=Role.READER)
    assert codes(lambda: issue({third: AWARD}, actor_for(both.person, both.organisation.pk))) == {"library-unknown"}
    offered = [client_of(both).get(f"/library/{page}/").content.decode() for page in ("order", "documents/new")]
    assert [(first in page, third in page) for page in offered] == [(True, False), (True, False)]
    assert f"{first}\n{second}" in offered[0]  # each in its line, as it is to be kept
    assert codes(lambda: issue({third: AWARD}, city.officer("440117"))) == {"library-unknown"}
    with pytest.raises(NotAllowed):
        issue({third: AWARD}, heads[2])
    made = issue({third: 40_000_000, second: AWARD}, note="第二项需年内启动")
    assert codes(lambda: issue({first: AWARD})) == {"budget-twice"}
    assert codes(lambda: issue({third: AWARD}, number="穗财〔2026〕13号")) == {"library-unknown"}  # it has left
    withdraw_budget(actor=officer, document=made)
    with pytest.raises(Conflict):
        withdraw_budget(actor=officer, document=made)
    made = issue({third: 40_000_000}, number="穗财〔2026〕13号")
    project = open_project(actor=heads[2], application=rows[2])
    assert (project.fiscal_fen, project.members.get().fiscal_fen) == (40_000_000, 40_000_000)
    with pytest.raises(Conflict):  # its project has begun
        withdraw_budget(actor=officer, document=made)


def test_either_step_may_be_left_out_and_the_pages_say_where_a_project_stands():
    officer = city.officer()
    unit, other = city.organisation("大学甲", kind="university"), city.organisation("大学乙", kind="university")
    (kept,) = chosen(officer, unit, keeps_library=True)
    (asked,) = chosen(officer, other, awaits_budget=True)
    (plain,) = chosen(officer, city.organisation("大学丙", kind="university"))
    assert set(LibraryEntry.objects.values_list("application", flat=True)) == {kept.pk, asked.pk}
    with pytest.raises(NotAllowed):  # the officers take it out of the library, in its turn
        open_project(actor=city.clerk(unit), application=kept)
    assert codes(lambda: issue_budget(actor=officer, facts=facts({kept.record.code: 1}))) == {"budget-unasked"}
    desk, mine = client_of(officer), client_of(city.clerk(unit))
    page = desk.get("/library/").content.decode()
    assert kept.record.code in page
    assert asked.record.code in page
    assert mine.get("/library/").status_code == 403
    assert "waits since" in mine.get(f"/applications/{kept.record.code}/").content.decode()
    open_project(actor=officer, application=kept)
    open_project(actor=city.clerk(plain.applicant), application=plain)
    assert LibraryEntry.objects.get(pk=kept.pk).left_on == today()
    assert kept.record.code in desk.get("/library/?state=left").content.decode()
    # In the browser: the order, then the document, pressed twice, then taken back.
    assert desk.post("/library/order/", {"codes": asked.record.code}).status_code == 302
    typed = {
        "number": "穗财〔2026〕20号", "year": "2026", "subject": "2060404", "issued_on": f"{today():%Y-%m-%d}",
        f"takes_{asked.pk}": "on", f"fen_{asked.pk}": "12.5",
    }  # fmt: skip
    assert desk.post("/library/documents/new/", typed | {f"fen_{asked.pk}": ""}).status_code in {200, 422}
    sent = desk.post("/library/documents/new/", typed)
    assert sent.status_code == 302, sent.content.decode()
    assert desk.post("/library/documents/new/", typed).status_code in {200, 422}
    document = BudgetDocument.objects.get()
    assert document.entries.get().funded_fen == 12_500_000
    assert "穗财〔2026〕20号" in desk.get(sent["Location"]).content.decode()
    shown = desk.get("/api/v1/library/documents").json()["items"]
    assert [one["entries"][0]["funded_fen"] for one in shown] == [12_500_000]
    assert desk.get("/library/?format=csv&state=left").status_code in {200, 302}
    assert desk.post(f"/library/documents/{document.pk}/withdraw/").status_code == 302
    assert "names nothing" in desk.get(sent["Location"]).content.decode()
    assert [one["application"] for one in desk.get("/api/v1/library").json()["items"]] == [asked.record.code]


def test_whoever_is_in_charge_of_a_part_of_a_budget_document_reads_it_and_is_not_offered_to_withdraw_it():
    officer, district = city.officer(), city.officer("440106")
    (here,) = chosen(district, city.organisation("大学甲", kind="university"), awaits_budget=True)
    (there,) = chosen(officer, city.organisation("大学乙", kind="university"), awaits_budget=True)
    lines = {one.record.code: AWARD for one in (here, there)}
    address = f"/library/documents/{issue_budget(actor=officer, facts=facts(lines)).pk}/"
    assert f"{address}withdraw/" in client_of(officer).get(address).content.decode()
    page = client_of(district).get(address).content.decode()
    assert (here.record.code in page, there.record.code in page) == (True, False)
    assert f"{address}withdraw/" not in page
