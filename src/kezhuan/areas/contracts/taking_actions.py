"""Take up for registration what a unit filed at an instance of its own, a case here that points back to the filing; and
give the unit back what was registered."""

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from kezhuan.areas.contracts.actions import ContractFacts, check_facts, own_columns
from kezhuan.areas.contracts.answering import ANSWER_COLUMNS, BEGUN, BY_ENTRY, DONE, RESULTS
from kezhuan.areas.contracts.filed import applied_on, form_in
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import Contract, form_of, registered_of
from kezhuan.areas.contracts.permissions import PROGRAMME, is_party
from kezhuan.areas.contracts.queries import TIES
from kezhuan.areas.contracts.registering_actions import unnumber
from kezhuan.areas.contracts.sheets import header_of
from kezhuan.engines import contracts as engine
from kezhuan.engines.tables import write_table
from kezhuan.exchange.sheets import CODE
from kezhuan.kernel import journal
from kezhuan.kernel.access import GROUPS, SYSTEM, Actor, can_view, visible_to
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.documents import ATTACHMENT, documents_of
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.filings import FILED, keep_files
from kezhuan.kernel.lifecycle import advance, held, open_record
from kezhuan.kernel.models import Entry, Filing, Organisation
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.notices import LANGUAGE
from kezhuan.kernel.opening import may_open
from kezhuan.kernel.text import FEN_PER_WAN, SHANGHAI, clean, today

CHANGED_FROM = frozenset({"registered", "amending"})
"""Stages of a case in which a newer filing is a change of its registration."""
OVER = (Phase.FAILED, Phase.WITHDRAWN, Phase.VOID)
"""Phases of a case that is over: its unit files the contract anew."""


def takes_up(actor: Actor, filing: Filing) -> bool:
    """Whether the actor is a registrar in charge of what a unit filed, with its form, at an instance of its own."""
    about_contract = filing.about_kind == CONTRACT.kind and filing.origin is not None
    in_charge = actor.person is not None and may_open(actor, PROGRAMME, filing.record.owner, "submitted")
    return about_contract and in_charge and bool(actor.charges) and can_view(actor, filing.record, "full")


def case_of(filing: Filing) -> Contract | None:
    """The case that was opened of what the unit filed of this contract, the newest, unless that is void."""
    rows = Contract.objects.filter(filing__about_uid=filing.about_uid, record__owner=filing.record.owner)
    return rows.exclude(record__phase=Phase.VOID).select_related("record", "filing").order_by("-pk").first()


def take_up_filing(*, actor: Actor, filing: Filing) -> Contract:
    """Open the case of a contract that its unit filed at an instance of its own, handed in as it was frozen and with
    its files; a newer filing of a case that waits for a supplement completes it, of a registered one it is a change of
    the registration. Raises `NotAllowed` or `Refused`."""
    if not takes_up(actor, filing):
        raise NotAllowed(_("Only the registrars in charge take up what a unit filed at an instance of its own."))
    with journal.writing():
        journal.one_at_a_time("filings-taken-up")
        filing = Filing.objects.select_related("record__owner", "corrected_by").get(pk=filing.pk)
        case = case_of(filing)
        if problem := problem_of(filing, case):
            raise Refused(problem)
        form = form_in(filing.form, filing.content["text"])
        form = dataclasses.replace(form, applied_on=applied_on(form, filing.confirmed_on or today()))
        facts = ContractFacts(form, extra=case.extra if case is not None else {})
        if is_party.test(actor, Contract(**own_columns(facts))):
            raise NotAllowed(_("You act for a party to this contract beside the bureau: other registrars look at it."))
        if problems := check_facts(facts):
            raise Refused(problems)
        if case is not None and case.record.stage == "supplementing":
            row = _anew(case, filing, facts, "supplement")
        elif case is not None and case.record.stage in CHANGED_FROM:
            row = _anew(case, filing, facts, "take-change")
        else:
            row = _opened(actor, filing, facts)
        data = {"other": str(row.record.uid), "sha256": filing.content_hash}
        journal.note("filing.taken-up", record=filing.record, actor=actor, data=data)
    return Contract.objects.select_related("record").get(pk=row.pk)


