"""Which units an application names as taking part is kept beside it, as far as they stand here: none of their people
decides about it."""

from collections.abc import Sequence

from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.partners import asks_units, partners_said, units_called
from kezhuan.kernel.access import Actor

_READ = frozenset({"offered", "submitted"})
"""Stages to which an application comes with what it says."""


def keep_partners(rows: Sequence[Application]) -> None:
    """Keep the units that these applications name, of those that were handed in and can be read; nothing is asked where
    their calls ask for no unit."""
    said = {
        one.pk: partners_said(one.item.call.questions, one.answers)
        for one in rows
        if one.submitted_at is not None and not one.sealed and asks_units(one.item.call.questions)
    }
    if not said:
        return
    called, kept = units_called(set().union(*said.values())), Application.partners.through
    kept.objects.filter(application__in=list(said)).delete()
    named = {(pk, unit.pk) for pk, names in said.items() for name in names for unit in called.get(name, ())}
    kept.objects.bulk_create(kept(application_id=pk, organisation_id=unit) for pk, unit in sorted(named))


class KeepPartners:
    """A step for `Lifecycle.then`: whom an application names is kept whenever it is handed in."""

    def __call__(self, row: Application, actor: Actor) -> None:
        self.after_moving([row], actor)

    def after_moving(self, rows: Sequence[Application], _actor: Actor) -> None:
        """The same for many that came to one stage together."""
        keep_partners([one for one in rows if one.record.stage in _READ])

    def after_opening(self, rows: Sequence[Application], _actor: Actor) -> None:
        """The same for what is brought in at any stage."""
        keep_partners(rows)
