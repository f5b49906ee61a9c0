"""What the demo city does with rights: grants, income, and the separate ledger."""

import pytest
from django.db import transaction

from kezhuan.areas.approvals.permissions import steps_waiting_for
from kezhuan.areas.approvals.queries import evidence_for
from kezhuan.areas.evidence.actions import EVIDENCE, told_in
from kezhuan.areas.evidence.reconstruction import evidence_files, reconstruct
from kezhuan.areas.exemptions.models import ExemptionCase
from kezhuan.areas.ledger.models import LedgerEntry
from kezhuan.areas.prices.actions import open_quote
from kezhuan.areas.prices.models import Price
from kezhuan.areas.rights.actions import sign_split
from kezhuan.areas.rights.models import Distribution, RightsGrant
from kezhuan.demo import build, line
from kezhuan.demo import grants as demo_grants
from kezhuan.demo.exemptions import examine_decision
from kezhuan.demo.grants import GRANTS, INVENTOR, grant_rights
from kezhuan.demo.income import RECEIPTS, distribute_income
from kezhuan.demo.ledger import DESCRIBED, keep_ledger
from kezhuan.demo.licences import AGREEMENTS, LICENCES, take_licences
from kezhuan.demo.line import walk_the_line
from kezhuan.demo.prices import PRICES, QUOTES, find_prices, quote_of
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.models import Document, Identifier, Record, User
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.notices import required_days
from tests.areas.crawling import client_of
from tests.factories import city, grants

pytestmark = pytest.mark.django_db


