"""What is done with standard licences: written and changed by their unit, and taken by firms as they are."""

from dataclasses import dataclass, fields
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from kezhuan.areas.achievements.bonds import bonds_of, check_free
from kezhuan.areas.agreements.actions import AgreementFacts, Due, write_version
from kezhuan.areas.agreements.licence_lifecycle import LICENCE, is_offered
from kezhuan.areas.agreements.lifecycle import AGREEMENT
from kezhuan.areas.agreements.models import Agreement, AgreementSort, Binding, Licence, Trigger, UseScope
from kezhuan.areas.agreements.permissions import keeps, may_take
from kezhuan.areas.agreements.queries import taken_by, ties_of
from kezhuan.areas.agreements.terms import licence_terms
from kezhuan.engines.days import months_after
from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM, Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import advance, held, hold_records, open_record, touch
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.notices import LANGUAGE
from kezhuan.kernel.opening import require_keeps
from kezhuan.kernel.roles import PAPERS
from kezhuan.kernel.text import clean, today

EDITED = frozenset({"draft", "closed"})
"""Stages in which price and term are changed."""


@dataclass(frozen=True)
class LicenceFacts:
    """What a unit says of a standard licence; money in 分, shares in basis points. See `Licence`."""

    title: str
    achievement: Record | None
    months: int
    fee_fen: int = 0
    royalty_bp: int = 0
    use_field: str = ""
    territory: str = ""
    trial_months: int = 0
    trigger: str = Trigger.SIGNED
    due_days: int = 30
    summary: str = ""


COLUMNS = tuple(one.name for one in fields(LicenceFacts) if one.name not in {"title", "summary"})


def check_facts(facts: LicenceFacts) -> list[Problem]:
    """What is wrong with a standard licence even as a draft."""
    found = []
    title = clean(facts.title)
    if not title:
        found.append(Problem("title-missing", _("Enter a title."), "title"))
    elif len(title) > 200:
        found.append(Problem("title-long", _("The title has at most 200 characters."), "title"))
    if facts.achievement is None:
        found.append(Problem("licence-achievement", _("Choose an achievement of your own unit."), "achievement"))
    if not 1 <= facts.months <= 240:
        found.append(Problem("licence-months", _("A standard licence runs from 1 to 240 months."), "months"))
    if facts.fee_fen < 0 or not 0 <= facts.royalty_bp <= 10_000:
        found.append(Problem("licence-price", _("The price is not negative, a share at most 100 %."), "fee"))
    if facts.trigger not in Trigger.values:
        found.append(Problem("agreement-choice", _("Choose one of the list."), "trigger"))
    if not 0 <= facts.trial_months <= 60:
        found.append(Problem("agreement-trial", _("A trial has at most 60 months."), "trial_months"))
    if not 0 <= facts.due_days <= 365:
        found.append(Problem("agreement-due", _("There are at most 365 days to pay."), "due_days"))
    return found


def _strange(actor: Actor, facts: LicenceFacts) -> list[Problem]:
    about = facts.achievement
    if about is not None and not ties_of(actor, "achievement").filter(pk=about.pk).exists():
        return [Problem("licence-achievement", _("Choose an achievement of your own unit."), "achievement")]
    return []


def _columns(facts: LicenceFacts) -> dict[str, Any]:
    given = {name: getattr(facts, name) for name in COLUMNS}
    return given | {name: clean(given[name]) for name in ("use_field", "territory")}


def draft_licence(*, actor: Actor, owner: Organisation, facts: LicenceFacts) -> Licence:
    """Begin a standard licence of the unit that the actor acts for; raises `NotAllowed` or `Refused`."""
    require_keeps(actor, owner, PAPERS)
    problems = [*check_facts(facts), *_strange(actor, facts)]
    if problems := problems or [*(check_free(facts.achievement) if facts.achievement is not None else ())]:
        raise Refused(problems)
    made: Licence = open_record(
        LICENCE,
        lambda record: Licence(record=record, **_columns(facts)),
        actor=actor,
        title=facts.title,
        summary=facts.summary,
        owner=owner,
        contact=actor.person,
    )
    return made


