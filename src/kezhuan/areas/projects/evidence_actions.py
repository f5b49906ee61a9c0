"""Evidence before acceptance: given by the first user and by a third party, never by whoever made the result; and the
leader's own evaluation after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kezhuan.areas.calls.queries import targets_of
from kezhuan.areas.projects.checks import require_unit, require_words
from kezhuan.areas.projects.following_actions import note_decision
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Evidence, EvidenceKind, Project, SelfEvaluation
from kezhuan.areas.projects.permissions import JUDGED, decides, evaluates_self, is_posed_inside, uses_first
from kezhuan.areas.projects.queries import sides_of
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.checks import require_fits
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import clean, today

REPLACED = "project.evidence-replaced"


@dataclass(frozen=True)
class Said:
    """What a report says: on which day, whether the result meets the task book, in words, with its number if any."""

    on: date
    meets: bool
    words: str
    number: str = ""


def name_user(*, actor: Actor, project: Project, user: str) -> Project:
    """Name the unit, by its code, that uses the result first where whoever posed it undertakes it. Raises
    `NotAllowed`, `Refused` or `Conflict`."""
    _require_decides(actor, project)
    with journal.writing():
        row: Project = held(project)
        if row.record.stage not in JUDGED or not is_posed_inside.test(actor, row):
            raise Conflict(_("A user is named where whoever posed it undertakes it, before acceptance."))
        unit = _outsider(row, user, "user")
        row.user = unit
        row.save(update_fields=["user"])
        _put_away(row, actor, row.evidence.filter(kind=EvidenceKind.FIRST_USER).exclude(unit=unit))
        note_decision(row, actor, "user")
        touch(PROJECT, row, actor=actor, fields=["user"])
    return row


def _require_decides(actor: Actor, project: Project) -> None:
    if not decides.test(actor, project):
        raise NotAllowed(_("Only the officers in charge, of no unit that takes part, decide here."))


def _outsider(row: Project, code: str, field: str) -> Organisation:
    """The verified organisation of this code that is on no side of the project."""
    unit = require_unit(code, field)
    if unit.pk in {one for one, part in sides_of(row) if part != "user" or field != "user"}:
        message = _("This unit is on a side of the project: name another one.")
        raise Refused(Problem("evidence-side", message, field))
    return unit


def report_first_use(*, actor: Actor, project: Project, said: Said) -> Evidence:
    """首用报告: say, for the first user, whether the result meets the task book in use. Raises `NotAllowed`, `Refused`
    or `Conflict`."""
    said_by = _("The first user reports, before acceptance: the poster, or who was named in its place.")
    must_allow(uses_first, actor, project, said_by)
    assert actor.organisation is not None  # they write for it
    return _keep(actor, project, EvidenceKind.FIRST_USER, actor.organisation, said)


def record_test(*, actor: Actor, project: Project, tester: str, said: Said) -> Evidence:
    """Record the report of a third party's test, by the officers in charge; the tester by its code, on no side of the
    project. Raises `NotAllowed`, `Refused` or `Conflict`."""
    _require_decides(actor, project)
    return _keep(actor, project, EvidenceKind.TEST, _outsider(project, tester, "tester"), said, decides_it=True)


def _keep(
    actor: Actor, project: Project, kind: str, unit: Organisation, said: Said, *, decides_it: bool = False
) -> Evidence:
    refuse_marked_texts([said.words, said.number], "words")
    found = []
    if not clean(said.words):
        found.append(Problem("evidence-words", _("Say what was found."), "words"))
    if said.on > today():
        found.append(Problem("day-later", _("This day lies in the future."), "on"))
    if found:
        raise Refused(found)
    with journal.writing():
        row: Project = held(project)
        if row.record.stage not in JUDGED:
            raise Conflict(_("Evidence is given while the project is under way, before it is accepted."))
        made = Evidence(
            project=row, kind=kind, unit=unit, on=said.on, meets=said.meets, words=clean(said.words),
            number=clean(said.number),
        )  # fmt: skip
        require_fits(made)
        _put_away(row, actor, row.evidence.filter(kind=kind))
        made.save()
        if decides_it:
            note_decision(row, actor, "test")
        touch(PROJECT, row, actor=actor, fields=["evidence"])
    return made


def _put_away(row: Project, actor: Actor, earlier: QuerySet[Evidence]) -> None:
    """What was said before counts no more, and stays in the history word for word: nobody's evidence is lost."""
    for one in earlier.select_related("unit__record"):
        said = " · ".join(filter(None, (one.unit.record.title, one.number, one.on.isoformat(), one.words)))
        found = {"kind": "met" if one.meets else "unmet", "evidence": one.kind}
        journal.note(REPLACED, record=row.record, actor=actor, data=found, texts={"note": said})
        one.delete()


def evaluate_self(*, actor: Actor, project: Project, reached: Sequence[str], words: str) -> SelfEvaluation:
    """绩效自评: say for the leader what each indicator of the challenge has reached, and what came of the project;
    again until it is evaluated. Raises `NotAllowed`, `Refused` or `Conflict`."""
    must_allow(
        evaluates_self,
        actor,
        project,
        _("The leader evaluates its project itself, after acceptance and before the bureau does."),
    )
    refuse_marked_texts([words, *reached], "words")
    with journal.writing():
        row: Project = held(project)
        if row.record.stage != "accepted":
            raise Conflict(_("The performance is evaluated already."))
        require_words(words)
        figures = [clean(one) for one in reached]
        if len(figures) != len(targets_of(row.application)) or not all(figures):
            raise Refused(Problem("race-figures", _("Enter a figure for each indicator."), "reached"))
        told = {"on": today(), "reached": figures, "words": clean(words)}
        made, _fresh = SelfEvaluation.objects.update_or_create(project=row, defaults=told)
        touch(PROJECT, row, actor=actor, fields=["self_evaluation"])
    return made
