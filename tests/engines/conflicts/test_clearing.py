"""Every declared kind of conflict is found and told in words; what is not known is no clearance; dismissals stay."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kezhuan.engines.conflicts import (
    KINDS,
    Dismissal,
    Relation,
    Rule,
    Submission,
    Tie,
    Verdict,
    clear,
    read_path,
    say_finding,
    say_unknown,
    standard_rules,
)

DAY = date(2027, 3, 1)
MONTHS = {kind: 36 if kind == "co-project" else None if kind == "family" else 12 for kind in KINDS}
RULES = standard_rules(MONTHS)
ALL = frozenset(KINDS)
A1 = Submission("A1", {"firm": "申报单位", "lead": "负责人"})
KNOWN = {"firm": ALL, "lead": ALL, "wang": ALL}
T = Tie


def cleared(*relations: Relation, known: dict[str, frozenset[str]] | None = None, **more: object):
    return clear([A1], ["wang"], relations, RULES, on=DAY, known=KNOWN if known is None else known, **more)


@pytest.mark.parametrize(
    ("kind", "relations"),
    [
        ("employer", [Relation(T.EMPLOYED, "wang", "firm")]),
        ("employer", [Relation(T.EMPLOYED, "wang", "uni"), Relation(T.EMPLOYED, "lead", "uni")]),
        ("co-completer", [Relation(T.COMPLETED, "wang", "patent"), Relation(T.COMPLETED, "lead", "patent")]),
        ("co-project", [Relation(T.TOOK_PART, "wang", "p"), Relation(T.TOOK_PART, "lead", "p")]),
        ("co-project", [Relation(T.TOOK_PART, "wang", "p"), Relation(T.TOOK_PART, "firm", "p")]),
        ("contract", [Relation(T.PARTY, "wang", "c"), Relation(T.PARTY, "firm", "c")]),
        (
            "contract",
            [Relation(T.EMPLOYED, "wang", "lab"), Relation(T.PARTY, "lab", "c"), Relation(T.PARTY, "firm", "c")],
        ),
        ("shareholder", [Relation(T.HOLDS, "wang", "firm")]),
        ("shareholder", [Relation(T.EMPLOYED, "wang", "co"), Relation(T.HOLDS, "co", "firm")]),
        ("shareholder", [Relation(T.EMPLOYED, "wang", "co"), Relation(T.HOLDS, "firm", "co")]),
        ("shareholder", [Relation(T.HOLDS, "wang", "co"), Relation(T.EMPLOYED, "lead", "co")]),
        ("fund", [Relation(T.MANAGES, "wang", "f"), Relation(T.INVESTED, "f", "firm")]),
        ("fund", [Relation(T.EMPLOYED, "wang", "m"), Relation(T.MANAGES, "m", "f"), Relation(T.INVESTED, "f", "firm")]),
        ("adviser", [Relation(T.ADVISES, "wang", "firm")]),
        ("adviser", [Relation(T.ADVISES, "lead", "wang")]),
        ("family", [Relation(T.FAMILY, "wang", "lead")]),
        ("family", [Relation(T.FAMILY, "lead", "wang")]),
        ("family", [Relation(T.FAMILY, "sister", "wang"), Relation(T.EMPLOYED, "sister", "firm")]),
        ("family", [Relation(T.FAMILY, "wang", "sister"), Relation(T.HOLDS, "sister", "firm")]),
    ],
)
def test_each_kind_is_found_with_its_way_and_every_part_of_it_is_needed(kind: str, relations: list[Relation]) -> None:
    result = cleared(*relations)
    assert result.verdicts[0, 0] == Verdict.CONFLICT
    [finding] = result.findings["A1", "wang"]
    assert finding.kind == kind
    assert set(finding.way) == set(relations)
    for gone in relations:
        left = [one for one in relations if one is not gone]
        assert cleared(*left).verdicts[0, 0] == Verdict.CLEAR
    for language in ("zh", "en"):
        said = say_finding(finding, A1, {"wang": "王五"}, language)
        assert "王五" in said
        assert A1.parties[finding.party] in said


def test_the_way_is_told_in_words_with_ends_and_sources() -> None:
    relations = (
        Relation(T.TOOK_PART, "wang", "p", date(2025, 6, 30), "任务书 2023-17"),
        Relation(T.TOOK_PART, "lead", "p"),
    )
    [finding] = cleared(*relations).findings["A1", "wang"]
    names = {"wang": "王五", "lead": "李四", "p": "碳化硅衬底攻关"}
    assert say_finding(finding, A1, names, "zh") == (
        "共同承担项目：王五参与项目“碳化硅衬底攻关”（至 2025-06-30，任务书 2023-17）；"
        "李四参与项目“碳化硅衬底攻关”；李四是负责人"
    )


@pytest.mark.parametrize(
    ("until", "verdict"),
    [(date(2024, 3, 1), Verdict.CONFLICT), (date(2024, 2, 29), Verdict.CLEAR), (None, Verdict.CONFLICT)],
)
def test_a_joint_project_counts_for_three_years_after_its_end_and_without_a_known_end(until, verdict) -> None:
    relations = (Relation(T.TOOK_PART, "wang", "p", until), Relation(T.TOOK_PART, "lead", "p", until))
    assert cleared(*relations).verdicts[0, 0] == verdict


def test_the_expert_who_is_on_the_team_is_in_conflict() -> None:
    mine = Submission("A2", {"wang": "参与人"})
    result = clear([mine], ["wang"], (), RULES, on=DAY, known=KNOWN)
    assert result.verdicts[0, 0] == Verdict.CONFLICT
    assert say_finding(result.findings["A2", "wang"][0], mine, {}, "zh") == "本人参与：wang是参与人"


def test_unknown_is_never_no_conflict() -> None:
    for who in ("wang", "firm", "lead"):
        for kind in KINDS:
            known = {**KNOWN, who: ALL - {kind}}
            result = cleared(known=known)
            assert result.verdicts[0, 0] == Verdict.UNKNOWN
            assert result.barred[0, 0]
            assert result.unknown(A1, "wang") == {who: (kind,)}
    assert cleared(known={}).verdicts[0, 0] == Verdict.UNKNOWN
    assert cleared().verdicts[0, 0] == Verdict.CLEAR
    assert not cleared().barred[0, 0]
    nobody = Submission("A3", {})
    result = clear([nobody], ["wang"], (), RULES, on=DAY, known=KNOWN)
    assert result.verdicts[0, 0] == Verdict.UNKNOWN
    assert say_unknown(result, nobody, "wang", {}, "zh") == "未登记申报方，无法判断"
    said = say_unknown(cleared(known={**KNOWN, "lead": ALL - {"fund", "family"}}), A1, "wang", {"lead": "李四"}, "zh")
    assert said == "李四尚未申报或核查：基金投资、亲属"


def test_a_known_conflict_is_one_even_where_other_kinds_are_not_known() -> None:
    assert cleared(Relation(T.HOLDS, "wang", "firm"), known={}).verdicts[0, 0] == Verdict.CONFLICT


def test_a_dismissal_stays_for_the_same_ties_and_no_others() -> None:
    namesake = (Relation(T.COMPLETED, "wang", "patent", date(2026, 5, 1)), Relation(T.COMPLETED, "lead", "patent"))
    [finding] = cleared(*namesake).findings["A1", "wang"]
    gone = Dismissal(finding.key, "officer", "同名不同人，身份证件不同", DAY)
    result = cleared(*namesake, dismissals=[gone])
    assert result.verdicts[0, 0] == Verdict.CLEAR
    assert result.dismissed["A1", "wang"] == ((finding, gone),)
    # It stays when the day of the achievement is corrected, and for another submission of the same person.
    later = (Relation(T.COMPLETED, "wang", "patent", date(2026, 8, 1)), namesake[1])
    other = Submission("B7", {"lead": "参与人"})
    again = clear([A1, other], ["wang"], later, RULES, on=DAY, known=KNOWN, dismissals=[gone])
    assert again.verdicts.tolist() == [[Verdict.CLEAR], [Verdict.CLEAR]]
    # Another way is another conflict; and a dismissal makes nothing known.
    more = (*namesake, Relation(T.FAMILY, "wang", "lead"))
    assert [one.kind for one in cleared(*more, dismissals=[gone]).findings["A1", "wang"]] == ["family"]
    assert cleared(*namesake, dismissals=[gone], known={}).verdicts[0, 0] == Verdict.UNKNOWN
    with pytest.raises(ValueError, match="reason"):
        Dismissal(finding.key, "officer", " ", DAY)


def test_numbers_of_months_are_given_for_every_kind_and_nothing_is_assumed() -> None:
    with pytest.raises(ValueError, match="co-project"):
        standard_rules({kind: 0 for kind in KINDS if kind != "co-project"})
    with pytest.raises(ValueError, match="nothing else"):
        standard_rules({**MONTHS, "friend": 1})
    assert {rule.kind for rule in RULES} == set(KINDS)


PEOPLE, THINGS = ["wang", "lead", "x", "y"], ["firm", "co", "p"]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.builds(
            Relation,
            st.sampled_from(list(Tie)),
            st.sampled_from([*PEOPLE, *THINGS]),
            st.sampled_from([*PEOPLE, *THINGS]),
            st.sampled_from([None, date(2020, 1, 1), date(2026, 12, 1)]),
        ),
        max_size=9,
    )
)
def test_conflicts_are_those_that_products_of_matrices_tell(relations: list[Relation]) -> None:
    """Another method: a way of some steps is an entry of a product of as many matrices."""
    nodes = [*PEOPLE, *THINGS]
    result = cleared(*relations)
    found = {(one.kind, one.party) for one in result.findings.get(("A1", "wang"), ())}
    expected = set()
    for rule in RULES:
        reached = np.array([node == "wang" for node in nodes])
        for tie, forward in rule.path:
            step = np.zeros((len(nodes), len(nodes)), dtype=bool)
            for one in relations:
                limit = {0: DAY, 12: date(2026, 3, 1), 36: date(2024, 3, 1)}.get(rule.months)
                if one.tie is tie and (limit is None or one.until is None or one.until >= limit):
                    a, b = nodes.index(one.first), nodes.index(one.second)
                    step[a, b] |= forward or tie is Tie.FAMILY
                    step[b, a] |= not forward or tie is Tie.FAMILY
            reached = (reached @ step) & np.array([node != "wang" for node in nodes])
        expected |= {(rule.kind, party) for party in A1.parties if reached[nodes.index(party)]}
    assert found == expected


def test_a_path_of_ones_own_can_be_asked_for() -> None:
    own = (Rule("neighbour", read_path("employed> took-part> took-part<"), 0),)
    relations = (
        Relation(T.EMPLOYED, "wang", "uni"),
        Relation(T.TOOK_PART, "uni", "p"),
        Relation(T.TOOK_PART, "firm", "p"),
    )
    known = dict.fromkeys(["wang", "firm", "lead"], frozenset({"neighbour"}))
    result = clear([A1], ["wang"], relations, own, on=DAY, known=known)
    assert result.findings["A1", "wang"][0].kind == "neighbour"
    with pytest.raises(ValueError, match="friend"):
        read_path("friend>")


def test_a_namesake_of_who_is_named_is_in_conflict_by_every_way_until_dismissed() -> None:
    rules = standard_rules(dict.fromkeys(KINDS))
    relations = [Relation(Tie.COMPLETED, "e", "a"), Relation(Tie.COMPLETED, "p", "a")]
    known = {one: frozenset(KINDS) for one in ("e", "f", "p", "n")}
    asked = {"on": date(2027, 3, 1), "known": known, "namesakes": {"p": ["n"], "f": ["n"]}}
    submissions = [Submission("s", {"n": "leader"}), Submission("t", {"p": "contact"})]
    result = clear(submissions, ["e", "f"], relations, rules, **asked)
    assert result.verdicts.tolist() == [[Verdict.CONFLICT, Verdict.CONFLICT], [Verdict.CONFLICT, Verdict.CLEAR]]
    (finding,) = result.findings["s", "e"]
    assert (finding.kind, finding.party, finding.way[-1]) == ("co-completer", "n", Relation(Tie.NAMED, "p", "n"))
    assert [one.kind for one in result.findings["s", "f"]] == ["party"]
    gone = [Dismissal(finding.key, "o", "同名", date(2027, 3, 1))]
    again = clear(submissions, ["e"], relations, rules, dismissals=gone, **asked)
    assert again.verdicts.tolist() == [[Verdict.CLEAR], [Verdict.CONFLICT]]
