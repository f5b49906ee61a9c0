"""Every move of every kind: taken by those who may, refused to those who may not, and nothing else is open."""

# long: the table of every kind, stage and move is the point

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from kezhuan.areas.calls.actions import Proposed, propose
from kezhuan.areas.calls.models import Call
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.matches.actions import introduce
from kezhuan.areas.reviews.actions import declare_ties
from kezhuan.areas.reviews.choosing_actions import assign_experts
from kezhuan.areas.reviews.lifecycle import EXPERT, PANEL, REVIEW
from kezhuan.areas.reviews.models import Expert
from kezhuan.kernel import registry
from kezhuan.kernel.access import SYSTEM, VISITOR, Actor, actor_for, audience_key
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import OVER, advance
from kezhuan.kernel.models import Clock, Entry, EntryText, Identifier, Organisation, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import now, today
from tests.factories import calls, city, reviews
from tests.factories.databases import rows_for_all

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("lifecycles")]


@pytest.fixture(scope="module")
def cast(django_db_setup, django_db_blocker):
    """The same people for all tests of this module; each test's own changes are rolled back before the next."""
    with rows_for_all(django_db_blocker):
        cast = Cast.called()
        cast.rows = {(kind, stage): made(kind, stage, cast).pk for kind, stage in STAGES if kind not in CHANGING_OTHERS}
        yield cast


@dataclass
class Cast:
    """Everybody who might press a button. The need's firm and the unit lie in Tianhe."""

    firm: Organisation
    unit: Organisation
    actors: dict[str, Actor] = field(default_factory=dict)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    def called(cls):
        cast = cls(city.organisation(), city.organisation(kind="university"))
        bureau = city.organisation(kind="government", region="440100")
        cast.actors = {
            "visitor": VISITOR,
            "system": SYSTEM,
            "owner": city.member(cast.firm, Role.ADMINISTRATOR),
            "colleague": city.member(cast.firm),
            "reader": city.member(cast.firm, Role.READER),
            "other side": city.member(cast.unit),
            "other side's reader": city.member(cast.unit, Role.READER),
            "rival": city.member(city.organisation()),
            "city officer": city.member(bureau, Role.OFFICER),
            "director": city.member(bureau),
            "district officer": city.officer("440106"),
            "officer of elsewhere": city.officer("440117"),
            "former colleague": city.member(cast.firm, since=date(2020, 1, 1)),
        }
        former = cast.actors["former colleague"]
        former.person.memberships.update(until=date(2020, 12, 31))
        cast.actors["former colleague"] = actor_for(former.person)
        return cast


OWNERS = {"owner", "colleague"}
OFFICERS = {"city officer", "district officer"}
BUREAU = {"city officer"}
SIDES = OWNERS | {"other side"}

