"""Suggestions that keep up with both sides, refusals that last, introductions in which both sides agree first."""

from datetime import date

import pytest

from kezhuan.api.records import running_clocks
from kezhuan.areas.achievements.actions import edit_achievement
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.matches.actions import introduce, refresh_suggestions, refuse_suggestion
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.models import Introduction, Refusal, Suggestion
from kezhuan.areas.matches.queries import (
    contacts_of,
    introductions_of,
    introductions_visible_to,
    sides_of,
    suggestions_for_need,
    suggestions_for_supply,
    suggestions_visible_to,
)
from kezhuan.areas.matches.wording import part_lines
from kezhuan.areas.needs.actions import edit_need
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.kernel import access, clocks, followers, journal, workdays
from kezhuan.kernel.access import VISITOR, can_view
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Refused
from kezhuan.kernel.history import entries_of, told_to
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, Entry, Link, Record
from kezhuan.kernel.search import Asked, search
from kezhuan.kernel.text import today
from kezhuan.web import inbox
from kezhuan.web.records import clock_lines
from tests.factories import city

pytestmark = pytest.mark.django_db


class Pair:
    """A firm with a published need, a unit with a listed result that answers it, people on both sides."""

    def __init__(self, need=None, result=None, firm_region="440106", unit_region="440112"):
        self.firm, self.unit = city.organisation(region=firm_region), city.organisation(region=unit_region)
        self.asking, self.answering = city.member(self.firm), city.member(self.unit)
        self.officer = city.officer()
        self.need = city.need(self.firm, stage="published", by=self.asking, contact=self.asking.person, **(need or {}))
        self.result = city.achievement(
            self.unit, stage="listed", by=self.answering, contact=self.answering.person, **(result or {})
        )
        self.supply = Record.objects.get(pk=self.result.pk)
        followers.run_pending()

    def suggested(self, actor):
        return [one.supply_id for one in suggestions_for_need(actor, self.need)]

    def introduced(self, actor):
        return introduce(actor=actor, need=self.need, supply=self.supply)

    def move(self, row, name, actor, **words):
        return advance(INTRODUCTION, row, name, actor=actor, **words)


def test_a_suggestion_appears_with_parts_that_sum_to_its_score():
    pair = Pair(need={"region": "440106", "modes": ("licence",)}, result={"region": "440112", "modes": ("licence",)})
    suggestion = suggestions_for_need(VISITOR, pair.need).get()
    assert suggestion.supply_id == pair.supply.pk
    assert abs(sum(part["value"] for part in suggestion.parts) - suggestion.score) < 1e-9
    names = [part["name"] for part in suggestion.parts]
    assert len(names) == len(set(names))
    assert {"title", "field", "trl", "mode", "region"} <= set(names)
    for language in ("zh", "en"):
        lines = part_lines(suggestion.parts, language)
        assert all(line.because and line.label for line in lines)
    assert [one.need_id for one in suggestions_for_supply(VISITOR, pair.supply)] == [pair.need.pk]


def test_suggestions_follow_a_new_result_an_edit_a_withdrawal_and_a_return():
    pair = Pair()
    second = city.achievement(pair.unit, stage="listed", by=pair.answering, title="碳化硅衬底研磨")
    followers.run_pending()
    assert set(pair.suggested(VISITOR)) == {pair.supply.pk, second.pk}
    edit_achievement(
        actor=pair.answering,
        achievement=second,
        facts=city.achievement_facts(title="水稻育种", summary="水稻的育种。", keywords=("水稻",)),
        expected_version=second.record.version,
    )
    followers.run_pending()
    assert pair.suggested(VISITOR) == [pair.supply.pk]
    withdrawn = advance(ACHIEVEMENT, pair.result, "withdraw", actor=pair.answering, note="理由")
    for actor in (VISITOR, pair.officer, pair.answering, pair.asking):  # at once, before anything is refreshed
        assert pair.suggested(actor) == []
    followers.run_pending()
    assert not Suggestion.objects.exists()
    again = advance(ACHIEVEMENT, withdrawn, "reopen", actor=pair.answering)
    again = advance(ACHIEVEMENT, again, "submit", actor=pair.answering)
    followers.run_pending()
    assert not Suggestion.objects.exists()
    advance(ACHIEVEMENT, again, "list", actor=pair.officer)
    followers.run_pending()
    assert pair.suggested(VISITOR) == [pair.supply.pk]