def problem_of(filing: Filing, case: Contract | None) -> Problem | None:
    """Why a filing is not taken up, beside the case that was opened of this contract, if there is one."""
    if filing.record.stage != FILED:
        return Problem("filing-superseded", _("A newer filing corrects this one: take up that."), "")
    if not filing.form:
        message = _("This filing came without its registration form: let the unit file the contract again.")
        return Problem("filing-formless", message, "")
    if case is None or (case.record.phase in OVER and case.filing_id != filing.pk):
        return None
    if case.record.stage in {"supplementing", *CHANGED_FROM} and case.filing_id != filing.pk:
        return None
    words = {"code": case.record.code, "stage": CONTRACT.stages[case.record.stage].label}
    if case.filing_id != filing.pk:
        message = _(
            "An earlier filing of it stands as %(code)s, which is “%(stage)s”: where the unit withdrew that, note it"
            " there first."
        )
        return Problem("filing-taken-up", message % words, "")
    return Problem("filing-taken-up", _("It was taken up already, as %(code)s, which is “%(stage)s”.") % words, "")


def _opened(actor: Actor, filing: Filing, facts: ContractFacts) -> Contract:
    row: Contract = open_record(
        CONTRACT,
        lambda record: Contract(record=record, filing=filing, **own_columns(facts)),
        actor=actor,
        title=facts.title,
        owner=filing.record.owner,
        stage="submitted",
    )
    _keep_files(row, filing)
    return row


def _anew(case: Contract, filing: Filing, facts: ContractFacts, move: str) -> Contract:
    """The form as the unit filed it now: a supplement that is handed in, or a change of what is registered, which was
    applied for on the day of the first form and is in force once two registrars have looked at it."""
    row: Contract = held(case)
    if row.record.stage == "registered":
        unnumber(row, SYSTEM)
    kept = {*TIES, *(("applied_on",) if row.record.stage in CHANGED_FROM else ())}
    values = own_columns(facts) | {"filing": filing, "disputed": row.disputed or facts.form.disputed}
    set_columns(row.record, {"title": clean(facts.title)})
    set_columns(row, {name: value for name, value in values.items() if name not in kept})
    require_fits(row.record, row)
    row.record.save(update_fields=["title"])
    row.save()
    _keep_files(row, filing)
    advance(CONTRACT, row, move, actor=SYSTEM)
    return row


def _keep_files(row: Contract, filing: Filing) -> None:
    """The papers that were filed stand with the case, each once; their words are compared where the form has no text of
    its own."""
    have = set(documents_of(row.record, GROUPS).values_list("stored", flat=True))
    papers = list(documents_of(filing.record, GROUPS).select_related("stored").order_by("pk"))
    fresh = [one for one in papers if one.stored_id not in have]
    keep_files(row.record, fresh, kind=ATTACHMENT)
    if not row.text:
        words = "\n".join(one.stored.text for one in papers if one.stored is not None)
        row.text_key = engine.text_key(form_of(row, words))
        row.save(update_fields=["text_key"])


# -- back to the unit --------------------------------------------------------------------------------------------------

ANSWER = ("name", "reg_no", "registered_on", "seller_name", "seller_code", "buyer_name", "buyer_code", "signed_on",
          "turnover", "technology")  # fmt: skip
"""Columns of the form that an answer has beside the code of the contract at its unit."""


@dataclass(frozen=True)
class Answered:
    """What is answered of a case: its `result`, on which day it was decided, and why in the registrars' words."""

    case: Contract
    result: str
    on: date | None
    why: str = ""


