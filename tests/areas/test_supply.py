"""What answers needs beside results: every kind that has a profile, for whoever may read its records."""

import pytest

from kezhuan.areas.matches import pages, panels
from kezhuan.areas.matches.actions import introduce, refuse_suggestion
from kezhuan.areas.matches.missing import missed_in
from kezhuan.areas.matches.models import Suggestion
from kezhuan.areas.matches.nightly_actions import refresh_all
from kezhuan.areas.matches.queries import suggestions_for_need, suggestions_for_supply
from kezhuan.areas.reviews.lifecycle import EXPERT
from kezhuan.engines.matching import Facts
from kezhuan.kernel import followers, registry
from kezhuan.kernel.access import VISITOR, actor_for
from kezhuan.kernel.errors import Missing, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Record
from kezhuan.kernel.profiles import Profile
from tests.api.actors import Api
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.pairs import Pair
from tests.factories.reviews import expert

pytestmark = pytest.mark.django_db


def test_experts_are_suggested_to_those_who_keep_the_pool_and_to_nobody_else(monkeypatch):
    pair = Pair()
    knows = expert("秦专家", by=pair.officer, topics=("碳化硅衬底", "抛光", "低缺陷"))
    expert("许专家", by=pair.officer, topics=("水稻育种",), fields=("agriculture",))
    expert("谭专家", by=pair.officer, topics=("碳化硅衬底", "抛光"), stage="asked")
    followers.run_pending()
    themselves = actor_for(knows.person)

    def seen(actor):
        return [one.supply_id for one in suggestions_for_need(actor, pair.need, "expert")]

    everybody = (VISITOR, pair.asking, pair.answering, city.officer("440117"))
    assert seen(pair.officer) == seen(themselves) == [knows.pk]
    assert [seen(actor) for actor in everybody] == [[]] * 4
    assert pair.suggested(pair.officer) == pair.suggested(VISITOR) == [pair.supply.pk]
    row = Suggestion.objects.get(supply=knows.pk)
    assert abs(sum(part["value"] for part in row.parts) - row.score) < 1e-9
    assert {"碳化硅衬底", "抛光"} & set(next(part for part in row.parts if part["name"] == "words")["params"]["words"])
    assert [one.need_id for one in suggestions_for_supply(pair.officer, knows.record)] == [pair.need.pk]

    page = f"/needs/{pair.need.record.code}/"
    told = {actor: client_of(actor).get(page).content.decode() for actor in (pair.officer, pair.asking, VISITOR)}
    assert ["秦专家" in text for text in told.values()] == [True, False, False]
    assert ["Experts in the pool" in text for text in told.values()] == [True, False, False]
    assert "<mark>碳化硅衬底</mark>, <mark>抛光</mark>, <mark>低缺陷</mark>" in told[pair.officer]
    typed = {"text": "碳化硅衬底抛光"}
    assert "秦专家" in client_of(pair.officer).post("/match/", typed).content.decode()
    assert "秦专家" not in client_of(pair.asking).post("/match/", typed).content.decode()
    for worth, wanted in ((0.0, (1, 0, True)), (9.0, (0, 1, False))):  # what is not worth a suggestion stands apart
        monkeypatch.setattr(pages, "WORTH", worth)
        answer = client_of(pair.officer).post("/match/", typed)
        told = answer.context["lines"], answer.context["weak"]
        assert (*map(len, told), "秦专家" in answer.content.decode()) == wanted

    address = f"/needs/{pair.need.record.code}/matches"
    assert [one["record"]["code"] for one in Api(pair.officer).read(address, kind="expert")["items"]] == [
        knows.record.code
    ]
    assert Api(pair.asking).read(address, kind="expert")["items"] == []
    typed = {"text": "碳化硅衬底 抛光 低缺陷", "kind": "expert"}
    assert [one["record"]["code"] for one in Api(pair.officer).send("/match", typed)["items"]] == [knows.record.code]
    assert Api(pair.asking).send("/match", typed)["items"] == []
    assert Api(pair.asking).refused("/match", 422, typed | {"kind": "person"}) == {"kind": "kind-unknown"}
    assert Api().read(address, status=422, kind="person")["problems"][0]["code"] == "kind-unknown"

    before = list(Suggestion.objects.order_by("pk").values_list("need", "supply", "score"))
    refresh_all()
    assert list(Suggestion.objects.order_by("pk").values_list("need", "supply", "score")) == before

    with pytest.raises(NotAllowed):
        introduce(actor=pair.officer, need=pair.need, supply=Record.objects.get(pk=knows.pk))
    for actor, no in ((pair.asking, Missing), (themselves, NotAllowed)):
        with pytest.raises(no):
            refuse_suggestion(actor=actor, need=pair.need, supply=knows.record, reason="capacity")
    refuse_suggestion(
        actor=pair.officer, need=pair.need, supply=knows.record, reason="capacity", words="与该企业有合作"
    )
    assert seen(pair.officer) == []
    told = Entry.objects.filter(kind="match.refuse")
    assert [(entry.record_id, hasattr(entry, "text")) for entry in told] == [(knows.pk, False)]
    assert missed_in(pair.asking, pair.need) == []  # whom an office thought of is not told to the firm
    other = city.need(pair.firm, stage="published", by=pair.asking)
    followers.run_pending()
    assert suggestions_for_need(pair.officer, other, "expert").get().supply_id == knows.pk
    advance(EXPERT, knows, "leave", actor=themselves)
    assert not suggestions_for_need(pair.officer, other, "expert").exists()
    followers.run_pending()
    assert not Suggestion.objects.filter(supply=knows.pk).exists()


def test_a_kind_is_supply_once_it_has_a_profile(monkeypatch):
    pair = Pair()
    agency = city.organisation("碳化硅衬底抛光检测服务机构")
    profile = Profile(("verified",), "Agencies", lambda _row: Facts(), lambda row: row.record.summary, kept=1)
    monkeypatch.setattr(registry.kind_of("organisation"), "profile", profile)
    other = city.organisation("碳化硅衬底抛光中试服务中心")
    refresh_all()
    assert suggestions_for_need(VISITOR, pair.need, "organisation").get().supply_id in {agency.pk, other.pk}
    assert pair.suggested(VISITOR) == [pair.supply.pk]
    text = client_of(None).get(f"/needs/{pair.need.record.code}/").content.decode()
    assert "Agencies" in text
    # Only a result has an improvement list on which what its text leaves out is told and mended.
    offered = [panels.refusing(pair.officer, pair.need, one) for one in (pair.supply, agency.record)]
    assert [("information" in dict(one.reasons), bool(one.lacks)) for one in offered] == [(True, True), (False, False)]
    with pytest.raises(Refused):
        refuse_suggestion(
            actor=pair.officer, need=pair.need, supply=agency.record, reason="information", lacks=["sample"]
        )
