"""May the actor do this to a row; and where not, is it not theirs, or not to be done where its record stands now?

Both are read from one permission: it is asked once more about the row as it would stand at the other stages of its
life. Whoever may do it at one of these is told so, and at which.
"""

from collections.abc import Callable, Collection
from copy import copy
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import NotAllowed, NotNow, Text
from kezhuan.kernel.lifecycle import Stage
from kezhuan.kernel.predicates import Predicate
from kezhuan.kernel.text import listed

May = Predicate | Callable[[Actor, Any], Any]


def must_allow(may: May, actor: Actor, row: Any, said: Text = "", *, stages: Collection[str] | None = None) -> None:
    """Raise `NotAllowed`, with what is `said`, unless the actor may do this to the row, whose record stands at one of
    these stages where some are named; `NotNow` where they may at other stages, which the actor is told."""

    def is_open(asked: Any) -> bool:
        here = stages is None or asked.record.stage in stages
        return here and bool(may.test(actor, asked) if isinstance(may, Predicate) else may(actor, asked))

    if is_open(row):
        return
    known = registry.kind_of(row.record).lifecycle.stages
    if wanted := [stage.label for stage in known.values() if is_open(_standing_at(row, stage))]:
        words = {"code": row.record.code, "now": known[row.record.stage].label, "wanted": listed(wanted)}
        raise NotNow(_("%(code)s is at the stage %(now)s; this is done at: %(wanted)s.") % words, row.record)
    raise NotAllowed(said)


def _standing_at(row: Any, stage: Stage) -> Any:
    """A copy of the row as it would stand at a stage, to be asked about and never saved."""
    asked, record = copy(row), copy(row.record)
    vars(record).update({"stage": stage.name, "phase": stage.phase})
    asked.record = record
    return asked
