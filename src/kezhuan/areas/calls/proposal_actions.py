"""What officers propose before a call is decided: the only writer of proposals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kezhuan.areas.calls.awarding import rule_problems
from kezhuan.areas.calls.checks import award_problems, check_judged
from kezhuan.areas.calls.choices import DECIDABLE
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.limiting import limit_problems
from kezhuan.areas.calls.models import Application, Call, Proposal
from kezhuan.areas.calls.permissions import proposes
from kezhuan.areas.calls.reviewing import panel_problems
from kezhuan.areas.calls.staging import shortlist_problems
from kezhuan.areas.calls.staging_actions import let_next_run
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.text import clean, texts_in


@dataclass(frozen=True)
class Proposed:
    """What is proposed for an application: chosen with so much fiscal money (分), of which some is passed on to other
    members, or not; why, in either case."""

    awarded: bool
    reason: str
    award_fen: int | None = None
    passed_on_fen: int = 0


def propose(
    *,
    actor: Actor,
    call: Call,
    proposed: Mapping[str, Proposed],
    others_stay: bool = False,
    expected_version: int | None = None,
    rule_note: str | None = None,
) -> Call:
    """Propose by code what becomes of the applications that passed the formality check, in place of what was proposed
    before; of thousands a part at a time, while what was proposed for the others stays. `rule_note` says why the
    rule of the call is not kept; None leaves what was said. Raises `NotAllowed`, `Refused`,
    or `Conflict` when the call has moved on or somebody else proposed."""
    if not proposes.test(actor, call):
        raise NotAllowed(
            _("Only officers in charge, of no applicant, unit that takes part or poster, propose who is chosen.")
        )
    if any(map(has_classification_mark, texts_in([*proposed.values(), rule_note or ""]))):
        raise Refused(secrets_problem("proposal"))
    with journal.writing():
        row: Call = held(call)
        if row.record.stage != "closed":
            raise Conflict(_("A decision is proposed after applications have closed and before it is taken."))
        rows = Application.objects.filter(
            item__call=row.pk, record__stage__in=DECIDABLE, record__code__in=list(proposed)
        )
        found = {
            one.record.code: one
            for one in rows.select_related("record", "item__need", "applicant__record").order_by("pk")
        }
        pairs = [(one, proposed[code]) for code, one in found.items()]
        before = Proposal.objects.filter(application__item__call=row.pk)
        replaced = before.filter(application__in=[one.pk for one in found.values()]) if others_stay else before
        counted = [*_kept(before, replaced), *pairs]
        problems = [*check_judged(row), *_proposal_problems(proposed, found)]
        problems += [*shortlist_problems(row, pairs), *award_problems(row, counted), *rule_problems(row, counted)]
        if problems := [*problems, *limit_problems(row, counted), *panel_problems(row, pairs)]:
            raise Refused(problems)
        if rule_note is not None:
            row.award_note = clean(rule_note)
            row.save(update_fields=["award_note"])
        replaced.delete()
        Proposal.objects.bulk_create(
            Proposal(
                application=one,
                awarded=given.awarded,
                award_fen=(given.award_fen or 0) if given.awarded else None,
                passed_on_fen=given.passed_on_fen if given.awarded else 0,
                reason=clean(given.reason),
            )
            for one, given in pairs
        )
        let_next_run(row)
        touch(CALL, row, actor=actor, fields=["proposal"], expected_version=expected_version)
    return row


def _kept(before: QuerySet[Proposal], replaced: QuerySet[Proposal]) -> list[tuple[Application, Proposal]]:
    """The awards that stay proposed beside new ones: they use up the same winners, budget line and limits."""
    rows = before.filter(awarded=True, application__record__stage__in=DECIDABLE).exclude(pk__in=replaced.values("pk"))
    told = ("application__record", "application__item__need", "application__applicant__record")
    return [(one.application, one) for one in rows.select_related(*told).order_by("pk")]


def _proposal_problems(proposed: Mapping[str, Proposed], found: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for code, one in proposed.items():
        if code not in found:
            message = _("“%(code)s” is no application to this call that passed the formality check.")
            problems.append(Problem("proposal-unknown", message % {"code": code[:30]}, "proposal"))
        if not clean(one.reason):
            message = _("%(code)s: say why it is chosen, or why not; the applicant reads it.")
            problems.append(Problem("proposal-reason", message % {"code": code[:30]}, "proposal"))
        if (one.award_fen is not None and one.award_fen < 0) or one.passed_on_fen < 0:
            problems.append(Problem("amount-negative", _("An amount is not below zero."), "proposal"))
    return problems
