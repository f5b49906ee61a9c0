"""What only a city does that is a registration agency itself: it gives a contract its number and certifies it."""

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from kezhuan.areas.contracts.actions import Registration, number_contract
from kezhuan.areas.contracts.certificates import certified, digest_of, is_agency
from kezhuan.areas.contracts.models import Certificate, Contract
from kezhuan.exchange.papers.printing import code_of
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.lifecycle import held
from kezhuan.kernel.text import now, today

_DIGITS = 16


def certify_contract(*, actor: Actor, contract: Contract) -> Certificate:
    """Register a contract that was passed under the next number of this agency, or a change of it under its own, with
    the amounts of its form, and issue its certificate (登记证明).

    A change keeps the day of the registration. Raises `NotAllowed` where this city is no agency or the actor no
    registrar, `Conflict` when another registrar was faster.
    """
    if not is_agency():
        raise NotAllowed(_("This city is no registration agency: contracts are registered outside and read back."))
    with journal.writing():
        journal.one_at_a_time("contract-number")
        form: Contract = held(contract)
        number, day = form.reg_no or _next_number(), form.registered_on or today()
        given = Registration(number, day, form.turnover_fen, form.technology_fen)
        row = number_contract(actor=actor, contract=form, given=given)
        version, moment = row.certificates.count() + 1, now()
        said = certified(row, version, moment)
        digest = digest_of(row.record, said)
        made = Certificate.objects.create(
            contract=row,
            version=version,
            code=code_of(digest),
            said=said,
            sha256=digest,
            issued_at=moment,
            issued_by=actor.person,
        )
        journal.note("contract.certify", record=row.record, actor=actor, data={"number": made.number, "sha256": digest})
    return made


def _next_number() -> str:
    """The agency's first digits, the year, and the next number of that year."""
    start = f"{settings.REGISTRATION_NUMBERS}{today().year}"
    room = _DIGITS - len(start)
    given = Contract.objects.filter(reg_no__gte=start + "0" * room, reg_no__lte=start + "9" * room)
    last = given.aggregate(last=Max("reg_no"))["last"]
    return start + f"{int(last[len(start) :]) + 1 if last else 1:0{room}d}"
