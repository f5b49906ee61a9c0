"""A side of an agreement says from which call it came and agrees that it is counted there, and takes that back."""

from django.utils.translation import gettext as _

from kezhuan.areas.agreements.counting import callable_of, is_asked, says_call, side_of
from kezhuan.areas.agreements.lifecycle import AGREEMENT
from kezhuan.areas.agreements.models import Agreement, CountedIn
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.text import clean, today


def agree_to_count(*, actor: Actor, agreement: Agreement, call: str, on_site: bool = False) -> CountedIn:
    """Agree, for one's own side, that the officers of this call, by its code, count the agreement and read its sides,
    sort, amount, day, stage and registration. Raises `NotAllowed` or `Refused`."""
    _require(actor, agreement)
    code = clean(call).upper()
    named = callable_of(actor, code)
    if named is None:
        message = _("No call “%(code)s” that is published and that you see: give the code of its page.")
        raise Refused(Problem("counted-call", message % {"code": code[:30]}, "call"))
    with journal.writing():
        row: Agreement = held(agreement)
        _require(actor, row)
        side = side_of(actor, row)
        said = CountedIn.objects.filter(agreement=row).select_related("call__record").first()
        if said is None:
            said = CountedIn(agreement=row, call=named, on_site=on_site)
        other = said.party_on if side == "owner_on" else said.owner_on
        if other is not None and (said.call_id, said.on_site) != (named.pk, on_site):
            message = _(
                "The other side has agreed for %(code)s, %(where)s: agree to the same, or have it take that back."
            )
            words = {"code": said.call.record.code, "where": _("signed on site") if said.on_site else _("not on site")}
            raise Refused(Problem("counted-other", message % words, "call"))
        same = (said.call_id, said.on_site) == (named.pk, on_site)
        said.call, said.on_site, said.refused_on = named, on_site, None
        if getattr(said, side) is None or not same:  # who agrees to the same once more did so on the first day
            setattr(said, side, today())
        said.save()
        touch(AGREEMENT, row, actor=actor, fields=["counted_in", side])
    return said


def take_back_count(*, actor: Actor, agreement: Agreement) -> None:
    """Take back, for one's own side, that an agreement is counted in a call, or answer that it does not agree: nothing
    of it is told there from then on. Raises `NotAllowed` or `Refused`."""
    _require(actor, agreement)
    with journal.writing():
        row: Agreement = held(agreement)
        side = side_of(actor, row)
        said = CountedIn.objects.filter(agreement=row).first()
        if said is None or not side or (getattr(said, side) is None and not is_asked(actor, row)):
            raise Refused(Problem("counted-not", _("Your side has not agreed to that.")))
        setattr(said, side, None)
        if said.owner_on is None and said.party_on is None:
            said.delete()
        else:
            said.refused_on = today()
            said.save(update_fields=[side, "refused_on"])
        touch(AGREEMENT, row, actor=actor, fields=["counted_in", side])


def _require(actor: Actor, agreement: Agreement) -> None:
    if not says_call(actor, agreement):
        raise NotAllowed(
            _("Whoever keeps the contracts of a side of a signed agreement says in which call it is counted.")
        )