def test_suggestions_follow_a_need_that_is_withdrawn_changed_and_published_again():
    pair = Pair()
    need = advance(NEED, pair.need, "withdraw", actor=pair.asking, note="理由")
    assert list(suggestions_visible_to(pair.officer)) == []
    assert list(suggestions_for_supply(pair.answering, pair.supply)) == []
    followers.run_pending()
    assert not Suggestion.objects.exists()
    need = advance(NEED, need, "reopen", actor=pair.asking)
    facts = city.need_facts(title="水稻育种", problem="水稻", scenario="田间", keywords=(), indicators=())
    edit_need(actor=pair.asking, need=need, facts=facts, expected_version=need.record.version)
    facts = city.need_facts()
    need = edit_need(actor=pair.asking, need=need, facts=facts, expected_version=need.record.version)
    need = advance(NEED, need, "submit", actor=pair.asking)
    need = advance(NEED, need, "publish", actor=pair.officer)
    followers.run_pending()
    assert pair.suggested(VISITOR) == [pair.supply.pk]
    advance(NEED, need, "close", actor=pair.asking, note="已解决")
    followers.run_pending()
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize(
    ("need", "result", "seers"),
    [
        ({}, {}, {"visitor", "asking", "answering", "officer", "rival"}),
        ({}, {"secrecy": "internal"}, {"answering", "officer"}),
        ({}, {"secrecy": "trade_secret"}, {"answering"}),
        ({"confidentiality": "title_only"}, {}, {"asking", "officer"}),
        ({"confidentiality": "closed_door"}, {}, {"asking", "officer"}),
        ({"confidentiality": "closed_door"}, {"secrecy": "internal"}, {"officer"}),
        ({"confidentiality": "closed_door"}, {"secrecy": "trade_secret"}, set()),
    ],
)
def test_a_suggestion_is_seen_by_those_who_read_both_sides(need, result, seers):
    pair = Pair(need, result)
    actors = {
        "visitor": VISITOR, "asking": pair.asking, "answering": pair.answering, "officer": pair.officer,
        "rival": city.member(city.organisation()),
    }  # fmt: skip
    assert Suggestion.objects.count() == 1
    assert {name for name, actor in actors.items() if suggestions_visible_to(actor).exists()} == seers
    assert {name for name, actor in actors.items() if pair.suggested(actor)} == seers
    for name, actor in actors.items():
        allowed = name in seers and name in {"asking", "answering", "officer"}
        if not allowed:
            with pytest.raises((Missing, NotAllowed)):
                refuse_suggestion(actor=actor, need=pair.need, supply=pair.supply, reason="trl")
            with pytest.raises((Missing, NotAllowed)):
                pair.introduced(actor)
    assert (Refusal.objects.count(), Introduction.objects.count()) == (0, 0)


def test_a_refusal_hides_the_pair_and_lasts_through_refreshes():
    pair = Pair()
    with pytest.raises(Refused):
        refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="no-such")
    with pytest.raises(Refused) as refused:
        refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="trl", words="机密★")
    assert refused.value.problems[0].code == "state-secret"
    refusal = refuse_suggestion(
        actor=pair.asking, need=pair.need, supply=pair.supply, reason="trl", words=" 成熟度不够 "
    )
    assert (refusal.side, refusal.reason, refusal.words) == ("need", "trl", "成熟度不够")
    assert pair.suggested(VISITOR) == []
    assert list(suggestions_for_supply(pair.answering, pair.supply)) == []
    with journal.writing():
        journal.note("achievement.edit", record=pair.supply)
    followers.run_pending()
    assert Suggestion.objects.count() == 1
    assert pair.suggested(VISITOR) == []
    with pytest.raises(Conflict):
        refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="price")
    other = refuse_suggestion(actor=pair.answering, need=pair.need, supply=pair.supply, reason="partner")
    assert other.side == "supply"
    assert Entry.objects.filter(kind="match.refuse").count() == 4
    assert not any("成熟度" in str(data) for data in Entry.objects.values_list("data", flat=True))


