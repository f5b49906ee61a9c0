"""The audit: a month of the journal as rows of identifiers, for the auditors alone.

Names, values and words of people stand beside the journal and are not in it; whoever must know who a code is opens the
person's page, which is noted in turn.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.kernel import history, journal, registry
from kezhuan.kernel.access import SYSTEM, Actor, about_actor
from kezhuan.kernel.errors import NotAllowed, Problem, Refused, Text
from kezhuan.kernel.models import Entry, JournalHead, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import SHANGHAI, now

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
HEADER = (
    "序号 No.", "时间 Time", "事项 Entry", "说明 In words", "对象 Record", "操作人 Actor", "代表单位 Acting for",
    "补录 Backfilled", "内容 Data", "摘要算法 Hash name", "摘要 Hash", "代谁 In place of",
)  # fmt: skip
BATCH = 2000
_WORDS: Mapping[str, Text] = {
    "organisation.moved": gettext_lazy("moved to another district"),
    "introduction.readers": gettext_lazy("readers changed with a side"),
    "pair.readers": gettext_lazy("readers changed with the broker"),
    "match.learn": gettext_lazy("weights learnt from decisions"),
    "match.weigh": gettext_lazy("weights switched"),
    "notice.readers": gettext_lazy("readers changed with what it is about"),
    "records.shown": gettext_lazy("confidential records shown"),
    "document.opened": gettext_lazy("file opened that is not public"),
    "export.fetched": gettext_lazy("finished export fetched"),
    "export.audit": gettext_lazy("month of the audit taken along"),
    "export.open-data": gettext_lazy("open-data extracts written"),
    "import": gettext_lazy("spreadsheet imported or taken back"),
    "person.copy": gettext_lazy("took along what is held of them"),
    "export": gettext_lazy("list taken along"),
    "rule": gettext_lazy("rule value changed"),
    "calendar.load": gettext_lazy("working calendar loaded"),
    "job.try-again": gettext_lazy("job tried again"),
    "feed.opened": gettext_lazy("calendar address opened"),
    "feed.closed": gettext_lazy("calendar address closed"),
    "watch": gettext_lazy("followed search or record changed"),
    "webhook.made": gettext_lazy("webhook made"),
    "webhook.ended": gettext_lazy("webhook ended"),
    "webhook.key": gettext_lazy("webhook's key renewed"),
    "message": gettext_lazy("messages to a person changed"),
    "message.send-again": gettext_lazy("message sent again"),
}
"""What happened that stands in no record's history, by the kind of entry or by its first word."""


def label_of(name: str) -> str:
    """What an entry of this kind tells, in words; its own name for one that has none."""
    first = name.partition(".")[0]
    kinds = registry.kinds()
    # Words that belong to no kind are the same whichever is asked.
    said = history.label(next((kind for kind in kinds if kind.slug == first), kinds[0]), name)
    return str(_WORDS.get(name) or _WORDS.get(first) or name) if said == name else said


@about_actor
def may_audit(actor: Actor, _row: Any) -> bool:
    """Reads the audit: the auditors, whom nobody but whoever runs the machine makes, and the program itself."""
    return actor is SYSTEM or Role.AUDITOR in actor.roles


@dataclass(frozen=True)
class Month:
    """A month in Asia/Shanghai: from its first moment to the first of the next one."""

    name: str
    start: datetime
    end: datetime

    @classmethod
    def read(cls, text: str) -> "Month":
        """The month written as 2026-11; raises `Refused`."""
        found = _MONTH.fullmatch(text)
        if found is None or not 1970 <= int(found[1]) < 9999:
            raise Refused(Problem("month-unknown", _("Give the month as 2026-11."), "month"))
        year, month = int(found[1]), int(found[2])
        start = datetime(year, month, 1, tzinfo=SHANGHAI)
        return cls(text, start, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=SHANGHAI))

    @property
    def before(self) -> str:
        """The month before, as it is written."""
        return f"{self.start - timedelta(days=1):%Y-%m}"


def present_month() -> Month:
    """The month it is in Asia/Shanghai."""
    return Month.read(f"{now().astimezone(SHANGHAI):%Y-%m}")


def entries_of(month: Month) -> QuerySet[Entry]:
    """The month's entries in the order in which they were written."""
    return Entry.objects.filter(at__gte=month.start, at__lt=month.end).order_by("seq")


def require_may_audit(actor: Actor) -> None:
    """Raise `NotAllowed` for anybody but the auditors."""
    if not may_audit.test(actor, None):
        raise NotAllowed(_("Only the auditors read the audit."))


def head() -> str:
    """Number and hash of the journal's last entry, as `./kezhuan verify --head` takes them."""
    found = JournalHead.objects.filter(pk=1).first() or JournalHead()
    return f"{found.seq}:{found.hash}"


def counts_of(actor: Actor, month: Month) -> list[tuple[str, int]]:
    """How often each kind of entry was made in the month, the most frequent first. Raises `NotAllowed`."""
    require_may_audit(actor)
    rows = entries_of(month).order_by().values_list("kind").annotate(number=Count("seq"))
    return sorted(((kind, number) for kind, number in rows), key=lambda one: (-one[1], one[0]))


def take_month(actor: Actor, month: Month) -> Iterator[tuple[Any, ...]]:
    """The month's entries up to now as rows under `HEADER`; that somebody took them is noted before they are read.

    Raises `NotAllowed`.
    """
    require_may_audit(actor)
    with journal.writing():
        journal.note("export.audit", actor=actor, data={"month": month.name, "format": "csv"})
    last = Entry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    return _rows(month, last)


def _rows(month: Month, last: int) -> Iterator[tuple[Any, ...]]:
    found = entries_of(month).filter(seq__lte=last).select_related("record", "actor__record", "acting_for__record")
    represented: dict[str, str] = {}
    for entry in found.iterator(chunk_size=BATCH):
        place = entry.data.get(journal.FOR, "")
        if place and place not in represented:
            represented[place] = Record.objects.get(uid=place).code
        yield (
            entry.seq,
            entry.at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
            entry.kind,
            label_of(entry.kind),
            entry.record.code if entry.record else "",
            entry.actor.record.code if entry.actor else "",
            entry.acting_for.record.code if entry.acting_for else "",
            "1" if entry.backfilled else "",
            json.dumps(entry.data, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if entry.data else "",
            entry.hash_name,
            entry.hash,
            represented.get(place, ""),
        )
