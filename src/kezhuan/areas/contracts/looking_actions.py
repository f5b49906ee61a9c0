"""Note that a hint about contracts was looked at, and what was found: it informs the next one and decides nothing."""

from django.utils.translation import gettext as _

from kezhuan.areas.contracts.flags import said_by
from kezhuan.areas.contracts.models import Contract, Flag, FlagLook
from kezhuan.areas.contracts.permissions import registers
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.text import clean, now

LONGEST = 500


def may_note(actor: Actor, flag: Flag) -> bool:
    """Whether the actor is the registrar in charge of every contract that the flag is about, and has a part in none."""
    rows = list(Contract.objects.filter(flagged__flag=flag).select_related("record__owner"))
    if actor.person is None or not rows or not all(registers.test(actor, one) for one in rows):
        return False
    seen = visible_to(actor, Contract.objects.filter(pk__in=[one.pk for one in rows]), "full").count()
    return seen == len(rows)


def note_look(*, actor: Actor, flag: Flag, finding: str, sha256: str) -> FlagLook:
    """Note what a registrar found of a flag that says what they read (`sha256`, see `said_by`). Raises `NotAllowed`,
    `Refused`, or `Conflict` where it says something else by now, or is there no more."""
    finding = clean(finding)
    if not finding:
        raise Refused(Problem("finding-missing", _("Say in one sentence what was found."), "finding"))
    if len(finding) > LONGEST:
        message = _("A finding has at most %(most)s characters.") % {"most": LONGEST}
        raise Refused(Problem("finding-long", message, "finding"))
    refuse_marked_texts([finding], "finding")
    with journal.writing():
        row = Flag.objects.select_for_update(no_key=True).filter(pk=flag.pk).first()
        if row is None or said_by(row) != sha256:
            raise Conflict(_("This hint says something else by now, or is there no more: read it again."))
        if actor.person is None or not may_note(actor, row):
            raise NotAllowed(_("Only a registrar in charge of every contract of a hint notes what was found of it."))
        last = FlagLook.objects.filter(key=row.key, zh=row.zh).order_by("-pk").first()
        if last is not None and (last.by_id, last.finding) == (actor.person.pk, finding):  # pressed twice
            return last
        made = FlagLook.objects.create(key=row.key, zh=row.zh, finding=finding, by=actor.person, at=now())
        uids = row.about.order_by("pk").values_list("contract__record__uid", flat=True)
        data = {"kind": row.kind, "sha256": sha256, "records": [str(one) for one in uids]}
        journal.note("contracts.flag-looked", actor=actor, data=data, texts={"note": finding})
    return made