def test_officers_decide_in_their_own_districts():
    pair = Pair(firm_region="440106", unit_region="440112")
    with pytest.raises(NotAllowed):
        refuse_suggestion(actor=city.officer("440117"), need=pair.need, supply=pair.supply, reason="trl")
    with pytest.raises(NotAllowed):
        pair.introduced(city.officer("440117"))
    refusal = refuse_suggestion(actor=city.officer("440112"), need=pair.need, supply=pair.supply, reason="trl")
    assert refusal.side == "bureau"
    assert pair.introduced(city.officer("440106")).record.stage == "introduced"


def test_a_pair_that_is_no_longer_open_is_neither_refused_nor_introduced():
    pair = Pair()
    advance(NEED, pair.need, "withdraw", actor=pair.asking, note="理由")
    for act in (
        lambda: refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="trl"),
        lambda: pair.introduced(pair.asking),
    ):
        pair.need.record.refresh_from_db()
        with pytest.raises(Conflict):
            act()
    stale = Pair()
    old = stale.supply
    advance(ACHIEVEMENT, stale.result, "withdraw", actor=stale.answering, note="理由")
    with pytest.raises((Conflict, Missing)):  # the caller's copy is from before
        introduce(actor=stale.asking, need=stale.need, supply=old)


def test_an_introduction_ties_both_records_and_carries_the_score():
    pair = Pair()
    row = pair.introduced(pair.officer)
    assert row.score == Suggestion.objects.get().score
    assert set(Link.objects.filter(source=row.record).values_list("target_id", "role")) == {
        (pair.need.pk, "introduces"),
        (pair.supply.pk, "introduces"),
    }
    assert pair.suggested(VISITOR) == []
    assert [one.pk for one in introductions_of(pair.asking, pair.supply)] == [row.pk]
    with pytest.raises(Conflict, match=row.record.code):
        pair.introduced(pair.asking)


def contacts(actor, row):
    return [(one.side, one.name) for one in contacts_of(actor, Introduction.objects.get(pk=row.pk))]


def test_contact_details_show_when_both_agreed_and_to_both_sides_alone():
    pair = Pair()
    everybody = [pair.asking, pair.answering, pair.officer, VISITOR, city.member(city.organisation())]
    row = pair.introduced(pair.officer)
    assert all(contacts(actor, row) == [] for actor in everybody)
    row = pair.move(row, "agree", pair.asking)
    assert row.record.stage == "introduced"
    assert all(contacts(actor, row) == [] for actor in everybody)
    with pytest.raises(NotAllowed):  # once is enough, and nobody agrees for the other side
        pair.move(row, "agree", pair.asking)
    with pytest.raises(NotAllowed):
        pair.move(row, "agree", pair.officer)
    row = pair.move(row, "agree", pair.answering)
    assert row.record.stage == "agreed"
    wanted = [("need", pair.asking.name), ("supply", pair.answering.name)]
    assert [contacts(actor, row) for actor in everybody] == [wanted, wanted, [], [], []]
    assert all(one.email and one.phone for one in contacts_of(pair.asking, row))