# kind → stage → move → who may take it there
MOVES = {
    "organisation": {
        "unverified": {"verify": OFFICERS, "return": OFFICERS, "void": OFFICERS, "vouch": {"system"}},
        "returned": {"resubmit": {"owner"}, "void": OFFICERS, "vouch": {"system"}},
        "listed": {"verify": OFFICERS, "void": OFFICERS, "dissolve": OFFICERS, "vouch": {"system"}},
        "verified": {"dissolve": OFFICERS},
        "dissolved": {},
        "void": {},
    },
    "person": {
        "active": {"close": {"city officer"}, "anonymise": {"city officer"}},
        "closed": {"anonymise": {"city officer"}},
        "anonymised": {},
    },
    "achievement": {
        "draft": {"submit": OWNERS, "discard": OWNERS},
        "returned": {"submit": OWNERS, "discard": OWNERS},
        "submitted": {"return": OFFICERS, "list": OFFICERS, "withdraw": OWNERS | OFFICERS},
        "listed": {"register": OFFICERS, "withdraw": OWNERS | OFFICERS, "void": OFFICERS},
        "registered": {"withdraw": OWNERS | OFFICERS},
        "withdrawn": {"reopen": OWNERS, "void": OFFICERS},
        "void": {},
        "discarded": {},
    },
    "need": {
        "draft": {"submit": OWNERS, "discard": OWNERS},
        "returned": {"submit": OWNERS, "discard": OWNERS},
        "submitted": {"return": OFFICERS, "publish": OFFICERS, "withdraw": OWNERS | OFFICERS},
        "published": {"close": OWNERS | OFFICERS, "withdraw": OWNERS | OFFICERS, "void": OFFICERS},
        "closed": {},
        "withdrawn": {"reopen": OWNERS, "void": OFFICERS},
        "void": {},
        "discarded": {},
    },
    "introduction": {
        "introduced": {"agree": SIDES, "decline": SIDES | OFFICERS, "lapse": {"system"}},
        "agreed": {"meet": SIDES | OFFICERS, "drop": SIDES | OFFICERS, "lapse": {"system"}},
        "met": {
            "intend": SIDES | OFFICERS,
            "contract": SIDES | OFFICERS,
            "drop": SIDES | OFFICERS,
            "lapse": {"system"},
            "void": {"system"},
        },
        "intent": {
            "contract": SIDES | OFFICERS,
            "drop": SIDES | OFFICERS,
            "lapse": {"system"},
            "void": {"system"},
        },
        "contract": {"void": {"system"}},
        "dropped": {"void": {"system"}},
        "lapsed": {"renew": SIDES | OFFICERS},
        "void": {},
    },
    "notice": {
        "prepared": {"start": OFFICERS, "stop": OFFICERS},
        "running": {"complete": OFFICERS, "stop": OFFICERS},
        "completed": {},
        "stopped": {},
    },
    "inspection": {
        "prepared": {"admit": {"city officer"}, "end": {"city officer"}},
        "admitted": {"end": {"city officer"}, "expire": {"system"}},
        "ended": {},
    },
    "approval": {
        "running": {
            "complete": {"system"},
            "return": {"director"},
            "withdraw": {"city officer", "director"},
            "overtake": {"system"},
        },
        "completed": {},
        "returned": {},
        "withdrawn": {},
        "overtaken": {},
    },
    "dossier": {
        "kept": {"close": {"owner"}, "discard": {"owner"}},
        "closed": {"reopen": {"owner"}},
        "discarded": {},
    },
    "filing": {"filed": {"supersede": {"system"}}, "superseded": {}},
    "contract": {
        "draft": {"submit": {"owner"}, "discard": {"owner"}},
        "submitted": {
            "ask-supplement": OFFICERS,
            "accept": OFFICERS,
            "refuse": OFFICERS,
            "withdraw": {"owner"},
        },
        "supplementing": {"supplement": {"owner"}, "withdraw": {"owner"}},
        "accepted": {"classify": OFFICERS, "refuse": OFFICERS, "withdraw": {"owner"}},
        "reviewing": {"ask-experts": OFFICERS, "pass": OFFICERS, "refuse": OFFICERS, "withdraw": {"owner"}},
        "experts": {"experts-answer": OFFICERS},
        "passed": {"register": OFFICERS, "withdraw": {"owner"}},
        "registered": {"amend": {"owner"}, "cancel": OFFICERS, "revoke": OFFICERS, "void": OFFICERS},
        "amending": {"amended": OFFICERS, "cancel": OFFICERS, "revoke": OFFICERS},
        "refused": {"object": {"owner"}, "reopen": {"owner"}},
        "province": {"uphold": OFFICERS, "overturn": OFFICERS},
        "cancelled": {},
        "revoked": {},
        "withdrawn": {"reopen": {"owner"}, "void": OFFICERS},
        "void": {},
        "discarded": {},
    },
    "call": {
        "draft": {"publish": BUREAU, "discard": BUREAU},
        "published": {"close": {"system"}, "withdraw": BUREAU},
        "closed": {"decide": BUREAU, "fail": BUREAU, "withdraw": BUREAU},
        "decided": {},
        "unclaimed": {},
        "withdrawn": {"void": BUREAU},
        "void": {},
        "discarded": {},
    },
    "application": {
        "draft": {"submit": OWNERS, "discard": OWNERS, "miss": {"system"}, "lapse": {"system"}},
        "submitted": {
            "return": BUREAU,
            "accept": BUREAU,
            "refuse": BUREAU,
            "withdraw": OWNERS,
            "lapse": {"system"},
        },
        "returned": {"supplement": OWNERS, "withdraw": OWNERS, "lapse": {"system"}},
        "qualified": {"withdraw": OWNERS, "award": {"system"}, "pass-over": {"system"}, "lapse": {"system"}},
        "awarded": {},
        "rejected": {},
        "refused": {},
        "missed": {},
        "lapsed": {},
        "withdrawn": {},
        "discarded": {},
    },
    "expert": {
        "asked": {"consent": {"director"}, "refuse": {"director"}},
        "active": {"leave": {"director"} | BUREAU},
        "refused": {"ask-again": BUREAU},
        "left": {"ask-again": BUREAU},
    },
    "panel": {
        "prepared": {"begin": BUREAU, "withdraw": BUREAU},
        "scoring": {"close": BUREAU, "withdraw": BUREAU},
        "scored": {"conclude": BUREAU, "withdraw": BUREAU},
        "concluded": {},
        "withdrawn": {},
    },
    "review": {
        "invited": {"take-on": {"rival"}, "turn-down": {"rival"}, "release": BUREAU, "end": {"system"}},
        "accepted": {"turn-down": {"rival"}, "release": BUREAU, "hand-in": {"system"}, "end": {"system"}},
        "handed-in": {},
        "declined": {},
        "released": {},
    },
    "objection": {
        "received": dict.fromkeys(("uphold", "dismiss", "not-admit", "withdraw"), OFFICERS),
        "upheld": {},
        "dismissed": {},
        "not-admitted": {},
        "withdrawn": {},
    },
}
TO_INTRODUCTION = {
    "introduced": [],
    "agreed": ["agree"],
    "met": ["agree", "meet"],
    "intent": ["agree", "meet", "intend"],
    "contract": ["agree", "meet", "contract"],
    "dropped": ["agree", "drop"],
    "lapsed": [],
    "void": ["agree", "meet", "void"],
}


