"""Objecting at the same moment as the step goes on: one order wins, and nothing lies in between."""

from datetime import date

import pytest

from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.inspections.actions import edit_inspection
from kezhuan.areas.inspections.lifecycle import INSPECTION
from kezhuan.areas.inspections.models import Inspection
from kezhuan.areas.notices import actions
from kezhuan.areas.notices.lifecycle import NOTICE
from kezhuan.kernel import journal
from kezhuan.kernel.errors import Conflict, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Grant, Notice, NoticeChannel, Objection, Record
from kezhuan.kernel.registry import row_of
from tests.areas.notice_story import PROOF, RECEPTION, Story
from tests.factories import city
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db(transaction=True)

OVER = date(2026, 3, 13)


def kinds_of(results):
    return sorted(type(result).__name__ for result in results)


@pytest.fixture
def story(monkeypatch):
    return Story(monkeypatch)


def on_paper(story, notice, number):
    return actions.object_to_notice(
        actor=story.officer, notice=notice, name="赵举", contact=f"a{number}@example.cn", text="不实。",
        received_on=date(2026, 3, 12),
    )  # fmt: skip


@pytest.mark.parametrize("first", [0, 3, 6])
def test_many_object_while_the_move_is_taken_and_one_order_wins(story, first):
    notice = story.running()
    story.at(OVER)
    notice = story.take(notice, "complete")
    work = [lambda n=n: on_paper(story, notice, n) for n in range(6)]
    work.insert(first, lambda: advance(ACHIEVEMENT, story.row, "register", actor=story.officer))
    results = at_once(work)
    registered = Record.objects.get(pk=story.row.pk).stage == "registered"
    entered = [result for result in results if isinstance(result, Objection)]
    if registered:
        assert kinds_of(results) == ["Achievement", *["Conflict"] * 6]
    else:
        refusals = [result for result in results if isinstance(result, Refused)]
        assert [problem.code for one in refusals for problem in one.problems] == ["objection-open"]
        assert len(entered) == 6
    assert Objection.objects.count() == len(entered)
    assert journal.verify().broken_seq is None


def test_many_object_while_the_notice_is_completed_and_none_is_passed_over(story):
    notice = story.running()
    story.at(OVER)
    work = [lambda n=n: on_paper(story, notice, n) for n in range(5)]
    results = at_once([*work, lambda: advance(NOTICE, notice, "complete", actor=story.officer)])
    # Whether it was completed before the first of them or not: they are there, and the move is refused.
    assert kinds_of(results[:5]) == ["Objection"] * 5
    assert isinstance(results[5], Notice | Refused)
    with pytest.raises(Refused) as refused:
        story.register()
    assert [problem.code for problem in refused.value.problems] == ["objection-open"]
    assert journal.verify().broken_seq is None


def test_one_notice_is_prepared_however_many_do_at_once(story):
    officers = [city.officer() for _ in range(5)]
    results = at_once([lambda a=a: story.prepare(actor=a) for a in officers])
    assert kinds_of(results) == ["Notice", *["Refused"] * 4]
    assert Notice.objects.count() == NoticeChannel.objects.count() == 1


def test_one_contact_objects_once_however_often_the_button_is_pressed(story):
    notice = story.running()
    results = at_once([lambda: story.object(notice)] * 5)
    assert kinds_of(results) == ["Objection", *["Refused"] * 4]


def test_a_last_day_is_recorded_once(story):
    notice = actions.prepare_notice(
        actor=story.officer, row=story.row, move="register", audience="public", reception=RECEPTION,
        channels=["bureau"],
    )  # fmt: skip
    channel = notice.channels.get()

    def start(n):
        return actions.record_start(
            actor=story.officer, channel=channel, on=date(2026, 3, 2), address=f"https://example.cn/{n}", proof=PROOF
        )

    results = at_once([lambda n=n: start(n) for n in range(4)])
    assert kinds_of(results) == ["Conflict"] * 3 + ["NoticeChannel"]
    assert isinstance(results[0], NoticeChannel | Conflict)
    assert row_of(notice.record).channels.get().address.startswith("https://example.cn/")


def test_many_correct_a_notice_while_it_begins_and_nothing_of_it_changes_afterwards(story):
    """The same for an inspection, which gives access to exactly the records it names when the inspector is admitted."""
    notice = story.prepare()
    version = notice.record.version
    edits = [
        lambda n=n: actions.edit_notice(
            actor=story.officer, notice=notice, reception=f"第{n}处", channels=["site"], expected_version=version
        )
        for n in range(4)
    ]
    results = at_once([*edits, lambda: advance(NOTICE, notice, "start", actor=story.officer)])
    changed = [one for one in results[:4] if isinstance(one, Notice)]
    assert isinstance(results[4], Notice)
    assert len(changed) <= 1
    assert {type(one) for one in results[:4]} <= {Notice, Conflict}
    kept = Notice.objects.get(pk=notice.pk)
    assert (kept.record.stage, [kept.reception] if changed else []) == ("running", [one.reception for one in changed])

    need, other = (city.need(city.organisation(), stage="submitted") for _n in range(2))
    bureau = city.officer()
    row = city.inspection(need, bureau)
    words = {"body": "市审计局", "letter_no": "8号", "since": row.since, "until": row.until, "owner_told": True}
    results = at_once([
        lambda: edit_inspection(actor=bureau, inspection=row, codes=[other.record.code], **words),
        lambda: advance(INSPECTION, row, "admit", actor=bureau),
    ])  # fmt: skip
    assert isinstance(results[1], Inspection)
    named = other if isinstance(results[0], Inspection) else need
    given = Grant.objects.filter(party=row.inspector.record).values_list("record", flat=True)
    assert list(given) == [named.pk]
    assert journal.verify().broken_seq is None