def test_whoever_introduces_has_agreed_for_their_own_side():
    pair = Pair()
    row = pair.introduced(pair.asking)
    assert (row.need_agreed_on, row.supply_agreed_on, row.record.stage) == (today(), None, "introduced")
    pair = Pair()
    row = pair.introduced(pair.answering)
    assert (row.need_agreed_on, row.supply_agreed_on) == (None, today())
    pair = Pair()
    row = pair.introduced(pair.officer)
    assert (row.need_agreed_on, row.supply_agreed_on) == (None, None)


def test_officers_agree_for_a_result_that_nobody_owns():
    from kezhuan.areas.achievements.actions import register_achievement

    pair = Pair()
    facts = city.achievement_facts()
    orphan = register_achievement(actor=pair.officer, owner=None, facts=facts, stage="listed").record
    row = introduce(actor=pair.officer, need=pair.need, supply=orphan)
    assert (row.need_agreed_on, row.supply_agreed_on) == (None, today())
    row = pair.move(row, "agree", pair.asking)
    assert row.record.stage == "agreed"


def test_a_closed_door_need_is_shown_to_the_other_side_only_when_its_firm_agreed():
    pair = Pair(need={"confidentiality": "closed_door", "title": "geheimbedarf"})
    row = pair.introduced(pair.officer)

    def sees(actor):
        need = Record.objects.get(pk=pair.need.pk)
        shown = (
            can_view(actor, need, "public"),
            introductions_visible_to(actor).filter(pk=row.pk).exists(),
            pair.need.pk in search(actor, Asked(words="geheimbedarf")).records,
            row.pk in search(actor, Asked(words=row.record.code)).records,
        )
        assert len(set(shown)) == 1, shown
        # The introduction itself holds codes alone: by the need's words nobody finds it.
        assert row.pk not in search(actor, Asked(words="geheimbedarf")).records
        return shown[0]

    assert sees(pair.asking)
    assert not sees(pair.answering)
    row = pair.move(row, "agree", pair.asking)
    assert sees(pair.answering)
    assert not sees(city.member(city.organisation()))
    assert not sees(VISITOR)
    assert Entry.objects.filter(kind="match.show", record_id=pair.need.pk).count() == 1
    assert access.groups_seen(pair.answering, Record.objects.get(pk=pair.need.pk)) == {"title", "public"}


def test_an_officer_of_the_other_district_learns_no_name_of_a_closed_side():
    pair = Pair(need={"confidentiality": "closed_door", "title": "geheimbedarf", "region": "440106"})
    row = pair.introduced(pair.officer)
    elsewhere = city.officer("440112")
    seen = introductions_visible_to(elsewhere).filter(pk=row.pk).first()
    if seen is not None:
        assert sides_of(elsewhere, seen)[0].record is None
    assert "geheimbedarf" not in row.record.title


def test_two_closed_sides_can_still_agree_one_after_the_other():
    pair = Pair(need={"confidentiality": "closed_door"}, result={"secrecy": "internal"})
    row = pair.introduced(pair.officer)
    assert not introductions_visible_to(pair.asking).exists()
    asked = introductions_visible_to(pair.answering).get()
    assert sides_of(pair.answering, asked)[0].record is None
    row = pair.move(row, "agree", pair.answering)
    row = pair.move(row, "agree", pair.asking)
    assert row.record.stage == "agreed"
    assert all(side.record is not None for side in sides_of(pair.asking, introductions_visible_to(pair.asking).get()))


def test_an_introduction_to_an_internal_result_is_its_units_until_the_unit_agrees():
    pair = Pair(result={"secrecy": "internal"})
    row = pair.introduced(pair.officer)
    visible = {
        name for name in ("asking", "answering", "officer") if introductions_visible_to(getattr(pair, name)).exists()
    }
    assert visible == {"answering", "officer"}
    assert Clock.objects.get(record=row.record, ended_on=None).party == pair.unit
    row = pair.move(row, "agree", pair.answering)
    assert introductions_visible_to(pair.asking).exists()
    assert can_view(pair.asking, Record.objects.get(pk=pair.supply.pk), "public")
    assert not can_view(pair.asking, Record.objects.get(pk=pair.supply.pk), "full")


