"""Which kinds of supply a request may ask for."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kezhuan.api.identity import actor_of, out_of_scope, reads, token_of
from kezhuan.areas.matches.supply import profiles
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Problem, Refused


def reaching(request: HttpRequest, kind: str, *others: str) -> Actor:
    """The actor, whose token must reach the kind that is asked for, and others."""
    if kind not in profiles():
        raise Refused(Problem("kind-unknown", _("Nothing of this kind answers needs."), "kind"))
    actor = actor_of(request)
    if token_of(request) is not None and not reads(kind, *others).lets(actor):
        raise out_of_scope()
    return actor