def edit_licence(*, actor: Actor, licence: Licence, facts: LicenceFacts, expected_version: int) -> Licence:
    """Change price and term while nobody can take it; raises `NotAllowed`, `Refused`, or `Conflict`."""
    must_allow(
        keeps, actor, licence, _("A standard licence is changed by its unit while it is not offered."), stages=EDITED
    )
    if problems := [*check_facts(facts), *_strange(actor, facts)]:
        raise Refused(problems)
    with journal.writing():
        texts = {"title": clean(facts.title), "summary": clean(facts.summary)}
        changed = [*set_columns(licence.record, texts), *set_columns(licence, _columns(facts))]
        require_fits(licence.record, licence)
        licence.record.save(update_fields=list(texts))
        licence.save()
        touch(LICENCE, licence, actor=actor, fields=changed, expected_version=expected_version)
    return licence


def take_licence(*, actor: Actor, licence: Licence, expected_version: int) -> Agreement:
    """Take a standard licence as it stands for the organisation that the actor acts for: an agreement that both sides
    have signed, the unit by offering it to everybody.

    Raises `NotAllowed`, `Refused` where it is taken already or its achievement is no longer there, or `Conflict` when
    it was changed or closed since it was read.
    """
    taker = actor.organisation
    if taker is None or not may_take(actor, licence.record.owner_id):
        raise NotAllowed(_("Only administrators and the legal office of another organisation take a licence."))
    with journal.writing():
        row: Licence = held(licence)
        record = row.record
        if record.stage != "open" or record.version != expected_version:
            raise Conflict(_("This licence was changed or closed meanwhile. Read it again; nothing was taken."))
        if not is_offered(row.achievement):
            message = _("Its achievement is no longer in public: ask the unit.")
            raise Refused(Problem("licence-achievement", message, "achievement"))
        hold_records(Record.objects.filter(pk=row.achievement_id))
        if bonds_of(row.achievement):  # of which the taker need not read
            message = _("Its unit has given the achievement away, or its use to one taker alone: ask the unit.")
            raise Refused(Problem("licence-achievement", message, "achievement"))
        if (taken := taken_by(actor, record)) is not None:
            message = _("Your organisation has this licence already: %(code)s.") % {"code": taken.record.code}
            raise Refused(Problem("licence-taken", message, ""))
        with translation.override(LANGUAGE):  # its words are data: they are signed in one language
            made = _agreement(actor, row, taker)
        made = advance(AGREEMENT, made, "offer-licence", actor=SYSTEM)
        signed: Agreement = advance(AGREEMENT, made, "sign", actor=actor)
    return signed


def _agreement(actor: Actor, row: Licence, taker: Organisation) -> Agreement:
    record = row.record
    made: Agreement = open_record(
        AGREEMENT,
        lambda own: Agreement(
            record=own,
            sort=AgreementSort.LICENCE,
            party=taker,
            party_name=taker.record.title[:200],
            party_code=actor.credit_codes.get(taker.pk, ""),
            achievement=row.achievement,
            licence=record,
        ),
        actor=actor,
        title=record.title,
        summary=record.summary,
        owner=record.owner,
        contact=record.contact,
    )
    fee = (Due(_("Licence fee"), row.fee_fen),) if row.fee_fen else ()
    royalty = (Due(_("Share of sales"), None),) if row.royalty_bp else ()
    facts = AgreementFacts(
        title=record.title,
        sort=AgreementSort.LICENCE,
        binding=Binding.CONTRACT,
        scope=UseScope.ORDINARY,
        amount_fen=None if row.royalty_bp else row.fee_fen,
        starts_on=today(),
        ends_on=months_after(today(), row.months),
        trial_months=row.trial_months,
        trigger=row.trigger,
        due_days=row.due_days,
        words="\n".join(f"{label}：{text}" for label, text in licence_terms(row)),
        payments=(*fee, *royalty),
    )
    write_version(made.versions.create(number=1, binding=Binding.CONTRACT), facts)
    return made