def made(kind, stage, cast):
    owner, bureau = cast.actors["owner"], cast.actors["city officer"]
    if kind == "organisation":
        Record.objects.filter(pk=cast.firm.pk).update(
            stage=stage, phase=registry.kind_of(kind).lifecycle.stages[stage].phase
        )
        return Organisation.objects.select_related("record").get(pk=cast.firm.pk)
    if kind == "person":
        person = cast.actors["rival"].person
        for name in {"closed": ["close"], "anonymised": ["anonymise"]}.get(stage, []):
            person.memberships.update(until=date(2020, 12, 31))
            person = advance(registry.kind_of(kind).lifecycle, person, name, actor=bureau, note="理由")
        return person
    if kind == "achievement":
        return city.achievement(cast.firm, stage=stage, by=owner)
    if kind == "need":
        return city.need(cast.firm, stage=stage, by=owner)
    if kind == "inspection":
        row = city.inspection(city.achievement(cast.firm, stage="listed", by=owner), bureau)
        for name in {"admitted": ["admit"], "ended": ["end"]}.get(stage, []):
            row = advance(registry.kind_of(kind).lifecycle, row, name, actor=bureau, note="理由")
        return row
    if kind == "approval":
        listed = city.achievement(cast.firm, stage="listed", by=owner)
        return city.approval(listed, bureau, cast.actors["director"], stage=stage)
    if kind == "dossier":
        return city.dossier(cast.firm, by=owner, stage=stage)
    if kind == "contract":
        row = city.contract(cast.firm, by=owner, stage=stage)
        if stage in {"passed", "amending"}:  # as if the registry's answer were read: else nobody registers it
            Contract.objects.filter(pk=row.pk).update(
                numbered=True, reg_no="1" * 16, registered_on=today(), registered_turnover_fen=2,
                registered_technology_fen=1,
            )  # fmt: skip
            row.refresh_from_db(fields=["numbered"])
        return row
    if kind == "call":
        return calls.call(stage=stage)
    if kind == "application":
        return calls.application(calls.call(stage="published"), cast.firm, stage=stage, by=owner)
    if kind == "filing":
        inner = city.dossier(cast.firm, by=owner)
        row = city.filing(inner, owner)
        if stage == "superseded":
            Record.objects.filter(pk=inner.pk).update(title="改正后的定价材料")
            city.filing(registry.row_of(Record.objects.get(pk=inner.pk)), owner)
            row = registry.row_of(Record.objects.get(pk=row.pk))
        return row
    if kind in {"expert", "panel", "review"}:
        return judged(kind, stage, cast)
    if kind in {"notice", "objection"}:
        listed = city.achievement(cast.firm, stage="listed", by=owner)
        notice = city.notice(listed, bureau, stage=stage if kind == "notice" else "running")
        return notice if kind == "notice" else city.objection(notice, bureau, stage=stage)
    need = city.need(cast.firm, stage="published", by=owner)
    row = introduce(actor=bureau, need=need, supply=city.achievement(cast.unit, stage="listed").record)
    if stage == "lapsed":
        Record.objects.filter(pk=row.pk).update(stage=stage, phase="withdrawn")
        row = registry.row_of(row.record)
    for name in TO_INTRODUCTION[stage]:
        reason = "other" if name == "drop" else ""
        by = SYSTEM if name == "void" else owner
        row = advance(registry.kind_of(kind).lifecycle, row, name, actor=by, note="记录", reason=reason)
        if name == "agree":
            row = advance(registry.kind_of(kind).lifecycle, row, name, actor=cast.actors["other side"])
    return row


