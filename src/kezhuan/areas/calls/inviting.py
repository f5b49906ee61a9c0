"""Calls by invitation: who changes whom a call invites, and what is wrong with a list of those invited."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from kezhuan.areas.calls.adding import adds_questions
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.permissions import is_by_invitation
from kezhuan.areas.calls.units import unknown_among
from kezhuan.kernel.access import SYSTEM
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import listed

MOST_INVITED = 500

invites = is_by_invitation & adds_questions
"""An officer in charge of a call by invitation that takes applications: says whom it invites, too."""


def invited_problems(codes: Sequence[str]) -> Iterator[Problem]:
    """What is wrong with a list of invited organisations, by the codes of their pages."""
    if len(codes) > MOST_INVITED:
        message = _("A call invites at most %(most)s organisations.")
        yield Problem("invited-many", message % {"most": MOST_INVITED}, "invited")
    elif strangers := unknown_among(codes):
        message = _("No organisation has the code “%(codes)s”: give the codes of the organisations' pages.")
        yield Problem("invited-unknown", message % {"codes": listed(strangers[:10])}, "invited")


def nobody_invited() -> Problem:
    """A call by invitation without anybody who may apply."""
    message = _("A call by invitation names the organisations that it invites: at least one.")
    return Problem("invited-missing", message, "invited")


def not_invited() -> str:
    """Why an organisation does not apply that a call does not invite."""
    return _("This call is for the organisations that it invites, and yours is not among them.")


def check_invited(call: Call) -> Iterator[Problem]:
    """A call by invitation invites somebody, any other nobody by name."""
    named, by_invitation = call.invited.exists(), is_by_invitation.test(SYSTEM, call)
    if by_invitation and not named:
        yield nobody_invited()
    elif named and not by_invitation:
        message = _("A call that is not by invitation names no invited organisations: remove them, or choose it.")
        yield Problem("invited-needless", message, "invited")
