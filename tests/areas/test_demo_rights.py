"""What the demo city does with rights: grants, income, and the separate ledger."""

import pytest

from kezhuan.areas.ledger.models import LedgerEntry
from kezhuan.areas.prices.models import Price
from kezhuan.areas.rights.models import Distribution, RightsGrant
from kezhuan.demo.grants import GRANTS, grant_rights
from kezhuan.demo.income import RECEIPTS, distribute_income
from kezhuan.demo.ledger import DESCRIBED, keep_ledger
from kezhuan.demo.prices import PRICES, find_prices
from kezhuan.kernel.models import Record, User
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.notices import required_days
from tests.factories import city, grants

pytestmark = pytest.mark.django_db


def test_demo_city_grants_rights_distributes_income_and_keeps_a_ledger(settings, tmp_path):
    settings.DATA = tmp_path
    unit = city.organisation("南粤大学", kind="university", region="440106")
    people = [city.member(unit), city.member(unit)]

    finance = city.member(unit, Role.FINANCE)
    boss = city.member(unit, Role.ADMINISTRATOR)
    for who, actor in (("university", boss), ("officer", city.officer()), ("finance", finance)):
        User.objects.create_user(f"{who}@demo.kezhuan", "", person=actor.person)
    for _ in range(GRANTS + 1):
        grants.achievement(unit, people)
    told = []
    grant_rights(lambda *said: told.append(said))
    assert told[-1] == ("grants", GRANTS, GRANTS)
    stages = Record.objects.filter(kind="grant").order_by("pk").values_list("stage", flat=True)
    assert list(stages) == ["active", "decided", "signing"]
    assert Record.objects.filter(kind="objection", stage="received").count() == 1
    distribute_income(lambda *said: told.append(said))
    assert told[-1] == ("income", RECEIPTS, RECEIPTS)
    for _ in range(DESCRIBED - GRANTS - 1):
        city.achievement(unit, stage="listed")
    keep_ledger(lambda *said: told.append(said))
    assert told[-1] == ("ledger", DESCRIBED, DESCRIBED)
    find_prices(lambda *said: told.append(said))
    assert told[-1] == ("prices", PRICES, PRICES)
    found = Record.objects.filter(kind="price").order_by("pk").values_list("stage", flat=True)
    assert list(found) == ["decided", "draft"]
    assert required_days(Price.objects.earliest("pk"), "fix").value == 15
    standing = set(LedgerEntry.objects.values_list("status", flat=True))
    assert standing == {"idle", "granted", "invested"}
    rows = Distribution.objects.order_by("pk").values_list("record__stage", "left_fen", "carried_fen", "grant")
    active = RightsGrant.objects.get(record__stage="active").pk
    assert list(rows) == [
        ("settled", 0, 0, active), ("settled", -10_000_000, 0, None), ("proposed", 0, -10_000_000, None),
    ]  # fmt: skip