def judged(kind, stage, cast):
    """An expert who is the director, or a panel of one application that is judged by the rival."""
    bureau, rival = cast.actors["city officer"], cast.actors["rival"]
    if kind == "expert":
        row = reviews.join(
            cast.actors["director"], by=bureau, stage="asked" if stage in {"asked", "refused"} else "active"
        )
        for name in {"refused": ["refuse"], "left": ["leave"]}.get(stage, []):
            row = advance(EXPERT, row, name, actor=cast.actors["director"])
        return row
    if not Expert.objects.filter(person=rival.person.pk).exists():
        reviews.join(rival, by=bureau)
    panel = reviews.panel(bureau, reviews.closed_call(bureau, cast.unit), per_item=1)
    if (kind, stage) in {("review", "invited"), ("review", "declined"), ("review", "released")}:
        assign_experts(actor=bureau, panel=panel)
    else:
        reviews.asked(bureau, panel)
    if stage == "scoring":
        panel = advance(PANEL, panel, "begin", actor=bureau)
    if stage in {"scored", "concluded", "handed-in"}:
        panel = reviews.scored(bureau, panel)
    if stage == "concluded":
        panel = reviews.concluded(bureau, panel)
    if (kind, stage) == ("panel", "withdrawn"):
        panel = advance(PANEL, panel, "withdraw", actor=bureau, note="理由")
    if kind == "panel":
        return panel
    row = panel.reviews.select_related("record").get()
    for name, by in {"declined": [("turn-down", rival)], "released": [("release", bureau)]}.get(stage, []):
        row = advance(REVIEW, row, name, actor=by, note="理由", reason="time" if by is rival else "")
    return row


@pytest.fixture
def row(kind, stage, cast, db):
    """A row at the stage: one of those made with the cast, where none of them stands in another's way."""
    made_before = cast.rows.get((kind, stage))
    return made(kind, stage, cast) if made_before is None else registry.row_of(Record.objects.get(pk=made_before))