def test_demo_city_grants_rights_distributes_income_and_keeps_a_ledger(settings, tmp_path, monkeypatch):
    settings.DATA = tmp_path
    for name in ("EVALUATED", "PRICED", "CONTRACTED", "PAID", "DISTRIBUTED"):
        monkeypatch.setattr(line, name, 1)
    monkeypatch.setattr(demo_grants, "AGREED", 1)
    unit = city.organisation("南粤大学", kind="university", region="440106")
    people = [city.member(unit), city.member(unit)]

    finance = city.member(unit, Role.FINANCE)
    boss = city.member(unit, Role.ADMINISTRATOR)
    leader = city.member(unit, Role.ADMINISTRATOR)
    legal = city.member(unit, Role.LEGAL)
    people_of_it = {
        "university": boss, "officer": city.officer(), "finance": finance, "leader": leader, "legal": legal,
    }  # fmt: skip
    for who, actor in people_of_it.items():
        User.objects.create_user(f"{who}@demo.kezhuan", "", person=actor.person)
    firm = city.organisation("受让公司", region="440106")
    Identifier.objects.create(record=firm.record, scheme="uscc", value="91440101MA59HUKE23")
    Identifier.objects.create(record=unit.record, scheme="uscc", value="12440000455415112X")
    User.objects.create_user("firm@demo.kezhuan", "", person=city.member(firm, Role.ADMINISTRATOR).person)
    User.objects.create_user("registrar@demo.kezhuan", "", person=city.registrars()[1].person)
    results = [grants.achievement(unit, people) for _ in range(GRANTS + 3)]
    Record.objects.filter(pk=results.pop(0).pk).update(stage="registered")
    told = []
    grant_rights(lambda *said: told.append(said), "")
    assert told[-1] == ("grants", GRANTS, GRANTS)
    stages = Record.objects.filter(kind="grant").order_by("pk").values_list("stage", flat=True)
    assert list(stages) == ["active", "active", "decided", "signing"]
    for row in RightsGrant.objects.filter(record__stage="active"):  # none was agreed on before it was laid open
        held = told_in(Document.objects.filter(record=row.record, kind=EVIDENCE).latest("pk"))
        assert [one["stage"] for one in held["notices"]] == ["completed"]
        assert {"notice.grant.conclude", "meeting.quorum"} <= {one["code"] for one in held["rules"]}
    assert Record.objects.filter(kind="objection", stage="received").count() == 1
    inventor = actor_for(User.objects.get(email=INVENTOR).person)
    signing = RightsGrant.objects.get(record__stage="signing")
    assert inventor.person.pk in signing.members.values_list("person", flat=True)
    distribute_income(lambda *said: told.append(said))
    mine = client_of(inventor).get("/my-share/").content.decode()
    assert signing.record.code in mine
    got = Distribution.objects.filter(members__person=inventor.person)
    assert {one.way for one in got} == {"receipt", "equity", "profit"}
    assert all(one.record.code in mine for one in got)
    assert "1,125,000" in mine  # shares of a company
    with transaction.atomic():  # the split waits for nobody else
        signed = sign_split(actor=inventor, grant=signing, wording=signing.wording)
        assert signed.members.get(person=inventor.person).signed == signing.wording
        transaction.set_rollback(True)
    assert told[-1] == ("income", RECEIPTS, RECEIPTS)
    other = Distribution.objects.filter(way__in=("equity", "profit")).order_by("pk")
    assert list(other.values_list("way", "held_shares", "pool_shares", "pool_fen")) == [
        ("equity", 3_000_000, 1_500_000, None), ("profit", None, None, 6_000_000),
    ]  # fmt: skip
    assert [one.members.get(person=boss.person).role for one in other] == ["office", "office"]
    for _ in range(5 + LICENCES + AGREEMENTS):
        city.achievement(unit, stage="registered", by=boss)
    for _ in range(DESCRIBED - GRANTS - 1):
        city.achievement(unit, stage="listed")
    keep_ledger(lambda *said: told.append(said))
    assert told[-1] == ("ledger", DESCRIBED, DESCRIBED)
    find_prices(lambda *said: told.append(said))
    assert told[-1] == ("prices", PRICES, PRICES)
    found = Record.objects.filter(kind="price").order_by("pk").values_list("stage", flat=True)
    assert list(found) == ["decided", "draft", "draft"]
    # A leader who signs in has work, and the sealed quotes open with the files that are shipped.
    (waiting,) = steps_waiting_for(leader)
    assert (waiting.approval.about.title, evidence_for(leader, waiting.approval).missing) == ("示例·独占许可定价", ())
    enquiry = Price.objects.get(record__title="示例·许可询价")
    for number, (_source, name) in enumerate(QUOTES, 1):
        file = Upload(name, quote_of(name), True)
        enquiry = open_quote(actor=finance, row=enquiry, number=number, fen=86_000_000, file=file)
    assert required_days(Price.objects.earliest("pk"), "fix").value == 15
    walk_the_line(lambda *said: told.append(said))
    assert told[-1] == ("line", 5, 5)
    assert Record.objects.filter(kind="evaluation", stage="delivered").count() == 1
    found = Record.objects.filter(kind="price").values_list("stage", flat=True)
    assert sorted(found) == ["concluded", "concluded", "concluded", "decided", "draft", "draft", "fixed"]
    assert Record.objects.filter(kind="contract", stage="registered").count() == 3
    take_licences(lambda *said: told.append(said))
    assert told[-1] == ("licences", LICENCES + AGREEMENTS, LICENCES + AGREEMENTS)
    agreed = Record.objects.filter(kind="agreement").values_list("stage", flat=True)
    assert sorted(agreed) == ["active", "intent", "offered", "trial"]
    examine_decision(lambda *said: told.append(said))
    case = ExemptionCase.objects.get()
    assert (case.record.stage, case.finding, case.clause.code) == ("proposed", "exempt", "exemption.ground.price")
    # Every decision of the city is rebuilt as it was frozen.
    rebuilt = [reconstruct(one) for one in evidence_files()]
    assert len(rebuilt) > 10
    assert [one.document.name for one in rebuilt if one.differing] == []
    standing = set(LedgerEntry.objects.values_list("status", flat=True))
    assert standing == {"idle", "negotiating", "granted", "invested", "transferred", "licensed"}
    rows = Distribution.objects.order_by("pk").values_list("record__stage", "left_fen", "carried_fen", "grant")
    active = RightsGrant.objects.filter(record__stage="active").earliest("pk").pk
    assert list(rows) == [
        ("settled", 0, 0, active), ("settled", -10_000_000, 0, None), ("proposed", 0, -10_000_000, None),
        ("settled", 0, 0, None), ("settled", 0, 0, None), ("settled", 0, 0, None), ("closed", 0, 0, None),
    ]  # fmt: skip


def test_the_university_of_the_demo_has_forty_results_at_different_points_of_their_line():
    """As the city is built: of its results every 25th stays on the officer's desk, those before `MANY` are registered,
    and what is done with them further on takes its numbers from them."""
    content = list(enumerate(build.rows("achievements"), 1))
    own = [done for done, row in content if row["owner"] == "ysut" and done % 25]
    registered = [done for done in own if done % 3 == 0 or done < build.MANY]
    further = line.EVALUATED + line.PRICED + line.CONTRACTED + line.PAID + line.DISTRIBUTED
    further += demo_grants.AGREED + LICENCES + AGREEMENTS
    assert len(registered) >= line.ON_THE_LINE > further
    assert further + GRANTS + RECEIPTS + DESCRIBED >= 30
