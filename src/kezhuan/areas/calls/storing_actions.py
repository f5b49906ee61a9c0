"""What was chosen enters the project library (项目库)."""

from collections.abc import Sequence

from django.db.models import Max

from kezhuan.areas.calls.models import Application, LibraryEntry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.text import today


class Store:
    """A step for `Lifecycle.then`: chosen applications stand in the library, behind what waits there, where their calls
    ask for it."""

    def __call__(self, row: Application, actor: Actor) -> None:
        self.after_moving([row], actor)

    def after_moving(self, rows: Sequence[Application], _actor: Actor) -> None:
        """The same for many that came to one stage together."""
        chosen = [one for one in rows if one.record.stage == "awarded" and one.item.call.begins_projects]
        asked = [one for one in chosen if one.item.call.keeps_library or one.item.call.awaits_budget]
        if not asked:
            return
        last = LibraryEntry.objects.aggregate(last=Max("place"))["last"] or 0
        LibraryEntry.objects.bulk_create(
            LibraryEntry(application=one, place=place, amount_fen=one.award_fen or 0, since=today())
            for place, one in enumerate(asked, last + 1)
        )

    after_opening = after_moving