def prepare(row, name):
    """What a move needs beside the stage."""
    if name == "verify":
        Identifier.objects.get_or_create(record=row.record, scheme="uscc", value="91440101MA59HUKE2B")
    if name == "anonymise":
        row.memberships.update(until=date(2020, 12, 31))
    if name == "supplement":
        Record.objects.filter(pk=row.pk).update(title="补正后的合同")
    kind = row.record.kind
    if (kind, name) == ("call", "close"):
        calls.end_time_of(row)
    if (kind, name) == ("call", "decide"):
        Call.objects.filter(pk=row.pk).update(opens_at=now() - timedelta(days=9), closes_at=now() + timedelta(days=1))
        Record.objects.filter(pk=row.pk).update(stage="published", phase="public")
        one = calls.application(row, stage="qualified")
        Record.objects.filter(pk=row.pk).update(stage="closed", phase="active")
        held = registry.row_of(Record.objects.get(pk=row.pk))
        propose(actor=city.bureau(), call=held, proposed={one.record.code: Proposed(True, "可行")})
    if (kind, name) == ("expert", "consent"):
        declare_ties(actor=actor_for(row.person), expert=row, ties=[])
    if (kind, name) == ("panel", "close"):
        reviews.score_all(row)
    if (kind, name) == ("panel", "conclude"):
        reviews.met(city.bureau(), row)
    if (kind, name) == ("review", "hand-in"):
        panel = advance(PANEL, row.panel, "begin", actor=city.bureau())
        reviews.score_all(panel)
        Record.objects.filter(pk=row.pk).update(stage="accepted", phase="reviewing")
    if (kind, name) == ("introduction", "lapse"):
        Record.objects.filter(pk=row.need_id).update(stage="void", phase="void")


CHANGING_OTHERS = {"organisation", "person", "expert", "notice", "objection", "approval"}
"""Kinds whose rows are made with changes that other rows would meet: of the cast, of the city's rules and routes."""
STAGES = [(kind, stage) for kind, stages in MOVES.items() for stage in stages]


def test_the_table_names_every_kind_stage_and_move():
    found = {
        kind.slug: {
            stage: {move.name for move in kind.lifecycle.moves.values() if stage in move.source}
            for stage in kind.lifecycle.stages
        }
        for kind in registry.kinds()
    }
    assert found == {kind: {stage: set(moves) for stage, moves in stages.items()} for kind, stages in MOVES.items()}


@pytest.mark.parametrize(("kind", "stage"), STAGES)
def test_moves_are_open_to_exactly_those_who_may_take_them(kind, stage, row, cast):
    life = registry.kind_of(kind).lifecycle
    assert row.record.stage == stage
    found = {name: {move.name for move in life.open_to(actor, row)} for name, actor in cast.actors.items()}
    wanted = {name: {move for move, may in MOVES[kind][stage].items() if name in may} for name in cast.actors}
    assert found == wanted
    seen, entries = Record.objects.get(pk=row.pk), Entry.objects.count()
    for move in life.moves.values():
        here = stage in move.source
        # A move from another stage is refused before anybody is asked who wants it.
        for name in cast.actors if here else ("visitor", "system", "owner", "city officer"):
            if move.name in wanted[name]:
                continue
            with pytest.raises(NotAllowed if here else Conflict):
                advance(life, row, move.name, actor=cast.actors[name], note="理由", reason="other")
    again = Record.objects.get(pk=row.pk)
    assert (again.stage, again.version, Entry.objects.count()) == (stage, seen.version, entries)


PAIRS = [(kind, stage, move) for kind, stages in MOVES.items() for stage, moves in stages.items() for move in moves]


@pytest.mark.parametrize(("kind", "stage", "name"), PAIRS)
def test_a_move_writes_stage_phase_day_version_and_one_entry(kind, stage, name, row, cast):
    life = registry.kind_of(kind).lifecycle
    prepare(row, name)
    move, actor = life.moves[name], cast.actors[min(MOVES[kind][stage][name])]
    # What is handed in is filed by it, which has an entry of its own; so have a membership that ends and words erased.
    by_it = ("filing.made", "person.member-left", "journal.erased")
    noted = Entry.objects.filter(record_id=row.pk).exclude(kind__in=by_it)
    before, entries = Record.objects.get(pk=row.pk), noted.count()
    reason = move.reasons[0][0] if move.reasons else ""
    row = advance(life, row, name, actor=actor, note=" 因为\x00这样 ", reason=reason, expected=stage)
    record = Record.objects.get(pk=row.pk)
    assert record.stage in move.ends
    assert record.stage == row.record.stage
    assert record.phase == life.stages[record.stage].phase
    assert record.closed_on == (today() if record.phase in OVER else None)
    assert record.version == before.version + 1
    assert noted.count() == entries + 1
    entry = noted.last()
    assert (entry.kind, entry.actor_id, entry.acting_for_id) == (
        f"{kind}.{name}",
        actor.person and actor.person.pk,
        actor.organisation and actor.organisation.pk,
    )
    assert entry.data["from"] == stage
    assert entry.data["to"] == record.stage
    assert entry.data.get("reason", "") == reason
    assert EntryText.objects.get(entry=entry).content == {"note": "因为这样"}
    running = Clock.objects.filter(record_id=row.pk, ended_on=None)
    assert [clock.name for clock in running] in ([record.stage], [])
    wanted = life.audience(registry.row_of(record))
    for group in ("title", "public", "full", "inner"):
        assert getattr(record, f"{group}_to").key == audience_key(getattr(wanted, group))


