"""How a call says that its applications are judged: by its template, to whoever reads its list, and in its panels."""

import pytest

from kezhuan.areas.calls.actions import prepare_call
from kezhuan.areas.calls.facts import check_facts
from kezhuan.areas.calls.forms import initial_by
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.posting_again_actions import post_again
from kezhuan.areas.reviews.lifecycle import PANEL
from kezhuan.areas.reviews.panel_actions import CriterionFacts, PanelFacts, prepare_panel
from kezhuan.areas.reviews.scoring_actions import score_item
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from tests.areas.crawling import API, client_of
from tests.factories import calls, city, reviews
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db
CRITERIA = (CriterionFacts("技术方案", 7000, "九十分以上：领先"), CriterionFacts("团队", 3000))


def test_a_calls_panels_begin_with_the_criteria_that_its_applicants_read():
    officer = city.officer()
    said = {"review_scheme": "double_blind", "review_choice": "assignment", "review_per_item": 3}
    call = reviews.closed_call(officer, city.organisation(kind="university"), criteria=CRITERIA, **said)
    visitor = client_of(city.clerk(city.organisation("某企业")))
    page = visitor.get(f"/calls/{call.record.code}/").content.decode()
    assert all(words in page for words in ("技术方案", "九十分以上：领先", "70 %"))
    shown = visitor.get(f"{API}/calls/{call.record.code}").json()
    assert [one["weight"] for one in shown["criteria"]] == [7000, 3000]
    assert {name: shown[name] for name in said} == said
    form = client_of(officer).get(f"/panels/about/{call.record.code}/new/").context
    begun = form["form"].initial
    assert (begun["scheme"], begun["choice"], begun["per_item"]) == ("double_blind", "assignment", 3)
    assert [one.initial["name"] for one in form["rows"][0].formset.forms] == ["技术方案", "团队"]
    # What a panel leaves open, as through the API, is as its call says it.
    made = prepare_panel(actor=officer, about=call.record, facts=PanelFacts("评审"))
    assert (made.scheme, made.choice, made.per_item) == tuple(said.values())
    assert [one["weight"] for one in made.criteria] == [7000, 3000]
    # That one scores by others than everybody has read is told on its page.
    others = PanelFacts("另评", criteria=(CriterionFacts("价格", 10_000),))
    other = prepare_panel(actor=officer, about=call.record, facts=others)
    told = [client_of(officer).get(f"/panels/{one.record.code}/").content.decode() for one in (made, other)]
    assert [f"not those that {call.record.code} says" in one for one in told] == [False, True]


def test_vector_18_video_90_and_roadshow_80_give_82_in_the_ranking_of_a_selection():
    officer = city.officer()
    said = {"call_kind": "agency", "begins_projects": False}
    weights = (CriterionFacts("视频", 2000), CriterionFacts("路演", 8000))
    call = reviews.closed_call(officer, city.organisation(kind="agency"), criteria=weights, **said)
    reviews.expert("评审", by=officer)
    panel = reviews.panel(officer, call, criteria=(), per_item=1)  # by the weights that the call says
    (seat,) = reviews.asked(officer, panel)
    panel = advance(PANEL, panel, "begin", actor=officer)
    score_item(actor=reviews.judge(seat), review=seat, number=1, marks=["90", "80"], words=["依据"] * 2, submit=True)
    panel = reviews.concluded(officer, advance(PANEL, panel, "close", actor=officer))
    assert panel.items.get().result["score"] == "82.00"
    (line,) = taken(client_of(officer), f"/calls/{call.record.code}/tables/ranking/", "csv")
    assert (line["Rank"], line["Score"]) == ("1", "82.00")


def test_a_template_brings_its_scheme_and_weights_that_are_no_whole_are_refused():
    _fields, rows = initial_by("challenge")
    assert sum(one["weight"] for one in rows["criteria"]) == 10_000
    assert _fields["review_per_item"] == 5
    lame = calls.call_facts(criteria=(CriterionFacts("技术方案", 7000),), review_scheme="secret", review_per_item=0)
    assert {one.code for one in check_facts(lame)} == {"criteria-weights", "call-review", "panel-number"}
    with pytest.raises(Refused):
        prepare_call(actor=city.officer(), facts=lame)
    again = post_again(actor=city.bureau(), call=calls.call(stage="unclaimed", criteria=CRITERIA))
    assert Call.objects.get(pk=again.pk).criteria[0]["anchors"] == "九十分以上：领先"
