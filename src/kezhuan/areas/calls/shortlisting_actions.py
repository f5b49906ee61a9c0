"""Officers put applications on the shortlist (入围名单) of a call with a final review: the only writer of it."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.checks import check_checked, check_judged
from kezhuan.areas.calls.choices import DECIDABLE
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.permissions import proposes
from kezhuan.areas.calls.staging import has_final
from kezhuan.areas.calls.staging_actions import let_next_run
from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM, Actor
from kezhuan.kernel.bulk import advance_records
from kezhuan.kernel.checks import run_checks
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.text import listed

SHORTLISTED = "call.shortlisted"


def shortlist(*, actor: Actor, call: Call, applications: Collection[str]) -> Call:
    """Let the applications of these codes, of those that passed the formality check, be the shortlist of the call, in
    place of one that was made before: a panel that is made then judges them alone. Raises `NotAllowed`, `Conflict`, or
    `Refused`, of all or of none: also while a panel judges or the formality check is not over."""
    if not proposes.test(actor, call):
        raise NotAllowed(
            _("Only officers in charge, of no applicant, unit that takes part or poster, make the shortlist.")
        )
    with journal.writing():
        row: Call = held(call)
        if row.record.stage != "closed" or not has_final(row):
            raise Conflict(_("A shortlist is made of a call with a final review, once applications have closed."))
        rows = list(
            Application.objects.filter(item__call=row.pk, record__stage__in=DECIDABLE)
            .select_related("record", "item__call__record")
            .order_by("pk")
        )
        chosen = set(applications)
        if problems := [*run_checks(row, (check_checked, check_judged)), *_problems(rows, chosen)]:
            raise Refused(problems)
        onto = [one for one in rows if one.record.code in chosen and one.record.stage == "qualified"]
        off = [one for one in rows if one.record.code not in chosen and one.record.stage == "shortlisted"]
        advance_records(APPLICATION, onto, "shortlist", actor=SYSTEM)
        advance_records(APPLICATION, off, "take-off", actor=SYSTEM)
        let_next_run(row)
        journal.note(SHORTLISTED, record=row.record, actor=actor, data={"number": len(chosen)})
        touch(CALL, row, actor=actor, fields=["shortlist"])
    return row


def _problems(rows: list[Application], chosen: set[str]) -> list[Problem]:
    found = []
    if not chosen:
        found.append(Problem("shortlist-empty", _("Choose who goes into the final review."), "applications"))
    if strangers := sorted(chosen - {one.record.code for one in rows}):
        message = _("%(codes)s are no applications to this call that passed the formality check.")
        words = listed(one[:30] for one in strangers[:10])
        found.append(Problem("shortlist-unknown", message % {"codes": words}, "applications"))
    return found