def words_wanted(kind, _stage, name):
    """Whether a move asks for a note or a reason."""
    move = registry.kind_of(kind).lifecycle.moves[name]
    return move.note == "required" or bool(move.reasons)


@pytest.mark.parametrize(("kind", "stage", "name"), [pair for pair in PAIRS if words_wanted(*pair)])
def test_a_move_that_wants_words_is_refused_without_them(kind, stage, name, row, cast):
    life = registry.kind_of(kind).lifecycle
    prepare(row, name)
    move, actor = life.moves[name], cast.actors[min(MOVES[kind][stage][name])]
    attempts = []
    if move.note == "required":
        attempts.append(("note-missing", {"note": " \n", "reason": "other"}))
    if move.reasons:
        attempts += [("reason-missing", {"note": "理由", "reason": word}) for word in ("", "no-such-reason")]
    for code, words in attempts:
        with pytest.raises(Refused) as refused:
            advance(life, row, name, actor=actor, **words)
        assert [problem.code for problem in refused.value.problems] == [code]


def test_a_move_from_a_stage_the_actor_did_not_see_is_a_conflict_and_names_the_stage():
    need = city.need(city.organisation(), stage="published", title="某需求")
    life = registry.kind_of("need").lifecycle
    with pytest.raises(Conflict, match="某需求"):
        advance(life, need, "withdraw", actor=city.officer(), note="理由", expected="submitted")
    with pytest.raises(NotAllowed):
        advance(life, need, "no-such-move", actor=city.officer())


def test_a_note_with_a_classification_mark_is_not_kept():
    need = city.need(city.organisation(), stage="submitted")
    with pytest.raises(Refused) as refused:
        advance(registry.kind_of("need").lifecycle, need, "return", actor=city.officer(), note="见附件\n机密★5年")
    assert refused.value.problems[0].code == "state-secret"
    assert not any("机密" in str(content) for content in EntryText.objects.values_list("content", flat=True))


def test_an_officer_of_the_owner_does_not_judge_their_own():
    office = city.organisation(kind="government")
    actor = city.member(office, Role.OFFICER)
    need = city.need(office, stage="submitted", by=actor)
    names = {move.name for move in registry.kind_of("need").lifecycle.open_to(actor, need)}
    assert "publish" not in names
    with pytest.raises(NotAllowed):
        advance(registry.kind_of("need").lifecycle, need, "publish", actor=actor)


def test_the_officer_in_charge_is_the_one_of_the_records_own_district():
    need = city.need(city.organisation(region="440106"), stage="submitted", region="440112")
    tianhe, huangpu = city.officer("440106"), city.officer("440112")
    life = registry.kind_of("need").lifecycle
    assert life.open_to(tianhe, need) == []
    assert {move.name for move in life.open_to(huangpu, need)} == {"return", "publish", "withdraw"}


