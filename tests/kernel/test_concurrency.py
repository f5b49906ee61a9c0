"""Many at once, on real threads: one is first, the others are told so, and nothing is counted twice."""

import threading

import pytest
from django.db import connection, transaction

from kezhuan.areas.achievements.actions import edit_achievement
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.matches.actions import introduce, refresh_suggestions, refuse_suggestion
from kezhuan.areas.matches.learning_actions import switch_weighting
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.models import Introduction, Refusal, Suggestion, Weighting
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.people.actions import SYSTEM, register_organisation, register_person, sign_up
from kezhuan.kernel import access, journal
from kezhuan.kernel.codes import give_codes
from kezhuan.kernel.errors import Conflict, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Audience, AudienceToken, Entry, Identifier, Organisation, Record, User
from kezhuan.kernel.text import now
from tests.factories import city
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def kinds_of(results):
    return sorted(type(result).__name__ for result in results)


def test_eight_officers_press_the_same_move_at_once_and_one_moves():
    need = city.need(city.organisation(), stage="submitted")
    officers = [city.officer() for _ in range(8)]
    before = Entry.objects.count()
    results = at_once([lambda actor=actor: advance(NEED, need, "publish", actor=actor) for actor in officers])
    assert kinds_of(results) == ["Conflict"] * 7 + ["Need"]
    assert Entry.objects.filter(record_id=need.pk, kind="need.publish").count() == 1
    assert Entry.objects.count() == before + 1
    need.record.refresh_from_db()
    assert (need.record.stage, need.record.version) == ("published", 2)
    assert journal.verify().broken_seq is None


def test_two_officers_press_different_moves_at_once_and_one_moves():
    need = city.need(city.organisation(), stage="submitted")
    moves = [(name, city.officer()) for name in ("publish", "return", "withdraw", "publish")]
    results = at_once([lambda name=name, a=a: advance(NEED, need, name, actor=a, note="理由") for name, a in moves])
    # A withdrawal may follow a publication; every other pair excludes itself.
    moved = [result for result in results if not isinstance(result, Conflict)]
    assert len(moved) == Entry.objects.filter(record_id=need.pk).exclude(kind__in=["need.open", "need.submit"]).count()
    assert 1 <= len(moved) <= 2
    assert journal.verify().broken_seq is None


def test_two_editors_save_at_once_and_one_is_told():
    unit = city.organisation()
    row, actors = city.achievement(unit), [city.member(unit), city.member(unit)]
    copies = [type(row).objects.select_related("record__owner").get(pk=row.pk) for _ in actors]
    results = at_once(
        [
            lambda actor=actor, copy=copy, n=n: edit_achievement(
                actor=actor,
                achievement=copy,
                facts=city.achievement_facts(title=f"标题{n}", keywords=(f"词{n}",)),
                expected_version=row.record.version,
            )
            for n, (actor, copy) in enumerate(zip(actors, copies, strict=True))
        ]
    )
    assert kinds_of(results) == ["Achievement", "Conflict"]
    won = next(n for n, result in enumerate(results) if not isinstance(result, Conflict))
    row.refresh_from_db()
    row.record.refresh_from_db()
    assert (row.record.title, row.keywords, row.record.version) == (f"标题{won}", [f"词{won}"], 2)
    assert Entry.objects.filter(record_id=row.pk, kind="achievement.edit").count() == 1


def test_codes_given_at_once_have_no_duplicates():
    def some():
        with transaction.atomic():
            return [*give_codes("T", 3, 2026), *give_codes("T", 2, 2026)]

    codes = [code for result in at_once([some] * 6) for code in result]
    assert sorted(codes) == [f"T-2026-{number:05d}" for number in range(1, 31)]


def test_codes_of_a_failed_transaction_are_given_again_or_left_out_but_never_twice():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        give_codes("T", 3, 2026)
        raise ZeroDivisionError
    with transaction.atomic():
        codes = give_codes("T", 1, 2026) + give_codes("T", 1, 2025)
    assert len(set(codes)) == 2


def test_records_opened_at_once_are_all_there_and_the_chain_holds():
    results = at_once([lambda n=n: register_person(actor=SYSTEM, name=f"人{n}") for n in range(8)])
    assert len({person.record.code for person in results}) == 8
    assert journal.verify() == journal.Verdict(8)


def test_both_sides_agree_at_once_and_both_are_heard():
    firm, unit = city.organisation(), city.organisation(kind="university")
    row = city.introduction(city.officer(), firm, unit)
    asking, answering = city.member(firm), city.member(unit)
    results = at_once([lambda a=a: advance(INTRODUCTION, row, "agree", actor=a) for a in (asking, answering)])
    assert kinds_of(results) == ["Introduction", "Introduction"]
    row = Introduction.objects.select_related("record").get(pk=row.pk)
    assert row.need_agreed_on is not None
    assert row.supply_agreed_on is not None
    assert row.record.stage == "agreed"
    assert journal.verify().broken_seq is None


