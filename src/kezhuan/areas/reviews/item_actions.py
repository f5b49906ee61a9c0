"""What is said of single items of a panel: which words of one are hidden, and how many reviews it gets."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from kezhuan.areas.reviews.blinding import SHORTEST
from kezhuan.areas.reviews.choosing_actions import LIVE
from kezhuan.areas.reviews.lifecycle import PANEL
from kezhuan.areas.reviews.models import Choice, Panel, PanelItem
from kezhuan.areas.reviews.panel_actions import require_runs
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.text import clean, listed

SHOWN = 10


def hide_words(*, actor: Actor, panel: Panel, number: int, words: Sequence[str]) -> PanelItem:
    """Say which further words of an item experts of a blind panel do not read; raises `NotAllowed`, `Refused` or
    `Conflict`."""
    require_runs(actor, panel)
    kept = [clean(one) for one in words if clean(one)]
    if short := [one for one in kept if len("".join(one.split())) < SHORTEST]:
        message = _("A single character is not hidden, it would tear other words apart: %(words)s.")
        raise Refused(Problem("hidden-short", message % {"words": listed(short[:SHOWN])}, "words"))
    with journal.writing():
        row: Panel = held(panel)
        item: PanelItem | None = row.items.filter(number=number).first()
        if item is None or row.record.stage not in {"prepared", "scoring"}:
            raise Conflict(_("This item is no longer prepared for experts."))
        item.hidden = list(dict.fromkeys(kept))
        item.save(update_fields=["hidden"])
        touch(PANEL, row, actor=actor, fields=["hidden"])
    return item


def ask_reviews(*, actor: Actor, panel: Panel, asked: Mapping[int, int | None]) -> Panel:
    """Say of items, by number, how many reviews each gets: None as the panel says; others stay as they are. It is said
    where experts are assigned: whoever is drawn judges every item. Raises `NotAllowed`, `Conflict` or `Refused`."""
    require_runs(actor, panel)
    with journal.writing():
        row: Panel = held(panel)
        if row.record.stage not in LIVE:
            raise Conflict(_("Experts are chosen before the scores are closed."))
        if row.choice != Choice.ASSIGNMENT:
            message = _("Whoever is drawn judges every item: all of them get as many reviews.")
            raise Refused(Problem("panel-asked-drawn", message, "asked"))
        items = list(row.items.filter(number__in=list(asked)))
        if strangers := sorted(set(asked) - {one.number for one in items}):
            message = _("The panel has no items %(numbers)s.") % {"numbers": listed(strangers[:SHOWN])}
            raise Refused(Problem("panel-items-unknown", message, "asked"))
        if any(number is not None and not 1 <= number <= 99 for number in asked.values()):
            message = _("Give a number from %(least)s to %(most)s.")
            raise Refused(Problem("panel-number", message % {"least": 1, "most": 99}, "asked"))
        for one in items:
            one.asked = asked[one.number]
        PanelItem.objects.bulk_update(items, ["asked"])
        touch(PANEL, row, actor=actor, fields=["asked"])
    return row