def test_void_frees_the_numbers_of_a_record():
    from kezhuan.areas.people.actions import SYSTEM, register_organisation

    facts = {"name": "某企业", "kind": "enterprise", "number": "91350100M000100Y43", "region": "440106"}
    first = register_organisation(actor=SYSTEM, **facts)
    with pytest.raises(Conflict):
        register_organisation(actor=SYSTEM, **facts)
    advance(registry.kind_of("organisation").lifecycle, first, "void", actor=city.officer(), note="重复")
    second = register_organisation(actor=SYSTEM, **facts)
    numbers = Identifier.objects.filter(value=facts["number"], active=True)
    assert list(numbers.values_list("record_id", flat=True)) == [second.pk]


def test_a_record_opened_at_its_end_has_a_day_on_which_it_was_closed():
    from kezhuan.areas.needs.actions import register_need

    owner, actor = city.organisation(), city.officer()
    ended = register_need(actor=actor, owner=owner, facts=city.need_facts(), stage="closed")
    running = register_need(actor=actor, owner=owner, facts=city.need_facts(), stage="published")
    assert (ended.record.closed_on, running.record.closed_on) == (today(), None)


# -- what must hold before a need or a result is submitted -------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"problem": " "}, "summary-missing"),
        ({"background": " "}, "background-missing"),
        ({"background": "长" * 2001}, "text-long"),
        ({"field": ""}, "field-missing"),
        ({"scenario": ""}, "scenario-missing"),
        ({"ip_terms": ""}, "ip-terms-missing"),
        ({"claimant_requirements": ""}, "claimant-requirements-missing"),
        ({"deadline": None}, "deadline-missing"),
        ({"budget_fen": None}, "budget-missing"),
        ({"self_solvable": True}, "self-solvable"),
        ({"indicators": ()}, "indicator-missing"),
    ],
)
def test_an_incomplete_need_is_not_submitted(fault, code):
    firm = city.organisation()
    actor = city.member(firm)
    need = city.need(firm, by=actor, **fault)
    with pytest.raises(Refused) as refused:
        advance(registry.kind_of("need").lifecycle, need, "submit", actor=actor)
    assert [problem.code for problem in refused.value.problems] == [code]


@pytest.mark.parametrize("stage", ["unverified", "returned", "listed", "verified"])
def test_only_the_need_of_a_registered_firm_is_published(stage):
    firm, bureau = city.organisation(stage=stage), city.officer()
    need, lifecycle = city.need(firm, stage="submitted"), registry.kind_of("need").lifecycle
    if stage in {"listed", "verified"}:
        assert advance(lifecycle, need, "publish", actor=bureau).record.stage == "published"
        return
    with pytest.raises(Refused) as refused:
        advance(lifecycle, need, "publish", actor=bureau)
    assert [problem.code for problem in refused.value.problems] == ["poster-unverified"]


@pytest.mark.parametrize(("fault", "code"), [({"summary": ""}, "summary-missing"), ({"field": ""}, "field-missing")])
def test_an_incomplete_result_is_not_submitted(fault, code):
    unit = city.organisation()
    actor = city.member(unit)
    row = city.achievement(unit, by=actor, **fault)
    with pytest.raises(Refused) as refused:
        advance(registry.kind_of("achievement").lifecycle, row, "submit", actor=actor)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_result_is_listed_without_shares_and_registered_with_all_of_them():
    from kezhuan.areas.achievements.actions import Contribution, edit_achievement

    unit = city.organisation()
    actor, bureau = city.member(unit), city.officer()
    life = registry.kind_of("achievement").lifecycle
    row = city.achievement(unit, stage="listed", by=actor, completers=(Contribution("甲"),))
    with pytest.raises(Refused) as refused:
        advance(life, row, "register", actor=bureau)
    assert [problem.code for problem in refused.value.problems] == ["share-missing"]
    facts = city.achievement_facts(completers=(Contribution("甲", 9999), Contribution("乙", 1)))
    edit_achievement(actor=actor, achievement=row, facts=facts, expected_version=row.record.version)
    row = advance(life, row, "register", actor=bureau)
    for completers in ((), (Contribution("甲", 9999),), (Contribution("甲", 10_000), Contribution("乙"))):
        with pytest.raises(Refused):
            edit_achievement(
                actor=actor,
                achievement=row,
                facts=city.achievement_facts(completers=completers),
                expected_version=row.record.version,
            )
