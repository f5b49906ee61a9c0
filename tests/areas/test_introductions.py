"""Introductions: both sides agree first, each knows of the other only what it may, and every step has its clock."""

import pytest

from kezhuan.api.records import running_clocks
from kezhuan.areas.matches.actions import introduce, refuse_suggestion
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.models import Introduction, Suggestion
from kezhuan.areas.matches.queries import (
    contacts_of,
    introductions_of,
    introductions_visible_to,
    sides_of,
)
from kezhuan.kernel import access, clocks, workdays
from kezhuan.kernel.access import VISITOR, can_view
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.history import entries_of, told_to
from kezhuan.kernel.models import Clock, Entry, Link, Record
from kezhuan.kernel.search import Asked, search
from kezhuan.kernel.text import today
from kezhuan.web import inbox
from kezhuan.web.records import clock_lines
from tests.factories import city
from tests.factories.pairs import Pair

pytestmark = pytest.mark.django_db


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
    for colleague in (pair.asking, city.member(pair.firm)):  # once is enough: whoever comes second is told so
        assert "agree" not in {move.name for move in INTRODUCTION.open_to(colleague, row)}
        with pytest.raises(Conflict, match=r"faster|先"):
            pair.move(row, "agree", colleague)
    with pytest.raises(NotAllowed):  # and nobody agrees for the other side
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


def test_a_side_without_a_contact_is_called_by_whoever_agreed_for_it():
    pair = Pair(need={"contact": None}, result={"contact": None})
    row = pair.introduced(pair.asking)
    row = pair.move(row, "agree", pair.answering)
    wanted = [("need", pair.asking.name), ("supply", pair.answering.name)]
    assert [contacts(actor, row) for actor in (pair.asking, pair.answering)] == [wanted, wanted]
    Introduction.objects.update(need_agreed_by=None)  # as before these were kept
    (first, _second) = contacts_of(pair.answering, Introduction.objects.get())
    assert (first.organisation, first.name) == (str(pair.firm), "")
