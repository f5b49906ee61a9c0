"""What a third party finds at a gate it enters itself: asked by the officers, read by the teams once they hold the gate
by it."""

from django.utils.translation import gettext as _

from kezhuan.areas.projects.book_actions import tell_unit
from kezhuan.areas.projects.models import Race, RaceTest
from kezhuan.areas.projects.permissions import tests_gate
from kezhuan.areas.projects.race_actions import GateFacts, figure_problems, figures_of, require_runs, tester_of
from kezhuan.areas.projects.race_lifecycle import RACE
from kezhuan.areas.projects.racing import state_of
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Conflict, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.text import clean, now

TO_TEST = "race.to-test"
"""Letter: the receiver's unit is asked to enter what it finds at a gate."""


def ask_tester(*, actor: Actor, race: Race, tester: str) -> RaceTest:
    """Ask a third party for what it finds at the next gate; asked anew, what it had entered goes back to it, or to the
    unit that takes its place, until the gate is held. Raises `NotAllowed`, `Refused` or `Conflict`."""
    require_runs(actor, race)
    with journal.writing():
        row: Race = held(race)
        state = state_of(row)
        if state.gates_held >= len(row.gates) or not state.running:
            raise Conflict(_("No gate is left to be held."))
        unit = tester_of(row, tester)
        made, _new = RaceTest.objects.get_or_create(race=row, gate=state.gates_held + 1, defaults={"tester": unit})
        if made.tester_id != unit.pk:
            made.figures, made.passed, made.report_no, made.words, made.on = {}, [], "", "", None
        made.tester, made.entered_at, made.asked_at = unit, None, now()
        made.save()
        touch(RACE, row, actor=actor, fields=["tester"])
        key = f"{TO_TEST}:{made.pk}:{row.record.version}"
        tell_unit(unit, TO_TEST, key=key, content={"race": row.pk})
    return made


def enter_figures(*, actor: Actor, race: Race, facts: GateFacts) -> RaceTest:
    """Enter what was found of each team that still runs, for each target; the third party changes it until the gate is
    held. Raises `NotAllowed` or `Refused`."""
    refuse_marked_texts([facts.words, facts.report_no, *figures_of(facts)], "words")
    with journal.writing():
        row: Race = held(race)
        must_allow(
            tests_gate, actor, row, _("The third party that was asked enters what it found, until the gate is held.")
        )
        state = state_of(row)
        strangers = set(facts.passed) - set(state.running)
        if problems := figure_problems(row, state, facts, strangers):
            raise Refused(problems)
        made = RaceTest.objects.get(race=row, held_on=None)
        made.on, made.report_no, made.words = facts.on, clean(facts.report_no), clean(facts.words)
        made.figures = {code: [clean(one) for one in facts.figures[code]] for code in state.running}
        made.passed, made.entered_at = sorted(facts.passed), now()
        made.save()
        touch(RACE, row, actor=actor, fields=["figures"])
    return made