def answers_for(actor: Actor) -> QuerySet[Contract]:
    """The cases of the filings that came from units' own instances in which something was decided that their unit has
    to know, as far as a registrar reads them: of each contract the newest."""
    newer = Contract.objects.filter(
        filing__about_uid=OuterRef("filing__about_uid"), record__owner=OuterRef("record__owner"), pk__gt=OuterRef("pk")
    ).exclude(record__phase=Phase.VOID)
    rows = Contract.objects.exclude(filing=None).filter(record__stage__in={DONE, *BY_ENTRY})
    rows = visible_to(actor, rows.exclude(Exists(newer)), "full")
    return rows.select_related("record__owner__record", "filing__record").order_by("pk")


def answered(rows: Sequence[Contract]) -> list[Answered]:
    """What is answered of some cases; one query."""
    kinds = {kind: stage for stage, kinds in BY_ENTRY.items() for kind in kinds}
    entries = Entry.objects.filter(record__in=[row.pk for row in rows], kind__in=list(kinds)).order_by("seq")
    last = {(one.record_id, kinds[one.kind]): one for one in entries.select_related("text")}
    found = []
    for row in rows:
        if row.record.stage == DONE:
            found.append(Answered(row, DONE, row.registered_on))
        elif (entry := last.get((row.pk, row.record.stage))) is not None and entry.kind != BEGUN:
            on = entry.at.astimezone(SHANGHAI).date()
            found.append(Answered(row, row.record.stage, on, _why(entry)))
    return found


def _why(entry: Entry) -> str:
    """Why, as the registrars said: the reason that was chosen, and their words."""
    text = getattr(entry, "text", None)
    move = CONTRACT.moves[entry.kind.partition(".")[2]]
    reason, note = dict(move.reasons).get(entry.data.get("reason", "")), text.content.get("note", "") if text else ""
    return "：".join(filter(None, (str(reason or ""), note)))


def pack_answers(*, actor: Actor, unit: Organisation) -> bytes:
    """What was decided of a unit's filings, as a register that its own instance reads back: each row by the code of the
    contract there, what is registered with number, day and amounts, the rest with the reason. Raises `NotAllowed`, or
    `Refused` where nothing was decided."""
    if not actor.regions_of(PROGRAMME):
        raise NotAllowed(_("Only the registrars in charge give back what was registered."))
    with override(LANGUAGE):
        rows = answered(list(answers_for(actor).filter(record__owner=unit)))
    if not rows:
        message = _("Nothing was decided here of what this unit filed at its own instance.")
        raise Refused(Problem("answers-none", message, "unit"))
    columns = {one.name: one for one in engine.COLUMNS}
    headers = [CODE.headers[0], *(header_of(columns[name]) for name in ANSWER)]
    headers += [one.headers[0] for one in ANSWER_COLUMNS]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "answers.xlsx"
        write_table(path, headers, map(_answer, rows), widths=(20,) * len(headers))
        content = path.read_bytes()
    with journal.writing():
        data = {"sha256": hashlib.sha256(content).hexdigest(), "count": len(rows), "organisation": str(unit.record.uid)}
        journal.note("filings.answered", actor=actor, data=data)
    return content


def units_answered(actor: Actor) -> Iterable[Organisation]:
    """The units to which something is given back, by name."""
    owners = answers_for(actor).order_by().values("record__owner")
    return Organisation.objects.filter(pk__in=owners).select_related("record").order_by("record__title")


def _answer(one: Answered) -> list[Any]:
    row = one.case
    assert row.filing is not None
    was = registered_of(row)
    told: dict[str, Any] = {name: getattr(was, name) for name in ANSWER if hasattr(was, name)}
    told |= {"name": was.record.title, "signed_on": _day(was.signed_on), "registered_on": _day(row.registered_on)}
    told |= {"turnover": _wan(row.registered_turnover_fen), "technology": _wan(row.registered_technology_fen)}
    answer = (RESULTS[one.result][0], row.filing.number, _day(one.on), one.why)
    return [row.filing.about_code, *(told[name] for name in ANSWER), *answer]


def _day(day: Any) -> str:
    return day.isoformat() if day is not None else ""


def _wan(fen: int | None) -> str:
    return "" if fen is None else f"{Decimal(fen) / FEN_PER_WAN:f}"
