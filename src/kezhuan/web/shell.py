"""The one way in which a page is answered."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kezhuan.web.components import Crumb, Text


def page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Answer with a template that extends ``base.html``.

    The context usually brings ``title`` and ``crumbs`` (see ``trail``); what stands around every page (account,
    inbox, banner of the demo city) comes from ``kezhuan.web.context.site``.
    """
    return render(request, template, context, status=status)


def trail(*steps: tuple[Text, str] | Text) -> tuple[Crumb, ...]:
    """Crumbs from (label, url) pairs, ending with the label of the page itself."""
    return tuple(Crumb(*step) if isinstance(step, tuple) else Crumb(step) for step in steps)
