"""Watches: told of what newly matches and of what changed in earnest, once, in a digest, never of what is closed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.areas.achievements.actions import edit_achievement
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.kernel import jobs, outbox, search, watches
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.errors import Missing, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Message, MessageState, Preference, Watch
from kezhuan.kernel.models.watches import Rhythm
from kezhuan.kernel.text import today
from tests.factories import city
from tests.factories.databases import at_once
from tests.factories.outbox import box, parsed

__all__ = ["box"]

pytestmark = pytest.mark.django_db
ALL_NEEDS = search.Asked(kinds=("need",))
POLISHING = search.Asked(words="碳化硅 抛光", kinds=("achievement",), chosen={"field": ["materials"]})


@pytest.fixture
def reader():
    return city.member(city.organisation())


def tomorrow():
    """The next day has come for every watch, and the digest goes out."""
    Watch.objects.update(next_on=today())
    for message in Message.objects.all():
        Message.objects.filter(pk=message.pk).update(key=f"old:{message.pk}")
    jobs.enqueue(watches.DIGEST)
    jobs.run_pending()


def save(actor, asked, path="/needs/"):
    return watches.save_search(actor=actor, path=path, asked=asked)


# -- searches ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "path"), [("密级:机密 配方", "/search/"), ("配方", "/search/?q=%E5%AF%86%E7%BA%A7%3A%E6%9C%BA%E5%AF%86")]
)
def test_marked_words_are_kept_neither_as_a_search_nor_in_its_address(reader, words, path):
    with pytest.raises(Refused) as refused:
        save(reader, search.Asked(words=words), path)
    assert [problem.code for problem in refused.value.problems] == ["state-secret"]
    assert not Watch.objects.exists()


def test_a_search_tells_of_what_newly_came_into_public_sight_and_of_nothing_twice(reader, box):
    firm = city.member(city.organisation())
    city.need(firm.organisation, stage="published", title="早先的需求")
    save(reader, ALL_NEEDS)
    tomorrow()
    assert box.mails == []
    fresh = city.need(firm.organisation, by=firm, stage="published", title="新的需求")
    hidden = city.need(firm.organisation, by=firm, stage="submitted", title="未公开的需求")
    tomorrow()
    text = parsed(box).get_content()
    assert f"{fresh.record.code} 新的需求" in text
    assert f"/needs/{fresh.record.code}/" in text
    assert hidden.record.code not in text
    assert "早先的需求" not in text
    tomorrow()
    assert len(box.mails) == 1
    # Taken back and brought again, it is not new any more.
    advance(NEED, fresh, "withdraw", actor=firm, note="理由")
    advance(NEED, hidden, "publish", actor=city.officer())
    tomorrow()
    assert len(box.mails) == 2
    assert hidden.record.code in parsed(box).get_content()
    assert fresh.record.code not in parsed(box).get_content()


def test_an_officers_search_tells_of_a_draft_when_it_is_handed_in_and_not_again_when_it_is_published(box):
    officer, firm = city.officer(), city.member(city.organisation())
    save(officer, ALL_NEEDS)
    draft = city.need(firm.organisation, by=firm, title="新的需求")
    tomorrow()
    assert box.mails == []
    advance(NEED, draft, "submit", actor=firm)
    tomorrow()
    assert draft.record.code in parsed(box).get_content()
    advance(NEED, draft, "publish", actor=officer)
    tomorrow()
    assert len(box.mails) == 1


def test_a_search_with_words_and_filters_tells_of_what_has_all_of_them(reader, box):
    save(reader, POLISHING, "/achievements/?q=碳化硅")
    unit = city.organisation(kind="university")
    hit = city.achievement(unit, stage="listed")
    other_field = city.achievement(unit, stage="listed", field="electronics")
    one_word = city.achievement(unit, stage="listed", title="玻璃抛光", summary="玻璃的抛光", keywords=("玻璃",))
    tomorrow()
    text = parsed(box).get_content()
    assert hit.record.code in text
    assert other_field.record.code not in text
    assert one_word.record.code not in text
    assert "“碳化硅 抛光”" in text


def test_an_edit_of_something_known_is_no_new_result(reader, box):
    unit = city.organisation(kind="university")
    owner = city.member(unit)
    row = city.achievement(unit, by=owner, stage="listed")
    save(reader, POLISHING)
    edit(owner, row, trl=9)
    tomorrow()
    assert box.mails == []


def test_records_of_an_import_are_told_with_how_many_more_there_are(reader, box, monkeypatch):
    monkeypatch.setattr(watches, "MOST_NAMED", 2)
    save(reader, ALL_NEEDS)
    made = [city.need(city.organisation(), stage="published") for _ in range(5)]
    tomorrow()
    text = parsed(box).get_content()
    assert sum(need.record.code in text for need in made) == 2
    assert "另有 3 条" in text


def test_what_is_closed_again_before_it_is_sent_is_not_told(reader, box):
    save(reader, ALL_NEEDS)
    owner = city.member(city.organisation())
    gone = city.need(owner.organisation, by=owner, stage="published")
    Watch.objects.update(next_on=today())
    jobs.enqueue(watches.DIGEST)
    jobs.run_next()
    advance(NEED, gone, "withdraw", actor=owner, note="理由")
    jobs.run_pending()
    assert (box.mails, Message.objects.get().state) == ([], MessageState.DROPPED)


def test_one_is_told_in_whose_name_one_watches_and_not_after_leaving(box):
    unit = city.organisation()
    insider, colleague = city.member(unit), city.member(unit)
    save(insider, ALL_NEEDS)
    draft = city.need(unit, by=colleague)
    tomorrow()
    assert draft.record.code in parsed(box).get_content()
    city.need(unit, by=colleague)
    insider.person.memberships.update(until=today() - timedelta(days=1))
    tomorrow()
    assert len(box.mails) == 1


# -- records -----------------------------------------------------------------------------------------------------------


def edit(actor, row, **facts):
    row.record.refresh_from_db()
    edit_achievement(
        actor=actor, achievement=row, facts=city.achievement_facts(**facts), expected_version=row.record.version
    )


@pytest.fixture
def followed(reader):
    unit = city.organisation(kind="university")
    owner = city.member(unit)
    row = city.achievement(unit, by=owner, stage="listed", price_fen=100_000_000)
    watches.follow_record(actor=reader, record=row.record)
    return owner, row


def test_a_followed_record_tells_its_stage_and_facts_with_the_difference(reader, followed, box):
    owner, row = followed
    tomorrow()
    assert box.mails == []
    edit(owner, row, price_fen=80_000_000, trl=8)
    advance(ACHIEVEMENT, row, "register", actor=city.officer())
    tomorrow()
    text = parsed(box).get_content()
    assert "阶段：已入库 → 已登记" in text
    assert "100 万元 → 80 万元" in text
    assert "TRL 7 → TRL 8" in text
    assert f"/achievements/{row.record.code}/" in text
    tomorrow()
    assert len(box.mails) == 1


def test_a_mended_typing_error_tells_nothing_and_another_digit_does(followed, box):
    owner, row = followed
    summary = "大尺寸碳化硅衬底的化学机械抛光方法,表面粗糙度低。"
    edit(owner, row, price_fen=100_000_000, summary=summary.replace("粗糙度低", "粗糙度很低"))
    tomorrow()
    assert box.mails == []
    edit(owner, row, price_fen=100_000_000, summary="八英寸硅片的切割工艺。")
    tomorrow()
    assert "八英寸硅片的切割工艺" in parsed(box).get_content()
    edit(owner, row, price_fen=100_000_000, summary="8英寸硅片的切割工艺。")
    tomorrow()
    assert len(box.mails) == 2


def test_a_long_text_that_was_rewritten_is_named_and_not_quoted(followed, box):
    owner, row = followed
    edit(owner, row, price_fen=100_000_000, summary="完全不同的一段说明，" * 20)
    tomorrow()
    text = parsed(box).get_content()
    assert "完全不同" not in text
    assert "简介已重写" in text


def test_a_record_that_is_closed_to_the_reader_tells_nothing_and_nothing_of_it_is_kept(reader, followed, box):
    owner, row = followed
    edit(owner, row, price_fen=80_000_000)
    advance(ACHIEVEMENT, row, "withdraw", actor=owner, note="理由")
    tomorrow()
    assert box.mails == []
    assert Watch.objects.get().seen == {}


def test_another_language_is_no_change(reader, followed, box):
    Preference.objects.create(person=reader.person, language="en")
    tomorrow()
    assert box.mails == []
    owner, row = followed
    edit(owner, row, price_fen=80_000_000)
    tomorrow()
    # Told once more in the words of last time; from now on in English.
    assert "100 万元 → 80 万元" in parsed(box).get_content()
    edit(owner, row, price_fen=70_000_000)
    tomorrow()
    assert "CNY 800,000 → CNY 700,000" in parsed(box).get_content()


@given(st.text("碳化硅衬底抛光方法", min_size=30, max_size=60), st.integers(0, 29), st.sampled_from("甲乙"))
def test_one_other_letter_in_a_text_means_the_same(text, place, letter):
    assert watches.means_the_same(text, text[:place] + letter + text[place + 1 :])


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("六英寸碳化硅衬底", "六英寸碳化硅衬底", True),
        ("精度 0.1 微米的抛光方法", "精度 0.2 微米的抛光方法", False),
        ("碳化硅抛光", "玻璃切割", False),
        ("", "新写的说明", False),
        ("a", "b", True),
    ],
)
def test_digits_and_most_of_the_letters_decide(before, after, same):
    assert watches.means_the_same(before, after) is same


# -- digest and stopping -----------------------------------------------------------------------------------------------


def test_all_of_a_persons_news_come_in_one_letter_each_with_its_own_stop(reader, followed, box):
    owner, row = followed
    searched = save(reader, ALL_NEEDS)
    need = city.need(city.organisation(), stage="published")
    edit(owner, row, price_fen=80_000_000)
    tomorrow()
    assert len(box.mails) == 1
    mail = parsed(box)
    text = mail.get_content()
    assert need.record.code in text
    assert row.record.code in text
    stops = [line.rsplit("/", 2)[-2] for line in text.splitlines() if "/messages/stop/" in line]
    topics = [outbox.read_stop_token(token)[1] for token in stops]
    first = Watch.objects.exclude(pk=searched.pk).get()
    assert topics == [f"watch:{first.pk}", f"watch:{searched.pk}", "digest"]
    outbox.set_stopped(reader.person, f"watch:{searched.pk}", True)
    city.need(city.organisation(), stage="published")
    edit(owner, row, price_fen=70_000_000)
    tomorrow()
    text = parsed(box).get_content()
    assert "70 万元" in text
    assert "/needs/" not in text
    # What happened while it was stopped is not told afterwards.
    watches.save_search(actor=reader, path="/needs/", asked=ALL_NEEDS)
    tomorrow()
    assert len(box.mails) == 2
    outbox.set_stopped(reader.person, "digest", True)
    edit(owner, row, price_fen=60_000_000)
    tomorrow()
    assert len(box.mails) == 2


@pytest.mark.parametrize(
    ("rhythm", "on", "expected"),
    [
        (Rhythm.DAILY, date(2026, 11, 25), date(2026, 11, 26)),
        (Rhythm.WEEKLY, date(2026, 11, 25), date(2026, 11, 30)),
        (Rhythm.WEEKLY, date(2026, 11, 29), date(2026, 11, 30)),
        (Rhythm.WEEKLY, date(2026, 11, 30), date(2026, 12, 7)),
    ],
)
def test_a_week_ends_on_monday(rhythm, on, expected):
    assert watches.next_day(rhythm, on) == expected


def test_a_watch_waits_for_its_day(reader, box):
    made = save(reader, ALL_NEEDS)
    watches.change_rhythm(actor=reader, number=made.pk, rhythm="weekly")
    city.need(city.organisation(), stage="published")
    jobs.enqueue(watches.DIGEST)
    jobs.run_pending()
    assert box.mails == []
    tomorrow()
    assert len(box.mails) == 1
    assert Watch.objects.get().next_on.weekday() == 0


# -- keeping them ------------------------------------------------------------------------------------------------------


def test_watching_twice_is_watching_once_and_one_watches_only_what_one_sees(reader):
    row = city.achievement(city.organisation(), stage="listed")
    first = watches.follow_record(actor=reader, record=row.record)
    outbox.set_stopped(reader.person, f"watch:{first.pk}", True)
    assert watches.follow_record(actor=reader, record=row.record) == first
    assert not outbox.has_stopped(reader.person, f"watch:{first.pk}")
    assert save(reader, ALL_NEEDS) == save(reader, ALL_NEEDS)
    draft = city.need(city.organisation())
    with pytest.raises(Missing):
        watches.follow_record(actor=reader, record=draft.record)
    with pytest.raises(NotAllowed):
        watches.follow_record(actor=VISITOR, record=row.record)
    assert Entry.objects.filter(kind="watch.made").count() == 2


def test_nobody_touches_anothers_watches(reader):
    made = save(reader, ALL_NEEDS)
    other = city.member(reader.organisation)
    assert list(watches.watches_of(other)) == list(watches.watches_of(VISITOR)) == []
    for act in (
        lambda: watches.end_watch(actor=other, number=made.pk),
        lambda: watches.change_rhythm(actor=other, number=made.pk, rhythm="weekly"),
    ):
        with pytest.raises(Missing):
            act()
    with pytest.raises(Refused):
        watches.change_rhythm(actor=reader, number=made.pk, rhythm="hourly")
    watches.end_watch(actor=reader, number=made.pk)
    assert Watch.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_no_more_is_watched_than_anybody_reads_however_many_at_once(reader, monkeypatch):
    monkeypatch.setattr(watches, "MOST_WATCHES", 3)
    results = at_once([lambda n=n: save(reader, ALL_NEEDS, f"/needs/?q={n}") for n in range(6)])
    assert sorted(type(result).__name__ for result in results) == ["Refused"] * 3 + ["Watch"] * 3
    assert Watch.objects.count() == 3
