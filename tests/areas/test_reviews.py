"""Reviews: experts join, a panel is cleared of conflicts, experts are chosen, score and advise; the department proposes."""

import pytest

from kezhuan.areas.calls.actions import Proposed, propose
from kezhuan.areas.reviews.choosing_actions import assign_experts
from kezhuan.areas.reviews.lifecycle import PANEL
from kezhuan.areas.reviews.models import Review, Sheet
from kezhuan.areas.reviews.panel_actions import prepare_panel
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from tests.factories import city, reviews

pytestmark = pytest.mark.django_db


def codes(refused):
    return {problem.code for problem in refused.value.problems}


def test_a_panel_judges_the_applications_to_a_call_from_experts_to_advice():
    officer = city.officer()
    units = [city.organisation(name, kind="university") for name in ("甲大学", "乙大学")]
    call = reviews.closed_call(officer, *units)
    # One works for an applicant, and one has declared nothing: neither judges anything of it.
    colleague = reviews.expert("同事", by=officer, employer=units[0])
    silent = reviews.expert("未申报", by=officer, stage="asked")
    pool = [reviews.expert(f"专家{number}", by=officer) for number in range(3)]
    panel = prepare_panel(actor=officer, about=call.record, facts=reviews.panel_facts())
    assert panel.items.count() == 2
    with pytest.raises(Refused) as refused:  # what is not known is no clearance
        assign_experts(actor=officer, panel=panel)
    assert codes(refused) == {"assignment-blocked"}
    reviews.looked_up(officer, panel)
    reviews.asked(officer, panel)
    chosen = set(Sheet.objects.filter(item__panel=panel).values_list("review__expert", "item__record__owner"))
    assert {expert for expert, _owner in chosen} >= {one.pk for one in pool}
    assert silent.pk not in {expert for expert, _owner in chosen}
    assert (colleague.pk, units[0].pk) not in chosen
    assert len(chosen) == 6
    assert all(sheet.why["zh"] and sheet.why["en"] for sheet in Sheet.objects.all())
    with pytest.raises(Refused) as refused:
        propose(actor=officer, call=call, proposed={})
    assert "call-unjudged" in codes(refused)
    panel = reviews.scored(officer, panel, lambda review, item: str(90 - 10 * item))
    first, second = panel.items.order_by("number")
    assert (first.score, first.rank, second.score, second.rank) == (8000, 1, 7000, 2)
    assert first.result["totals"] == dict.fromkeys(first.result["totals"], "80.00")
    with pytest.raises(Refused) as refused:
        advance(PANEL, panel, "conclude", actor=officer)
    assert codes(refused) == {"minutes-missing", "opinion-missing"}
    panel = reviews.concluded(officer, panel)
    assert panel.record.stage == "concluded"
    assert set(Review.objects.values_list("record__stage", flat=True)) == {"handed-in"}
    propose(
        actor=officer,
        call=call,
        proposed={one.record.code: Proposed(bool(one.advised), one.opinion) for one in panel.items.all()},
    )
