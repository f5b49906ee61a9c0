"""Firms from elsewhere: funded work waits for the entity that they promised here; consortia in lists."""

import pytest

from kezhuan.areas.projects.actions import BY_SHARES, Planned, Share
from kezhuan.areas.projects.landing_actions import record_landing
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Decision, Member, Project
from kezhuan.areas.projects.payment_actions import pay
from kezhuan.areas.projects.permissions import is_concerned
from kezhuan.areas.projects.queries import sides_of, wording_of
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.areas.test_projects import codes
from tests.factories import city, projects
from tests.factories.projects import fresh
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db


def shares_of(row, members, lands):
    """Ten of a hundred million fen for each member; whoever lands by its code."""
    told = [(row.leader, row.fiscal_fen - 10_000_000 * len(members)), *((one, 10_000_000) for one in members)]
    return tuple(Share(unit.record.code, "攻关", fen, 0, unit in lands) for unit, fen in told)


def test_funded_work_of_a_member_from_elsewhere_waits_for_its_entity_here():
    officer = city.officer()
    firm = city.organisation("外地公司", kind="enterprise", region="330100")
    school = city.organisation("港湾大学", kind="hk_macao", region="")
    (chosen,) = projects.awarded(city.organisation("牵头公司"), by=officer)
    plan = {"payments": (Planned("fiscal", "signing", projects.AWARD, payee=BY_SHARES),), "firm_fen": 0, "own_fen": 0}
    members = [(firm, 10_000_000), (school, 10_000_000)]
    row = projects.project(chosen)
    shares = shares_of(row, [firm, school], [firm])
    plain = wording_of(fresh(row))
    made = projects.project_written(row, members, officer, shares=shares, **plan)
    assert wording_of(made) != plain
    numbers = {one.unit.pk: one.number for one in made.payments.select_related("payee__organisation")}
    done = {"voucher": "记-1", "on": today()}
    assert codes(lambda: pay(actor=officer, project=made, number=numbers[firm.pk], **done)) == {"payment-landing"}
    for unit in (made.leader, school):  # nobody else waits
        pay(actor=officer, project=made, number=numbers[unit.pk], **done)
    entity, elsewhere = city.organisation("外地公司广州子公司"), city.organisation("杭州公司", region="330100")

    def land(member=firm, unit=entity, by=officer, on=None):
        named = {"member": member.record.code, "entity": unit.record.code}
        return record_landing(actor=by, project=fresh(row), on=on or today(), **named)

    assert codes(lambda: land(member=school)) == {"landing-member"}
    assert codes(lambda: land(unit=elsewhere)) == {"landing-elsewhere"}
    for by in (city.clerk(firm), city.clerk(made.leader)):
        with pytest.raises(NotAllowed):
            land(by=by)
    browser, page = client_of(officer), f"/projects/{row.record.code}/"
    assert "promised, not recorded yet" in browser.get(page).content.decode()
    typed = {"member": firm.record.code, "entity": entity.record.code, "on": today().isoformat()}
    assert browser.post(f"{page}landing/", {**typed, "on": "2999-01-01"}).status_code == 422
    assert browser.post(f"{page}landing/", typed).status_code == 302
    assert browser.post(f"{page}landing/", typed).status_code == 404  # pressed twice
    with pytest.raises(Conflict):
        land()
    pay(actor=officer, project=fresh(row), number=numbers[firm.pk], **done)
    assert Decision.objects.filter(project=row, what="landing").count() == 1
    assert entity.record.title in browser.get(page).content.decode()
    (shown,) = [one for one in browser.get(f"/api/v1{page}".rstrip("/")).json()["members"] if one["lands"]]
    assert (shown["entity"]["code"], shown["landed_on"]) == (entity.record.code, today().isoformat())
    assert (entity.pk, "member") in sides_of(fresh(row))
    assert is_concerned.test(city.clerk(entity), fresh(row))
    assert is_concerned.among(city.clerk(entity), Project.objects.all()).get().pk == row.pk
    # The matrix of members, and of it those of Hong Kong and those that land.
    lists = {only: taken(browser, f"/payments/consortia/?only={only}", "csv") for only in ("", "hk-macao", "landing")}
    assert [len(one) for one in lists.values()] == [3, 1, 1]
    assert lists["hk-macao"][0]["name of the unit"] == "港湾大学"
    assert (lists["landing"][0]["entity in the city"], lists["landing"][0]["part"]) == (entity.record.title, "member")
    assert browser.get("/payments/consortia/?only=landing").status_code == 200


def test_a_leader_from_elsewhere_signs_when_its_entity_is_there():
    officer, leader = city.officer(), city.organisation("外地牵头公司", region="330100")
    (chosen,) = projects.awarded(leader, by=officer)
    row = projects.project(chosen)
    filed = projects.project_written(row, [], officer, shares=shares_of(row, [], [leader]), stage="filed", own_fen=0)
    assert codes(lambda: advance(PROJECT, filed, "sign", actor=officer)) == {"landing-missing"}
    entity = city.organisation("广州新公司")
    record_landing(
        actor=officer, project=fresh(row), member=leader.record.code, entity=entity.record.code, on=today()
    )  # fmt: skip
    assert advance(PROJECT, fresh(row), "sign", actor=officer).record.stage == "signed"
    assert Member.objects.get(project=row).entity_id == entity.pk
