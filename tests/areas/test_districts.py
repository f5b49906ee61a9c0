"""Officers decide and see by the districts of needs and results, not by those of their owners."""

import pytest
from django.utils import translation

from kezhuan.areas.achievements.actions import edit_achievement
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.panels import need_panel
from kezhuan.areas.matches.queries import introductions_visible_to
from kezhuan.kernel import access, followers
from kezhuan.kernel.search import Asked, search
from tests.factories import city
from tests.factories.pairs import Pair

pytestmark = pytest.mark.django_db


def test_an_introduction_is_seen_by_the_officers_of_the_districts_of_its_two_sides():
    pair = Pair({"confidentiality": "closed_door", "region": "440105"}, {"secrecy": "internal", "region": "440111"})
    row = pair.introduced(pair.officer)

    def seen(*districts):
        return [introductions_visible_to(city.officer(one)).filter(pk=row.pk).exists() for one in districts]

    assert seen("440105", "440111") == [True, True]
    assert seen("440106", "440112") == [False, False]  # where the owners sit
    assert INTRODUCTION.open_to(city.officer("440111"), row)
    facts = city.achievement_facts(secrecy="internal", region="440114")
    edit_achievement(actor=pair.answering, achievement=pair.result, facts=facts, expected_version=pair.supply.version)
    followers.run_pending()
    assert seen("440105", "440114", "440111") == [True, True, False]
    assert row.pk in search(city.officer("440114"), Asked(words=row.record.code)).records


def test_a_bare_record_is_not_asked_for_its_district():
    pair = Pair()
    with pytest.raises(TypeError, match="own row"):
        access.is_officer.test(city.officer("440106"), pair.supply)


def test_officers_are_offered_decisions_in_their_own_districts_alone():
    pair = Pair({"region": "440105"}, {"region": "440111"})
    for district, offered in (("440105", True), ("440111", True), ("440106", False), ("", True)):
        officer = city.officer(district)
        panel = need_panel(officer, pair.need)
        assert bool(panel.context["lines"][0].actions) == offered, district
    with translation.override("zh-hans"):
        (line,) = need_panel(city.officer(), pair.need).context["lines"]
        assert "双方" in str(line.actions[1].hint)
        (line,) = need_panel(pair.asking, pair.need).context["lines"]
        assert "本单位" in str(line.actions[1].hint)
