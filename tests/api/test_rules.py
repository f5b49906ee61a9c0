"""Rule values and the working calendar are read by everybody."""

from datetime import date, timedelta

from kezhuan.kernel import rulebook
from kezhuan.kernel.text import today
from tests.api.actors import Api
from tests.factories.city import officer

VISITOR = Api()

CODE = "clock.need.submitted"


def test_values_in_force_by_day_and_place(db):
    add = {"code": CODE, "unit": "working days", "source": "test", "actor": officer()}
    rulebook.add_rule_value(**add, jurisdiction="440106", value=3, effective_from=date(2026, 1, 1))
    rulebook.add_rule_value(**add, jurisdiction="440100", value=4, effective_from=date(2026, 1, 1))

    def at(**asked):
        return [one["value"] for one in VISITOR.read("/rules", **asked)["items"] if one["code"] == CODE]

    assert sorted(at()) == [3, 4, 5]
    assert at(jurisdiction="440106") == [3]
    assert at(jurisdiction="440113") == [4]
    assert at(jurisdiction="110000") == [5]
    assert at(on="2025-12-31") == [5]
    assert VISITOR.refused("/rules?on=tomorrow", 422, method="GET")


def test_every_version_of_a_value_is_told_and_a_withdrawn_one_says_so(db):
    desk = officer()
    version = rulebook.add_rule_value(
        actor=desk, code=CODE, jurisdiction="440100", value=4, unit="working days",
        effective_from=today() + timedelta(days=9), source="test",
    )  # fmt: skip
    rulebook.withdraw_rule_value(actor=desk, version=version)
    items = VISITOR.read(f"/rules/{CODE}")["items"]
    assert [(one["value"], one["withdrawn_at"] is None) for one in items] == [(5, True), (4, False)]
    assert items[0]["label"] == "Term of answer: need, submitted"
    assert VISITOR.read("/rules/need.longest-months") == {"items": []}
    VISITOR.read("/rules/no.such", 404)


def test_a_loaded_year_is_told_and_another_is_missing(db):
    year = VISITOR.read("/calendar/2026")
    assert len(year["days"]) == 39
    assert year["days"][0] == {"on": "2026-01-01", "is_workday": False, "name": "元旦"}
    for address in ("/calendar/2031", "/calendar/0", "/calendar/99999999999999999999"):
        VISITOR.read(address, 404)
