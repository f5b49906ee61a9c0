"""What is refused before anything is saved: numbers, maturity, shares, classes, texts that do not fit."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.areas.achievements.actions import (
    AchievementFacts,
    Contribution,
    Right,
    edit_achievement,
    register_achievement,
)
from kezhuan.areas.achievements.actions import check_facts as achievement_problems
from kezhuan.areas.achievements.checks import check_maturity, check_right_number, check_shares, patent_check_digit
from kezhuan.areas.needs.actions import Figure, edit_need, register_need
from kezhuan.areas.needs.actions import check_facts as need_problems
from kezhuan.areas.people.actions import SYSTEM, register_organisation, register_person, sign_up
from kezhuan.areas.people.checks import check_organisation_number
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.models import CodeCounter, Entry, Identifier, Record
from kezhuan.kernel.text import today
from tests.factories import city


def codes(problems):
    return [problem.code for problem in problems]


# -- organisations: GB 32100-2015 ------------------------------------------------------------

VALID = ["91110000600037341L", "91512081MA62K0260E", "9131000063159284XQ", "91350100M000100Y43"]
WRONG_DIGIT = {
    "91350100M000100Y4Z": None,  # Z is no letter of the code
    "91350211M0000XUF46": "R",
    "91350100M0001TGQXM": "1",
    "91310115MA1G4L1WXK": "7",
}


@pytest.mark.parametrize("number", VALID)
def test_valid_credit_codes_pass_in_any_typing(number):
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    for typed in (number, f" {number.lower()} ", wide, f"{number[:8]}-{number[8:]}"):
        assert check_organisation_number(typed, "uscc") == (number, [])


@pytest.mark.parametrize(("number", "digit"), WRONG_DIGIT.items())
def test_a_wrong_check_digit_is_named_with_the_right_one(number, digit):
    normal, problems = check_organisation_number(number, "uscc")
    assert normal == number
    assert codes(problems) == ["uscc-check-digit" if digit else "uscc-format"]
    assert number in str(problems[0].message)
    assert digit is None or digit in str(problems[0].message).replace(number, "")


@pytest.mark.parametrize("number", ["9135", "91350100M000100Y4", "91350100M000100Y433", "IOSVZ100M000100Y43", "甲乙"])
def test_what_is_no_credit_code_is_said_to_be_none(number):
    assert codes(check_organisation_number(number, "uscc")[1]) == ["uscc-format"]


@given(st.sampled_from(VALID), st.integers(2, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_any_one_wrong_character_of_a_credit_code_is_noticed(number, place, character):
    typed = number[:place] + character + number[place + 1 :]
    assert bool(check_organisation_number(typed, "uscc")[1]) == (typed != number)


def test_numbers_of_other_registries_are_kept_as_they_are():
    assert check_organisation_number(" 0123-456 ", "registry:HK") == ("0123456", [])
    assert check_organisation_number("", "uscc") == ("", [])
    assert codes(check_organisation_number("9" * 41, "registry:HK")[1]) == ["registry-number"]


@pytest.mark.django_db
def test_only_an_officer_accepts_a_failed_check_digit_and_only_with_a_note():
    facts = {"name": "某企业", "kind": "enterprise", "number": "91350211M0000XUF46", "region": "440106"}
    for actor, note in ((city.member(city.organisation()), "看过执照"), (city.officer(), " ")):
        with pytest.raises(Refused) as refused:
            register_organisation(actor=actor, override_note=note, **facts)
        assert codes(refused.value.problems) == ["uscc-check-digit"]
    with pytest.raises(Refused):  # a note mends no number that is none at all
        register_organisation(actor=city.officer(), override_note="看过执照", **{**facts, "number": "123"})
    made = register_organisation(actor=city.officer(), override_note="看过执照", **facts)
    assert Identifier.objects.get(record=made.record).note == "看过执照"


@pytest.mark.django_db
def test_whoever_registers_an_organisation_administers_it_and_only_officers_name_a_later_stage():
    person = register_person(actor=SYSTEM, name="某人")
    from kezhuan.kernel.access import VISITOR, actor_for

    facts = {"name": "新企业", "kind": "enterprise", "region": "440106", "number": "91440101MA5AKX0016"}
    for actor in (VISITOR, actor_for(person)):
        with pytest.raises(NotAllowed):
            register_organisation(actor=actor, stage="verified", **facts)
    made = register_organisation(actor=actor_for(person), **facts)
    assert made.record.stage == "unverified"
    assert made.record.owner == made
    assert actor_for(person).roles == {"administrator"}
    assert not made.memberships.exclude(person=person).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "codes_"),
    [
        ({"name": " "}, ["name-missing"]),
        ({"kind": "club"}, ["kind-unknown"]),
        ({"name": "长" * 301}, ["text-long"]),
        ({"region": "4401060"}, ["text-long"]),
        ({"number": "x", "name": ""}, ["name-missing", "uscc-format"]),
    ],
)
def test_an_organisation_that_does_not_fit_is_refused_and_leaves_nothing(change, codes_):
    with pytest.raises(Refused) as refused:
        register_organisation(actor=SYSTEM, **{"name": "某企业", "kind": "enterprise", "region": "440106", **change})
    assert codes(refused.value.problems) == codes_
    assert (Record.objects.count(), Entry.objects.count(), CodeCounter.objects.count()) == (0, 0, 0)


@pytest.mark.django_db
def test_signing_up_names_everything_that_is_wrong():
    with pytest.raises(Refused) as refused:
        sign_up(name=" ", email="no address", password="123")
    assert codes(refused.value.problems) == ["name-missing", "email-invalid", "password-weak"]


# -- results ------------------------------------------------------------


@pytest.mark.parametrize("number", ["201710601862.3", "95115608.X", "97101765.4"])
def test_valid_patent_numbers_pass_in_any_typing(number):
    for typed in (number, f"ZL{number}", f"zl {number}", f"CN{number}", number.replace(".", ""), number.lower()):
        assert check_right_number("invention", typed) == []


@given(st.sampled_from(["201710601862.3", "97101765.4"]), st.data())
def test_any_one_wrong_digit_of_a_patent_number_is_noticed(number, data):
    place = data.draw(st.sampled_from([n for n, c in enumerate(number) if c.isdigit()]))
    digit = data.draw(st.sampled_from("0123456789"))
    typed = number[:place] + digit + number[place + 1 :]
    assert codes(check_right_number("utility", typed)) == ([] if typed == number else ["patent-check-digit"])


def test_patent_numbers_of_other_kinds():
    assert patent_check_digit("201710601862") == "3"
    assert patent_check_digit("95115608") == "X"
    assert check_right_number("invention", "CN107225567A") == []  # a publication number has no check digit
    assert check_right_number("invention", "") == []
    assert check_right_number("software", "2024SR0001") == []
    assert codes(check_right_number("software", "abc")) == ["software-number"]
    assert check_right_number("software", "软著登字第1234567号") == []


@pytest.mark.parametrize(
    "typed", ["PCT/CN2020/123456", "US10123456B2", "EP3456789", "WO2020/123456A1", "JP2019-123456A", "US 16/123,456"]
)
def test_a_foreign_patent_number_is_taken_as_it_is(typed):
    assert check_right_number("invention", typed) == []


@pytest.mark.parametrize("typed", ["12345", "CN1234", "ZL2017", "PCT", "US", "abc"])
def test_what_is_no_patent_number_anywhere_is_refused(typed):
    assert codes(check_right_number("design", typed)) == ["patent-number"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("shares", "again", "expected"),
    [
        ((5000, None), False, None),
        ((9000, 9000), False, "owner-shares-over"),
        ((1000, 1000), True, "owner-twice"),
    ],
)
def test_owners_are_named_once_and_hold_no_more_than_the_whole(shares, again, expected):
    lead = city.organisation()
    others = [city.organisation(), lead if again else city.organisation()]
    facts = {"co_owners": tuple(zip(others, shares, strict=True))}
    if expected is None:
        assert city.achievement(lead, **facts).owners.count() == 2
        return
    with pytest.raises(Refused) as refused:
        city.achievement(lead, **facts)
    assert codes(refused.value.problems) == [expected]


@pytest.mark.parametrize(
    ("level", "scale", "found"),
    [
        (1, "trl9", []), (9, "trl9", []), (None, "trl9", []), (13, "grl13", []), (9, "new_materials9", []),
        (0, "trl9", ["maturity-range"]), (10, "trl9", ["maturity-range"]), (14, "grl13", ["maturity-range"]),
        (10, "new_materials9", ["maturity-range"]), (5, "mrl", ["maturity-scale"]), (None, "", ["maturity-scale"]),
    ],
)  # fmt: skip
def test_a_maturity_level_lies_on_its_scale(level, scale, found):
    assert codes(check_maturity(level, scale)) == found


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=6))
def test_shares_must_sum_to_exactly_the_whole(shares):
    assert (check_shares(shares) == []) == (sum(shares) == 10_000)
    rest = [*shares, 10_000 - sum(shares)]
    assert sum(rest) != 10_000 or check_shares(rest) == []


def test_missing_shares_do_not_make_a_whole():
    assert codes(check_shares([])) == ["completers-missing"]
    assert codes(check_shares([10_000, None])) == ["share-missing"]
    assert codes(check_shares([5000, None, 5000])) == ["share-missing"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": ""}, "title-missing"),
        ({"title": "长" * 201}, "title-long"),
        ({"price_fen": -1}, "price-negative"),
        ({"completed_on": today() + timedelta(days=2)}, "completed-later"),  # also after midnight
        ({"secrecy": "open"}, "class-unknown"),
        ({"trl": 10}, "maturity-range"),
        ({"modes": ("transfer", "theft")}, "mode-unknown"),
        ({"rights": (Right("invention", "granted", "201710601862.4"),)}, "patent-check-digit"),
        ({"completers": (Contribution("甲", 9000), Contribution("乙", 1001))}, "shares-over"),
    ],
)
def test_each_fault_of_a_result_has_its_code(change, code):
    assert codes(achievement_problems(city.achievement_facts(**change))) == [code]
    assert achievement_problems(city.achievement_facts()) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": "\x00 "}, "title-missing"),
        ({"title": "长" * 201}, "title-long"),
        ({"budget_fen": 0}, "budget-not-positive"),
        ({"confidentiality": "half"}, "confidentiality-unknown"),
        ({"min_trl": 14, "trl_scale": "grl13"}, "maturity-range"),
        ({"modes": ("theft",)}, "mode-unknown"),
        ({"indicators": (Figure("厚度", "≤", ""),)}, "indicator-empty"),
    ],
)
def test_each_fault_of_a_need_has_its_code(change, code):
    assert codes(need_problems(city.need_facts(**change))) == [code]
    assert need_problems(city.need_facts()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        ("achievement", {"chain": "链" * 61}, "text-long"),
        ("achievement", {"title_en": "x" * 401}, "text-long"),
        ("achievement", {"field": "magic"}, "choice-unknown"),
        ("achievement", {"rights": (Right("licence", "granted"),)}, "choice-unknown"),
        ("achievement", {"completers": (Contribution("名" * 81),)}, "text-long"),
        ("need", {"field": "magic"}, "choice-unknown"),
        ("need", {"ip_terms": "nobody"}, "choice-unknown"),
        ("need", {"indicators": (Figure("厚度", "≈", "1"),)}, "choice-unknown"),
        ("need", {"indicators": (Figure("厚度", "≤", "1", "单" * 41),)}, "text-long"),
    ],
)
def test_what_the_tables_cannot_hold_is_a_problem_and_never_a_crash(kind, change, code):
    unit = city.organisation()
    actor = city.member(unit)
    make, edit, facts = (
        (register_achievement, edit_achievement, city.achievement_facts)
        if kind == "achievement"
        else (register_need, edit_need, city.need_facts)
    )
    before = Record.objects.count()
    with pytest.raises(Refused) as refused:
        make(actor=actor, owner=unit, facts=facts(**change))
    assert codes(refused.value.problems) == [code]
    assert Record.objects.count() == before
    row = make(actor=actor, owner=unit, facts=facts())
    with pytest.raises(Refused) as refused:
        edit(actor=actor, **{kind: row}, facts=facts(**change), expected_version=1)
    assert codes(refused.value.problems) == [code]
    row = type(row).objects.select_related("record").get(pk=row.pk)
    assert (row.record.version, row.field, row.record.title_en) == (1, "materials", "")


@pytest.mark.django_db
def test_texts_are_kept_without_control_characters_however_deep():
    unit = city.organisation()
    row = register_achievement(
        actor=city.member(unit),
        owner=unit,
        facts=city.achievement_facts(title=" 甲\x00乙 ", keywords=(" a\x00b ",), extra={"列\x00": "值\x00"}),
    )
    row = type(row).objects.select_related("record").get(pk=row.pk)
    assert (row.record.title, row.keywords, row.extra) == ("甲乙", ["ab"], {"列": "值"})


@pytest.mark.django_db
def test_a_need_is_edited_as_a_draft_by_its_owners_members_alone():
    firm = city.organisation()
    actor = city.member(firm)
    need = city.need(firm, by=actor)
    edited = edit_need(
        actor=actor, need=need, facts=city.need_facts(title="新标题", budget_fen=5, indicators=()), expected_version=1
    )
    edited = type(edited).objects.select_related("record").get(pk=edited.pk)
    assert (edited.record.title, edited.budget_fen, edited.indicators.count(), edited.record.version) == (
        "新标题",
        5,
        0,
        2,
    )
    assert Entry.objects.last().data == {"fields": ["budget_fen", "title"]}
    with pytest.raises(Conflict):
        edit_need(actor=actor, need=edited, facts=city.need_facts(), expected_version=1)
    for stranger in (city.member(city.organisation()), city.member(firm, "reader"), city.officer()):
        with pytest.raises(NotAllowed):
            edit_need(actor=stranger, need=edited, facts=city.need_facts(), expected_version=2)
    published = city.need(firm, stage="published", by=actor)
    with pytest.raises(NotAllowed):
        edit_need(actor=actor, need=published, facts=city.need_facts(), expected_version=published.record.version)


# -- state secrets ------------------------------------------------------------

WORD = "gezeitenturbine"  # found nowhere else
CLASSES = ("秘密", "机密", "绝密", " 秘密 ", "Secret", "ＴＯＰ ＳＥＣＲＥＴ", "confidential")


def spots(kind):
    mark = f"{WORD}\n机密★5年"
    common = [{"title": f"{WORD} 秘密★"}, {"title_en": mark}, {"keywords": (WORD, "机密★")}, {"extra": {"注": mark}}]
    if kind == "achievement":
        return [
            *common, {"summary": mark}, {"confidential": mark}, {"advantage": mark}, {"discipline": "密级：机密"},
            {"completers": (Contribution("秘密★"),)}, {"rights": (Right("software", "granted", title="绝密"),)},
            *({"secrecy": word, "confidential": WORD} for word in CLASSES),
        ]  # fmt: skip
    return [
        *common, {"problem": mark}, {"background": mark}, {"scenario": mark}, {"expected_benefit": mark},
        {"claimant_requirements": mark}, {"ip_note": mark}, {"indicators": (Figure("厚度", "≤", "1", "", "机密★"),)},
        *({"confidentiality": word, "problem": WORD} for word in CLASSES),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_state_secret_is_found_nowhere_in_the_data_folder(caplog, capfd):
    from kezhuan.kernel import followers
    from kezhuan.kernel.search import live_index

    caplog.set_level("DEBUG")
    unit = city.organisation()
    actor = city.member(unit)
    for kind, make, facts in (
        ("achievement", register_achievement, city.achievement_facts),
        ("need", register_need, city.need_facts),
    ):
        for change in spots(kind):
            with pytest.raises(Refused) as refused:
                make(
                    actor=actor,
                    owner=unit,
                    facts=facts(**{"summary" if kind == "achievement" else "problem": WORD, **change}),
                )
            assert codes(refused.value.problems) == ["state-secret"], change
            assert "保密办" in str(refused.value.problems[0].message)
            assert WORD not in str(refused.value)
    assert not Record.objects.filter(kind__in=["need", "achievement"]).exists()
    # Many times, since a page of the file may end in the middle of a word.
    city.need(unit, stage="published", problem="anderswort " * 50)
    followers.run_pending()
    live_index().catch_up(wait=True)
    live_index().save()
    held = []
    for folder, _, names in os.walk(settings.DATA):
        held += [(Path(folder) / name).read_bytes() for name in names]
    logged = caplog.text.encode() + "".join(capfd.readouterr()).encode()
    needles = [WORD.encode(), WORD.encode("utf-16-le")]
    assert not any(needle in content for needle in needles for content in [*held, logged])
    if connection.vendor == "sqlite":  # the same search finds what was kept
        assert any(b"anderswort" in content for content in held)


def test_facts_hold_no_text_that_the_search_for_marks_does_not_see():
    """A new field of the form is looked through by itself."""
    from dataclasses import fields

    from kezhuan.areas.needs.actions import NeedFacts

    for kind, problems in ((AchievementFacts, achievement_problems), (NeedFacts, need_problems)):
        for field in fields(kind):
            if field.type not in {"str", str} or field.name == "title":
                continue
            assert codes(problems(kind(title="标题", **{field.name: "秘密★"}))) == ["state-secret"], field.name