def test_one_pair_is_introduced_once_however_many_press_at_once():
    need = city.need(city.organisation(), stage="published")
    supply = city.achievement(city.organisation(), stage="listed").record
    officers = [city.officer() for _ in range(4)]
    results = at_once([lambda a=a: introduce(actor=a, need=need, supply=supply) for a in officers])
    assert kinds_of(results) == ["Conflict"] * 3 + ["Introduction"]
    assert Introduction.objects.count() == 1
    assert Record.objects.filter(kind="introduction").count() == 1


def test_one_suggestion_is_refused_once_for_a_side_however_many_press_at_once():
    need = city.need(city.organisation(), stage="published")
    supply = city.achievement(city.organisation(), stage="listed").record
    officers = [city.officer() for _ in range(4)]
    results = at_once(
        [lambda a=a: refuse_suggestion(actor=a, need=need, supply=supply, reason="trl") for a in officers]
    )
    assert kinds_of(results) == ["Conflict"] * 3 + ["Refusal"]
    assert Refusal.objects.count() == 1


def test_versions_of_weights_that_are_switched_on_at_once_take_turns():
    told = {"trained_on": {}, "made_at": now(), "judged": 40, "before": 0.2, "after": 0.3, "low": 0.05, "high": 0.15}
    versions = [Weighting.objects.create(factors={"trl_miss": 1.5}, **told) for _ in range(2)]
    officers = [city.officer() for _ in range(4)]
    results = at_once(
        [
            lambda a=a, one=versions[n % 2]: switch_weighting(actor=a, weighting=one, on=True)
            for n, a in enumerate(officers)
        ]
    )
    won = [one for one in results if not isinstance(one, Conflict)]
    assert Weighting.objects.get(in_force=True).pk in {one.pk for one in won}
    assert Entry.objects.filter(kind="match.weigh").count() == len(won) >= 2
    assert journal.verify().broken_seq is None


def test_an_audience_is_kept_once_however_many_make_it_at_once():
    keys = [f"org:{n}|org:{n + 1}" for n in range(1, 6)]

    def intern(chosen):
        with transaction.atomic():
            return access.audience_ids(chosen)

    results = at_once([lambda n=n: intern(keys[n % 3 :] + keys[: n % 3]) for n in range(6)])
    assert all(result == results[0] for result in results)
    assert Audience.objects.filter(key__in=keys).count() == 5
    assert AudienceToken.objects.filter(audience__key__in=keys).count() == 10


def test_one_number_is_registered_once_however_many_do_at_once():
    def register(n):
        return register_organisation(
            actor=SYSTEM, name=f"企业{n}", kind="enterprise", number="91350100M000100Y43", region="440106"
        )

    results = at_once([lambda n=n: register(n) for n in range(4)])
    assert kinds_of(results) == ["Conflict"] * 3 + ["Organisation"]
    assert Identifier.objects.filter(scheme="uscc").count() == 1
    assert Organisation.objects.count() == Record.objects.count() == 1


def test_one_mail_address_opens_one_account_however_many_do_at_once(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def open_account():
        return sign_up(name="某人", email="One@example.com", password="correct horse battery")

    results = at_once([open_account] * 3)
    assert kinds_of(results) == ["Refused", "Refused", "User"]
    assert {p.code for r in results if isinstance(r, Refused) for p in r.problems} == {"email-taken"}
    assert User.objects.count() == 1


def test_suggestions_refreshed_at_once_are_there_once():
    need = city.need(city.organisation(), stage="published")
    supply = city.achievement(city.organisation(), stage="listed")
    results = at_once([lambda: refresh_suggestions([need.pk])] * 4)
    assert results == [1] * 4
    assert list(Suggestion.objects.values_list("need_id", "supply_id")) == [(need.pk, supply.pk)]


def test_an_entry_about_a_record_does_not_wait_for_a_move_of_it():
    """Otherwise one holds the head of the journal and waits for the record, the other the other way round."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    need = city.need(city.organisation(), stage="published")
    unit = city.organisation()
    supply = city.achievement(unit, stage="listed")
    actor, owner = city.officer(), city.member(unit)
    withdrawn, noted = threading.Event(), threading.Event()

    def withdraw():
        with journal.writing():
            advance(ACHIEVEMENT, supply, "withdraw", actor=owner, note="理由")
            withdrawn.set()
            assert noted.wait(20)

    def note():
        assert withdrawn.wait(20)
        with journal.writing():
            for record in (need.record, supply.record):
                journal.note("test.noted", record=record, actor=actor)
        noted.set()

    assert at_once([withdraw, note]) == [None, None]
    assert journal.verify().broken_seq is None