def closed_pair():
    """Both sides closed, in two districts: neither may know of the other before it agrees to be shown."""
    pair = Pair({"confidentiality": "closed_door", "title": "geheimbedarf"}, {"secrecy": "internal"})
    return pair, city.officer("440106"), city.officer("440112")


def told(actor, record):
    """Everything a page or the API says of a record beside its own words: clocks and history."""
    record = Record.objects.get(pk=record.pk)
    waits = [clock["waits_for"] for clock in running_clocks(actor, record)]
    lines = [str(line.label) for line in clock_lines(actor, record)]
    entries = told_to(actor, record, entries_of(record, 50))
    return str((waits, lines, [(one.who, str(one.acting_for or ""), one.note) for one in entries]))


def test_a_clock_names_nobody_whom_its_reader_may_not_know():
    pair, of_need, of_result = closed_pair()
    row = pair.introduced(pair.officer)  # waits for the unit
    assert str(pair.unit) in told(pair.officer, row.record)
    assert str(pair.unit) in told(pair.answering, row.record)
    assert str(pair.unit) not in told(of_need, row.record)
    row = pair.move(row, "agree", pair.answering)  # now it waits for the firm
    assert str(pair.firm) in told(pair.asking, row.record)
    assert str(pair.firm) in told(of_need, row.record)
    for reader in (pair.answering, of_result):
        assert str(pair.firm) not in told(reader, row.record)
        assert "the other side" in told(reader, row.record)
        assert running_clocks(reader, row.record)[0]["waits_for"]["code"] == ""


def test_a_refusal_does_not_tell_who_refused_as_long_as_they_are_hidden():
    pair, of_need, of_result = closed_pair()
    row = pair.introduced(pair.officer)
    row = pair.move(row, "agree", pair.answering, note="wir wollen")
    row = pair.move(row, "decline", pair.asking, reason="partner", note="wir nicht")
    for reader in (pair.answering, of_result):
        said = told(reader, row.record)
        assert not any(word in said for word in (str(pair.firm), pair.asking.name, "wir nicht")), said
        last = told_to(reader, row.record, entries_of(row.record, 50))[0]
        assert (last.entry.kind, last.reason) == ("introduction.decline", "partner")
    for reader in (pair.asking, pair.officer, of_need):
        said = told(reader, row.record)
        assert all(word in said for word in (str(pair.firm), pair.asking.name, "wir nicht")), said


def test_what_the_first_asked_side_refused_is_never_heard_of_by_the_other():
    pair, of_need, _of_result = closed_pair()
    row = pair.introduced(pair.officer)
    row = pair.move(row, "decline", pair.answering, reason="partner", note="wir nicht")
    seen = {
        name for name in ("asking", "answering", "officer") if introductions_visible_to(getattr(pair, name)).exists()
    }
    assert seen == {"answering", "officer"}
    said = told(of_need, row.record)
    assert not any(word in said for word in (str(pair.unit), pair.answering.name, "wir nicht")), said


def test_the_page_of_one_side_does_not_name_a_hidden_side_that_acted():
    pair = Pair(result={"secrecy": "trade_secret"})
    pair.introduced(pair.answering)
    # Officers see the title of a trade secret, so they see that it was introduced; whose it is they do not.
    assert str(pair.unit) not in told(pair.officer, pair.need.record)
    assert pair.answering.name not in told(pair.officer, pair.need.record)
    assert str(pair.unit) in told(pair.asking, pair.need.record)  # whom the unit has shown itself to


def test_an_inbox_does_not_say_whose_a_trade_secret_is():
    unit = city.organisation()
    city.achievement(unit, stage="submitted", secrecy="trade_secret", title="geheim")
    (line,) = inbox.lines(city.officer("440106"))
    assert (line.title, line.who) == ("geheim", "")
    city.achievement(unit, stage="submitted", title="offen")
    assert {line.who for line in inbox.lines(city.officer("440106"))} == {"", str(unit)}


