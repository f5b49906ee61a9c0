"""The rules a technology contract is looked at by: the set in force, experts, disputes, what the province orders."""

from datetime import timedelta

import pytest

from kezhuan.areas.contracts.models import Contract
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.models import Clock, Record, RuleUse, RuleValue
from kezhuan.kernel.text import today
from kezhuan.kernel.workdays import add_days
from tests.areas.crawling import client_of
from tests.areas.test_contracts import codes, edited, moved
from tests.factories import city

pytestmark = pytest.mark.django_db


def test_experts_are_heard_where_the_rule_set_asks_for_them(unit, keeper):
    row, (first, second) = city.contract(unit, by=keeper, stage="reviewing"), city.registrars()
    Contract.objects.filter(pk=row.pk).update(rule_set="2024-draft", technology_fen=5_000_000_00)
    with pytest.raises(Refused) as refused:
        moved(row, "pass", by=second)
    assert codes(refused) == {"experts"}
    Contract.objects.filter(pk=row.pk).update(technology_fen=4_999_999_99)
    assert moved(row, "pass", by=second).record.stage == "passed"
    Contract.objects.filter(pk=row.pk).update(technology_fen=5_000_000_00)
    Record.objects.filter(pk=row.pk).update(stage="reviewing")
    row = moved(moved(row, "ask-experts", "experts-answer", by=first), "pass", by=second)
    assert row.record.stage == "passed"


def test_the_city_puts_a_rule_set_in_force_from_a_day(unit, keeper, monkeypatch):
    """Vectors 7 and 8 of the programmes: experts from five million on, and a term that begins with the supplement."""
    value, (first, second) = city.rule("contract.rules.2024-draft", 1, "count"), city.registrars()
    whole = {"deductions": {}, "instalments": (), "payment": "once"}
    for fen, asked in ((5_000_000_00, True), (4_999_999_99, False)):
        row = city.contract(unit, by=keeper, stage="reviewing", turnover=fen, technology=fen, **whole)
        assert (row.rule_set, RuleUse.objects.filter(record=row.record, rule_value=value).exists()) == (
            "2024-draft",
            True,
        )
        if asked:
            with pytest.raises(Refused) as refused:
                moved(row, "pass", by=second)
            assert codes(refused) == {"experts"}
        else:
            assert moved(row, "pass", by=second).record.stage == "passed"
    row, start = city.contract(unit, by=keeper, stage="supplementing"), today()

    def on(days):
        for name in ("registering_actions", "checks"):
            monkeypatch.setattr(f"kezhuan.areas.contracts.{name}.today", lambda: start + timedelta(days=days))

    on(20)
    row = moved(edited(row, keeper, name="补正后"), "supplement", by=keeper)
    on(25)
    row = moved(row, "accept", by=first)
    supplement = start + timedelta(days=20)
    clock = Clock.objects.get(record=row.record, ended_on=None)
    assert (row.accepted_on, clock.started_on) == (supplement, supplement)
    assert (clock.due_on, clock.day_kind) == (add_days(supplement, 15, "working"), "working")
    # Where the rule set does not say so the term begins with acceptance.
    RuleValue.objects.filter(pk=value.pk).update(value=0)
    on(0)
    row = city.contract(unit, by=keeper, stage="supplementing")
    on(20)
    row = moved(edited(row, keeper, name="补正后"), "supplement", by=keeper)
    on(25)
    row = moved(row, "accept", by=first)
    assert (row.rule_set, row.accepted_on) == ("2000-063", start + timedelta(days=25))


def test_a_dispute_that_a_registrar_notes_asks_for_experts_and_stays(unit, keeper):
    row, (first, second) = city.contract(unit, by=keeper, stage="reviewing"), city.registrars()
    row = moved(row, "dispute", by=first)
    assert (row.record.stage, row.disputed) == ("reviewing", True)
    with pytest.raises(NotAllowed):
        moved(row, "dispute", by=first)
    with pytest.raises(Refused) as refused:
        moved(row, "pass", by=second)
    assert codes(refused) == {"experts"}
    assert "there is a dispute" in client_of(first).get(f"/contracts/{row.record.code}/desk/").content.decode()
    row = moved(row, "withdraw", "reopen", by=keeper)
    assert edited(row, keeper, disputed=False).disputed
    assert not edited(city.contract(unit, by=keeper, disputed=True), keeper, disputed=False).disputed


def test_what_is_not_registered_goes_to_the_province_and_back(unit, keeper):
    row, (first, second) = city.contract(unit, by=keeper, stage="refused"), city.registrars()
    row = moved(moved(row, "object", by=keeper), "uphold", by=first)
    assert row.record.stage == "refused"
    # What the province orders is looked at a second time, and experts are heard, like with any other.
    Contract.objects.filter(pk=row.pk).update(rule_set="2024-draft", technology_fen=5_000_000_00)
    row = moved(moved(row, "object", by=keeper), "overturn", by=first)
    assert (row.record.stage, row.reviewer) == ("reviewing", None)
    for name, by in (("pass", first), ("reject", second)):
        with pytest.raises(NotAllowed):
            moved(row, name, by=by)
    with pytest.raises(Refused) as refused:
        moved(row, "pass", by=second)
    assert codes(refused) == {"experts"}
    row = moved(moved(row, "ask-experts", "experts-answer", by=first), "pass", by=second)
    assert row.reviewer == second.person
    for stage in ("submitted", "accepted"):
        row = moved(city.contract(unit, by=keeper, stage=stage), "refuse", by=first)
        row = moved(moved(row, "object", by=keeper), "overturn", by=second)
        assert row.record.stage == stage
        with pytest.raises(NotAllowed):
            moved(row, "refuse", by=first)
    # What was handed in while it ran is accepted after that, too.
    late, day = city.contract(unit, by=keeper, stage="submitted"), today() - timedelta(days=1)
    Contract.objects.filter(pk=late.pk).update(applied_on=day, valid_to=day)
    assert moved(Contract.objects.get(pk=late.pk), "accept", by=first).record.stage == "accepted"
    # Prepared anew it is another form, which is judged like any.
    row = moved(row, "withdraw", "reopen", by=keeper)
    edited(row, keeper, related=True)
    assert moved(moved(row, "submit", by=keeper), "refuse", by=first).record.stage == "refused"
    # Handed in anew nobody has looked at it yet, whatever the last form went through.
    row = moved(moved(city.contract(unit, by=keeper, stage="reviewing"), "reject", by=second), "reopen", by=keeper)
    edited(row, keeper, disputed=True)
    row = moved(moved(row, "submit", by=keeper), "refuse", by=first)
    row = moved(moved(row, "object", by=keeper), "overturn", by=first)
    assert (row.record.stage, row.reviewer) == ("submitted", None)
