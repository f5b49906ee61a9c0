"""Every move of every kind: taken by those who may, refused to those who may not, and nothing else is open.

Who may is asked of everybody at every stage; the door is tried by one of the others for each move, and by all of them
in the proof `every_move`.
"""

import itertools

import pytest

from kezhuan.kernel import registry
from kezhuan.kernel.access import audience_key
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import OVER, advance
from kezhuan.kernel.models import Clock, Entry, EntryText, Record
from kezhuan.kernel.text import today
from tests.areas.moves_table import ANSWERED, CHANGE_ANSWERED, CHANGING, ENDED, MOVES
from tests.factories.databases import rows_for_all
from tests.factories.stages import AS_IF, Cast, as_if, made, prepare

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("lifecycles")]


@pytest.fixture(scope="module")
def cast(request, django_db_setup, django_db_blocker):
    """The same people for all tests of this module; each test's own changes are rolled back before the next."""
    params = [
        one.callspec.params for one in request.session.items if one.path == request.path and "row" in one.fixturenames
    ]
    asked = {(one["kind"], one["stage"]) for one in params}
    with rows_for_all(django_db_blocker):
        cast = Cast.called()
        places = {(kind, AS_IF.get((kind, stage), stage)) for kind, stage in asked if kind not in CHANGING_OTHERS}
        cast.rows = {place: made(*place, cast).pk for place in STAGES if place in places}
        yield cast


@pytest.fixture
def row(kind, stage, cast, db):
    """A row at the stage: one of those made with the cast, where none of them stands in another's way."""
    made_before = cast.rows.get((kind, AS_IF.get((kind, stage), stage)))
    if made_before is None:
        return made(kind, stage, cast)
    row = registry.row_of(Record.objects.get(pk=made_before))
    return row if row.record.stage == stage else as_if(row, stage)


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
    turn = itertools.cycle(cast.actors)
    refused_to(row, cast, lambda others: [next(name for name in turn if name in others)])


def refused_to(row, cast, chosen):
    """Every move tried by those chosen of the others: refused at this stage, in conflict from another, whoever asks.
    Nothing is written by it. How many tries it was."""
    life, stage, tried = registry.kind_of(row.record).lifecycle, row.record.stage, 0
    seen, entries = Record.objects.get(pk=row.pk), Entry.objects.count()
    for move in life.moves.values():
        may = MOVES[life.kind][stage].get(move.name, ())
        for name in chosen([name for name in cast.actors if name not in may]):
            with pytest.raises(NotAllowed if stage in move.source else Conflict):
                advance(life, row, move.name, actor=cast.actors[name], note="理由", reason="other")
            tried += 1
    again = Record.objects.get(pk=row.pk)
    assert (again.stage, again.version, Entry.objects.count()) == (stage, seen.version, entries)
    return tried


LED_TO = {("project", name) for name in ("ask-acceptance", "accept", "fail", "evaluate", "settle", *CHANGING)} | {
    ("race", "wind-up"),
    *(("agreement", name) for name in ("sign-paper", "complete", "trigger")),
    *(("application", name) for name in ("open-own", "send-back", "recommend")),
    *(
        ("contract", name)
        for name in ("hand-in-change", "confirm-change", "withdrawn-there", *ANSWERED, *CHANGE_ANSWERED, *ENDED)
    ),
    ("ledger", "abandon"),
    ("exemption", "find"),
    *(("price", name) for name in ("decide", "fix", "sell", "fail")),
    *(("grant", name) for name in ("decide", "agree", "reclaim", "terminate")),
}
"""Moves that a long way of changes, panels, payments, gates, seals, letters and meetings leads to: taken in
test_agreements, test_contracts, test_own_instance, test_filed_contracts, test_filed_answers, test_projects,
test_projects_paid, test_races, test_sealing, test_recommending, test_grants, test_ledger, test_prices and
test_exemptions."""
PAIRS = [
    (kind, stage, move)
    for kind, stages in MOVES.items()
    for stage, moves in stages.items()
    for move in moves
    if (kind, move) not in LED_TO
]


@pytest.mark.parametrize(("kind", "stage", "name"), PAIRS)
def test_a_move_writes_stage_phase_day_version_and_one_entry(kind, stage, name, row, cast):
    life = registry.kind_of(kind).lifecycle
    prepare(row, name)
    move, actor = life.moves[name], cast.actors[min(MOVES[kind][stage][name])]
    # What is handed in is filed by it, which has an entry of its own; so have a membership that ends, words erased, and
    # the evidence of a decision.
    by_it = ("filing.made", "person.member-left", "journal.erased", "document.attach", "evidence.frozen")
    noted = Entry.objects.filter(record_id=row.pk).exclude(kind__in=by_it)
    before, entries = Record.objects.get(pk=row.pk), noted.count()
    reason = next((code for code, _words in move.reasons_for(row, actor)), "")
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
    running = Clock.objects.filter(record_id=row.pk, ended_on=None).exclude(name__in=registry.kind_of(kind).dated)
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
    if move.reasons_for(row, actor):
        attempts += [("reason-missing", {"note": "理由", "reason": word}) for word in ("", "no-such-reason")]
    for code, words in attempts:
        with pytest.raises(Refused) as refused:
            advance(life, row, name, actor=actor, **words)
        assert [problem.code for problem in refused.value.problems] == [code]
