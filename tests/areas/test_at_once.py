"""Many at once around introductions and files, on real threads: one is first, and nobody is shown what closed."""

import pytest

from kezhuan.areas.matches.actions import follow_sides
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.matches.queries import contacts_of
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.people.token_actions import make_token
from kezhuan.kernel import followers, journal, tokens
from kezhuan.kernel.access import can_view
from kezhuan.kernel.disclosures import note_shown
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Document, Entry, Record
from kezhuan.kernel.text import today
from tests.factories import city
from tests.factories.databases import at_once
from tests.factories.pairs import Pair

pytestmark = pytest.mark.django_db(transaction=True)


def agreed_by_one(**facts):
    """A firm with a closed need agreed; the university is asked."""
    pair = Pair(need={"confidentiality": "closed_door"}, **facts)
    return pair, pair.move(pair.introduced(pair.officer), "agree", pair.asking)


def test_colleagues_agree_at_once_and_one_is_first():
    pair, row = agreed_by_one()
    colleagues = [city.member(pair.unit) for _ in range(4)]
    results = at_once([lambda a=a: advance(INTRODUCTION, row, "agree", actor=a) for a in colleagues])
    assert sorted(type(one).__name__ for one in results) == ["Conflict"] * 3 + ["Introduction"]
    first = next(a for a, one in zip(colleagues, results, strict=True) if isinstance(one, Introduction))
    assert Introduction.objects.get(pk=row.pk).supply_agreed_by == first.person
    assert Entry.objects.filter(record_id=row.pk, kind="introduction.agree").count() == 2


def test_a_need_is_withdrawn_while_the_other_side_agrees_and_one_comes_first():
    pair, row = agreed_by_one()
    results = at_once(
        [
            lambda: advance(INTRODUCTION, row, "agree", actor=pair.answering),
            lambda: advance(NEED, pair.need, "withdraw", actor=pair.asking, note="理由"),
        ]
    )
    followers.run_pending()
    held = Introduction.objects.get(pk=row.pk)
    agreed = isinstance(results[0], Introduction)
    assert type(results[1]).__name__ == "Need"
    # Agreed before it was withdrawn, or told that it was: never both.
    assert held.record.stage == ("agreed" if agreed else "lapsed")
    assert bool(contacts_of(pair.answering, held)) == agreed
    assert can_view(pair.answering, Record.objects.get(pk=pair.need.pk), "public") == agreed
    assert journal.verify().broken_seq is None


def test_an_introduction_lapses_once_however_many_follow_and_whoever_declines():
    pair, row = agreed_by_one()
    advance(NEED, pair.need, "withdraw", actor=pair.asking, note="理由")
    steps = [lambda: follow_sides([pair.need.pk], False)] * 3
    steps += [lambda: advance(INTRODUCTION, row, "decline", actor=pair.answering, reason="timing")]
    at_once(steps)
    assert Record.objects.get(pk=row.pk).stage in {"lapsed", "dropped"}
    ends = Entry.objects.filter(record_id=row.pk, kind__in=("introduction.lapse", "introduction.decline"))
    assert ends.count() == 1
    assert Entry.objects.filter(record_id=pair.need.pk, kind="match.hide").count() == 1


def test_the_same_file_sent_at_once_is_kept_once(settings, tmp_path):
    settings.DATA = tmp_path
    unit = city.organisation()
    actors = [city.member(unit) for _ in range(4)]
    upload = Upload("a.txt", "内容".encode(), True)
    results = at_once([lambda a=a: attach_document(actor=a, record=unit.record, upload=upload) for a in actors])
    assert sorted(type(one).__name__ for one in results) == ["Document"] + ["Refused"] * 3
    assert {one.problems[0].code for one in results if isinstance(one, Refused)} == {"file-held"}
    assert Document.objects.count() == 1


def test_many_looks_at_once_at_what_is_confidential_are_one_entry():
    rows = [city.achievement(city.organisation(), stage="listed", secrecy="internal") for _ in range(3)]
    bureau = city.officer()
    looks = [lambda n=n: note_shown(bureau, rows[: n % 3 + 1]) for n in range(8)]
    assert at_once(looks) == [None] * 8
    told = [uid for entry in Entry.objects.filter(kind="records.shown") for uid in entry.data["shown"]]
    assert sorted(told) == sorted(str(row.record.uid) for row in rows)
    assert journal.verify().broken_seq is None


def test_token_is_used_first_once():
    actor = city.member(city.organisation())
    token, _secret = make_token(
        actor=actor, name="程序", reads={"*"}, writes=set(), expires_on=today(), seed=tokens.new_seed()
    )
    assert at_once([lambda: tokens.note_use(token) for _ in range(6)]) == [None] * 6
    assert [entry.data for entry in Entry.objects.filter(kind="token.used")] == [{"token": token.pk}]
