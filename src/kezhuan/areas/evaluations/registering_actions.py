"""The form of registration is filled in by the unit, and what the registry gave (成果登记号) is read back."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kezhuan.areas.evaluations.lifecycle import EVALUATION
from kezhuan.areas.evaluations.models import Evaluation
from kezhuan.areas.evaluations.registered_form import check, kept
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, represents_owner
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import advance, held, touch
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.text import clean, today

NUMBER = re.compile(r"[0-9A-Z]{8,12}")
"""Numbers of eight to twelve characters are in use: the newer ones are place, year, class and serial."""


def fill_in_form(
    *, actor: Actor, evaluation: Evaluation, values: Mapping[str, Any], expected_version: int | None
) -> Evaluation:
    """Keep what the registry's form asks beyond what is known here (see `registered_form`); texts, codes of choices,
    money in 分. The report is not changed by it. Raises `NotAllowed`, `Refused`, or `Conflict` once it is
    registered, or when somebody changed it meanwhile."""
    told = kept(values)
    refuse_marked_texts(told)
    with journal.writing():
        row: Evaluation = held(evaluation)
        if not represents_owner.test(actor, row):
            raise NotAllowed(_("Only the unit fills in the form of registration."))
        if row.record.stage != "delivered":
            raise Conflict(_("The form is filled in once the report is delivered, until the result is registered."))
        if problems := check(told, row.achievement.achievement.completed_on):
            raise Refused(problems)
        row.registration = told
        row.save(update_fields=["registration"])
        touch(EVALUATION, row, actor=actor, fields=["registration"], expected_version=expected_version)
    return row


def register_result(*, actor: Actor, evaluation: Evaluation, number: str, on: date | None) -> Evaluation:
    """Enter number and day that the registry gave the result: that registers it here. Raises `NotAllowed`, `Refused`
    (also where another one has this number), or `Conflict` while no report is delivered."""
    number = clean(number).upper().replace(" ", "")
    with journal.writing():
        row: Evaluation = held(evaluation)
        if not represents_owner.test(actor, row):
            raise NotAllowed(_("Only the unit enters what the registry gave it."))
        if row.record.stage != "delivered":
            raise Conflict(_("A result is registered once its report is delivered, and once only."))
        problems = []
        if not NUMBER.fullmatch(number):
            message = _("Give the number as the registry does: 8 to 12 digits and capital letters.")
            problems.append(Problem("registration-number", message, "number"))
        if on is None or not (row.delivered_on or today()) <= on <= today():
            message = _("Give the day of registration: from the report until today.")
            problems.append(Problem("registration-day", message, "on"))
        if problems:
            raise Refused(problems)
        row.reg_no, row.registered_on = number, on
        try:
            with transaction.atomic():
                row.save(update_fields=["reg_no", "registered_on"])
        except IntegrityError:
            message = _("Another evaluation has this number: each number is given once.")
            raise Refused(Problem("registration-twice", message, "number")) from None
        registered: Evaluation = advance(EVALUATION, row, "register", actor=actor)
    return registered
