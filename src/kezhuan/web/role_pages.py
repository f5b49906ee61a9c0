"""The page that says who may do what in a unit: a line for each right, a column for each role."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kezhuan.kernel.roles import UNIT_ROLES, rights
from kezhuan.web.components import Column, TableView
from kezhuan.web.middleware import Request
from kezhuan.web.shell import page, trail


@require_safe
def roles(request: Request) -> HttpResponse:
    """Which roles a unit gives its members, and what each of them may do."""
    title = _("Roles and what they may do")
    columns = (Column(_("Matter")), *(Column(role.label) for role in UNIT_ROLES))
    lines = tuple(
        (right.label, *(_("yes") if role in right.roles else "–" for role in UNIT_ROLES)) for right in rights()
    )
    return page(
        request,
        "roles.html",
        title=title,
        crumbs=trail((_("Home"), "/"), title),
        table=TableView(columns, lines, caption=title),
        own=[role.label for role in UNIT_ROLES if role in request.actor.roles],
    )
