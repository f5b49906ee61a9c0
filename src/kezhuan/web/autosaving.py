"""Saving a form as it is written: the page's script sends it as its button does, to the same address and action with
the same version, and is answered with a sentence in place of a page. Without scripts nothing is different."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from kezhuan.kernel.text import SHANGHAI, now
from kezhuan.web import faces
from kezhuan.web.components import ProblemLine, Text
from kezhuan.web.middleware import Request

ASKED = "autosave"
"""Name of what the script posts beside the fields."""


def is_autosave(request: Request) -> bool:
    """Whether the form was sent by the script, while somebody writes."""
    return request.method == "POST" and ASKED in request.POST


def autosave_answer(
    request: Request, saved: Any, problems: Sequence[ProblemLine], status: int, beside: Callable[[], Text]
) -> HttpResponse:
    """What became of it: the record's version and where its form stands from now on, or why nothing was saved."""
    if saved is None:
        first = problems[0].message if problems else ""
        return JsonResponse({"told": _("Not saved yet: %(problem)s") % {"problem": first}}, status=status)
    told = _("Saved at %(moment)s.") % {"moment": f"{now().astimezone(SHANGHAI):%H:%M:%S}"}
    action = faces.edit_url(request.actor, saved)
    return JsonResponse({"told": f"{told} {beside()}".strip(), "version": saved.record.version, "action": action})