def test_words_of_a_refusal_are_the_refusers_and_an_officers_are_for_both():
    pair = Pair()
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=pair.supply, reason="price", words="zu teuer")
    assert "zu teuer" in told(pair.asking, pair.need.record)
    assert "zu teuer" not in told(pair.answering, pair.supply)
    (entry, *_rest) = told_to(pair.answering, pair.supply, entries_of(pair.supply, 50))
    assert entry.reason == "price"
    pair = Pair()
    refuse_suggestion(actor=pair.officer, need=pair.need, supply=pair.supply, reason="price", words="zu teuer")
    assert all("zu teuer" in told(*one) for one in ((pair.asking, pair.need.record), (pair.answering, pair.supply)))


def test_each_stage_has_its_clock_and_names_whose_turn_it_is():
    pair = Pair()
    row = pair.introduced(pair.officer)

    def clock():
        return Clock.objects.get(record_id=row.pk, ended_on=None)

    promised = {
        "introduced": (5, "working"), "agreed": (15, "working"), "met": (90, "calendar"), "intent": (180, "calendar"),
    }  # fmt: skip
    assert clock().party == pair.firm
    row = pair.move(row, "agree", pair.asking)
    assert (clock().name, clock().party) == ("introduced", pair.unit)
    steps = [("agree", pair.answering), ("meet", pair.asking), ("intend", pair.officer), ("contract", pair.asking)]
    for name, actor in steps:
        held = clock()
        days, kind = promised[held.name]
        assert (held.day_kind, held.due_on) == (kind, workdays.add_days(today(), days, kind))
        assert clocks.remaining(held).days == days
        row = pair.move(row, name, actor, note="记录")
        if row.record.stage in promised:
            assert (clock().name, clock().party) == (row.record.stage, pair.firm)
    assert not Clock.objects.filter(record_id=row.pk, ended_on=None).exists()


@pytest.mark.parametrize("last", [[], ["agree"], ["agree", "meet"], ["agree", "meet", "intend"]])
def test_an_introduction_ends_with_a_reason_from_the_list(last):
    pair = Pair()
    row = pair.introduced(pair.asking)
    for name in last:
        row = pair.move(row, name, pair.answering)
    row = pair.move(row, "drop" if last else "decline", pair.answering, reason="timing", note="明年再谈")
    assert (row.record.stage, row.record.phase, row.record.closed_on) == ("dropped", "failed", today())
    entry = Entry.objects.filter(record_id=row.pk).last()
    assert (entry.data["reason"], entry.text.content) == ("timing", {"note": "明年再谈"})
    assert INTRODUCTION.open_to(pair.asking, row) == []


def test_a_submitted_need_is_answered_within_five_working_days(monkeypatch):
    friday = date(2026, 3, 6)
    for module in (clocks, __import__("kezhuan.kernel.lifecycle", fromlist=["today"])):
        monkeypatch.setattr(module, "today", lambda: friday)
    need = city.need(city.organisation(), stage="submitted")
    clock = Clock.objects.get(record_id=need.pk)
    assert (clock.party, clock.due_on) == (None, date(2026, 3, 13))


def test_a_result_withdrawn_while_a_need_is_matched_is_not_suggested(monkeypatch):
    from kezhuan.kernel.search import LiveIndex

    pair, nearest = Pair(), LiveIndex.nearest

    def then_withdraw(self, items, k, wanted):
        matches = nearest(self, items, k, wanted)
        if Record.objects.get(pk=pair.supply.pk).stage == "listed":
            advance(ACHIEVEMENT, pair.result, "withdraw", actor=pair.answering, note="理由")
        return matches

    monkeypatch.setattr(LiveIndex, "nearest", then_withdraw)
    refresh_suggestions([pair.need.pk])
    assert not Suggestion.objects.exists()
