"""Opening what was sealed: the opening code of a call is made once and kept by nobody here; with it all applications
are opened together after the deadline, and each attempt is noted."""

from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.checks import check_over
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.partnering_actions import keep_partners
from kezhuan.areas.calls.permissions import opens_applications, prepares_code, proposes
from kezhuan.areas.calls.sealing_actions import take_seal
from kezhuan.areas.calls.wording import moment_in_words
from kezhuan.engines.sealing import Unreadable, new_code, public_half
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.bulk import renew_records
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, hold_records, touch
from kezhuan.kernel.models import Record
from kezhuan.kernel.sealing import key_by_code
from kezhuan.kernel.text import now

Code = tuple[str, str]
OPENED, REFUSED = "call.opened", "call.opening-refused"


def make_opening_code(*, actor: Actor, call: Call, expected_version: int | None = None) -> Code:
    """Make the opening code of a call that is prepared and seals, in place of an earlier one; returns its two halves,
    which are told this once and kept nowhere. Raises `NotAllowed`, or `Conflict` when `expected_version` is given and
    the call is of another: a page that is loaded again takes the code from nobody who has written it down."""
    with journal.writing():
        row: Call = held(call)
        must_allow(
            prepares_code, actor, row, _("The officers in charge make the opening code, before the call is published.")
        )
        if expected_version not in (None, row.record.version):
            raise Conflict(
                _(
                    "The call was changed since you opened this page. If an opening code was made meanwhile, it is the"
                    " one that opens, until you make another."
                )
            )
        code = new_code()
        row.opening_half = public_half(code)
        row.save(update_fields=["opening_half"])
        touch(CALL, row, actor=actor, fields=["opening_half"])
    return code


def open_applications(*, actor: Actor, call: Call, code: Code) -> Call:
    """Open the sealed applications to a call that were handed in, with its code and after its deadline by the server's
    clock: from then on they are as any others. Raises `NotAllowed`, `Refused`, or `Conflict` when they were opened
    already; each attempt is noted, whatever comes of it."""
    try:
        with journal.writing():
            row: Call = held(call)
            _require_opens(actor, row, code)
            rows = _sealed(row)
            for one in rows:
                take_seal(one, key_by_code(one.record, code))
            keep_partners(rows)
            row.opened_at = now()
            row.save(update_fields=["opened_at"])
            renew_records(APPLICATION, rows, actor=actor, data={"opened": str(row.record.uid)})
            touch(CALL, row, actor=actor, fields=["opened_at"])
            journal.note(OPENED, record=row.record, actor=actor, data={"applications": len(rows)})
    except (NotAllowed, Refused, Conflict) as problem:
        with journal.writing():
            journal.note(REFUSED, record=call.record, actor=actor, data={"why": _why(problem)})
        raise
    return row


def _require_opens(actor: Actor, row: Call, code: Code) -> None:
    if row.opened_at is not None and proposes.test(actor, row):
        raise Conflict(_("The applications are open already."))
    must_allow(
        opens_applications,
        actor,
        row,
        _("The officers in charge, of no side, open the applications once the call is closed."),
    )
    if problems := [*check_over(row), *_recommending_problems(row)]:
        raise Refused(problems)
    try:
        fits = public_half(code) == row.opening_half
    except Unreadable:
        fits = False
    if not fits:
        message = _("This is not the opening code of this call: both halves are needed, each as it was written down.")
        raise Refused(Problem("opening-code-wrong", message, "first"))


def _recommending_problems(row: Call) -> list[Problem]:
    """What units can still recommend is not opened: it would be left behind."""
    if row.recommend_until is None or now() > row.recommend_until:
        return []
    message = _("Applications are recommended until %(moment)s, and opened after that.")
    return [Problem("recommending-open", message % {"moment": moment_in_words(row.recommend_until)}, "first")]


def _sealed(row: Call) -> list[Application]:
    """What was handed in sealed, held until the transaction ends."""
    rows = Application.objects.filter(item__call=row.pk, sealed=True, record__stage="submitted")
    hold_records(Record.objects.filter(pk__in=rows.values("pk")))
    return list(rows.select_related("record__owner__record", "item__call").order_by("pk"))


def _why(problem: Any) -> str:
    """In a word why an attempt came to nothing."""
    if isinstance(problem, Refused):
        return problem.problems[0].code
    return "opened-already" if isinstance(problem, Conflict) else "not-allowed"
