"""What single moves ask of a record and of who takes them."""

import pytest

from kezhuan.kernel import registry
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import EntryText, Identifier
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.factories import city

pytestmark = pytest.mark.django_db


def test_a_move_from_a_stage_the_actor_did_not_see_is_a_conflict_and_names_the_stage():
    need = city.need(city.organisation(), stage="published", title="某需求")
    life = registry.kind_of("need").lifecycle
    with pytest.raises(Conflict, match="某需求"):
        advance(life, need, "withdraw", actor=city.officer(), note="理由", expected="submitted")
    with pytest.raises(NotAllowed):
        advance(life, need, "no-such-move", actor=city.officer())


def test_a_note_with_a_classification_mark_is_not_kept():
    need = city.need(city.organisation(), stage="submitted")
    with pytest.raises(Refused) as refused:
        advance(registry.kind_of("need").lifecycle, need, "return", actor=city.officer(), note="见附件\n机密★5年")
    assert refused.value.problems[0].code == "state-secret"
    assert not any("机密" in str(content) for content in EntryText.objects.values_list("content", flat=True))


def test_an_officer_of_the_owner_does_not_judge_their_own():
    office = city.organisation(kind="government")
    actor = city.member(office, Role.OFFICER)
    need = city.need(office, stage="submitted", by=actor)
    names = {move.name for move in registry.kind_of("need").lifecycle.open_to(actor, need)}
    assert "publish" not in names
    with pytest.raises(NotAllowed):
        advance(registry.kind_of("need").lifecycle, need, "publish", actor=actor)


def test_the_officer_in_charge_is_the_one_of_the_records_own_district():
    need = city.need(city.organisation(region="440106"), stage="submitted", region="440112")
    tianhe, huangpu = city.officer("440106"), city.officer("440112")
    life = registry.kind_of("need").lifecycle
    assert life.open_to(tianhe, need) == []
    assert {move.name for move in life.open_to(huangpu, need)} == {"return", "publish", "withdraw"}


def test_void_frees_the_numbers_of_a_record():
    from kezhuan.areas.people.actions import SYSTEM, register_organisation

    facts = {"name": "某企业", "kind": "enterprise", "number": "91350100M000100Y43", "region": "440106"}
    first = register_organisation(actor=SYSTEM, **facts)
    with pytest.raises(Conflict):
        register_organisation(actor=SYSTEM, **facts)
    advance(registry.kind_of("organisation").lifecycle, first, "void", actor=city.officer(), note="重复")
    second = register_organisation(actor=SYSTEM, **facts)
    numbers = Identifier.objects.filter(value=facts["number"], active=True)
    assert list(numbers.values_list("record_id", flat=True)) == [second.pk]


def test_a_record_opened_at_its_end_has_a_day_on_which_it_was_closed():
    from kezhuan.areas.needs.actions import register_need

    owner, actor = city.organisation(), city.officer()
    ended = register_need(actor=actor, owner=owner, facts=city.need_facts(), stage="closed")
    running = register_need(actor=actor, owner=owner, facts=city.need_facts(), stage="published")
    assert (ended.record.closed_on, running.record.closed_on) == (today(), None)


# -- what must hold before a need or a result is submitted -------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"problem": " "}, "summary-missing"),
        ({"background": " "}, "background-missing"),
        ({"background": "长" * 2001}, "text-long"),
        ({"field": ""}, "field-missing"),
        ({"scenario": ""}, "scenario-missing"),
        ({"ip_terms": ""}, "ip-terms-missing"),
        ({"claimant_requirements": ""}, "claimant-requirements-missing"),
        ({"deadline": None}, "deadline-missing"),
        ({"budget_fen": None}, "budget-missing"),
        ({"self_solvable": True}, "self-solvable"),
        ({"indicators": ()}, "indicator-missing"),
    ],
)
def test_an_incomplete_need_is_not_submitted(fault, code):
    firm = city.organisation()
    actor = city.member(firm)
    need = city.need(firm, by=actor, **fault)
    with pytest.raises(Refused) as refused:
        advance(registry.kind_of("need").lifecycle, need, "submit", actor=actor)
    assert [problem.code for problem in refused.value.problems] == [code]


@pytest.mark.parametrize("stage", ["unverified", "returned", "listed", "verified"])
def test_only_the_need_of_a_registered_firm_is_published(stage):
    firm, bureau = city.organisation(stage=stage), city.officer()
    need, lifecycle = city.need(firm, stage="submitted"), registry.kind_of("need").lifecycle
    if stage in {"listed", "verified"}:
        assert advance(lifecycle, need, "publish", actor=bureau).record.stage == "published"
        return
    with pytest.raises(Refused) as refused:
        advance(lifecycle, need, "publish", actor=bureau)
    assert [problem.code for problem in refused.value.problems] == ["poster-unverified"]


@pytest.mark.parametrize(("fault", "code"), [({"summary": ""}, "summary-missing"), ({"field": ""}, "field-missing")])
def test_an_incomplete_result_is_not_submitted(fault, code):
    unit = city.organisation()
    actor = city.member(unit)
    row = city.achievement(unit, by=actor, **fault)
    with pytest.raises(Refused) as refused:
        advance(registry.kind_of("achievement").lifecycle, row, "submit", actor=actor)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_result_is_listed_without_shares_and_registered_with_all_of_them():
    from kezhuan.areas.achievements.actions import Contribution, edit_achievement

    unit = city.organisation()
    actor, bureau = city.member(unit), city.officer()
    life = registry.kind_of("achievement").lifecycle
    row = city.achievement(unit, stage="listed", by=actor, completers=(Contribution("甲"),))
    with pytest.raises(Refused) as refused:
        advance(life, row, "register", actor=bureau)
    assert [problem.code for problem in refused.value.problems] == ["share-missing"]
    facts = city.achievement_facts(completers=(Contribution("甲", 9999), Contribution("乙", 1)))
    edit_achievement(actor=actor, achievement=row, facts=facts, expected_version=row.record.version)
    row = advance(life, row, "register", actor=bureau)
    for completers in ((), (Contribution("甲", 9999),), (Contribution("甲", 10_000), Contribution("乙"))):
        with pytest.raises(Refused):
            edit_achievement(
                actor=actor,
                achievement=row,
                facts=city.achievement_facts(completers=completers),
                expected_version=row.record.version,
            )
